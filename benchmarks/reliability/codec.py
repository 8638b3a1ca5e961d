"""Our Modbus codec beside pymodbus's and libmodbus's: the same questions, and of each answer the same words or none.

Half of the answers are good, the others spoiled with their checks repaired. A third opinion, written from the standards
(`inputs.modbus`), says which of them are valid. Identical is: all took the same words, or all refused. Where another
takes what is not valid, the rule that it does not look at is counted by its name: those are the differences that
`docs/reliability.md` lists. Anything else is a finding. libmodbus is called in this process, over a socket pair.
"""

from __future__ import annotations

import ctypes
import logging
import random
import socket
from collections.abc import Callable
from ctypes import c_char, c_char_p, c_int, c_uint8, c_uint16, c_uint32, c_void_p

import numpy as np
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse

from benchmarks.reliability.inputs.modbus import (
    Asked,
    asked,
    crc,
    mbap,
    serial,
    stands_in_rtu,
    stands_in_tcp,
)
from benchmarks.reliability.inputs.spoil import spoiled
from benchmarks.reliability.row import Outcome, Row, dice
from drivers.modbus.errors import FrameCorrupt
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import Answer, Bits, Read, Refused, Registers
from drivers.modbus.rtu_talk import RtuTalk

Told = tuple[str, tuple[int, ...]] | None
"""What an answer says: ("words", them) or ("refused", (code,)); None: nothing that is to be taken."""

_EXCEPTIONS = 112345678  # MODBUS_ENOBASE of modbus.h: a code is added to it
_READERS = {
    1: ("modbus_read_bits", c_uint8), 2: ("modbus_read_input_bits", c_uint8),
    3: ("modbus_read_registers", c_uint16), 4: ("modbus_read_input_registers", c_uint16),
}  # fmt: skip
_WAIT_US = 200  # for what will not come: all that comes is there before the question


DOCUMENTED = {
    ("libmodbus", "unit over TCP"),
    ("libmodbus", "length"),
    ("libmodbus", "protocol"),
    ("libmodbus", "bytes behind an exception"),
    ("libmodbus", "bytes behind the data"),
    ("pymodbus", "length"),
    ("pymodbus", "shortest length"),
    ("pymodbus", "function"),
    ("pymodbus", "byte count"),
    ("pymodbus", "bytes behind an exception"),
    ("pymodbus", "bytes behind the data"),
}
"""Rules that another does not look at, and the one case in which it refuses more: docs/reliability.md."""
_KNOWN_CODES = 11  # of exceptions (Application Protocol V1.1b3, 7)


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
        if 0 < code - _EXCEPTIONS <= _KNOWN_CODES:
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


def ours(asked_: Asked, frame_of: Callable[[bytes], bytes], *, rtu: bool) -> tuple[bytes, bytes, Told]:
    """Our question, the answer made for it, and what we take of that."""
    talk: MbapTalk | RtuTalk = RtuTalk() if rtu else MbapTalk()
    question = talk.begin(asked_.question)
    frame = frame_of(question)
    try:
        told = talk.feed(frame)
    except FrameCorrupt:
        told = None
    if isinstance(told, Refused):
        return question, frame, ("refused", (told.code,))
    if isinstance(told, (Bits, Registers)):
        return question, frame, ("words", tuple(told.words.tolist()))
    return question, frame, None


def broken_rule(asked_: Asked, frame: bytes, transaction: bytes, *, rtu: bool) -> str:
    """The first rule of the standards that a frame breaks as an answer to a read; "" for one that is valid."""
    request, unit, pdu = asked_.question.request, frame[6:7], frame[7:]
    if rtu:
        unit, pdu = frame[:1], frame[1:-2]
        if len(frame) < 5 or crc(frame[:-2]) != frame[-2:]:
            return "check"
    elif len(frame) < 9:
        return "shortest length"
    elif frame[:2] != transaction:
        return "transaction"
    elif frame[2:4] != b"\0\0":
        return "protocol"
    elif int.from_bytes(frame[4:6], "big") != len(frame) - 6:
        return "length"
    if unit != bytes((asked_.question.unit,)):
        return "unit" if rtu else "unit over TCP"
    if pdu[0] & 0x7F != request.function:
        return "function"
    if pdu[0] & 0x80:
        return "" if len(pdu) == 2 else "bytes behind an exception"
    nbytes = request.nbytes if isinstance(request, Read) else -1
    if pdu[1] != nbytes:
        return "byte count"
    return "" if len(pdu) == 2 + nbytes else "bytes behind the data"


def answer_for(asked_: Asked, chance: random.Random) -> bytes:
    """A PDU: the good one, a refusal, or one that is spoiled."""
    kind = chance.choice(
        ("good", "good", "good", "refused", "repaired", "repaired", "truncated", "spliced", "flipped")
    )
    if kind == "good":
        return asked_.pdu
    if kind == "refused":
        return bytes((asked_.question.refusal, chance.randrange(1, 12)))
    return spoiled(kind, asked_.pdu, chance)[:253] or b"\0"


def damage(unit: int, chance: random.Random) -> tuple[int, int, int]:
    """What is wrong in a frame now and then, and its check right: the unit told, a byte of a TCP head, its bits."""
    if chance.random() >= 0.1:
        return unit, 0, 0
    if chance.random() < 0.4:  # and nothing else: two faults would hide who does not look at one of them
        return chance.randrange(256), 0, 0
    return unit, chance.randrange(6), 1 << chance.randrange(8)


def framed(pdu: bytes, transaction: bytes, wrong: tuple[int, int, int], *, rtu: bool) -> bytes:
    """The answer's frame with that damage."""
    unit, place, bits = wrong
    if rtu:
        return serial(unit, pdu)
    frame = bytearray(mbap(transaction, unit, pdu))
    frame[place] ^= bits
    return bytes(frame)


def run(seed: int, number: int, count: int) -> Outcome:
    """So many answers, in one framing."""
    chance, outcome, rtu = dice("codec", seed, number), Outcome(count), bool(number % 2)
    libmodbus, pymodbus = Libmodbus(rtu=rtu), Pymodbus(rtu=rtu)
    talk = logging.getLogger("pymodbus.logging")
    before, talk.disabled = talk.disabled, True  # what it says of each bad frame costs as much as the frame
    try:
        for _ in range(count):
            _compare(_read(chance), chance, libmodbus, pymodbus, outcome, rtu=rtu)
    finally:
        talk.disabled = before
        libmodbus.close()
    return outcome


def _read(chance: random.Random) -> Asked:
    while True:
        made = asked(chance)
        if isinstance(made.question.request, Read):
            return made


def _compare(
    asked_: Asked,
    chance: random.Random,
    libmodbus: Libmodbus,
    pymodbus: Pymodbus,
    outcome: Outcome,
    *,
    rtu: bool,
) -> None:
    unit, read = asked_.question.unit, asked_.question.request
    assert isinstance(read, Read)
    pdu, wrong = answer_for(asked_, chance), damage(unit, chance)
    question, frame, told = ours(asked_, lambda question: framed(pdu, question[:2], wrong, rtu=rtu), rtu=rtu)
    transaction = libmodbus.transaction % 0xFFFF + 1  # as it will count
    theirs_frame = framed(pdu, transaction.to_bytes(2, "big"), wrong, rtu=rtu)  # around its own transaction
    asked_by, theirs = libmodbus.ask(unit, read, theirs_frame)
    pure = question[1:-2] if rtu else question[7:]
    same = asked_by == question if rtu else asked_by[2:] == question[2:]
    if not same or question != pymodbus.asks(unit, pure, int.from_bytes(question[:2], "big")):
        outcome.find(f"{asked_.question} is asked as {question.hex()}, by libmodbus as {asked_by.hex()}")
    if pymodbus.reads(pure) != (read.function, read.address, read.count):
        outcome.find(f"pymodbus reads {question.hex()} as {pymodbus.reads(pure)}")
    rule = broken_rule(asked_, frame, question[:2], rtu=rtu)
    if (told is None) != bool(rule) and not _found_inside(asked_, frame, question[:2], told, rtu=rtu):
        outcome.find(f"{asked_.question}: {frame.hex()} breaks {rule or 'no rule'}, and we take {told}")
    for name, other in (("libmodbus", theirs), ("pymodbus", pymodbus.takes(unit, question[:2], read, frame))):
        if other == told:
            outcome.facts[f"{name}: identical"] += 1
        elif name == "libmodbus" and not other and told and _unknown_code(told):
            outcome.facts["libmodbus: does not tell codes of an exception that no standard knows"] += 1
        elif other and (name, rule) in DOCUMENTED:
            outcome.facts[f"{name}: does not look at {rule}"] += 1
        else:
            broken = f", which breaks {rule}" if rule else ""
            outcome.find(f"{asked_.question}: {name} takes {other} of {frame.hex()}{broken}; we {told}")


def _unknown_code(told: tuple[str, tuple[int, ...]]) -> bool:
    """Whether it is a refusal by a code that the standard does not have; we hand it on, as the unit said it."""
    return told[0] == "refused" and not 0 < told[1][0] <= _KNOWN_CODES


def _found_inside(asked_: Asked, frame: bytes, transaction: bytes, told: Told, *, rtu: bool) -> bool:
    """Whether what we took is a valid answer with something around it."""
    if told is None:
        return False
    kind, words = told
    answer: Answer
    if kind == "refused":
        answer = Refused(words[0])
    else:
        answer = Registers(np.array(words, np.uint16))
        if asked_.question.request.function <= 2:
            answer = Bits(answer.words)
    if rtu:
        return stands_in_rtu(asked_.question, frame, answer)
    return stands_in_tcp(asked_.question, transaction, frame, answer)


ROW = Row(
    "codec", "answers beside pymodbus and libmodbus", "identical or documented",
    per_run=100_000, nightly=10_000_000, budget_s=60, batch=5_000, run=run,
)  # fmt: skip
