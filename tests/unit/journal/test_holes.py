"""What a replica lacks: seen, asked for, given up; and how it is told from a journal."""

from __future__ import annotations

import asyncio

import pytest

from gateway.journal import JournalReader, Replica
from gateway.journal.holes import KnownLost
from gateway.journal.pack import WINDOW_NS
from gateway.journal.sealing import Sealed, seal
from gateway.model import (
    Identity,
    Instant,
    NumberedEvent,
    NumberedInput,
    Tick,
)
from gateway.ports import Watermark
from tests.unit.journal.plant import (
    T0,
    Plant,
    commit,
    config,
    make_site,
)
from tests.unit.journal.test_ledger import EVENTS

WHO = Identity("plant", "gw1", "e1")
LATE = T0 // WINDOW_NS + 1_000


def tick(seq: int) -> NumberedInput:
    return NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1)))


def sealed(journal, before: int = LATE) -> list[Sealed]:
    found = list(seal(journal.folder, before))
    for each in found:
        assert asyncio.run(journal.put_sealed(each))
    return found


def half_an_hour(journal) -> list[NumberedInput]:
    given = [NumberedInput(1, config(make_site(), "h1")), *Plant(1).readings(2, 30, step_s=60)]
    asyncio.run(commit(journal, given))
    return given


def test_a_hole_is_gone_where_any_of_it_that_is_missing_is(folder) -> None:
    with Replica.open(folder, WHO) as replica:
        replica.store([tick(1), tick(10)], [])
        replica.holes.see([("input", 2, 9)], 5)
        replica.store([tick(4), tick(5), tick(6)], [])
        assert replica.holes.gone("input", 4, 6, "removed", 7) == []
        assert replica.holes.gone("event", 2, 9, "removed", 7) == []
        assert replica.holes.gone("input", 10, 12, "removed", 7) == []
        assert replica.holes.gone("input", 1, 1, "removed", 7) == []
        assert [each.first for each in replica.holes.gone("input", 6, 7, "removed", 7)] == [2]
        assert replica.holes.gone("input", 2, 9, "removed", 8) == []
        assert [each.gone for each in replica.holes.gone("input", 3, 3, "beyond", 9)] == ["removed"]
        [hole] = replica.holes.open()
        assert (hole.gone, hole.gone_ns, hole.seen_ns, hole.asked) == ("beyond", 9, 5, 0)
        replica.holes.asked([hole], 11)
        replica.holes.asked([hole], 12)
        assert [(each.asked, each.asked_ns) for each in replica.holes.open()] == [(2, 12)]


def test_a_hole_grows_at_its_end_and_closes_when_nothing_is_missing(folder) -> None:
    with Replica.open(folder, WHO) as replica:
        replica.store([tick(1)], [])
        replica.holes.see([("input", 2, 3)], 5)
        replica.holes.see([("input", 4, 6), ("event", 4, 6)], 6)
        assert [(each.stream, each.first, each.last) for each in replica.holes.open()] == [
            ("event", 4, 6),
            ("input", 2, 6),
        ]
        replica.store([tick(seq) for seq in range(2, 7)], [])
        replica.holes.see([("input", 7, 8)], 9)  # the one before it is filled: this is another one
        assert [(each.first, each.last) for each in replica.holes.open()] == [(4, 6), (7, 8)]
    with JournalReader(folder) as reader:
        assert [(each.first, each.closed_ns) for each in reader.holes(closed=True)] == [
            (2, 9),
            (4, None),
            (7, None),
        ]
        assert [each.first for each in reader.holes()] == [4, 7]
        assert reader.known_lost() == []


def test_what_is_given_up_is_missing_no_more_and_stored_when_it_comes(folder) -> None:
    with Replica.open(folder, WHO) as replica:
        replica.store([tick(1), tick(5)], [])
        replica.holes.see([("input", 2, 4)], 5)
        for first, last in ((2, 5), (1, 2), (4, 3), (6, 6)):
            with pytest.raises(
                ValueError, match=rf"^input {first}\.\.{last}: not all are missing; open gaps: 2\.\.4$"
            ):
                replica.lose(KnownLost("input", first, last, "17", "burnt", 9))
        with pytest.raises(ValueError, match=r"open gaps: none$"):
            replica.lose(KnownLost("event", 1, 1, "17", "burnt", 9))
        replica.lose(KnownLost("input", 2, 3, "17", "burnt", 9))
        assert (replica.watermark(), replica.missing()["input"]) == (Watermark(3, 0), [(4, 4)])
        assert replica.store([tick(3)], []).inputs == [(3, 3)]
        assert replica.known_lost() == {"input": [(2, 2)], "event": []}
        assert replica.store([tick(4)], []).inputs == [(4, 4)]
        assert replica.watermark() == Watermark(5, 0)
    with Replica.open(folder, WHO) as replica:
        assert (replica.watermark(), replica.last()) == (Watermark(5, 0), Watermark(5, 0))
        assert [each.reason for each in replica.holes.lost()] == ["burnt"]


def test_a_replica_remembers_how_far_others_are(folder) -> None:
    with Replica.open(folder, WHO) as replica:
        assert replica.cursor("influx") == Watermark(0, 0)
        replica.set_cursor("influx", Watermark(7, 2))
        replica.set_cursor("other", Watermark(1, 1))
        assert replica.cursor("influx") == Watermark(7, 2)
    with Replica.open(folder, WHO) as replica:
        assert replica.cursor("influx") == Watermark(7, 2)
    with JournalReader(folder) as reader:
        assert reader.cursors() == {"influx": Watermark(7, 2), "other": Watermark(1, 1)}


def test_who_reads_knows_a_replica_from_a_journal_and_what_each_holds(journal, tmp_path) -> None:
    given = half_an_hour(journal)
    asyncio.run(commit(journal, [], [NumberedEvent(1, 0, EVENTS[0])]))
    with Replica.open(tmp_path / "r", journal.identity) as replica:
        replica.store([given[0], *given[5:9]], [])
    with JournalReader(journal.folder) as reader:
        assert reader.replica is False
        assert {name: held.intervals() for name, held in reader.held().items()} == {
            "input": [(1, 31)],
            "event": [(1, 1)],
        }
        columns = reader.stretch(3, 40)
        assert (columns.seqs(), columns.others) == (list(range(3, 32)), ())
    with JournalReader(tmp_path / "r") as reader:
        assert reader.replica is True
        assert {name: held.intervals() for name, held in reader.held().items()} == {
            "input": [(1, 1), (6, 9)],
            "event": [],
        }
    assert asyncio.run(journal.stretch(1, 2)).seqs() == [1, 2]


def test_a_journal_of_nothing_holds_nothing(journal) -> None:
    with JournalReader(journal.folder) as reader:
        assert {name: held.intervals() for name, held in reader.held().items()} == {"input": [], "event": []}
        assert (reader.span(), reader.last(), reader.last_event_ns()) == (None, Watermark(), 0)
