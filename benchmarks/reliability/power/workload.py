"""Some weeks of a journal's life in a second, by seed: commits, sealing, merging, retention, quota and restarts.

The log is folded back every few pages instead of every 4 MB, so that a short life has many checkpoints; all else is the
journal as it runs. What was committed is kept, commit by commit, to compare with.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reliability.power.recording import Recorder
from benchmarks.reliability.power.recovery import opened
from benchmarks.reliability.power.trace import Trace
from gateway.journal import database
from gateway.journal.merging import merge
from gateway.journal.pack import WINDOW_NS
from gateway.journal.retention import DAY_NS
from gateway.journal.sealing import seal
from gateway.model import (
    AlarmChanged,
    Block,
    ClockRow,
    Event,
    Input,
    Instant,
    LotChanged,
    Noted,
    NumberedEvent,
    NumberedInput,
    Reading,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.plain import to_plain
from gateway.ports import Watermark
from tests.unit.journal.plant import T0, Plant, config, key, make_group, make_site
from tests.unit.wire import samples

WAL_PAGES = 24
GROUPS = ("press1/fast", "dryer/slow")


@dataclass
class Life:
    """What was committed: after commit n the journal ends at `ends[n]`."""

    ends: list[Watermark] = field(default_factory=lambda: [Watermark()])
    inputs: list[object] = field(default_factory=list)  # as `key` compares them
    readings: set[int] = field(default_factory=set)  # seqs that retention may take
    events: list[NumberedEvent] = field(default_factory=list)
    snapshots: dict[int, bytes] = field(default_factory=dict)
    thinned: int = 0  # times
    cursors: set[Watermark] = field(default_factory=lambda: {Watermark()})


@contextmanager
def many_checkpoints() -> Iterator[None]:
    """A log that is folded back every few pages."""
    before = database.WAL_PAGES
    database.WAL_PAGES = WAL_PAGES
    try:
        yield
    finally:
        database.WAL_PAGES = before


class Living:
    """One life, as it is recorded."""

    def __init__(self, folder: Path, chance: random.Random, recorder: Recorder) -> None:
        self._folder, self._chance, self._recorder = folder, chance, recorder
        self.life = Life()
        self._plants = [Plant(chance.randrange(1 << 30), make_group(name)) for name in GROUPS]
        self._now_ns = T0
        self._journal = opened(folder)

    async def live(self, steps: int) -> None:
        """Begin, then `steps` things of every kind."""
        site = make_site(*(plant.group for plant in self._plants))
        clock = ClockRow(1, "boot", 5_000_000_000, T0 - 5_000_000_000, synchronised=True)
        begun = Setting("clock", Instant(T0, 5_000_000_000, 1), to_plain(clock))
        await self._commit([config(site, "h1"), begun], [])
        acts = (
            [self._record] * 12
            + [self._seal] * 3
            + [self._thin] * 2
            + [self._merge, self._expire, self._restart, self._cursor]
        )
        for _ in range(steps):
            await self._chance.choice(acts)()
        await self._seal()
        self._journal.close()

    async def _record(self) -> None:
        """A block: readings, scans, a tick, events."""
        chance = self._chance
        given: list[Input] = []
        for plant in chance.sample(self._plants, chance.randrange(len(self._plants) + 1)):
            given += [each.input for each in plant.readings(1, chance.randint(1, 12), self._now_ns, 60)]
        given.sort(key=lambda each: each.at.time_ns)
        self._now_ns += chance.choice((60, 600, 3_600, 86_400 // 3)) * 1_000_000_000
        at = Instant(self._now_ns, self._now_ns - T0 + 5_000_000_000, 1)
        if chance.random() < 0.5:
            given.append(Scan("gate", at, f"]C1LOT-{chance.randrange(99)}", rssi_dbm=-60.5))
        if not given:
            given.append(Tick(at))
        await self._commit(given, self._events(at))

    def _events(self, at: Instant) -> list[Event]:
        chance = self._chance
        told: list[Event] = []
        for _ in range(chance.choice((0, 0, 1, 2, 6))):
            number = chance.randrange(1000)
            told.append(
                chance.choice((
                    LotChanged(at.time_ns, f"L{number}", "opened", "hall/line1/press1", "product", "", ("R1",)),
                    AlarmChanged(at.time_ns, f"a{number}", 1, "active", "stale", Severity.ALARM, "t", "s", "call"),
                    Noted(at.time_ns, "gap", "gateway", Severity.INFO, {"seconds": number / 8}),
                    samples.batch(),
                ))
            )  # fmt: skip
        return told

    async def _commit(self, given: list[Input], told: list[Event]) -> None:
        life, last = self.life, self.life.ends[-1]
        inputs = tuple(NumberedInput(last.input + n, each) for n, each in enumerate(given, 1))
        events = tuple(NumberedEvent(last.event + n, last.input + 1, each) for n, each in enumerate(told, 1))
        end = Watermark(last.input + len(inputs), last.event + len(events))
        snapshot = b"state" * self._chance.randrange(1, 300) if self._chance.random() < 0.15 else None
        life.ends.append(end)  # before: what is on its way may be there
        life.inputs += [key(each) for each in inputs]
        life.readings.update(each.seq for each in inputs if isinstance(each.input, Reading))
        life.events += events
        if snapshot is not None:
            life.snapshots[end.input] = snapshot
        await self._journal.commit(Block(inputs, events, snapshot))
        self._recorder.promise(len(life.ends) - 1)

    async def _seal(self) -> None:
        for sealed in list(seal(self._folder, self._now_ns // WINDOW_NS)):
            await self._journal.put_sealed(sealed)

    async def _merge(self) -> None:
        await self._seal()
        for merged in list(merge(self._folder, self._now_ns // WINDOW_NS)):
            await self._journal.put_merged(merged)

    async def _expire(self) -> None:
        """Months later the oldest month goes."""
        self._now_ns += 20 * DAY_NS
        await self._merge()
        await self._journal.expire(self._now_ns - 31 * DAY_NS, self._now_ns, "age")

    async def _thin(self) -> None:
        """The quota is reached: the oldest readings become overviews."""
        await self._seal()
        if await self._journal.thin(self._chance.randrange(1, 9_000), self._now_ns) is not None:
            self.life.thinned += 1

    async def _restart(self) -> None:
        self._journal.close()
        self._journal = opened(self._folder)

    async def _cursor(self) -> None:
        last = self.life.ends[-1]
        self.life.cursors.add(last)
        await (self._journal.keep_cursor if self._chance.random() < 0.5 else self._journal.set_cursor)(
            "mqtt", last
        )


def recorded(folder: Path, chance: random.Random, steps: int) -> tuple[Trace, Life]:
    """A life in a new folder, and every write of it."""
    folder.mkdir()
    recorder = Recorder(folder)
    with many_checkpoints(), recorder.on() as trace:
        living = Living(folder, chance, recorder)
        asyncio.run(living.live(steps))
    return trace, living.life
