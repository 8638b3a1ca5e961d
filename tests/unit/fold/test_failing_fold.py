"""An input that breaks the fold is kept, told and harmless: now, at every replay, and after the program was mended."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from gateway.fold import Fold, pack_state, unpack_state
from gateway.folding.groupfold import GroupFold
from gateway.model import Input, Instant, Noted, Setting, Tick
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from tests.unit.fold.line import point, reading, scan, site, start

SITE = site([point("x")], other=[point("y")])


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings of 13 break a room."""
    whole = GroupFold.step

    def step(self, state, shared, given):
        if given.values[0] == 13:
            raise ZeroDivisionError("13")
        return whole(self, state, shared, given)

    monkeypatch.setattr(GroupFold, "step", step)


HISTORY: list[Input] = [start(0), *(reading(n, 13.0) for n in range(1, 10)), reading(10, 5.0), scan(11, "A")]


@pytest.mark.usefixtures("poisoned")
def test_it_is_kept_as_it_came_and_told_ever_more_rarely() -> None:
    fold = Fold(Pipeline(SITE))
    steps = [fold.take(given) for given in HISTORY]
    assert [step.record for step in steps[1:10]] == HISTORY[1:10]
    told = [event for step in steps for event in step.events if isinstance(event, Noted)]
    assert [(event.kind, event.subject, event.facts["times"]) for event in told] == [
        ("fold_failed", "press1/fast", times) for times in (1, 2, 4, 8)
    ]
    assert fold.state.groups["press1/fast"].heard_ns == HISTORY[10].at.boottime_ns


@pytest.mark.usefixtures("poisoned")
def test_the_records_give_the_same_again_also_from_a_snapshot() -> None:
    fold = Fold(Pipeline(SITE))
    steps = [fold.take(given) for given in HISTORY]
    records = [step.record for step in steps if step.record is not None]
    assert len(records) == len(steps)
    for cut in range(len(steps)):
        again = Fold(Pipeline(SITE))
        for record in records[:cut]:
            again.take(record)
        again = Fold(Pipeline(SITE), unpack_state(pack_state(again.state)))
        events = [to_plain(again.take(record).events) for record in records[cut:]]
        assert events == [to_plain(step.events) for step in steps[cut:]]
        assert json.dumps(to_plain(again.state)) == json.dumps(to_plain(fold.state))


@pytest.mark.usefixtures("poisoned")
def test_a_run_that_begins_tells_it_anew() -> None:
    fold = Fold(Pipeline(SITE))
    for given in HISTORY:
        fold.take(given)
    fold.take(start(20))
    (told,) = fold.take(reading(21, 13.0)).events
    assert isinstance(told, Noted)
    assert told.facts["times"] == 1


def test_a_tick_that_breaks_it_is_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = Fold(Pipeline(SITE))
    fold.take(start(0))

    def silent(*_: object) -> bool:
        raise RuntimeError("no")

    monkeypatch.setattr(GroupFold, "silent", silent)
    first, *later = [fold.take(Tick(Instant(n, n, 1))) for n in range(4)]
    assert first.record is not None
    assert [event.kind for event in first.events if isinstance(event, Noted)] == ["fold_failed"]
    assert all(step.record is None and not step.events for step in later)


def test_a_config_that_no_longer_makes_sense_leaves_the_one_before_in_force() -> None:
    fold = Fold(Pipeline(SITE))
    fold.take(start(0))
    before = fold.pipeline
    step = fold.take(Setting("config", Instant(1, 1, 1), {"site": {"planets": []}, "hash": "h"}))
    assert [event.kind for event in step.events if isinstance(event, Noted)] == ["fold_failed"]
    assert fold.pipeline is before
    assert fold.take(reading(2, 1.0)).record is not None


def test_a_snapshot_of_rows_that_compile_to_others_now_is_adopted() -> None:
    """A new program may make other states of the same rows: what does not fit begins anew, nothing breaks."""
    old = Fold(Pipeline(SITE))
    for given in (start(0), reading(1, 5.0), scan(2, "A")):
        old.take(given)
    quality = replace(old.state.groups["press1/fast"].quality, believed=np.zeros(7))
    group = replace(old.state.groups["press1/fast"], about="of another program", quality=quality)
    state = replace(old.state, about="of another program", groups={"press1/fast": group})
    fold = Fold(Pipeline(SITE), unpack_state(pack_state(state)))
    assert set(fold.state.groups) == {"press1/fast", "press1/slow"}
    assert fold.take(reading(3, 6.0)).events == ()
    assert fold.state.lots.product
