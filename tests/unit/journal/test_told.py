"""What people and pages ask a journal for beside readings: who did what, what came of it, which lots were where."""

from __future__ import annotations

import asyncio

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.history import PAGE
from gateway.journal.lots import Window
from gateway.model import (
    ClockRow,
    Entry,
    Identity,
    Instant,
    LotChanged,
    Noted,
    NumberedEvent,
    NumberedInput,
    Scan,
    Setting,
    Severity,
    Tick,
)
from gateway.plain import to_plain
from tests.unit.journal.plant import T0, Plant, commit, config, make_site

PRESS, PACK = "hall/line1/press1", "hall/line1/pack"


def at(place: int, clock_id: int = 1) -> Instant:
    return Instant(T0 + place, place, clock_id)


def scan(seq: int) -> NumberedInput:
    return NumberedInput(seq, Scan("gate", at(seq), f"L{seq}"))


def entry(seq: int, **body: str) -> NumberedInput:
    return NumberedInput(seq, Entry("acknowledge", at(seq), "17", body))


def note(seq: int, cause: int, time_ns: int, kind: str = "told") -> NumberedEvent:
    return NumberedEvent(seq, cause, Noted(time_ns, kind, "gate", Severity.INFO, {}))


def numbers(found) -> list[int]:
    return [each.seq for each in found]


@pytest.fixture
def told(journal, folder):
    """Commits, then reads."""
    readers = []

    def commit_and_read(inputs, events=()) -> JournalReader:
        asyncio.run(commit(journal, inputs, events))
        readers.append(JournalReader(folder))
        return readers[-1]

    yield commit_and_read
    for each in readers:
        each.close()


def test_scans_and_entries_by_time(told) -> None:
    reader = told([scan(1), NumberedInput(2, Tick(at(2))), entry(3), scan(4), scan(5)])
    assert numbers(reader.others_between(T0 + 1, T0 + 5, ["Scan", "Entry"])) == [1, 3, 4]
    assert numbers(reader.others_between(T0 + 2, T0 + 6, ["Scan"])) == [4, 5]


@pytest.mark.long
def test_scans_are_paged_through(told) -> None:
    many = [scan(seq) for seq in range(1, PAGE + 2)]
    assert list(told(many).others_between(T0, T0 + 2**40, ["Scan"])) == many


def test_the_newest_entries_and_those_before(told) -> None:
    reader = told([entry(1), scan(2), entry(3), entry(4)])
    assert numbers(reader.entries()) == [4, 3, 1]
    assert numbers(reader.entries(before=4)) == [3, 1]
    assert numbers(reader.entries(most=2)) == [4, 3]


def test_what_an_input_caused_in_its_instant(told) -> None:
    events = [note(1, 1, T0 + 1), note(2, 1, T0 + 2), note(3, 2, T0 + 2), note(4, 2, T0 + 2)]
    reader = told([scan(1), scan(2)], events)
    assert numbers(reader.caused_by(scan(1))) == [1]
    assert numbers(reader.caused_by(scan(2))) == [3, 4]


def test_events_of_a_kind_behind_a_number(told) -> None:
    events = [note(seq, 0, T0 + seq, "odd" if seq % 2 else "even") for seq in range(1, 8)]
    reader = told([scan(1)], events)
    assert numbers(reader.events_of(0, ["odd"])) == [1, 3, 5, 7]
    assert numbers(reader.events_of(3, ["odd"])) == [5, 7]
    assert numbers(reader.events_of(5, ["odd", "even"])) == [6, 7]


def test_the_newest_event_is_that_of_the_latest_time(told) -> None:
    assert told([scan(1)]).last_event_ns() == 0
    assert told([scan(2)], [note(1, 0, T0 + 9), note(2, 0, T0 + 3)]).last_event_ns() == T0 + 9


def test_clocks_that_nobody_vouches_for(told) -> None:
    rows = [ClockRow(1, "b", 0, T0, synchronised=False), ClockRow(2, "b", 5, T0, synchronised=True)]
    given = [
        NumberedInput(seq, Setting("clock", at(seq, row.clock_id), to_plain(row)))
        for seq, row in enumerate(rows, 1)
    ]
    assert told(given).unsynchronised() == {1}


def test_a_clock_row_comes_back_whole(journal) -> None:
    rows = [ClockRow(4, "b", 7, T0, synchronised=False), ClockRow(5, "c", 8, T0 + 1, synchronised=True)]
    given = [
        NumberedInput(seq, Setting("clock", at(seq, row.clock_id), to_plain(row)))
        for seq, row in enumerate(rows, 1)
    ]
    asyncio.run(commit(journal, given))
    assert [asyncio.run(journal.clock_row(each)) for each in (4, 5, 6)] == [*rows, None]


def test_an_act_is_known_once_it_is_committed(journal) -> None:
    asyncio.run(commit(journal, [entry(1, act="a-1")]))
    assert asyncio.run(journal.acted("a-1"))
    assert not asyncio.run(journal.acted("a-2"))


def moved(seq: int, time: int, lot: str, change: str, cell: str = PRESS) -> NumberedEvent:
    return NumberedEvent(seq, 0, LotChanged(T0 + time, lot, change, cell, "product", lot))


def test_which_lots_were_at_a_cell_in_a_span(told) -> None:
    events = [
        moved(1, 10, "L1", "opened"),
        moved(2, 20, "L2", "opened"),
        moved(3, 20, "L1", "closed"),
        moved(4, 25, "L1", "opened", PACK),
        moved(5, 5, "L2", "opened"),  # told late
        moved(6, 30, "L2", "closed"),
    ]
    reader = told([scan(1)], events)
    one = ("L1", Window(PRESS, "product", T0 + 10, T0 + 20))
    other = ("L1", Window(PACK, "product", T0 + 25, None))
    two = ("L2", Window(PRESS, "product", T0 + 5, T0 + 30))
    assert list(reader.lot_windows(T0, T0 + 99)) == [one, other, two]
    assert list(reader.lot_windows(T0 + 20, T0 + 25)) == [two], "until is not in it, and neither is the end"
    assert list(reader.lot_windows(T0 + 19, T0 + 26)) == [one, other, two]
    assert list(reader.lot_windows(T0, T0 + 5)) == []
    assert list(reader.lot_windows(T0 + 30, T0 + 40)) == [other]


def test_a_replica_says_how_many_chunks_it_made(folder) -> None:
    minutes = 60_000_000_000
    with Replica.open(folder, Identity("plant", "gw1", "abc123")) as replica:
        replica.store([NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 60, step_s=25)], [])
        assert [replica.seal(T0 + at * minutes) for at in (9, 10, 30, 30)] == [0, 1, 2, 0]
        assert replica.seal(T0 + 1_500 * minutes) == 0, "merged ones are not new"
