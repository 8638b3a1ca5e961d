"""Modbus TCP frames (MODBUS Messaging on TCP/IP V1.0b, 3.1.3): pure; bytes in, typed answers out.

The law: every question has a transaction id of its own, and only an answer that repeats it is looked at, so
a late one can never be another's; those are dropped and counted. An answer with the right id and the wrong
unit, function, byte count or length is corrupt. TCP loses nothing, but a bad gateway may
end an answer early: then the next one fills it up, and what is left over gives it away, as it is no frame.

>>> talk = MbapTalk()
>>> from drivers.modbus.pdu import Read
>>> talk.begin(Question(255, Read(3, 4, 1))).hex()
'000100000006ff0300040001'
>>> talk.feed(bytes.fromhex("000100000005ff0302")), talk.feed(bytes.fromhex("0005"))[0].tolist()
(None, [5])
"""

from __future__ import annotations

import numpy as np

from drivers.modbus.errors import FrameCorrupt
from drivers.modbus.pdu import BIG_WORD, LONGEST, WORD, Answer, Registers, decode
from drivers.modbus.question import Question

HEADER = 7  # transaction 2, protocol 2, length 2, unit 1
KEEP = 8  # of garbage: our header may have begun in it, and is one byte longer


class MbapTalk:
    """One connection's conversation: `begin` a question, `feed` what comes until it is an answer."""

    def __init__(self) -> None:
        self.dropped = 0  # frames that answered no open question
        self._transaction = 0
        self._question: Question
        self._wanted = b""
        self._rest = b""

    def begin(self, question: Question) -> bytes:
        """The bytes to send. Whatever was open before is given up."""
        self._transaction = transaction = self._transaction % 0xFFFF + 1  # 0 is never used
        head = transaction.to_bytes(2, "big")
        self._question = question
        self._wanted = head + question.tcp_answer
        self._rest = b""
        return head + question.tcp_request

    @property
    def torn(self) -> bool:
        """Whether something came that is not a whole frame."""
        return bool(self._rest)

    def feed(self, data: bytes) -> Answer | None:
        """The answer, or None while it is not whole. Raises FrameCorrupt."""
        question = self._question
        if len(data) == question.registers_size and data.startswith(self._wanted) and not self._rest:
            return Registers(np.frombuffer(data, BIG_WORD, question.count, HEADER + 2).astype(WORD))
        return self._feed_slowly(data)

    def _feed_slowly(self, data: bytes) -> Answer | None:
        rest = self._rest + data
        while len(rest) >= HEADER:
            size = _frame_size(rest)
            if 0 < size <= len(rest):
                frame, rest = rest[:size], rest[size:]
                if frame[:2] == self._wanted[:2]:
                    self._rest = b""
                    return self._judge(frame, rest)
                self.dropped += 1
                continue
            at = self._find_ours(rest)  # behind garbage, or behind the torn rest of another answer
            if at > 0:
                self.dropped += 1
                rest = rest[at:]
                continue
            if not size:
                rest = rest[-KEEP:]
            break
        self._rest = rest
        return None

    def _find_ours(self, rest: bytes) -> int:
        at = rest.find(self._wanted)
        if at >= 0:
            return at
        question = self._question
        return rest.find(self._wanted[:2] + b"\0\0\0\3" + bytes((question.unit, question.refusal)))

    def _judge(self, frame: bytes, rest: bytes) -> Answer:
        question = self._question
        while rest:  # a sound server sends nothing behind the answer to the only question
            size = _frame_size(rest)
            if not 0 < size <= len(rest):
                raise FrameCorrupt(
                    "what follows the answer is no whole frame: some of the answer may be another's"
                )
            rest = rest[size:]
        if frame[6] != question.unit:
            raise FrameCorrupt(f"unit {frame[6]} answers for unit {question.unit}")
        return decode(question.request, frame[HEADER:])


def _frame_size(rest: bytes) -> int:
    """Bytes of the frame in front; 0 if that is no frame."""
    length = int.from_bytes(rest[4:6], "big")
    return 6 + length if rest[2:4] == b"\0\0" and 3 <= length <= 1 + LONGEST else 0
