"""Bytes a value on the link, live and backlog, compact and JSON.

``python -m benchmarks.link_bytes [--seconds 1200]``. Two plants in virtual time: 10 groups of 20 tags read once a
second (a third float32 with noise in every digit, a third tenths in int16, a third counters), and the demo's own plant,
its devices polled as its site file says (every 100 ms, 500 ms and 2 s). Live: a block a second, as commit profile
`disk` cuts them, one message a group. Backlog: stretches as the publisher reads them back. Counted are MQTT 5 PUBLISH
packets at QoS 1, header and topic included, the PUBACKs that answer them, and the layouts once; TCP is not. Each
message is read back and compared.
"""

from __future__ import annotations

import argparse
import math
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from benchmarks._plant import Plant
from benchmarks._table import Row, machine, print_table
from gateway.config import load
from gateway.model import Block, Identity, Instant, NumberedInput, Reading
from gateway.publish.session import STRETCH
from gateway.resources import config_dir
from gateway.rows import Rows, Stretch, columns_of
from gateway.site import Group, Site
from gateway.site.links import COMPACT
from gateway.wire import Eras, Message, messages, parse, stretch_messages
from simulators.plant.line import Plant as DemoPlant
from simulators.virtual import BEGINS_NS, reading

WINDOW_NS, STEP_NS = 1_000_000_000, 100_000_000
PUBACK = 4
WHO = Identity("demo", "gw1", "a3f09c5be1d27846")


@dataclass
class Total:
    """What went over the link."""

    bytes: int = 0
    values: int = 0
    messages: int = 0

    @property
    def each(self) -> float:
        """Bytes a value."""
        return self.bytes / self.values

    def add(self, message: Message) -> None:
        """A PUBLISH (MQTT 5, 3.3) and its PUBACK (3.4)."""
        body = 2 + len(message.topic.encode()) + 2 + 1 + len(message.payload)
        length = 1 + (body > 127) + (body > 16_383) + (body > 2_097_151)
        self.bytes += 1 + length + body + PUBACK
        self.messages += bool(message.seqs)


def once_a_second(seconds: int) -> tuple[Site, list[list[NumberedInput]]]:
    """The plant of equal groups, second by second."""
    plant = Plant(10, 20)
    return plant.site, [
        [each for each in some if isinstance(each.input, Reading)] for some in plant.seconds(seconds)
    ]


def demo(seconds: int) -> tuple[Site, list[list[NumberedInput]]]:
    """The demo's plant, each group polled as its site file says, a block a second."""
    site, plant, chance = load(config_dir() / "demo" / "site.yaml"), DemoPlant(1), np.random.default_rng(7)
    groups = [
        (device.name, group)
        for device in site.devices
        if device.name in plant.machines
        for group in device.groups
        if group.period_ns
    ]
    blocks: list[list[NumberedInput]] = []
    seq = 0
    for step in range(seconds * WINDOW_NS // STEP_NS):
        if step * STEP_NS % WINDOW_NS == 0:
            blocks.append([])
        plant.step(STEP_NS / 1e9)
        for device, group in groups:
            if step * STEP_NS % group.period_ns == 0:
                seq += 1
                since = step * STEP_NS + int(chance.integers(200_000, 6_000_000))  # late, as on a wire
                at = Instant(BEGINS_NS + since, since, 1)
                spread = int(chance.integers(300_000, 2_000_000))
                given = reading(group, plant.machines[device].signals, at)
                blocks[-1].append(
                    NumberedInput(seq, replace(given, spread_ns=spread, raw=words_of(group, given)))
                )
    return site, blocks


def words_of(group: Group, given: Reading) -> NDArray[np.uint16]:
    """The words that the device would have sent; a text is blank, as the plant has none."""
    parts = []
    for point, value in zip(group.points, given.values.tolist(), strict=True):
        field = point.field
        width = field.width
        if field.type == "string" or not math.isfinite(value):
            data = bytes(2 * width)
        elif field.type.startswith("float"):
            data = struct.pack(">f" if width == 2 else ">d", value)
        else:
            number = round((Fraction(value) - Fraction(field.bias)) / Fraction(field.scale))
            if field.mask is not None:
                number = number * (field.mask & -field.mask) & field.mask
            data = (number % 2 ** (16 * width)).to_bytes(2 * width, "big")
        places = [ord(letter) - 65 for letter in field.order or "ABCDEFGH"[: 2 * width]]
        if field.type != "string":
            data = bytes(data[place] for place in places)
        parts.append(np.frombuffer(data, ">u2"))
    return np.concatenate(parts).astype(np.uint16)


def measured(site: Site, blocks: list[list[NumberedInput]]) -> dict[str, Total]:
    """By name."""
    eras = Eras.of(site.groups())
    every = [each for block in blocks for each in block]
    values = sum(len(each.input.values) for each in every if isinstance(each.input, Reading))

    def live(plain: tuple[str, ...]) -> Iterator[Message]:
        for block in blocks:
            yield from messages(WHO, Block(tuple(block), ()), eras, plain)

    def backlog(plain: tuple[str, ...]) -> Iterator[Message]:
        for start in range(0, len(every), STRETCH):
            stretch = Stretch(tuple(columns_of(every[start : start + STRETCH])))
            yield from stretch_messages(WHO, stretch, eras, plain)

    def total(made: Iterable[Message]) -> Total:
        out, laid, back = Total(values=values), set[str](), list[tuple[str, Rows]]()
        for message in made:
            if message.topic in laid:
                continue
            if not message.seqs:
                laid.add(message.topic)
            out.add(message)
            if message.seqs:
                found = parse(message.topic, message.payload)
                back += [*found.columns, *columns_of(found.inputs)]
        compare(back, every)
        return out

    ways: dict[str, Callable[[], Iterator[Message]]] = {
        "live": lambda: live(()),
        "live JSON": lambda: live(COMPACT),
        "backlog": lambda: backlog(()),
        "backlog JSON": lambda: backlog(COMPACT),
    }
    return {name: total(way()) for name, way in ways.items()}


def compare(back: list[tuple[str, Rows]], every: list[NumberedInput]) -> None:
    """Everything came back, bit for bit."""
    parts: dict[str, list[Rows]] = {}
    for group, rows in back:
        parts.setdefault(group, []).append(rows)
    for group, rows in columns_of(every):
        joined = Rows.joined(sorted(parts[group], key=lambda part: int(part.seq[0])))
        assert np.array_equal(joined.raw, rows.raw)
        assert joined.canonical() == rows.canonical()


def rows_for(name: str, got: dict[str, Total]) -> list[Row]:
    """The table's part of one plant."""
    seen = "JSON elsewhere 68-76, Sparkplug 18"

    def row(way: str, limit: float) -> Row:
        mine, plain = got[way], got[f"{way} JSON"]
        per = mine.values / mine.messages
        what = f"{name}, {way}: bytes a value ({per:,.0f} values a message)"
        peer = f"{seen}; our JSON form {plain.each:.1f}"
        ratio = f"x {plain.each / mine.each:.1f}"
        return Row(what, peer, f"<= {limit:g}", f"{mine.each:.2f}", ratio, mine.each <= limit)

    return [row("live", 20), row("backlog", 2)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.link_bytes")
    parser.add_argument("--seconds", type=int, default=1200)
    given = parser.parse_args()
    print(machine())
    table = rows_for("20 tags a group at 1 Hz", measured(*once_a_second(given.seconds)))
    table += rows_for("the demo's plant", measured(*demo(given.seconds)))
    print_table(table)


if __name__ == "__main__":
    main()
