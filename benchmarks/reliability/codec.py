"""Our Modbus codec beside pymodbus's and libmodbus's: the same questions, and of each answer the same words or none.

Half of the answers are good, the others spoiled with their checks repaired. A third opinion, written from the standards
(`inputs.modbus`), says which of them are valid. Identical is: all took the same words, or all refused. Where another
takes what is not valid, the rule that it does not look at is counted by its name: those are the differences that
`docs/reliability.md` lists. Anything else is a finding. libmodbus is called in this process, over a socket pair.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

import numpy as np

from benchmarks.reliability.codec_peers import KNOWN_CODES, Libmodbus, Pymodbus, Told
from benchmarks.reliability.inputs.modbus import (
    READS,
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
            _compare(asked(chance, READS), chance, libmodbus, pymodbus, outcome, rtu=rtu)
    finally:
        talk.disabled = before
        libmodbus.close()
    return outcome


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
    return told[0] == "refused" and not 0 < told[1][0] <= KNOWN_CODES


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
