"""Modbus answers that are none, in both framings: refused by a typed error or waited out, and the next one is read.

The frames are made and judged by the standards' words here, not by the driver: an answer that it takes has to stand in
the bytes that came, whole and with good checks. (Messaging on TCP/IP V1.0b, 3.1.3; Serial Line V1.02, 2.5 and 6.2.2;
Application Protocol V1.1b3, 6.)
"""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.reliability.inputs.slow import MS, Watch
from benchmarks.reliability.inputs.spoil import KINDS, spoiled
from benchmarks.reliability.row import FINDINGS_KEPT, Outcome
from drivers.modbus.errors import FrameCorrupt
from drivers.modbus.mbap import MbapTalk
from drivers.modbus.pdu import Answer, AskIdentification, AskServerId, Bits, Read, Refused, Registers, Request
from drivers.modbus.question import Question
from drivers.modbus.rtu_talk import RtuTalk

QUESTIONS = 60  # of a batch


def crc_table() -> list[int]:
    """CRC-16 of one byte, by shifting (V1.02, 6.2.2); not the driver's table."""
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = crc_table()


def crc(data: bytes) -> bytes:
    """The two check bytes, low one first."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return struct.pack("<H", value)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and a good answer to it."""

    question: Question
    pdu: bytes


READS = (1, 2, 3, 4, 3, 4)


def asked(chance: random.Random, functions: Sequence[int] = (*READS, 17, 43)) -> Asked:
    """Any question there is by one of these functions."""
    unit, function = chance.randrange(1, 248), chance.choice(functions)
    if function == 17:
        told = chance.randbytes(chance.randrange(1, 20))
        return Asked(Question(unit, AskServerId()), bytes((17, len(told))) + told)
    if function == 43:
        told = chance.randbytes(chance.randrange(0, 9))
        pdu = bytes((43, 14, 1, 1, 0, 0, 1, 0, len(told))) + told
        return Asked(Question(unit, AskIdentification()), pdu)
    count = min(chance.choice((1, 2, 3, 10, 40, 125)), 125)
    question = Question(unit, Read(function, chance.randrange(60_000), count))
    if function <= 2:
        packed = chance.getrandbits(count).to_bytes((count + 7) // 8, "little")
        return Asked(question, bytes((function, len(packed))) + packed)
    return Asked(question, bytes((function, 2 * count)) + chance.randbytes(2 * count))


def mbap(transaction: bytes, unit: int, pdu: bytes) -> bytes:
    """A Modbus TCP frame."""
    return transaction + struct.pack(">HHB", 0, len(pdu) + 1, unit) + pdu


def serial(unit: int, pdu: bytes) -> bytes:
    """A Modbus RTU frame."""
    body = bytes((unit,)) + pdu
    return body + crc(body)


def says(request: Request, pdu: bytes, answer: Answer) -> bool:
    """Whether this PDU gives that answer to the request, as the standard reads it."""
    if isinstance(answer, Refused):
        return pdu == bytes((request.function | 0x80, answer.code))
    if not pdu or pdu[0] != request.function:
        return False
    if not isinstance(request, Read):
        return len(pdu) >= 2
    nbytes = (request.count + 7) // 8 if request.function <= 2 else 2 * request.count
    if len(pdu) != 2 + nbytes or pdu[1] != nbytes or not isinstance(answer, (Bits, Registers)):
        return False
    if request.function <= 2:
        told = int.from_bytes(pdu[2:], "little")
        words = [told >> place & 1 for place in range(request.count)]
    else:
        words = list(struct.unpack(f">{request.count}H", pdu[2:]))
    return bool(words == answer.words.tolist())


def stands_in_tcp(question: Question, transaction: bytes, data: bytes, answer: Answer) -> bool:
    """Whether a whole frame with this answer is among these bytes."""
    at = data.find(transaction)
    while at >= 0:
        protocol, length = data[at + 2 : at + 4], int.from_bytes(data[at + 4 : at + 6], "big")
        body = data[at + 6 : at + 6 + length]
        ours = protocol == b"\0\0" and len(body) == length >= 2 and body[0] == question.unit
        if ours and says(question.request, body[1:], answer):
            return True
        at = data.find(transaction, at + 1)
    return False


def stands_in_rtu(question: Question, data: bytes, answer: Answer) -> bool:
    """Whether a frame with a good check and this answer is among these bytes."""
    for at in range(len(data) - 4):
        if data[at] != question.unit:
            continue
        for end in range(at + 5, min(len(data), at + 256) + 1):
            if (
                says(question.request, data[at + 1 : end - 2], answer)
                and crc(data[at : end - 2]) == data[end - 2 : end]
            ):
                return True
    return False


def tcp(chance: random.Random, count: int, outcome: Outcome) -> None:
    """So many answers over Modbus TCP."""
    talk, watch = MbapTalk(), Watch(outcome, MS)
    pool = [asked(chance) for _ in range(QUESTIONS)]
    for _ in range(count):
        one, two, kind = chance.choice(pool), chance.choice(pool), chance.choice(KINDS)
        question = one.question
        began = time.perf_counter_ns()
        transaction = talk.begin(question)[:2]
        data = spoiled(kind, mbap(transaction, question.unit, one.pdu), chance)
        if kind == "repaired" and len(data) > 7:
            data = transaction + struct.pack(">HH", 0, len(data) - 6) + data[6:]
        answer: Answer | None = None
        try:
            for part in parts(data, chance):
                answer = talk.feed(part) if answer is None else answer
        except FrameCorrupt:
            outcome.facts["tcp corrupt"] += 1
        except Exception as error:  # noqa: BLE001 # that is what is looked for
            outcome.find(f"tcp raised {error!r} for {question} {data.hex()}")
        if answer is not None:
            outcome.facts["tcp taken"] += 1
            if not stands_in_tcp(question, transaction, data, answer):
                outcome.find(f"tcp took {answer} for {question} out of {data.hex()}")
        transaction = talk.begin(two.question)[:2]
        try:
            good = talk.feed(mbap(transaction, two.question.unit, two.pdu))
        except FrameCorrupt:
            good = None
        if (took_ns := time.perf_counter_ns() - began) > watch.limit_ns:
            watch.look(took_ns, f"tcp {data.hex()}", lambda: _tcp_once(question, data))  # noqa: B023
        if good is None or not says(two.question.request, two.pdu, good):
            outcome.find(f"tcp is not in step one frame after {data.hex()}")


def _tcp_once(question: Question, data: bytes) -> None:
    talk = MbapTalk()
    talk.begin(question)
    try:
        talk.feed(data)
    except FrameCorrupt:
        return


def rtu(chance: random.Random, count: int, outcome: Outcome) -> None:
    """So many answers over a serial line; the good one follows to the same question."""
    watch = Watch(outcome, MS)
    pool = [asked(chance) for _ in range(QUESTIONS)]
    frames = [serial(each.question.unit, each.pdu) for each in pool]
    for _ in range(count):
        place, kind = chance.randrange(len(pool)), chance.choice(KINDS)
        question, good = pool[place].question, frames[place]
        another = chance.random() < 0.2  # 's answer, perfect in itself
        data = chance.choice(frames) if another else spoiled(kind, good, chance)
        if kind == "repaired" and len(data) > 4:
            data = data[:-2] + crc(data[:-2])
        began = time.perf_counter_ns()
        talk = RtuTalk()
        talk.begin(question)
        answer: Answer | None = None
        try:
            for part in parts(data, chance):
                answer = talk.feed(part) if answer is None else answer
            back = talk.feed(good) if answer is None else answer
        except Exception as error:  # noqa: BLE001 # that is what is looked for
            outcome.find(f"rtu raised {error!r} for {question} {data.hex()}")
            continue
        if (took_ns := time.perf_counter_ns() - began) > watch.limit_ns:
            watch.look(took_ns, f"rtu {data.hex()}", lambda: _rtu_once(question, data))  # noqa: B023
        if answer is not None:
            outcome.facts["rtu taken"] += 1
            if not stands_in_rtu(question, data, answer):
                outcome.find(f"rtu took {answer} for {question} out of {data.hex()}")
        elif back is None or not (
            says(question.request, pool[place].pdu, back) or stands_in_rtu(question, data + good, back)
        ):
            if outcome.facts["found"] < FINDINGS_KEPT and right_by_chance(data, good):
                outcome.facts["rtu right by chance"] += 1
                continue
            outcome.find(f"rtu is not in step one frame after {data.hex()}, asked {question}")


def right_by_chance(noise: bytes, good: bytes) -> bool:
    """Whether a stretch that ends within the good frame has a right check: one in 65,536 has, and nobody can tell."""
    both = noise + good
    return any(
        crc(both[at : end - 2]) == both[end - 2 : end]
        for at in range(len(noise))
        for end in range(max(at + 5, len(noise) + 1), min(len(both) - 1, at + 256) + 1)
    )


def _rtu_once(question: Question, data: bytes) -> None:
    talk = RtuTalk()
    talk.begin(question)
    talk.feed(data)


def parts(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """As a line hands it on: at once, or in two."""
    if chance.random() < 0.7 or len(data) < 2:
        yield data
        return
    at = chance.randrange(1, len(data))
    yield data[:at]
    yield data[at:]
