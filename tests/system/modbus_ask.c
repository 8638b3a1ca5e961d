/* Asks by libmodbus: "tcp PORT" or "rtu DEVICE", then FUNCTION ADDRESS COUNT; prints what came, a number a line. */
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc != 6) return 2;
    int function = atoi(argv[3]), address = atoi(argv[4]), count = atoi(argv[5]);
    modbus_t *bus = strcmp(argv[1], "tcp") == 0 ? modbus_new_tcp("127.0.0.1", atoi(argv[2]))
                                                : modbus_new_rtu(argv[2], 19200, 'N', 8, 1);
    if (bus == NULL) return 2;
    modbus_set_slave(bus, 7);
    if (modbus_connect(bus) != 0) return 3;
    uint8_t bits[2000];
    uint16_t words[125];
    int got = function == 1   ? modbus_read_bits(bus, address, count, bits)
              : function == 2 ? modbus_read_input_bits(bus, address, count, bits)
              : function == 3 ? modbus_read_registers(bus, address, count, words)
                              : modbus_read_input_registers(bus, address, count, words);
    for (int i = 0; i < got; i++) printf("%d\n", function <= 2 ? bits[i] : words[i]);
    modbus_close(bus);
    modbus_free(bus);
    return got == count ? 0 : 1;
}
