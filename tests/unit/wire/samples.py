"""A small site with a point of every type, and records of every kind."""

from __future__ import annotations

import numpy as np

from gateway.layout import Field
from gateway.model import (
    AlarmChanged,
    Block,
    Change,
    Composition,
    Entry,
    Identity,
    Ingredient,
    Instant,
    LotChanged,
    LotMade,
    Noted,
    NumberedEvent,
    NumberedInput,
    Quality,
    Reading,
    Scan,
    Setting,
    Severity,
    Signal,
    Tick,
)
from gateway.plain import to_plain
from gateway.site import Broker, Bus, Device, Group, Point, Site

T0 = 1_700_000_000_000_000_000  # in the past of any machine: databases refuse the future
IDENTITY = Identity("north", "gw1", "e5f1")
CELL = "hall/line1/press1"
FIELDS = {
    "melt_temp": Field("float32", order="CDAB"),
    "cushion": Field("int16", scale="0.01"),
    "door": Field("bit"),
    "shots": Field("uint32"),
    "serial": Field("int64"),
    "mould": Field("string", words=4),
    "mode": Field("uint16", mask=0x0F00),
    "energy": Field("float64"),
}
POINTS = tuple(Point(name, f"{CELL}/{name}", field, "holding", uom="") for name, field in FIELDS.items())
GROUP = Group("press1/fast", "press1", 100_000_000, POINTS, 5_000_000_000)
LAYOUT = GROUP.layout()


def site(broker: Broker | None = None) -> Site:
    bus = Bus("plc", "modbus.tcp", "127.0.0.1:502")
    device = Device("press1", "plc", "press", 1, CELL, (GROUP,))
    return Site("north", "gw1", (bus,), (device,), cells=(CELL,), broker=broker)


def at(seq: int) -> Instant:
    return Instant(T0 + seq * 100_000_000 + seq % 7, 5_000_000_000 + seq * 100_000_000, 1)


def words(seed: int) -> np.ndarray:
    melt = np.array([210.0 + seed / 7], dtype=">f4").view(">u2")[::-1]
    serial = np.array([2**53 + 1 + 2 * seed], dtype=">i8").view(">u2")
    mould = np.frombuffer(f"M-{seed % 1000:03d}\0\0\0".encode(), dtype=">u2")[:4]
    energy = np.array([0.1 + seed * 1e-9], dtype=">f8").view(">u2")
    shots = np.array([70_000 + seed], dtype=">u4").view(">u2")
    return np.concatenate(
        [melt, [235 + seed % 100], [seed % 2], shots, serial, mould, [(seed % 16) << 8], energy]
    ).astype(np.uint16)


def reading(seq: int, *, bad: tuple[int, ...] = (), group: str = GROUP.id) -> Reading:
    raw = words(seq)
    values = LAYOUT.values(raw)
    quality = np.zeros(len(POINTS), dtype=np.uint8)
    for index in bad:
        quality[index] = Quality.CORRUPT
        values[index] = np.nan
        raw[LAYOUT.owner == index] = 0
    return Reading(group, at(seq), 1_200_000, values, quality, raw)


def config(seq: int = 1) -> NumberedInput:
    return NumberedInput(seq, Setting("config", at(seq), {"site": to_plain(site()), "hash": "h1"}))


def inputs(first: int, last: int) -> list[NumberedInput]:
    """Readings, with a tick every tenth."""
    return [
        NumberedInput(seq, Tick(at(seq)) if seq % 10 == 0 else reading(seq, bad=(1,) if seq % 5 == 0 else ()))
        for seq in range(first, last + 1)
    ]


def alarm(seq: int, version: int, state: str, name: str = "a/7 +#") -> NumberedEvent:
    return NumberedEvent(
        seq,
        seq,
        AlarmChanged(
            T0 + seq,
            name,
            version,
            state,
            "signal",
            Severity.ALARM,
            f"{CELL}/melt_temp",
            "melt-temp",
            "Check the nozzle heater.",
            lots=("R-7",),
            facts={"rules": ["WE1"], "share": 0.25},
        ),
    )


def batch() -> LotMade:
    """Solved both ways, with a share too small to be kept apart."""
    return LotMade(
        T0,
        "B/7",
        "batch",
        CELL,
        100.0,
        0.5,
        (Ingredient("P-1", 75.0, 0.25, "fifo"), Ingredient("P-2", 25.0, 0.25, "mixed")),
        Composition(
            ("P-1", "P-2"),
            ((0.75, 0.25), (0.625, 0.374999)),
            (0.003, 0.003),
            (0.0, 1e-6),
            ((0.8, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0.9, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
            0.004,
            (0.05, 0.06),
            0.001,
        ),
        facts={"order": "4711"},
    )


def every_kind() -> Block:
    """One record of every kind, and readings of two groups, one of them unknown to the config."""
    given = [
        config(1),
        NumberedInput(2, Scan("gate1", at(2), "]C101\x1d04\xff", "]C1", "seen", 2, -61.5)),
        NumberedInput(3, Entry("acknowledge", at(3), "17", {"alarm": "a/7 +#", "cause": "heater"})),
        NumberedInput(4, Tick(at(4))),
        NumberedInput(5, reading(5)),
        NumberedInput(6, reading(6, bad=(0, 2, 4, 5))),
        NumberedInput(7, reading(7, group="ghost/fast")),
        NumberedInput(8, Tick(at(8))),
        NumberedInput(9, reading(9)),
    ]
    told = [
        NumberedEvent(
            1,
            5,
            Signal(
                T0,
                "melt-temp",
                f"{CELL}/melt_temp",
                "ewma",
                "",
                ("WE1",),
                1.5,
                1.0,
                0.5,
                np.inf,
                -3.25,
                ("R-7",),
                "Cel",
                Change(T0 - 9, T0 - 12, T0 - 5, 4, -1.5, None, "down"),
                ("R-6", "R-7"),
                1e4,
                "plan v3",
                "5b1c",
            ),
        ),
        alarm(2, 1, "active"),
        NumberedEvent(3, 2, LotChanged(T0, "R/7", "opened", CELL, "material", "]C101", ("P-1", "P-2"))),
        NumberedEvent(
            4, 0, Noted(T0, "poll_overrun", "plc", Severity.WARNING, {"late_ms": 12.5, "names": ["a"]})
        ),
        NumberedEvent(5, 2, batch()),
    ]
    return Block(tuple(given), tuple(told))
