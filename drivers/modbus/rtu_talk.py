"""Modbus RTU conversations on one line: pure; bytes in, typed answers out; late answers are told apart.

An RTU answer says unit, function and length, and nothing about which question it answers: a late answer to
"3 registers from 100" is a perfect answer to "3 registers from 200". So the law:

1. An answer is taken only if unit, function, byte count and CRC fit the one open question. Everything else is
   dropped: noise, our own echo, other units' answers, torn frames. We are in step again at the next whole
   frame.
2. A question that got no answer to trust is a *debt*: its answer may still come. While a unit owes an
   answer of a function, no question of that function is asked, but a *settling* one, whose answer has a
   shape (function and byte count) no debt has; the values it brings are thrown away.
3. A unit answers in the order it was asked. So an answer with the settling shape proves that no older one
   will come: those debts are void, and real questions may be asked again.
4. An exception names its function only, so it fits every question of that function. An answer that fits an
   older question too voids what is older, and leaves the rest and its own question as debts.
5. A dead unit uses up all settling shapes; then the one asked longest ago is asked again (and rule 4 holds).
   What is never settled is void after `FORGET_NS`.

What this cannot tell apart: a second copy of an answer that comes after the next question of the same shape
was sent (one that comes before is seen, as the line is not silent, and makes a debt too), and an answer to a
question that an earlier run of the gateway asked.

Source of the frame: MODBUS over Serial Line V1.02, 2.5.1. The rest follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drivers.modbus.crc import crc16
from drivers.modbus.errors import FrameCorrupt
from drivers.modbus.hunt import Hunt
from drivers.modbus.pdu import (
    COILS,
    DISCRETES,
    HOLDING,
    INPUT,
    Answer,
    Read,
    Refused,
    answer_length,
    decode,
)
from drivers.modbus.question import Question

FORGET_NS = 60_000_000_000
MOST_WAITING = 1024  # bytes kept of what did not fit: four longest frames


@dataclass(frozen=True, slots=True)
class Debt:
    """An answer that may still come."""

    function: int
    nbytes: int | None  # None: any length, or only an exception fits
    until_ns: int


class RtuTalk:
    """All units of one line: `begin` a question, `feed` what comes until it is an answer, or `give_up`."""

    def __init__(self) -> None:
        self.dropped = 0  # frames with a good CRC that answered no open question
        self.garbage = 0  # bytes that were no frame
        self._debts: dict[int, list[Debt]] = {}
        self._question: Question | None = None
        self._came = Hunt(MOST_WAITING)
        self.trailing = 0  # bytes that came right behind the last answer

    def owes(self, question: Question, now_ns: int) -> bool:
        """Whether a late answer may be taken for the answer to this question: settle first."""
        debts = self._debts.get(question.unit)
        if debts is None:
            return False
        left = [debt for debt in debts if debt.until_ns > now_ns]
        if left:
            self._debts[question.unit] = left
        else:
            del self._debts[question.unit]
        return any(debt.function == question.request.function for debt in left)

    def settling(self, question: Question) -> Question:
        """A short question to the same unit, asked to learn which late answers will not come any more."""
        debts = self._debts.get(question.unit, [])
        shapes = [(debt.function, debt.nbytes) for debt in debts]
        owing = {debt.function for debt in debts if debt.nbytes is None}
        settlers = [each for each in _settlers(question) if each.function not in owing]
        fresh = [each for each in settlers if (each.function, each.nbytes) not in shapes]
        if fresh:
            return Question(question.unit, fresh[0])
        foreign = [each for each in settlers if each.function != question.request.function]
        oldest = min(foreign, key=lambda each: shapes.index((each.function, each.nbytes)))
        return Question(question.unit, oldest)

    def begin(self, question: Question) -> bytes:
        """The bytes to send. What came before is forgotten."""
        self._question = question
        self._came.clear()
        return question.rtu_request

    def feed(self, data: bytes) -> Answer | None:
        """The answer, or None while there is none to trust. Never raises for what came."""
        question = self._question
        if question is None:
            return None
        answer = self._find(question, data)
        if answer is not None:
            self._question = None
            self._came.clear()
            if question.unit in self._debts:
                self._settle(question, refused=isinstance(answer, Refused))
        return answer

    @property
    def overdue(self) -> bool:
        """Whether as much came as the answer is long, and was not it: little sense in waiting for more."""
        question = self._question
        if question is None or question.nbytes is None:
            return False
        return len(self._came) >= 5 + question.nbytes

    @property
    def heard(self) -> bool:
        """Whether anything came that was not an answer."""
        return len(self._came) > 0

    def unsent(self) -> None:
        """The open question never left: nobody will answer it."""
        self._question = None

    def give_up(self, now_ns: int) -> None:
        """No answer to trust came to the open question: it is a debt now."""
        question, self._question = self._question, None
        if question is not None:
            self.owe(question, now_ns)

    def owe(self, question: Question, now_ns: int) -> None:
        """An answer to this question may come (again)."""
        debt = Debt(question.request.function, question.nbytes, now_ns + FORGET_NS)
        self._debts.setdefault(question.unit, []).append(debt)

    def _find(self, question: Question, data: bytes) -> Answer | None:
        came = self._came
        echo = question.rtu_request  # two-wire RS-485 hears itself
        if not came and not data.startswith(echo) and (frame := _frame(data)) is not None:
            answer = self._judge(question, frame)
            if answer is not None:
                self.trailing = len(data) - len(frame)
                return answer
        came.add(data, echo)
        while (found := came.next()) is not None:
            before, frame = found
            answer = self._judge(question, frame)
            if answer is not None:
                self.trailing = len(came)
                return answer
            self.dropped += 1
            self.garbage += before
        return None

    def _judge(self, question: Question, frame: bytes) -> Answer | None:
        """The answer in a frame with a good CRC, if it is one to the open question."""
        request = question.request
        if frame[0] != question.unit:
            return None
        if frame[1] == question.refusal:
            return Refused(frame[2])
        if frame[1] != request.function or (isinstance(request, Read) and frame[2] != request.nbytes):
            return None
        try:
            return decode(request, frame[1:-2])
        except FrameCorrupt:
            return None

    def _settle(self, question: Question, *, refused: bool) -> None:
        """An answer came to `question`: what is older than the first question it fits will not come."""
        function, nbytes = question.request.function, question.nbytes
        debts = self._debts.pop(question.unit)
        fits = [debt.function == function and (refused or debt.nbytes == nbytes) for debt in debts]
        if any(fits):  # it may have been that one's, and ours still be on its way
            ours = Debt(function, nbytes, debts[-1].until_ns)
            self._debts[question.unit] = [*debts[fits.index(True) + 1 :], ours]


def _frame(data: bytes) -> bytes | None:
    """The whole frame with a good check that the data begin with."""
    length = answer_length(data, 1)
    if not length or len(data) < length + 3:
        return None
    frame = data[: length + 3]
    return frame if crc16(frame[:-2]) == frame[-2:] else None


def _settlers(question: Question) -> Iterator[Read]:
    """Short reads, the likeliest to be answered first: part of the same block, then of other tables."""
    request = question.request
    own, address = 0, 0
    if isinstance(request, Read):
        own, address = request.function, request.address
        if request.count > (8 if own <= DISCRETES else 1):
            yield Read(own, address, 1)
        elif own >= HOLDING and address < 0xFFFF:
            yield Read(own, address, 2)
    for function in (HOLDING, INPUT, COILS, DISCRETES):
        if function != own:
            yield Read(function, address, 1)
