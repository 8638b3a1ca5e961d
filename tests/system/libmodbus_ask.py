"""Asks one question by libmodbus: ``tcp PORT | rtu DEVICE``, then FUNCTION ADDRESS COUNT; prints a number a line.

A process of its own, since libmodbus blocks. By ctypes, since the library comes with mbpoll, but its headers do not.
"""

from __future__ import annotations

import ctypes
import sys

PATIENCE = 120  # seconds, on a machine that is busy with something else
READERS = {
    1: "modbus_read_bits",
    2: "modbus_read_input_bits",
    3: "modbus_read_registers",
    4: "modbus_read_input_registers",
}


def main() -> int:
    way, where = sys.argv[1:3]
    function, address, count = (int(word) for word in sys.argv[3:])
    library = ctypes.CDLL("libmodbus.so.5")
    library.modbus_new_tcp.restype = library.modbus_new_rtu.restype = ctypes.c_void_p
    if way == "tcp":
        bus = ctypes.c_void_p(library.modbus_new_tcp(b"127.0.0.1", int(where)))
    else:
        bus = ctypes.c_void_p(library.modbus_new_rtu(where.encode(), 19_200, ctypes.c_char(b"N"), 8, 1))
    library.modbus_set_slave(bus, 7)
    library.modbus_set_response_timeout(
        bus, ctypes.c_uint32(PATIENCE), ctypes.c_uint32(0)
    )  # else half a second
    library.modbus_set_byte_timeout(bus, ctypes.c_uint32(PATIENCE), ctypes.c_uint32(0))
    if library.modbus_connect(bus) != 0:
        return 3
    answer = ((ctypes.c_uint8 if function <= 2 else ctypes.c_uint16) * count)()
    got = getattr(library, READERS[function])(bus, address, count, answer)
    sys.stdout.writelines(f"{number}\n" for number in answer[: max(got, 0)])
    library.modbus_close(bus)
    return 0 if got == count else 1


if __name__ == "__main__":
    sys.exit(main())
