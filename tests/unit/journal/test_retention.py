"""Retention: whole months, told by a gap record; never by a wrong clock, and never what nobody else holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalReader
from gateway.journal.chunkfile import file_of
from gateway.journal.retention import DAY_NS, STORED
from gateway.journal.seal import CLOCK_STOOD_NS, Sealer
from gateway.journal.sealing import seal
from gateway.model import Block, ClockRow, Input, Instant, NumberedInput, Setting
from gateway.plain import to_plain
from gateway.ports import Watermark
from tests.unit.journal.plant import T0, Dice, Plant, config, make_site, same

JANUARY, FEBRUARY_NS, MARCH_NS = "2027-01", 1_801_440_000 * 10**9, 1_803_859_200 * 10**9


class Book:
    """A journal that inputs are put into as they come, sealed at once."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.plant = journal, Plant(1)
        self.clock_id = 0
        self.everything: list[NumberedInput] = []

    async def put(self, *given: Input) -> None:
        last = self.journal.last().input
        numbered = tuple(NumberedInput(last + n, each) for n, each in enumerate(given, 1))
        self.everything += numbered
        await self.journal.commit(Block(numbered, ()))

    async def clock(self, time_ns: int, *, synchronised: bool) -> None:
        self.clock_id += 1
        row = ClockRow(self.clock_id, "boot", 0, time_ns, synchronised)
        await self.put(Setting("clock", Instant(time_ns, 0, self.clock_id), to_plain(row)))

    async def readings(self, time_ns: int, count: int = 20) -> None:
        made = [each.input for each in self.plant.readings(1, count, time_ns)]
        stamped = [each for each in made if isinstance(each, type(made[0]))]
        for each in stamped:
            object.__setattr__(each, "at", each.at._replace(clock_id=self.clock_id))
        await self.put(*stamped)
        for sealed in await asyncio.to_thread(lambda: list(seal(self.journal.folder, 1 << 40))):
            await self.journal.put_sealed(sealed)


@asynccontextmanager
async def opened(folder: Path, clock: VirtualClock | None = None) -> AsyncIterator[Book]:
    def make() -> Journal:
        return Journal.open(
            folder, site="plant", gateway="gw1", clock=clock or VirtualClock(T0), entropy=Dice()
        )

    journal = await asyncio.to_thread(make)
    yield Book(journal)
    await asyncio.to_thread(journal.close)


def gaps_of(folder: Path) -> list[dict[str, object]]:
    with JournalReader(folder) as reader:
        return [dict(each) for each in reader.gaps()]


async def test_a_month_goes_and_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as book:
        await book.clock(T0, synchronised=True)
        await book.put(config(make_site(book.plant.group), "h1"))
        await book.readings(T0, 280)
        end = max(given.at.time_ns for _, given in book.everything)
        assert await book.journal.expire(FEBRUARY_NS - 1, 5, "retention") is None
        assert await book.journal.expire(FEBRUARY_NS, 5, "retention") == JANUARY
        assert not file_of(tmp_path, JANUARY).exists()
        assert same(await book.journal.inputs(1, 9_999), book.everything[:2]), "the settings stay"
        assert book.journal.last().input == len(book.everything)
        [gap] = await asyncio.to_thread(gaps_of, tmp_path)
        assert (gap["month"], gap["first_seq"], gap["last_seq"], gap["readings"]) == (JANUARY, 3, 282, 280)
        assert (gap["reason"], gap["removed_ns"], gap["t1"]) == ("retention", 5, end)
        everything = len(book.everything)
    file_of(tmp_path, JANUARY).write_bytes(b"left by a crash after the record")
    async with opened(tmp_path) as book:
        assert book.journal.last().input == everything, "numbers go on behind what retention took"
        assert not file_of(tmp_path, JANUARY).exists()


async def test_what_was_read_in_1970_is_young_once_the_clock_is_right(tmp_path: Path) -> None:
    async with opened(tmp_path) as book:
        await book.clock(0, synchronised=False)
        await book.put(config(make_site(book.plant.group), "h1", 0))
        await book.readings(60 * 10**9)
        await book.clock(T0, synchronised=True)
        await book.readings(T0)
        assert await book.journal.expire(T0 - 400 * DAY_NS, T0, "retention") is None
        # A year later: the clock row behind it says how old it is at least.
        later = T0 + 401 * DAY_NS
        assert await book.journal.expire(T0 + DAY_NS, later, "retention") == "1970-01"


async def test_a_month_read_under_a_clock_that_nobody_vouched_for_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as book:
        await book.clock(T0, synchronised=True)
        await book.readings(T0)
        await book.clock(T0 + 60 * 10**9, synchronised=False)
        await book.readings(T0 + 60 * 10**9)
        assert await book.journal.expire(MARCH_NS, MARCH_NS, "retention") is None
        await book.clock(FEBRUARY_NS + DAY_NS, synchronised=True)
        assert await book.journal.expire(MARCH_NS, MARCH_NS, "retention") == JANUARY


async def test_a_month_without_a_clock_row_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as book:
        await book.readings(T0)
        assert await book.journal.expire(MARCH_NS, MARCH_NS, "retention") is None


async def test_one_month_a_day_goes_at_most(tmp_path: Path) -> None:
    async with opened(tmp_path) as book:
        await book.clock(T0, synchronised=True)
        await book.readings(T0)
        await book.readings(FEBRUARY_NS)
        now = MARCH_NS + 3 * DAY_NS
        gone = [
            await book.journal.expire(MARCH_NS, now + hours * 3600 * 10**9, "r")
            for hours in (0, 1, 23, 24, 25)
        ]
    assert gone == [JANUARY, None, None, "2027-02", None]


async def test_what_nobody_else_holds_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as book:
        await book.clock(T0, synchronised=True)
        await book.readings(T0, 20)
        assert await book.journal.expire(MARCH_NS, MARCH_NS, "retention", held=20) is None
        assert await book.journal.expire(MARCH_NS, MARCH_NS, "retention", held=21) == JANUARY


@pytest.mark.parametrize(
    ("synchronised", "stood_s", "forwarded", "stored", "goes"),
    [
        (True, 3600, False, 0, True),
        (False, 3600, False, 0, False),
        (True, 3590, False, 0, False),
        (True, 3600, True, 20, False),
        (True, 3600, True, 21, True),
    ],
)
async def test_the_sealer_believes_a_confirmed_clock_that_stood_and_the_one_who_holds(
    tmp_path: Path, synchronised: bool, stood_s: int, forwarded: bool, stored: int, goes: bool
) -> None:
    clock = VirtualClock(T0 + 500 * DAY_NS, boottime_ns=0)
    async with opened(tmp_path, clock) as book:
        await book.clock(T0, synchronised=True)
        await book.readings(T0, 20)
        row = ClockRow(2, "virtual", 0, T0 + 500 * DAY_NS, synchronised)
        clock._row = row  # noqa: SLF001
        await book.put(Setting("clock", clock.now(), to_plain(row)))
        await book.journal.set_cursor(STORED, Watermark(stored))
        await clock.advance(stood_s)
        sealer = Sealer(book.journal, clock, forwarded=forwarded)
        assert (await sealer.expire() == JANUARY) is goes
    assert CLOCK_STOOD_NS == 3600 * 10**9


async def test_the_sealer_waits_for_a_clock_row_that_is_committed(tmp_path: Path) -> None:
    clock = VirtualClock(T0 + 500 * DAY_NS)
    async with opened(tmp_path, clock) as book:
        await book.clock(T0, synchronised=True)
        await book.readings(T0)
        clock.step_wall(1.0)  # row 2 is not journalled yet
        await clock.advance(7200)
        assert await Sealer(book.journal, clock).expire() is None
