"""Frames of scanners, RFID readers and scales that are none: refused with a reason, and the next good one is read."""

from __future__ import annotations

import math
import random
import re
import time

from benchmarks.reliability.inputs.modbus import parts
from benchmarks.reliability.inputs.slow import MS, Watch
from benchmarks.reliability.inputs.spoil import KINDS, spoiled
from benchmarks.reliability.row import Outcome
from drivers.serial.a0 import Tag, Unpacker, error_of, tag_of
from drivers.serial.framing import Framer, Grammar
from drivers.serial.lines import Lines
from drivers.serial.weight import FORMATS, Trouble, Weight
from gateway.model import Quality

IDLE_NS = 500_000_000
GRAMMARS = (
    Grammar(b"\x02", b"\x03", idle_ns=IDLE_NS),
    Grammar(b"", b"\r"),
    Grammar(b"", b"\r\n", idle_ns=IDLE_NS),
    Grammar(b"\x02", b"", length=8),
    Grammar(b"\x02", b"\x03", length=8, idle_ns=IDLE_NS),
    Grammar(b"", b"", idle_ns=IDLE_NS),
    Grammar(b"<<", b">>", longest=20),
)
REASONS = {"torn", "no prefix", "wrong length", "overlong", "unprintable"}
CODE = b"LOT-4711"
_CONTROL = re.compile(
    rb"[\x00-\x03\x05-\x1b\x1f\x7f]"
)  # no code holds one: ISO/IEC 15434 separators are the others
TAG = bytes.fromhex("A013018930300030" + "0833B2DDD9014000000001" + "37")
SCALES = (
    b"S S     12.50 kg",
    b"S D    -0.125 kg",
    b"ST,GS,+00012.34kg",
    b"US,NT,-00012.34 kg",
    b"S +",
    b"ES",
)


def scanner(chance: random.Random, count: int, outcome: Outcome) -> None:
    """So many frames of scanners of every grammar."""
    watch = Watch(outcome, MS)
    for _ in range(count):
        grammar, kind = chance.choice(GRAMMARS), chance.choice(KINDS)
        good = grammar.prefix + CODE + grammar.suffix
        data = spoiled(kind, good, chance)
        if kind == "repaired":  # it begins and ends as it should
            data = grammar.prefix + data[len(grammar.prefix) :] + grammar.suffix
        began = time.perf_counter_ns()
        framer = Framer(grammar)
        try:
            frames = [frame for part in parts(data, chance) for frame in framer.feed(part, 0)]
            frames += framer.feed(good, 1)  # may be lost in what was torn: the next one may not
            frames += framer.feed(good, IDLE_NS + 1 if grammar.idle_ns else 2)
            frames += framer.idle(3 * IDLE_NS)
        except Exception as error:  # noqa: BLE001 # that is what is looked for
            outcome.find(f"the scanner's framer raised {error!r} for {grammar} {data!r}")
            continue
        if (took_ns := time.perf_counter_ns() - began) > watch.limit_ns:
            watch.look(took_ns, f"scanner {data!r}", lambda: Framer(grammar).feed(data, 0))  # noqa: B023
        if not frames or frames[-1].data != CODE or frames[-1].refused:
            outcome.find(f"the scanner is not in step one frame after {data!r} with {grammar}: {frames}")
        for frame in frames:
            if frame.refused:
                outcome.facts["scanner refused"] += 1
                if frame.refused not in REASONS:
                    outcome.find(f"the scanner refused {data!r} for {frame.refused!r}")
            elif (
                _CONTROL.search(frame.data)
                or frame.data not in data + good + good
                or len(frame.data) > grammar.longest
            ):
                outcome.find(f"the scanner took {frame.data!r} out of {data!r}")


def check(body: bytes) -> bytes:
    """The byte that makes the sum zero (UHF RFID Reader Serial Interface Protocol V3.7, 1)."""
    return bytes((-sum(body) & 0xFF,))


GOOD_TAG = TAG + check(TAG)


def rfid(chance: random.Random, count: int, outcome: Outcome) -> None:
    """So many frames of a UHF reader. Silence ends what is torn, as the driver does it."""
    watch = Watch(outcome, MS)
    wanted = tag_of(Unpacker().feed(GOOD_TAG)[0])
    for _ in range(count):
        kind = chance.choice(KINDS)
        data = spoiled(kind, GOOD_TAG, chance)
        if kind == "repaired" and len(data) > 4:
            body = b"\xa0" + bytes((len(data) - 2,)) + data[2:-1]
            data = body + check(body)
        began = time.perf_counter_ns()
        unpacker = Unpacker()
        try:
            packets = [packet for part in parts(data, chance) for packet in unpacker.feed(part)]
            tags = [tag_of(packet) for packet in packets]
            errors = [error_of(packet) for packet in packets]
            unpacker.clear()
            back = [tag_of(packet) for packet in unpacker.feed(GOOD_TAG)]
        except Exception as error:  # noqa: BLE001 # that is what is looked for
            outcome.find(f"the reader's unpacker raised {error!r} for {data.hex()}")
            continue
        if (took_ns := time.perf_counter_ns() - began) > watch.limit_ns:
            watch.look(took_ns, f"rfid {data.hex()}", lambda: Unpacker().feed(data))  # noqa: B023
        if back != [wanted]:
            outcome.find(f"the reader is not in step one frame after {data.hex()}")
        outcome.facts["rfid packets"] += len(packets)
        outcome.facts["rfid errors"] += sum(each is not None for each in errors)
        for packet, tag in zip(packets, tags, strict=True):
            frame = bytes((0xA0, len(packet.data) + 3, packet.address, packet.command)) + packet.data
            if frame + check(frame) not in data:
                outcome.find(f"the reader took {packet} out of {data.hex()}")
            if isinstance(tag, Tag) and (
                len(tag.epc) % 4 or not -129 <= tag.rssi_dbm <= -2 or not 1 <= tag.antenna <= 8
            ):
                outcome.find(f"the reader took {tag} out of {data.hex()}")


def scale(chance: random.Random, count: int, outcome: Outcome) -> None:
    """So many lines of scales, of both formats."""
    watch = Watch(outcome, MS)
    formats = sorted(FORMATS)
    for _ in range(count):
        kind, parse = chance.choice(KINDS), FORMATS[chance.choice(formats)]
        data = spoiled(kind, chance.choice(SCALES), chance)
        if kind == "repeated":  # digits without an end
            data = b"S S " + b"9" * chance.randrange(1, 600) + b" kg"
        began = time.perf_counter_ns()
        lines = Lines()
        try:
            told = [line for part in parts(data, chance) for line in lines.feed(part)]
            told += lines.feed(b"\r\n" + b"S S 1.5 kg\r\n")
            said = [parse(line) for line in told]
            values = [each.value for each in said if isinstance(each, Weight)]
        except Exception as error:  # noqa: BLE001 # that is what is looked for
            outcome.find(f"a scale's line raised {error!r} for {data!r}")
            continue
        if (took_ns := time.perf_counter_ns() - began) > watch.limit_ns:
            watch.look(took_ns, f"scale {data!r}", lambda: parse(data))  # noqa: B023
        if told[-1] != b"S S 1.5 kg":
            outcome.find(f"the scale's lines are not in step one line after {data!r}")
        outcome.facts["scale weights"] += len(values)
        if not all(math.isfinite(value) for value in values):
            outcome.find(f"a scale's line gave {values}: {data!r}")
        for each in said:
            if isinstance(each, Trouble) and each.quality not in set(Quality):
                outcome.find(f"a scale's line {data!r} gave {each}")
