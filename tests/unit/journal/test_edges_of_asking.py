"""What a reader asks at the edges: one record, the oldest first by time, the last time, lots of a smaller tree."""

from __future__ import annotations

import asyncio

import pytest

from gateway.journal import JournalReader
from gateway.journal.pack import WINDOW_NS
from gateway.model import AlarmChanged, Instant, NumberedEvent, NumberedInput, Reading, Severity, Tick
from tests.unit.journal.genealogy import shop
from tests.unit.journal.plant import HOUR_NS, T0, Plant, commit, config, make_site
from tests.unit.journal.test_edges_of_pages import merged, sealed
from tests.unit.journal.test_thinning import COUNT, HOURS, LEVEL, filled, thin


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


def test_a_day_in_one_chunk_is_found_by_its_last_window(journal) -> None:
    """From midnight to ten minutes before the next one: 144 windows, the most that are made one."""
    plant, midnight = Plant(1), T0 + 16 * HOUR_NS
    day = [*plant.readings(2, 1, midnight), *plant.readings(3, 1, midnight + 24 * HOUR_NS - WINDOW_NS)]
    asyncio.run(commit(journal, [NumberedInput(1, config(make_site(plant.group), "h1")), *day]))
    sealed(journal)
    assert merged(journal) == 1
    with JournalReader(journal.folder) as reader:
        found = reader.readings(LEVEL, midnight + 24 * HOUR_NS - WINDOW_NS, midnight + 24 * HOUR_NS)
    assert found.time_ns.tolist() == [each.input.at.time_ns for each in day[1:]]


def test_a_long_chunk_is_found_by_number_also_when_shorter_ones_were_sealed_later(journal) -> None:
    plant = Plant(1)
    for given in (plant.readings(1, 10), plant.readings(11, 1, T0 + HOUR_NS)):
        asyncio.run(commit(journal, given))
        assert sealed(journal) == 1
    with JournalReader(journal.folder) as reader:
        for seq in range(1, 12):
            assert [each.seq for each in reader.inputs(seq, seq)] == [seq]


def test_what_was_thinned_is_counted_once_wherever_a_span_is_cut(tmp_path) -> None:
    """An overview is where its middle is: in the span that begins there, and not in the one that ends there."""
    end = T0 + 3 * HOUR_NS
    with filled(tmp_path) as journal, JournalReader(tmp_path) as reader:
        assert thin(journal) == (2, 1 + COUNT)
        times = [each.input.at.time_ns for each in HOURS[0]]
        middle = times[0] + (times[-1] - times[0]) // 2
        for cut in (middle - 1, middle, middle + 1):
            parts = [reader.readings(LEVEL, *span, 2) for span in ((T0, cut), (cut, end))]
            counts = [int((part.count + part.bad).sum()) for part in parts]
            assert counts == ([COUNT, 2 * COUNT] if cut > middle else [0, 3 * COUNT]), cut - middle
