"""What a reader asks at the edges: one record, the oldest first by time, the last time, lots of a smaller tree."""

from __future__ import annotations

import asyncio

import pytest

from gateway.journal import JournalReader
from gateway.model import AlarmChanged, Instant, NumberedEvent, NumberedInput, Reading, Severity, Tick
from tests.unit.journal.genealogy import shop
from tests.unit.journal.plant import HOUR_NS, T0, Plant, commit, config, make_site
from tests.unit.journal.test_edges_of_pages import merged, sealed


def tick(seq: int) -> NumberedInput:
    return NumberedInput(seq, Tick(Instant(T0 + seq, seq, 1)))


def alarm(seq: int, name: str, time_ns: int) -> NumberedEvent:
    changed = AlarmChanged(time_ns, name, 1, "active", "stale", Severity.ALARM, "t", "s", "call")
    return NumberedEvent(seq, 0, changed)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_journal_holds_all_up_to_its_last(journal, count) -> None:
    if count:
        events = [alarm(seq, f"a{seq}", T0) for seq in range(1, count + 1)]
        asyncio.run(commit(journal, [tick(seq) for seq in range(1, count + 1)], events))
    with JournalReader(journal.folder) as reader:
        held = {stream: found.intervals() for stream, found in reader.held().items()}
    runs = [(1, count)] if count else []
    assert held == {"input": runs, "event": runs}


def test_alarms_come_by_their_time_and_not_by_their_number(journal) -> None:
    """A clock that was set back: what was told later is of an earlier time."""
    told = [("a", T0 + 5), ("b", T0 + 1), ("c", T0 + 5), ("d", T0 + 3)]
    events = [alarm(seq, name, time_ns) for seq, (name, time_ns) in enumerate(told, 1)]
    asyncio.run(commit(journal, [tick(1)], events))
    with JournalReader(journal.folder) as reader:
        assert [each.alarm for each in reader.alarms()] == ["b", "d", "a", "c"]


def test_the_last_reading_is_found_in_a_day_that_begins_before_what_came_late(journal) -> None:
    plant = Plant(1)
    day = plant.readings(2, 15, step_s=3_600)  # 08:00 to 22:00, one chunk
    asyncio.run(commit(journal, [NumberedInput(1, config(make_site(plant.group), "h1")), *day]))
    sealed(journal)
    assert merged(journal) == 1
    asyncio.run(commit(journal, plant.readings(17, 1, T0 + 5 * HOUR_NS)))
    times = [each.input.at.time_ns for each in day if isinstance(each.input, Reading)]
    for _ in range(2):  # the late one not sealed, and sealed
        with JournalReader(journal.folder) as reader:
            assert reader.span() == (times[0], times[-1])
        sealed(journal)


def test_a_state_that_was_kept_before_any_config_names_none(journal) -> None:
    asyncio.run(commit(journal, [tick(1)], snapshot=b"state"))
    found = journal.recover()
    assert (found.snapshot, found.snapshot_seq) == (b"state", 1)
    assert (found.snapshot_config_hash, found.config_hash) == (None, None)


def test_lots_are_proven_only_by_a_tree_that_holds_their_leaf(journal) -> None:
    """Four lots a block; a tree of n leaves holds leaves 0 to n - 1."""
    events = shop().events
    for block in range(3):
        asyncio.run(commit(journal, [tick(block + 1)], events[4 * block : 4 * block + 4]))
    with JournalReader(journal.folder) as reader:
        for size in range(1, 5):
            proofs = list(reader.ledger.prove_lots(range(1, 13), size, reader.many_lots()))
            assert [each.seq for each in proofs] == list(range(1, 4 * (size - 1) + 1))
            assert all(each.leaf.n < size for each in proofs)
