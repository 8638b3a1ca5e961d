"""A small site, readings of it, and journals in a temporary folder."""

from __future__ import annotations

import random

import numpy as np

from gateway.clock import VirtualClock
from gateway.journal import Journal
from gateway.layout import Field
from gateway.model import BAD_FROM, Block, Instant, NumberedInput, Reading, Setting
from gateway.plain import to_plain
from gateway.site import Bus, Device, Group, Point, Site

HOUR_NS = 3_600_000_000_000
T0 = 1_800_000_000_000_000_000  # 2027-01-15 08:00 UTC; on a window's edge
FIELDS = {
    "temp": Field("float32", order="CDAB"),
    "count": Field("uint32"),
    "level": Field("int16", scale="0.1"),
    "open": Field("bit"),
    "name": Field("string", words=3),
}


class Dice:
    """Entropy that repeats."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token(self, nbytes: int) -> bytes:
        return self._random.randbytes(nbytes)

    def uniform(self) -> float:
        return self._random.random()


def make_group(name: str = "press1/fast", fields: dict[str, Field] = FIELDS) -> Group:
    device = name.split("/", maxsplit=1)[0]
    points = tuple(Point(word, f"hall/line1/{device}/{word}", field) for word, field in fields.items())
    return Group(name, device, 1_000_000_000, points, 10_000_000_000)


def make_site(*groups: Group) -> Site:
    devices = tuple(
        Device(group.device, "bus1", "press", 1, f"hall/line1/{group.device}", (group,))
        for group in groups or (make_group(),)
    )
    return Site("plant", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), devices)


def config(site: Site, name: str, time_ns: int = T0) -> Setting:
    return Setting("config", Instant(time_ns, time_ns - T0, 1), {"site": to_plain(site), "hash": name})


class Plant:
    """Makes numbered readings, one a second, with noise that a seed fixes; some are bad."""

    def __init__(self, seed: int = 1, group: Group | None = None) -> None:
        self.group = group or make_group()
        self.layout = self.group.layout()
        self._rng = np.random.default_rng(seed)

    def reading(self, time_ns: int, bad: int | None = None) -> Reading:
        raw = self._rng.integers(0, 100, self.layout.words).astype(np.uint16)
        for index, field in enumerate(self.layout.fields):
            if field.type == "string":
                raw[self.layout.owner == index] += 0x4141  # letters
        quality = np.zeros(len(self.layout.fields), np.uint8)
        if bad is not None:
            quality[bad] = 0x81
            raw[self.layout.owner == bad] = 0
        values = self.layout.values(raw)
        values[quality >= BAD_FROM] = np.nan
        at = Instant(time_ns, time_ns - T0 + 5_000_000_000, 1)
        return Reading(self.group.id, at, int(self._rng.integers(0, 9_000)), values, quality, raw)

    def readings(self, first_seq: int, count: int, t0: int = T0, step_s: int = 1) -> list[NumberedInput]:
        step = step_s * 1_000_000_000
        jitter = self._rng.integers(0, 1_000_000, count).tolist()
        return [
            NumberedInput(
                first_seq + n,
                self.reading(t0 + n * step + jitter[n], n % len(self.layout.fields) if n % 7 == 3 else None),
            )
            for n in range(count)
        ]


def readings_in(inputs: list[NumberedInput], t0: int, t1: int) -> list[Reading]:
    """The readings with t0 <= time < t1."""
    return [given for _, given in inputs if isinstance(given, Reading) and t0 <= given.at.time_ns < t1]


def same(one: list[NumberedInput], other: list[NumberedInput]) -> bool:
    """Equal record by record, arrays and their types included."""
    return [key(each) for each in one] == [key(each) for each in other]


def key(numbered: NumberedInput) -> object:
    """Something that compares as the record should: nan equals nan, float32 does not equal float64."""
    seq, given = numbered
    if not isinstance(given, Reading):
        return seq, given
    arrays = [(array.dtype.str, array.shape, array.tobytes()) for array in (given.quality, given.raw)]
    return (
        seq,
        given.group,
        given.at,
        given.spread_ns,
        [repr(value) for value in given.values.tolist()],
        arrays,
    )


def open_journal(folder, clock=None, seed=1) -> Journal:
    return Journal.open(
        folder, site="plant", gateway="gw1", clock=clock or VirtualClock(), entropy=Dice(seed)
    )


async def commit(journal: Journal, inputs, events=(), snapshot=None) -> None:
    await journal.commit(Block(tuple(inputs), tuple(events), snapshot))
