"""Devices that answer bytes: Modbus units, a scale, and a scanner that speaks first."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from simulators.chaos.truth import Answers, Truth
from simulators.chaos.wire import ILLEGAL_FUNCTION, TABLES, Asked, rtu_requests, said, tcp_requests

WORDS = 5  # of a unit's map: number (uint32), value (float32), name (uint16)
ILLEGAL_ADDRESS = 2
KILOGRAMS = 1_200  # a scale shows its answer's number in grams, and begins again there


@dataclass(frozen=True, slots=True)
class Reply:
    """What a device says to a question, and which answer of whose it is; none: no number in it."""

    data: bytes
    device: str = ""
    number: int = 0


Ask = Callable[[bytes], list[Reply]]


class Units:
    """Modbus units behind one line, by unit id; `silent` and `refusing` are names of devices."""

    def __init__(self, truth: Truth, units: dict[int, str], *, serial: bool) -> None:
        self._truth, self._units, self._serial = truth, units, serial
        self._waiting = bytearray()
        self.silent: set[str] = set()
        self.busy: set[str] = set()
        for name in units.values():
            truth.answers[name] = Answers()

    def connected(self) -> None:
        """A new connection: nothing waits."""
        self._waiting.clear()

    def ask(self, data: bytes) -> list[Reply]:
        """Bytes of the gateway came."""
        self._waiting += data
        requests = rtu_requests(self._waiting) if self._serial else tcp_requests(self._waiting)
        return [reply for each in requests if (reply := self._reply(each)) is not None]

    def _reply(self, asked: Asked) -> Reply | None:
        name = self._units.get(asked.unit)
        if name is None or name in self.silent:
            return None
        if name in self.busy:
            return Reply(said(asked, 6))
        if asked.function not in TABLES:
            return Reply(said(asked, ILLEGAL_FUNCTION))
        if asked.address + asked.words > WORDS or not asked.words:
            return Reply(said(asked, ILLEGAL_ADDRESS))
        whole = asked.address == 0 and asked.words == WORDS
        answers = self._truth.answers[name]
        number = answers.next(self._truth.loop.now_ns) if whole else len(answers.due)
        words = registers(self._truth, asked.unit, number)
        reply = said(asked, list(words[asked.address : asked.address + asked.words]))
        return Reply(reply, name, number) if whole else Reply(reply)


def registers(truth: Truth, unit: int, number: int) -> tuple[int, ...]:
    """The words of an answer: which it is, what was measured, and whose it is."""
    value = truth.process.value(unit, number)
    return struct.unpack(">5H", struct.pack(">IfH", number, value, unit))


class Scale:
    """A scale that is asked (MT-SICS level 0); the weight that it shows is the number of its answer, in grams."""

    def __init__(self, truth: Truth, name: str) -> None:
        self._truth, self.name, self._waiting = truth, name, bytearray()
        self.silent: set[str] = set()
        truth.answers[name] = Answers()

    def connected(self) -> None:
        """A new connection: nothing waits."""
        self._waiting.clear()

    def ask(self, data: bytes) -> list[Reply]:
        """Bytes of the gateway came."""
        self._waiting += data
        *lines, rest = bytes(self._waiting).split(b"\r\n")
        self._waiting = bytearray(rest)
        return [self._reply(line) for line in lines if self.name not in self.silent]

    def _reply(self, line: bytes) -> Reply:
        if line == b"I4":
            return Reply(b'I4 A "CHAOS-1"\r\n')
        if line != b"SI":
            return Reply(b"ES\r\n")
        number = self._truth.answers[self.name].next(self._truth.loop.now_ns)
        return Reply(f"S S {mass(number):10.3f} kg\r\n".encode("ascii"), self.name, number)


def mass(number: int) -> float:
    """What the scale shows at that answer, in kg."""
    return number % (1000 * KILOGRAMS) / 1000
