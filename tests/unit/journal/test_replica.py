"""A replica takes records in any order, any number of times, and knows what it lacks."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.journal import JournalReader, Replica
from gateway.journal.arrivals import New
from gateway.journal.errors import JournalBusy, JournalForeign
from gateway.model import (
    AlarmChanged,
    Identity,
    LotChanged,
    NumberedEvent,
    NumberedInput,
    Reading,
    Severity,
)
from gateway.ports import Watermark
from gateway.rows import columns_of
from tests.unit.journal.plant import T0, Plant, config, make_site, same

WHO = Identity("plant", "gw1", "abc123")


def alarm(seq: int, version: int, state: str) -> NumberedEvent:
    return NumberedEvent(
        seq, 1, AlarmChanged(T0 + seq, "a1", version, state, "k", Severity.ALARM, "t", "s", "call")
    )


def lot(seq: int, change: str, at: int, parents: tuple[str, ...] = ()) -> NumberedEvent:
    return NumberedEvent(seq, 1, LotChanged(T0 + at, "L1", change, "a/l/c", "product", "]C1L1", parents))


INPUTS = [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 120)]
EVENTS = [
    lot(1, "opened", 0, ("P1",)),
    alarm(2, 1, "active"),
    alarm(3, 2, "acknowledged"),
    lot(4, "linked", 5, ("P2", "P1")),
    alarm(5, 3, "returned"),
    lot(6, "closed", 9),
]


def store(
    replica: Replica, inputs: list[NumberedInput], events: list[NumberedEvent], *, columnar: bool
) -> New:
    """Some records; the readings among them as columns, as they come in compact messages, if so wanted."""
    if not columnar:
        return replica.store(inputs, events)
    others = [each for each in inputs if not isinstance(each.input, Reading)]
    columns = []
    for each in inputs:  # each row a message of its own, some of them twice
        columns += columns_of([each])
    return replica.store(others, events, columns)


@pytest.mark.long
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 60), reopen=st.booleans())
def test_any_order_gives_the_same_replica(tmp_path_factory, seed, size, reopen) -> None:
    folder = tmp_path_factory.mktemp("replica")
    dice = random.Random(seed)
    records: list[tuple[str, Any]] = [("input", each) for each in INPUTS]
    records += [("event", each) for each in EVENTS]
    records += dice.choices(records, k=40)  # sent again
    dice.shuffle(records)
    got: set[tuple[str, int]] = set()
    replica = Replica.open(folder, WHO)
    for start in range(0, len(records), size):
        part = records[start : start + size]
        inputs = [record for stream, record in part if stream == "input"]
        events = [record for stream, record in part if stream == "event"]
        stored = store(replica, inputs, events, columnar=dice.random() < 0.5)
        runs = [("input", stored.inputs), ("event", stored.events)]
        new = {(name, seq) for name, some in runs for low, high in some for seq in range(low, high + 1)}
        assert not new & got
        assert len(new) == sum(stored.records())
        got |= new
        assert got >= {(stream, record.seq) for stream, record in part}
        for stream in ("input", "event"):
            held = {seq for name, seq in got if name == stream}
            gaps = {seq for low, high in replica.missing()[stream] for seq in range(low, high + 1)}
            assert gaps == set(range(1, max(held, default=0) + 1)) - held
        if reopen:
            before = replica.missing(), replica.watermark(), replica.last()
            replica.close()
            replica = Replica.open(folder, WHO)
            assert (replica.missing(), replica.watermark(), replica.last()) == before
    assert replica.watermark() == replica.last() == Watermark(len(INPUTS), len(EVENTS))
    replica.close()
    with JournalReader(folder) as reader:
        assert same(list(reader.inputs(1, 999)), INPUTS)
        assert list(reader.events(1, 999)) == EVENTS
        assert [(each.version, each.state) for each in reader.alarms()] == [(3, "returned")]
        found = reader.lot("L1")
        assert found is not None
        assert [change.change for change in found.changes] == ["opened", "linked", "closed"]
        assert (found.parents, found.children) == (("P1", "P2"), ())
        assert [(each.since_ns, each.until_ns) for each in found.windows] == [(T0, T0 + 9)]
        parent = reader.lot("P1")
        assert parent is not None
        assert (parent.children, parent.changes) == (("L1",), ())
        assert reader.held()["input"].intervals() == [(1, len(INPUTS))]


def test_what_is_missing_up_to_a_head(folder) -> None:
    with Replica.open(folder, WHO) as replica:
        replica.store(INPUTS[2:5], [])
        assert replica.missing(Watermark(8, 2)) == {"input": [(1, 2), (6, 8)], "event": [(1, 2)]}
        assert replica.watermark() == Watermark(0, 0)
        assert replica.last() == Watermark(5, 0)


def test_nothing_of_a_failed_store_is_kept(folder) -> None:
    with Replica.open(folder, WHO) as replica:
        replica.store(INPUTS[:2], [])
        broken = NumberedEvent(
            1,
            1,
            AlarmChanged(T0, "a", 1, "s", "k", Severity.INFO, "", "", "", (), {"n": 1j}),  # type: ignore[dict-item]
        )
        with pytest.raises(TypeError):
            replica.store(INPUTS, [broken])
        assert replica.watermark() == Watermark(2, 0)
        assert replica.store(INPUTS, []).inputs == [(3, 121)]


def test_a_number_that_two_claim_is_kept_once(folder) -> None:
    (group, rows), *_ = columns_of(INPUTS)
    (reading,) = [each.input for each in INPUTS if each.seq == rows.seq[0]]
    with Replica.open(folder, WHO) as replica:
        stored = replica.store([], [], [(group, rows), ("liar/fast", rows), (group, rows)])
        assert sum(stored.records()) == len(rows)
        taken = NumberedInput(int(rows.seq[0]) + 1_000, reading)
        liars = replace(rows, seq=rows.seq + 1_000)
        again = replica.store([taken], [], [(group, liars)])
        assert sum(again.records()) == len(rows)
        assert again.inputs[0][0] == taken.seq
    with JournalReader(folder) as reader:
        assert {each.input.group for each in reader.inputs(1, 9_999) if isinstance(each.input, Reading)} == {
            group
        }


def test_numbers_begin_at_one(folder) -> None:
    with Replica.open(folder, WHO) as replica, pytest.raises(ValueError, match="begin at 1"):
        replica.store([NumberedInput(0, INPUTS[0].input)], [])


def test_one_writer_and_one_identity(folder) -> None:
    with Replica.open(folder, WHO), pytest.raises(JournalBusy):
        Replica.open(folder, WHO)
    with pytest.raises(JournalForeign):
        Replica.open(folder, Identity("plant", "gw1", "another"))
