"""Asking over a line: the thin skin of I/O over the two talks. Shared by all Modbus drivers."""

from __future__ import annotations

from typing import Protocol

from drivers.modbus.errors import DeviceSilent, FrameCorrupt, UnitQuarantined
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import Answer
from drivers.modbus.question import Question
from drivers.modbus.rtu_talk import RtuTalk
from gateway.ports import Clock, Line, LineDown, LineSilent

MOST_SILENCES = 3  # without a byte from anybody: the connection is dead, though nobody said so
TORN_NS = 50_000_000  # after an answer's length of garbage: a pause like this ends the wait
MOST_SETTLING = 3  # settling questions before one real question
MOST_NOISE = 20  # rounds of waiting for a noisy line to fall silent


class Exchange(Protocol):
    """Questions in, answers out, one at a time. Raises LineDown, DeviceSilent, FrameCorrupt."""

    async def ask(self, question: Question, timeout_ns: int) -> Answer: ...

    async def close(self) -> None: ...


class TcpExchange:
    """Modbus TCP: transaction ids tell answers apart, so nothing has to be waited out."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self.talk = MbapTalk()
        self._line, self._clock = line, clock
        self._silences = 0

    async def ask(self, question: Question, timeout_ns: int) -> Answer:
        line, talk = self._line, self.talk
        deadline_ns = self._clock.boottime_ns() + timeout_ns
        heard = False
        try:
            await line.send(talk.begin(question))
            while True:
                data = await line.receive(deadline_ns)
                heard = True
                answer = talk.feed(data)
                if answer is not None:
                    self._silences = 0
                    return answer
        except LineSilent:
            await self._note_silence(heard=heard)
            if talk.torn:
                raise FrameCorrupt("no whole answer in time") from None
            raise DeviceSilent from None

    async def close(self) -> None:
        await self._line.close()

    async def _note_silence(self, *, heard: bool) -> None:
        self._silences = 0 if heard else self._silences + 1
        if self._silences >= MOST_SILENCES or self.talk.torn:
            self._silences = 0
            await self._line.close()


class RtuExchange:
    """Modbus RTU, by port or socket: silence before a question, debts after a lost answer."""

    def __init__(self, line: Line, clock: Clock, *, silence_ns: int, reopens: bool = False) -> None:
        self.talk = RtuTalk()
        self._line, self._clock = line, clock
        self._silence_ns = silence_ns
        self._reopens = reopens  # a socket may be dead and not know it; a port is not
        self._silences = 0
        self._quiet_since_ns = 0
        self._last: Question | None = None

    async def ask(self, question: Question, timeout_ns: int) -> Answer:
        for _ in range(MOST_SETTLING):
            if not self.talk.owes(question, self._clock.boottime_ns()):
                return await self._ask(question, timeout_ns)
            await self._ask(self.talk.settling(question), timeout_ns)
        raise UnitQuarantined(f"unit {question.unit} may still answer older questions")

    async def close(self) -> None:
        await self._line.close()

    async def _ask(self, question: Question, timeout_ns: int) -> Answer:
        line, talk, clock = self._line, self.talk, self._clock
        await self._silence()
        request = talk.begin(question)
        self._last = question
        try:
            try:
                await line.send(request)
            except LineDown:
                talk.unsent()
                raise
            deadline_ns = clock.boottime_ns() + timeout_ns
            while True:
                data = await line.receive(deadline_ns)
                self._silences = 0
                self._quiet_since_ns = clock.boottime_ns()
                answer = talk.feed(data)
                if answer is not None:
                    if talk.trailing:
                        self._suspect_copy()
                    return answer
                if talk.overdue:
                    deadline_ns = min(deadline_ns, self._quiet_since_ns + max(TORN_NS, self._silence_ns))
        except LineSilent:
            self._silences += 1
            if self._reopens and self._silences >= MOST_SILENCES:
                self._silences = 0
                await line.close()
            if talk.heard:
                raise FrameCorrupt("something came that was no answer") from None
            raise DeviceSilent from None
        finally:
            talk.give_up(clock.boottime_ns())  # nothing to give up after an answer

    async def _silence(self) -> None:
        """Wait for t3.5 without a byte (MODBUS over Serial Line V1.02, 2.5.1.1)."""
        line, clock = self._line, self._clock
        for _ in range(MOST_NOISE):
            until_ns = self._quiet_since_ns + self._silence_ns
            if clock.boottime_ns() < until_ns:
                await clock.sleep_until(until_ns)
            if not line.discard():
                return
            self._quiet_since_ns = clock.boottime_ns()
            self._suspect_copy()

    def _suspect_copy(self) -> None:
        """Something came behind the last answer, perhaps a copy of it: another may follow."""
        last, self._last = self._last, None
        if last is not None:
            self.talk.owe(last, self._quiet_since_ns)
