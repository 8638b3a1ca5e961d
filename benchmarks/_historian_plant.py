"""The data of benchmarks/historian.py: 200 series at 1 Hz, as moulding machines and their auxiliaries give them.

Ten devices of twenty tags, each device polled once a second; a poll's answer comes some ms late (normal, sigma 6 ms;
one in a hundred up to 50 ms later), and its time is in whole ms. All tags of a poll share its time. Of the twenty tags

    5  temperatures   int16, tenths: a level that wanders and comes back, noise of 1.5 steps
    4  pressures      float32 of two decimals: the same, noise of 5 steps
    1  position       int32, hundredths, a saw-tooth of the machine's cycle with noise of 6 steps
    4  setpoints      int16 or float32, another recipe every half an hour to two hours
    3  counters       uint32: cycles, Wh, grams dosed; they only grow
    2  states         uint16 of 0..4, each held for 20 to 300 s
    1  bit field      uint16, one of eight bits flips once a minute

Every float is short in decimal, as transmitters of two decimals send it. Nothing here knows how it will be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Field
from gateway.model import Instant, NumberedInput, Reading, Setting
from gateway.plain import to_plain
from gateway.site import Bus, Device, Group, Point, Site

T0 = 1_757_980_800_000_000_000  # 2025-09-16 00:00 UTC: a database refuses what is yet to come
SECOND, MS = 1_000_000_000, 1_000_000
DEVICES = 10

Numbers = NDArray[np.float64]
Make = Callable[[np.random.Generator, int, int], Numbers]


def wandering(noise: float) -> Make:
    """Steps of the sensor: a walk that is drawn back to its level, and noise upon it."""

    def make(rng: np.random.Generator, rows: int, tag: int) -> Numbers:
        level, pulled = 200.0 + 2_000.0 * rng.random(), np.zeros(rows)
        at = 0.0
        for row, push in enumerate(rng.normal(0, 0.15, rows).tolist()):
            at += push - 0.001 * at
            pulled[row] = at
        return np.rint(level + 10 * tag + pulled + rng.normal(0, noise, rows))

    return make


def cycling(rng: np.random.Generator, rows: int, tag: int) -> Numbers:
    """Up and back again with each cycle of 20 to 30 s."""
    phase = np.cumsum(1 / rng.uniform(20, 30, rows)) % 1.0
    return np.rint(15_000 + tag + 9_000 * np.abs(2 * phase - 1) + rng.normal(0, 6, rows))


def recipes(rng: np.random.Generator, rows: int, tag: int) -> Numbers:
    """One of six, for half an hour to two hours."""
    choices = np.rint(rng.uniform(100, 3_000, 6)) + tag
    return held(rng, rows, choices, 1_800, 7_200)


def states(rng: np.random.Generator, rows: int, tag: int) -> Numbers:
    return held(rng, rows, np.arange(5.0) + 0 * tag, 20, 300)


def held(rng: np.random.Generator, rows: int, choices: Numbers, least: int, most: int) -> Numbers:
    lengths = rng.integers(least, most, rows // least + 2)
    return np.repeat(rng.choice(choices, len(lengths)), lengths)[:rows]


def counting(rng: np.random.Generator, rows: int, tag: int) -> Numbers:
    """By turns cycles, energy and mass; what each second adds."""
    begin = float(rng.integers(1_000, 3_000_000))
    if tag % 3 == 0:
        added: NDArray[np.generic] = rng.random(rows) < 1 / 25
    elif tag % 3 == 1:
        added = rng.poisson(5.0, rows)
    else:
        added = np.where(rng.random(rows) < 1 / 30, np.rint(rng.normal(1_200, 8, rows)), 0)
    return begin + np.cumsum(added, dtype=np.float64)


def flags(rng: np.random.Generator, rows: int, tag: int) -> Numbers:
    """Eight bits."""
    flipped = np.where(rng.random(rows) < 1 / 60, 1 << rng.integers(0, 8, rows), 0)
    return np.bitwise_xor.accumulate(flipped).astype(np.float64) + 0 * tag


@dataclass(frozen=True, slots=True)
class Kind:
    """Tags of one kind: how the device sends them and what they do, in steps of the sensor."""

    name: str
    field: Field
    count: int
    make: Make
    decimals: int = 0  # of the float that is sent


KINDS = (
    Kind("temperature", Field("int16", scale="0.1"), 5, wandering(1.5)),
    Kind("pressure", Field("float32"), 4, wandering(5.0), 2),
    Kind("position", Field("int32", scale="0.01"), 1, cycling),
    Kind("setpoint", Field("int16", scale="0.1"), 2, recipes),
    Kind("limit", Field("float32"), 2, recipes, 1),
    Kind("count", Field("uint32"), 3, counting),
    Kind("state", Field("uint16"), 2, states),
    Kind("flags", Field("uint16"), 1, flags),
)
FIELDS = tuple((f"{kind.name}{place}", kind) for kind in KINDS for place in range(kind.count))


class Stream:
    """One device: times, words and values of all its readings."""

    def __init__(self, device: int, rows: int, seed: int) -> None:
        rng = np.random.default_rng([seed, device])
        self.group = _group(device)
        layout = self.group.layout()
        late = np.abs(rng.normal(8, 6, rows)) + np.where(rng.random(rows) < 0.01, rng.uniform(0, 50, rows), 0)
        self.time_ns = T0 + np.arange(rows) * SECOND + device * 40 * MS + np.rint(late).astype(np.int64) * MS
        self.raw = np.zeros((rows, layout.words), np.uint16)
        for (_, kind), start, tag in zip(FIELDS, layout.starts, range(len(FIELDS)), strict=True):
            steps = kind.make(rng, rows, tag)
            if kind.field.type == "float32":
                numbers = (steps / 10**kind.decimals).astype(">f4").view(">u2").reshape(rows, 2)
                self.raw[:, start : start + 2] = numbers
            elif kind.field.width == 1:
                self.raw[:, start] = steps.astype(np.int64).astype(np.uint16)
            else:
                self.raw[:, start : start + 2] = steps.astype(">u4").view(">u2").reshape(rows, 2)
        self.values = layout.values(self.raw)
        self.quality = np.zeros((rows, len(FIELDS)), np.uint8)

    def reading(self, row: int) -> Reading:
        time_ns = int(self.time_ns[row])
        at = Instant(time_ns, time_ns - T0, 1)
        return Reading(self.group.id, at, 0, self.values[row], self.quality[row], self.raw[row])


class Plant:
    """All of it. `rows` for each series; 50,000 make ten million values."""

    def __init__(self, rows: int, seed: int = 5) -> None:
        self.rows = rows
        self.streams = [Stream(device, rows, seed) for device in range(DEVICES)]
        devices = tuple(
            Device(s.group.device, "bus1", "press", 1, f"hall/line1/{s.group.device}", (s.group,))
            for s in self.streams
        )
        self.site = Site("plant", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), devices)

    @property
    def values(self) -> int:
        return self.rows * DEVICES * len(FIELDS)

    def config(self) -> NumberedInput:
        setting = Setting("config", Instant(T0, 0, 1), {"site": to_plain(self.site), "hash": "bench"})
        return NumberedInput(1, setting)

    def seconds(self, first: int = 0, count: int | None = None) -> Iterator[list[NumberedInput]]:
        """Second after second what all devices answered; input 1 is the config."""
        last = self.rows if count is None else min(first + count, self.rows)
        for row in range(first, last):
            seq = 2 + row * DEVICES
            yield [NumberedInput(seq + n, each.reading(row)) for n, each in enumerate(self.streams)]


def _group(number: int) -> Group:
    device = f"press{number}"
    points = tuple(Point(name, f"hall/line1/{device}/{name}", kind.field) for name, kind in FIELDS)
    return Group(f"{device}/fast", device, SECOND, points, 10 * SECOND)
