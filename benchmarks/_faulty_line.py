"""A simulated line with units on it that goes wrong on purpose, on a clock of its own: no waiting, no codec of ours.

Registers describe themselves: the word a unit sends for a register is a digest of unit, table, address and the
number of the very question it answers. So any value that is put where it does not belong, or that is old, shows.

A unit works like a real one: it answers in the order it was asked; while it thinks, a further question waits or is
missed. TCP loses no bytes: there an answer is torn only when the connection breaks, and a bit is turned only in
the head, by a server that is wrong; its data have no check that a client could make.
"""

from __future__ import annotations

import heapq
import random
import struct
import zlib
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from gateway.model import ClockRow, Instant
from gateway.ports import LineDown, LineSilent

T = TypeVar("T")

TIMEOUT_NS = 200_000_000
THINKING_NS = 5_000_000
CHAR_NS = 500_000
BROKEN = b"broken"  # in place of bytes: the connection ends


class StepClock:
    """A clock that moves when somebody waits; there is one task only."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000

    def boottime_ns(self) -> int:
        return self.ns

    def now(self) -> Instant:
        return Instant(self.ns, self.ns, 1)

    def row(self) -> ClockRow:
        return ClockRow(1, "steps", 0, 0, synchronised=True)

    async def sleep_until(self, boottime_ns: int) -> None:
        self.ns = max(self.ns, boottime_ns)

    async def within(self, awaitable: Awaitable[T], deadline_ns: int) -> T:
        del deadline_ns  # nothing here takes real time
        return await awaitable


def word(unit: int, function: int, address: int, question: int) -> int:
    """What a register says of itself."""
    return zlib.crc32(struct.pack(">BBHI", unit, function, address, question)) & 0xFFFF


def _shifted(value: int) -> int:
    """One byte of CRC-16 bit by bit, as V1.02, 6.2.2 describes it; not the driver's table."""
    for _ in range(8):
        value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


_SHIFTED = [_shifted(byte) for byte in range(256)]


def crc(data: bytes) -> bytes:
    """The two check bytes, low one first."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _SHIFTED[(value ^ byte) & 0xFF]
    return struct.pack("<H", value)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the line saw it."""

    number: int
    unit: int
    function: int
    address: int
    count: int


class FaultyLine:
    """`rtu` or TCP frames; each answer suffers one fault with probability `rate`. Counts what it did in `faults`."""

    def __init__(
        self, clock: StepClock, seed: int, *, rtu: bool, rate: float = 0.5, echo: bool = False
    ) -> None:
        self.clock, self.rate, self.rtu, self.echo = clock, rate, rtu, echo
        self.random = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.asked: list[Asked] = []
        self._coming: list[tuple[int, int, bytes]] = []
        self._order = 0
        self._free_ns: dict[int, int] = {}
        self._transaction = 0
        kinds = [
            "late",
            "lost",
            "missed",
            "doubled",
            "torn",
            "other_unit",
            "noise_before",
            "noise_after",
            "split",
        ]
        self._kinds = [*kinds, "busy", "flipped", *(["torn_then_more"] if rtu else [])]

    # --- the port: gateway.ports.Line ------------------------------------------------------------------------------

    async def send(self, data: bytes) -> None:
        self._transaction = 0 if self.rtu else int.from_bytes(data[:2], "big")
        body = data[:-2] if self.rtu else data[6:]
        unit, function, address, count = struct.unpack(">BBHH", body)
        asked = Asked(len(self.asked), unit, function, address, count)
        self.asked.append(asked)
        if self.echo:
            self._arrive(self.clock.ns + len(data) * CHAR_NS, data)
        self._answer(asked)

    async def receive(self, deadline_ns: int) -> bytes:
        if not self._coming or self._coming[0][0] > deadline_ns:
            self.clock.ns = max(self.clock.ns, deadline_ns)
            raise LineSilent
        at, _, data = heapq.heappop(self._coming)
        self.clock.ns = max(self.clock.ns, at)
        if data is BROKEN:
            self._coming.clear()
            raise LineDown("broken")
        return data

    def discard(self) -> int:
        count = 0
        while self._coming and self._coming[0][0] <= self.clock.ns:
            count += len(heapq.heappop(self._coming)[2])
        return count

    async def close(self) -> None:
        self._coming.clear()

    # --- units -----------------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> None:
        chance = self.random
        fault = chance.choice(self._kinds) if chance.random() < self.rate else ""
        now = self.clock.ns + 8 * CHAR_NS
        free = self._free_ns.get(asked.unit, 0)
        if free > now and chance.random() < 0.5:
            self.faults["missed"] += 1
            return
        if fault:
            self.faults[fault] += 1
        if fault in {"lost", "missed"}:
            return
        at = max(now, free) + THINKING_NS
        if fault == "late":
            at += round(TIMEOUT_NS * chance.uniform(0.8, 7.0))
        frame = self._frame(asked, refuses=fault == "busy")
        self._free_ns[asked.unit] = at + len(frame) * CHAR_NS
        self._spoil(fault, asked, frame, at + len(frame) * CHAR_NS)

    def _spoil(self, fault: str, asked: Asked, frame: bytes, at: int) -> None:
        chance = self.random
        if fault == "doubled":
            self._arrive(at, frame)
            self._arrive(at + chance.randrange(0, 4 * CHAR_NS), frame)
        elif fault == "torn":
            self._arrive(at, frame[: chance.randrange(1, len(frame))])
            if not self.rtu:
                self._arrive(at + CHAR_NS, BROKEN)
        elif fault == "torn_then_more":
            self._arrive(at, frame[: chance.randrange(1, len(frame))])
            self._arrive(at + 10 * CHAR_NS, self._foreign(asked))
        elif fault == "flipped":
            self._arrive(at, self._flip(frame))
        elif fault == "other_unit":
            self._arrive(at - CHAR_NS, self._foreign(asked))
            if chance.random() < 0.5:
                self._arrive(at, frame)
        elif fault == "noise_before":
            self._arrive(at - CHAR_NS, chance.randbytes(chance.randrange(1, 12)))
            self._arrive(at, frame)
        elif fault == "noise_after":
            self._arrive(at, frame + chance.randbytes(chance.randrange(1, 12)))
        elif fault == "split":
            cuts = sorted(chance.sample(range(1, len(frame)), min(3, len(frame) - 1)))
            for place, (first, last) in enumerate(zip([0, *cuts], [*cuts, len(frame)], strict=True)):
                self._arrive(at + place * CHAR_NS, frame[first:last])
        else:
            self._arrive(at, frame)

    def _frame(self, asked: Asked, *, refuses: bool = False) -> bytes:
        """The unit's answer."""
        if refuses:
            pdu = bytes((asked.function | 0x80, self.random.choice((4, 5, 6))))
        else:
            addresses = range(asked.address, asked.address + asked.count)
            words = [word(asked.unit, asked.function, each, asked.number) for each in addresses]
            if asked.function <= 2:
                bits = sum((each & 1) << place for place, each in enumerate(words))
                data = bits.to_bytes((asked.count + 7) // 8, "little")
            else:
                data = struct.pack(f">{len(words)}H", *words)
            pdu = bytes((asked.function, len(data))) + data
        return self._wrap(asked.unit, pdu, self._transaction)

    def _wrap(self, unit: int, pdu: bytes, transaction: int) -> bytes:
        body = bytes((unit,)) + pdu
        return body + crc(body) if self.rtu else struct.pack(">HHH", transaction, 0, len(body)) + body

    def _foreign(self, asked: Asked) -> bytes:
        """A perfect answer that is not ours: of a unit we never ask; on TCP also of another transaction."""
        other = Asked(asked.number, asked.unit + 100, asked.function, asked.address, asked.count)
        kept, self._transaction = (
            self._transaction,
            (self._transaction + self.random.choice((0, 1, 7))) & 0xFFFF,
        )
        frame = self._frame(other)
        self._transaction = kept
        return frame

    def _flip(self, frame: bytes) -> bytes:
        """One to three bits turned: a CRC-16 finds them always. TCP has no check but its own, so only in the header."""
        last = 8 * (len(frame) if self.rtu else 9)
        number = int.from_bytes(frame, "little")
        for bit in self.random.sample(range(min(last, 8 * len(frame))), self.random.randrange(1, 4)):
            number ^= 1 << bit
        return number.to_bytes(len(frame), "little")

    def _arrive(self, at: int, data: bytes) -> None:
        self._order += 1
        heapq.heappush(self._coming, (at, self._order, data))
