"""Two other codecs, asked in this process: libmodbus, over a socket pair, and pymodbus's framers and decoder."""

from __future__ import annotations

import ctypes
import socket
from ctypes import c_char, c_char_p, c_int, c_uint8, c_uint16, c_uint32, c_void_p

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse

from drivers.modbus.pdu import Read

Told = tuple[str, tuple[int, ...]] | None
"""What an answer says: ("words", them) or ("refused", (code,)); None: nothing that is to be taken."""

_EXCEPTIONS = 112345678  # MODBUS_ENOBASE of modbus.h: a code is added to it
_READERS = {
    1: ("modbus_read_bits", c_uint8), 2: ("modbus_read_input_bits", c_uint8),
    3: ("modbus_read_registers", c_uint16), 4: ("modbus_read_input_registers", c_uint16),
}  # fmt: skip
_WAIT_US = 200  # for what will not come: all that comes is there before the question
KNOWN_CODES = 11  # of exceptions (Application Protocol V1.1b3, 7)


class Libmodbus:
    """A client of libmodbus on one end of a socket pair. Raises OSError where the library is not installed."""

    def __init__(self, *, rtu: bool) -> None:
        self._library = library = ctypes.CDLL("libmodbus.so.5", use_errno=True)
        library.modbus_new_tcp.restype = library.modbus_new_rtu.restype = c_void_p
        library.modbus_new_tcp.argtypes = [c_char_p, c_int]
        library.modbus_new_rtu.argtypes = [c_char_p, c_int, c_char, c_int, c_int]
        if rtu:
            made = library.modbus_new_rtu(b"/dev/null", 19_200, b"N", 8, 1)
        else:
            made = library.modbus_new_tcp(b"127.0.0.1", 502)
        self._bus = c_void_p(made)
        self._ours, self._theirs = socket.socketpair()
        for each in (self._ours, self._theirs):
            each.setblocking(False)
        library.modbus_set_socket(self._bus, self._theirs.fileno())
        library.modbus_set_response_timeout(self._bus, c_uint32(0), c_uint32(_WAIT_US))
        library.modbus_set_byte_timeout(self._bus, c_uint32(0), c_uint32(_WAIT_US))
        self._rtu, self.transaction = rtu, 0

    def ask(self, unit: int, read: Read, answer: bytes) -> tuple[bytes, Told]:
        """The bytes it asks by, and what it takes of an answer that is there already."""
        self._library.modbus_set_slave(self._bus, unit)
        self._ours.send(answer)
        name, kind = _READERS[read.function]
        words = (kind * read.count)()
        got = getattr(self._library, name)(self._bus, read.address, read.count, words)
        code = ctypes.get_errno()
        asked_by = self._ours.recv(4096)
        self.transaction = int.from_bytes(asked_by[:2], "big")
        self._drain()
        if got == read.count:
            return asked_by, ("words", tuple(words))
        if 0 < code - _EXCEPTIONS <= KNOWN_CODES:
            return asked_by, ("refused", (code - _EXCEPTIONS,))
        return asked_by, None

    def _drain(self) -> None:
        try:
            while self._theirs.recv(4096):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        self._library.modbus_free(self._bus)
        self._ours.close()
        self._theirs.close()


class Pymodbus:
    """Its framers and its decoder."""

    def __init__(self, *, rtu: bool) -> None:
        self._client, self._server = DecodePDU(is_server=False), DecodePDU(is_server=True)
        self._framer, self._rtu = (FramerRTU if rtu else FramerSocket)(self._client), rtu

    def asks(self, unit: int, pdu: bytes, transaction: int) -> bytes:
        """The frame around a question."""
        return bytes(self._framer.encode(pdu, unit, transaction))

    def reads(self, pdu: bytes) -> tuple[int, int, int]:
        """Function, address and count that its server reads in a question."""
        found = self._server.decode(pdu)
        assert found is not None
        return found.function_code, found.address, found.count

    def takes(self, unit: int, transaction: bytes, read: Read, frame: bytes) -> Told:
        """What it takes of an answer; unit and transaction are compared as its client does."""
        try:
            used, told_unit, told_transaction, pdu = self._framer.decode(frame)
            ours = told_unit == unit and (self._rtu or told_transaction == int.from_bytes(transaction, "big"))
            found = self._client.decode(pdu) if used and pdu and ours else None
        except (ModbusException, IndexError, ValueError, TypeError):
            return None
        except Exception as error:  # noqa: BLE001 # struct.error, and what else: it is theirs
            del error
            return None
        if found is None:
            return None
        if isinstance(found, ExceptionResponse):
            return "refused", (found.exception_code,)
        words = [int(bit) for bit in found.bits] if read.function <= 2 else found.registers
        return "words", tuple(words[: read.count])
