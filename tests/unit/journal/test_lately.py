"""The newest scan of each scan point, and how long the gateway ran after it."""

from __future__ import annotations

import sqlite3

import pytest

from gateway.journal import lately
from gateway.journal.database import NAME
from gateway.journal.errors import JournalError
from gateway.model import Instant, NumberedInput, Scan, Setting, Tick
from tests.unit.journal.plant import T0, Plant, commit

S = 1_000_000_000


def at(seconds: float) -> Instant:
    return Instant(T0 + round(seconds * S), round(seconds * S), 1)


def scan(seq: int, seconds: float, point: str, code: str, symbology: str = "") -> NumberedInput:
    return NumberedInput(seq, Scan(point, at(seconds), code, symbology))


def start(seq: int, seconds: float, stopped: float | None) -> NumberedInput:
    stopped_ns = None if stopped is None else at(stopped).time_ns
    return NumberedInput(seq, Setting("start", at(seconds), {"stopped_ns": stopped_ns, "version": "1"}))


async def told(journal) -> dict[str, tuple[str, float]]:
    found = await journal.last_scans()
    return {point: (last.scan.symbology + last.scan.code, last.ran_ns / S) for point, last in found.items()}


async def test_an_empty_journal_knows_none(journal) -> None:
    assert await told(journal) == {}


async def test_the_newest_of_each_point_however_old(journal) -> None:
    inputs = [
        start(1, 0, None),
        scan(2, 1, "bag", "B-1"),
        scan(3, 2, "box", "A-1"),
        scan(4, 3, "box", "A-2", "]C1"),
    ]
    await commit(journal, [*inputs, NumberedInput(5, Tick(at(4)))])
    assert await told(journal) == {"bag": ("B-1", 3), "box": ("]C1A-2", 1)}


async def test_readings_after_the_scan_say_how_long_the_gateway_ran(journal) -> None:
    await commit(journal, [scan(1, 0, "box", "A-1"), NumberedInput(2, Plant().reading(T0 + 7 * S))])
    assert await told(journal) == {"box": ("A-1", 7)}


async def test_time_away_does_not_count_however_often_it_restarted(journal) -> None:
    await commit(journal, [start(1, 0, None), scan(2, 10, "box", "A-1"), NumberedInput(3, Tick(at(10.5)))])
    assert await told(journal) == {"box": ("A-1", 0.5)}
    await commit(journal, [start(4, 60, 10.5), NumberedInput(5, Tick(at(60.25)))])
    await commit(journal, [start(6, 3_600, 60.25)])
    assert await told(journal) == {"box": ("A-1", 0.75)}
    await commit(journal, [scan(7, 3_601, "box", "A-2")])
    assert await told(journal) == {"box": ("A-2", 0)}


async def test_it_does_not_search_the_whole_past(journal, monkeypatch) -> None:
    monkeypatch.setattr(lately, "LOOKED_AT", 3)
    await commit(journal, [scan(1, 0, "bag", "B-1"), scan(2, 1, "box", "A-1"), *ticks(3, 2)])
    assert await told(journal) == {"box": ("A-1", 1.5)}


async def test_a_row_that_is_no_scan_is_told_as_the_journals_fault(journal) -> None:
    await commit(journal, [scan(1, 0, "bag", "B-1")])
    with sqlite3.connect(journal.folder / NAME) as db:
        db.execute("UPDATE inputs SET body = '{\"point\": 1'")
    with pytest.raises(JournalError):
        await journal.last_scans()


def ticks(first: int, count: int) -> list[NumberedInput]:
    return [NumberedInput(first + n, Tick(at(2 + n / 2))) for n in range(count)]
