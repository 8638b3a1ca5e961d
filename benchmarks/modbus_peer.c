/* A libmodbus client: reads 125 holding registers `count` times, applies a scale, and prints its own CPU seconds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* As in modbus.h, of which the runtime package has none. */
typedef struct _modbus modbus_t;
modbus_t *modbus_new_tcp(const char *ip_address, int port);
int modbus_connect(modbus_t *bus);
int modbus_set_slave(modbus_t *bus, int unit);
int modbus_read_registers(modbus_t *bus, int address, int count, uint16_t *words);
void modbus_close(modbus_t *bus);
void modbus_free(modbus_t *bus);

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    int count = atoi(argv[2]);
    modbus_t *bus = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
    if (bus == NULL || modbus_connect(bus) != 0) return 1;
    modbus_set_slave(bus, 1);
    uint16_t words[125];
    volatile double sum = 0;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < count; i++) {
        if (modbus_read_registers(bus, 0, 125, words) != 125) return 1;
        for (int j = 0; j < 125; j++) sum += words[j] / 10.0;
    }
    getrusage(RUSAGE_SELF, &after);
    double user = after.ru_utime.tv_sec - before.ru_utime.tv_sec + (after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1e6;
    double sys = after.ru_stime.tv_sec - before.ru_stime.tv_sec + (after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
    printf("%.6f\n", user + sys);
    modbus_close(bus);
    modbus_free(bus);
    return 0;
}
