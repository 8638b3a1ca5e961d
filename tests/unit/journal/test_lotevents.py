"""Events about lots, page by page: each once, in the order of time, with the time of the input that caused it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.journal.lotevents import FIRST, LotEvents
from gateway.model import Instant, LotChanged, Noted, NumberedEvent, NumberedInput, Severity, Signal, Tick
from tests.unit.journal.genealogy import HOUR, shop
from tests.unit.journal.plant import T0, commit, open_journal
from tests.unit.wire import samples

END = T0 + 1_000 * HOUR
SIGNAL = next(each.event for each in samples.every_kind().events if isinstance(each.event, Signal))


@pytest.fixture
def told(tmp_path) -> Iterator[tuple[LotEvents, list[NumberedEvent]]]:
    """Twelve lots an hour apart; with each something that is about no lot; a hold, a scan, a new version, a signal."""
    made, events = shop(), list[NumberedEvent]()

    def tell(event, cause: int = 0) -> None:
        events.append(NumberedEvent(len(events) + 1, cause, event))

    for each in made.events:
        tell(each.event, 1 if not events else 0)
        tell(Noted(each.event.time_ns, "gap", "gateway", Severity.INFO, {}))
    tell(Noted(T0 + HOUR, "lot_held", "B1", Severity.WARNING, {}), 2)
    tell(LotChanged(T0, "L1", "opened", "hall/line1/press1", "product", "]C1L1", ("R1",)), 2)
    tell(made.again("B2", [("R1", 20.0), ("R2", 20.0)]))
    tell(replace(SIGNAL, time_ns=T0 + 50 * HOUR, tag="a/b", contributions={"c/d": 1.0}))
    with open_journal(tmp_path) as journal:
        inputs = [NumberedInput(seq, Tick(Instant(T0 + seq * 7, seq, 1))) for seq in (1, 2)]
        asyncio.run(commit(journal, inputs, events))
    view = LotEvents(tmp_path)
    yield view, events
    view.close()


def about_lots(events: list[NumberedEvent]) -> list[NumberedEvent]:
    mine = [
        each
        for each in events
        if getattr(each.event, "kind", "") != "gap" and each.event.__class__ is not Signal
    ]
    return sorted(mine, key=lambda each: (each.event.time_ns, each.seq))


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 1_000])
def test_pages_of_any_length_give_each_event_once(told, rows) -> None:
    view, events = told
    found, after = [], FIRST
    while after is not None:
        page, after = view.look(after, END, rows)
        found += [each.numbered for each in page]
    assert found == about_lots(events)


def test_a_span_of_time_has_its_begin_and_not_its_end(told) -> None:
    view, events = told
    for low, high in ((T0 + HOUR, T0 + 3 * HOUR), (T0, T0), (T0 + HOUR, T0 + HOUR + 1)):
        expected = [each for each in about_lots(events) if low <= each.event.time_ns < high]
        assert [each.numbered for each in view.between(low, high)] == expected


def test_each_says_when_its_cause_was_taken_and_else_its_own_time(told) -> None:
    view, events = told
    recorded = {each.numbered.seq: each.recorded_ns for each in view.between(0, END)}
    for seq, cause, event in about_lots(events):
        assert recorded[seq] == (T0 + cause * 7 if cause else event.time_ns)


def test_by_number_only_what_is_about_lots_comes(told) -> None:
    view, events = told
    mine = sorted(each.seq for each in about_lots(events))
    assert [each.numbered.seq for each in view.numbered_between(1, 99)] == mine
    assert [each.numbered.seq for each in view.numbered([5, 2, 1, 99])] == [5, 1]


def test_which_events_name_a_lot_as_itself_as_part_or_as_held(told) -> None:
    view, events = told
    b1 = [
        seq
        for seq, _, event in events
        if getattr(event, "lot", "") == "B1"
        or getattr(event, "subject", "") == "B1"
        or any(edge.lot == "B1" for edge in getattr(event, "inputs", ()))
    ]
    assert view.of_lots(["B1"]) == b1
    assert len(b1) == 4  # made, ground, boxed, held
    several = [f"no{n}" for n in range(60)] + ["B1", "L1"]
    assert view.of_lots(several) == sorted({*b1, 26})
    assert view.of_lots(["nowhere"]) == []


def test_of_a_lot_its_kind_and_what_a_version_amends(told) -> None:
    view, events = told
    assert (view.kind("B2"), view.kind("P1"), view.kind("nowhere")) == ("batch", "pallet", "")
    first = next(each for each in events if getattr(each.event, "lot", "") == "B2")
    assert view.amended("B2", 2, 27) == first
    assert view.amended("B2", 1, 27) is None
    assert view.amended("B2", 2, first.seq) is None


def test_tags_with_a_special_cause_in_a_span(told) -> None:
    view, _ = told
    at = T0 + 50 * HOUR
    assert view.signalled(T0, at) == set()
    assert view.signalled(at, at + 1) == {"a/b", "c/d"}
