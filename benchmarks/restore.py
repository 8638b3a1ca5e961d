"""Killed at any sample and restored: the same signals? python -m benchmarks.restore [--kills N] [--seed N]

A plant's life is drawn at random: six of seventeen rows of a plan over all kinds of samples (readings, periods, shots,
lots, subgroups, growth of totalizers, several tags), changeovers, stops of the machine, bad and doubtful values, late
scans, drifts that give signals, acknowledgements, corrections, restarts. It is folded once without a break. Then it
is folded again and killed over and over, at inputs drawn at random: the fold is thrown away, its newest snapshot (taken
some inputs before, as a journal has it) is read back from its bytes by a new program, what came after the snapshot is
folded again, and life goes on. Every event of both must be the same, also those of inputs that were folded twice, and
the state at the end must be the same to the byte.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks._table import Row, machine, print_table
from gateway.fold import Fold, pack_state, unpack_state
from gateway.layout import Field
from gateway.model import (
    AlarmChanged,
    Entry,
    Event,
    Input,
    Instant,
    Noted,
    Plain,
    Reading,
    Scan,
    Setting,
    Signal,
    Tick,
)
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from gateway.site import (
    AlarmLimit,
    Bus,
    Characteristic,
    Design,
    Device,
    Group,
    LimitsVersion,
    Point,
    Sampling,
    ScanPoint,
    Site,
    When,
)

KILLS = 10_000
PER_LIFE, ROWS, INPUTS = 250, 6, 1_000  # of one life: kills, rows of the plan, inputs
BEHIND = 4  # a snapshot is up to so many inputs old when the kill comes
S, WALL_NS = 1_000_000_000, 1_800_000_000_000_000_000
CELL = "hall/line1/press1"
FAST = ("x", "y", "z", "shots", "rejects", "state")


def site(seed: int) -> Site:
    """One press, its values read ten times as often as its recipe; some of its rows."""
    shots, short = f"{CELL}/shots", {"baseline": 12}
    given = {"center": 50.0, "sigma": 1.0}
    grown = Sampling("time", 5 * S, take="difference")
    learning = Design(200.0, 0.9, "h", 5.0, ((12, 7.0), (50, 6.0), (500, 5.2)))
    versions = tuple(
        LimitsVersion(
            n, WALL_NS + n * 400 * S, {"center": 50.0 + n / 10, "sigma": 1.0}, "17", 100, f"hash{n}"
        )
        for n in (1, 2)
    )
    key, counted = (f"{CELL}/recipe",), Sampling("counter", counter=shots)
    runs = When(f"{CELL}/state", ("2",), 5 * S)

    def row(kind: str, params: Mapping[str, Plain], tag: str = "x", **more: Any) -> Characteristic:
        name = f"c{next(number)}-{kind}"
        options = {"key": key, "sampling": Sampling(), **more}
        return Characteristic(name, f"{CELL}/{tag}", kind, params, reaction="look", **options)

    number = itertools.count()
    every = (
        row("imr", given, rules=("WE1", "WE2", "WE3", "WE4", "N3", "N8", "MR")),
        row("imr", {}, limits=versions, key=(), sampling=Sampling()),
        row("imr", given, sampling=Sampling(size=3, on_change="keep"), when=runs),
        row("ewma", short, sampling=counted, when=runs),
        row("cusum", given, sampling=Sampling("time", 3 * S)),
        row("cusum", short, design=learning),
        row("multi-cusum", given),
        row("residual", {"baseline": 40}),
        row("short-run", given, sampling=Sampling("lot"), key=()),
        row("self-starting-cusum", {}, "y"),
        row("xbar-r", short, "y", sampling=Sampling(size=4, on_change="keep"), rules=("WE1", "WE4", "R")),
        row("xbar-s", short, "y", sampling=Sampling(size=3)),
        row("t2", {"baseline": 30}, tags=(f"{CELL}/y", f"{CELL}/z")),
        row("mewma", {"baseline": 30}, tags=(f"{CELL}/w",)),
        row("pca", {"baseline": 30}, tags=(f"{CELL}/y", f"{CELL}/z"), when=runs),
        row("p", {"center": 0.05}, "rejects", tags=(shots,), sampling=grown),
        row("c", short, "rejects", sampling=grown, key=()),
    )
    chosen = np.sort(np.random.default_rng(seed).choice(len(every), ROWS, replace=False))
    fast = tuple(
        Point(name, f"{CELL}/{name}", Field(_kind(name)), high=90.0 if name == "x" else None) for name in FAST
    )
    slow = tuple(Point(name, f"{CELL}/{name}", Field(_kind(name))) for name in ("recipe", "w"))
    groups = (
        Group("press1/fast", "press1", S, fast, 4 * S),
        Group("press1/slow", "press1", 10 * S, slow, 25 * S),
    )
    device = Device("press1", "net", "press", 1, CELL, groups)
    points = (ScanPoint("box", CELL, "open"), ScanPoint("hopper", CELL, "open", "material"))
    limits = (AlarmLimit(f"{CELL}/x", "HH", 56.0, 1.0, "stop", on_delay_ns=2 * S, off_delay_ns=3 * S),)
    bus = Bus("net", "modbus.tcp", "127.0.0.1:502")
    return Site("plant", "gw1", (bus,), (device,), points, tuple(every[i] for i in chosen), limits)


def _kind(name: str) -> str:
    return "float32" if name in ("x", "y", "z", "w") else "uint32"


class Life:
    """Inputs of one life, drawn one by one; those of people need what the fold has told so far."""

    def __init__(self, seed: int, rows: tuple[Characteristic, ...]) -> None:
        self._rng, self._rows = np.random.default_rng(seed), [row.id for row in rows]
        self._now, self._shots, self._rejects, self._recipe, self._state = 0, 0, 0, 1, 2
        self._shift = np.zeros(3)
        self._alarms: list[str] = []
        self._times: list[int] = []

    def heard(self, events: tuple[Event, ...]) -> None:
        """The alarms that people see."""
        self._alarms += [event.alarm for event in events if isinstance(event, AlarmChanged)]

    def inputs(self, number: int) -> Iterator[Input]:
        """That many, the start first."""
        yield Setting("start", self._at(), {"stopped_ns": None})
        yield self._slow()
        for n in range(2, number):
            self._now += int(self._rng.choice([S // 2, S, S, S, 2 * S]))
            yield self._slow() if n % 10 == 0 else self._drawn()

    def _drawn(self) -> Input:
        what = self._rng.random()
        if what < 0.90:
            return self._fast()
        if what < 0.93:
            return Tick(self._at())
        if what < 0.95:
            back = int(self._rng.choice([0, 0, 20 * S]))
            point, code = str(self._rng.choice(["box", "hopper"])), f"L{self._rng.integers(1000)}"
            return Scan(point, Instant(WALL_NS + max(self._now - back, 0), self._now, 1), code)
        if what < 0.995:
            return self._person()
        return Setting("start", self._at(), {"stopped_ns": WALL_NS + self._now - S, "stopped_seconds": 1.0})

    def _person(self) -> Entry:
        alarm = self._alarms[-int(self._rng.integers(1, 9)) :][0] if self._alarms else "none"
        kind = str(self._rng.choice(["acknowledge", "acknowledge", "shelve", "correct"]))
        if kind == "acknowledge":
            said = str(self._rng.choice(["assignable", "false", "unknown"]))
            return Entry(kind, self._at(), "17", {"alarm": alarm, "cause_class": said})
        if kind == "shelve":
            return Entry(kind, self._at(), "17", {"alarm": alarm, "for_s": 20.0, "reason": "known"})
        body: dict[str, Plain] = {
            "characteristic": str(self._rng.choice(self._rows)), "key": str(self._recipe), "reason": "slip",
            "time_ns": int(self._rng.choice(self._times[-200:] or [0])), "value": 50.0,
        }  # fmt: skip
        return Entry(kind, self._at(), "17", body)

    def _fast(self) -> Reading:
        rng = self._rng
        if rng.random() < 0.02:
            self._shift = np.where(self._shift != 0, 0.0, rng.choice([-2.0, 0.0, 1.0, 4.0], 3))
        self._shots += int(rng.choice([0, 1, 1, 2]))
        self._rejects += int(rng.random() < (0.3 if self._shift[0] else 0.05))
        if rng.random() < 0.01:
            self._state = 2 if self._state == 0 else 0
        if rng.random() < 0.002:
            self._shots = self._rejects = 0
        x, y, z = np.array([50.0, 20.0, 5.0]) + rng.standard_normal(3) + self._shift
        values = np.array([x, y, 0.8 * y + z, self._shots, self._rejects, self._state])
        quality = np.where(rng.random(len(FAST)) < 0.02, rng.choice([0x41, 0x81]), 0).astype(np.uint8)
        self._times.append(WALL_NS + self._now)
        words = sum(Field(_kind(name)).width for name in FAST)
        good = np.where(quality >= 0x80, np.nan, values)
        return Reading("press1/fast", self._at(), 0, good, quality, np.zeros(words, dtype=np.uint16))

    def _slow(self) -> Reading:
        if self._rng.random() < 0.05:
            self._recipe = int(self._rng.integers(1, 5))
        values, quality = np.array([self._recipe, self._rng.standard_normal()]), np.zeros(2, dtype=np.uint8)
        return Reading("press1/slow", self._at(), 0, values, quality, np.zeros(4, dtype=np.uint16))

    def _at(self) -> Instant:
        return Instant(WALL_NS + self._now, self._now, 1)


def _told(events: tuple[Event, ...]) -> bytes:
    return orjson.dumps(to_plain(events))


def whole(made_for: Site, seed: int) -> tuple[list[Input], list[bytes], Fold, dict[str, int]]:
    """One life without a break: its inputs, what each told, the fold at the end, and how many signals by chart.

    Raises RuntimeError where the fold itself failed.
    """
    fold, life = Fold(Pipeline(made_for)), Life(seed, made_for.characteristics)
    inputs, told, signals = list[Input](), list[bytes](), dict[str, int]()
    for given in life.inputs(INPUTS):
        events = fold.take(given).events
        life.heard(events)
        inputs.append(given)
        told.append(_told(events))
        for event in events:
            if isinstance(event, Noted) and event.kind == "fold_failed":
                raise RuntimeError(f"{event.subject}: {event.facts['error']}")
            if isinstance(event, Signal):
                signals[event.chart] = signals.get(event.chart, 0) + 1
    return inputs, told, fold, signals


def killed(
    made_for: Site, lived: tuple[list[Input], list[bytes], Fold], kills: int, seed: int
) -> tuple[int, int]:
    """The same life, killed so many times: inputs that told otherwise, and states that were not the same again."""
    inputs, told, end = lived
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.choice(np.arange(1, len(inputs)), kills, replace=False)).tolist()
    fold, at, differ, torn = Fold(Pipeline(made_for)), 0, 0, 0
    snapshot, taken = pack_state(fold.state), 0
    for cut in [*cuts, len(inputs)]:
        save = max(cut - int(rng.integers(0, BEHIND + 1)), at)
        for n in range(at, cut):
            if n == save:
                snapshot, taken = pack_state(fold.state), n
            differ += _told(fold.take(inputs[n]).events) != told[n]
        if save == cut:
            snapshot, taken = pack_state(fold.state), cut
        state = unpack_state(snapshot)
        torn += pack_state(state) != snapshot
        fold = Fold(Pipeline(made_for), state)  # a new program: nothing compiled or cached of the old one
        for n in range(taken, cut):
            differ += _told(fold.take(inputs[n]).events) != told[n]
        at = cut
    return differ, torn + (pack_state(fold.state) != pack_state(end.state))


def measured(kills: int, seed: int) -> list[Row]:
    """The row of this figure, and what was in it."""
    done = differ = torn = number = events = 0
    signals: dict[str, int] = {}
    before = time.process_time()
    while done < kills:
        part = min(PER_LIFE, kills - done)
        made_for = site(seed + number)
        inputs, told, end, spoke = whole(made_for, seed + number)
        other, broken = killed(made_for, (inputs, told, end), part, seed + 1_000_003 * (number + 1))
        differ, torn, done, number = differ + other, torn + broken, done + part, number + 1
        events += sum(each != b"[]" for each in told)
        for chart, count in spoke.items():
            signals[chart] = signals.get(chart, 0) + count
    charts = ", ".join(f"{chart} {count}" for chart, count in sorted(signals.items()))
    return [
        Row(
            f"{done:,} kills at random inputs of {number} lives, restored",
            "none tested",
            "the same signals",
            f"{differ} of {events:,} inputs with events told otherwise, {torn} states differ",
            reached=not differ and not torn,
        ),
        Row("... signals", "", "", f"{sum(signals.values()):,}: {charts}"),
        Row("... CPU", "", "", f"{time.process_time() - before:.0f} s"),
    ]


def run(data: Path | None = None) -> list[Row]:
    """The rows of this figure."""
    del data
    return measured(KILLS, 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restore")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(machine())
    print_table(measured(given.kills, given.seed))


if __name__ == "__main__":
    main()
