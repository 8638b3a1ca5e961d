"""The fold's laws, on drawn histories: replay, snapshots, ticks, and a state that never changes under one's hands."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from gateway.folding.foldstate import State
from gateway.model import ClockRow, Entry, Input, Instant, Noted, Quality, Reading, Scan, Setting
from gateway.pipeline import Pipeline
from gateway.plain import from_plain, to_plain
from gateway.site import AlarmLimit, Anomaly, Sampling, Site
from tests.unit.fold.line import (
    CELL,
    Run,
    S,
    acknowledge,
    at,
    characteristic,
    kinds,
    point,
    reading,
    scan,
    site,
    start,
    tick,
)


def busy_site() -> Site:
    """Every room of the fold has something to do."""
    counter, short = f"{CELL}/shots", {"baseline": 3}
    rows = [
        characteristic("plain", "x"),
        characteristic("own-limits", "x", "ewma", params=short, key=("recipe",)),
        characteristic("shots", "x", "cusum", sampling=Sampling("counter", counter=counter)),
        characteristic("groups", "x", sampling=Sampling(size=3, on_change="keep"), key=("recipe",)),
        characteristic("lots", "x", "ewma", params=short, sampling=Sampling("lot")),
        characteristic("grid", "x", "cusum", sampling=Sampling("time", period_ns=3 * S)),
    ]
    points = [
        point("x", low=0.0, high=90.0, max_rate=20.0, frozen_after_ns=6 * S),
        point("shots", "uint16"),
        point("recipe", "uint16"),
    ]
    made = site(points, rows, [AlarmLimit(f"{CELL}/x", "H", 55.0, 1.0, "")], other=[point("y")], stale_s=4)
    anomaly = Anomaly(1e5, S, ("x",), off_delay_ns=4 * S)  # any surprise is an alarm
    return replace(made, devices=(replace(made.devices[0], anomaly=anomaly),))


SITE = busy_site()
PIPELINE = Pipeline(SITE)
FEWER = settings(max_examples=settings().max_examples // 7)  # a history is forty inputs
VALUES = strategies.sampled_from([50.0, 50.4, 49.5, 51.0, 53.8, 57.0, 95.0, -1.0, 500.0])
QUALITIES = strategies.sampled_from([0, 0, 0, 0, 0, int(Quality.NO_ANSWER), int(Quality.UNSTABLE)])


@strategies.composite
def histories(draw) -> list[Input]:
    inputs: list[Input] = [start(0)]
    now, shots = 0.0, 0
    for _ in range(draw(strategies.integers(1, 40))):
        now += draw(strategies.sampled_from([0.5, 1.0, 1.0, 2.5, 6.0]))
        match draw(strategies.sampled_from(["read"] * 8 + ["slow", "tick", "scan", "ack", "start"])):
            case "read":
                shots += draw(strategies.sampled_from([0, 1, 1, 4]))
                recipe = draw(strategies.sampled_from([1, 1, 1, 2]))
                inputs.append(
                    reading(now, draw(VALUES), shots, recipe, quality=[draw(QUALITIES), 0, draw(QUALITIES)])
                )
            case "slow":
                inputs.append(reading(now, draw(VALUES), group="press1/slow"))
            case "tick":
                inputs.append(tick(now))
            case "scan":
                place = draw(strategies.sampled_from(["box", "hopper", "hopper-out", "nowhere"]))
                back = draw(strategies.sampled_from([0.0, 0.0, 5.0]))
                inputs.append(
                    scan(max(now - back, 0.0), draw(strategies.sampled_from(["A", "B", "R"])), place)
                )
            case "ack":
                inputs.append(acknowledge(now, "alarm"))
            case "start":
                inputs.append(start(now, stopped=now - 0.25))
    return inputs


def answer(when: Instant, alarm: str) -> Entry:
    """Acknowledged or shelved for a while, as the time will have it."""
    if when.boottime_ns // (S // 2) % 3:
        return acknowledge(when.boottime_ns / S, alarm)
    return Entry("shelve", when, "17", {"alarm": alarm, "for_s": 3, "reason": "x"})


def folded(inputs, state: State | None = None) -> tuple[Run, str]:
    run = Run(PIPELINE, started=False)
    run.state = run.state if state is None else state
    for each in inputs:
        given_now = each
        if isinstance(each, Entry) and run.state.alarms:
            given_now = answer(each.at, next(iter(run.state.alarms.values())).id)
        run.step(given_now)
    return run, json.dumps(to_plain(run.state))


@pytest.mark.long
@FEWER
@given(histories())
def test_folding_the_records_gives_the_same_events_and_the_same_state(inputs):
    run, state = folded(inputs)
    again, same = folded(run.records)
    assert to_plain(again.events) == to_plain(run.events)
    assert same == state


@pytest.mark.long
@FEWER
@given(histories(), strategies.integers(0, 40))
def test_a_snapshot_anywhere_and_the_rest_is_the_whole(inputs, cut):
    whole, state = folded(inputs)
    first, snapshot = folded(inputs[:cut])
    kept: State = from_plain(State, json.loads(snapshot))
    assert json.dumps(to_plain(kept)) == snapshot
    rest, same = folded(inputs[cut:], kept)
    assert to_plain([*first.events, *rest.events]) == to_plain(whole.events)
    assert same == state


@pytest.mark.long
@FEWER
@given(histories())
def test_a_step_leaves_the_state_and_the_input_it_was_given_alone(inputs):
    pipeline, state = PIPELINE, PIPELINE.start()
    for each in inputs:
        before, input_before = json.dumps(to_plain(state)), to_plain(each)
        step = pipeline.step(state, each)
        assert json.dumps(to_plain(state)) == before
        assert to_plain(each) == input_before
        state = step.state


@pytest.mark.long
@FEWER
@given(histories(), strategies.floats(0, 3.9))
def test_a_tick_that_changes_nothing_gives_back_the_same_state_and_no_record(inputs, later):
    run, _ = folded(inputs)
    run(tick(400), reading(401, 50.0, 1, 1), reading(401, 50.0, group="press1/slow"))
    step = run.pipeline.step(run.state, tick(401 + later))
    assert step.state is run.state
    assert step.record is None
    assert step.events == ()
    assert not step.urgent


@pytest.mark.long
@FEWER
@given(histories())
def test_every_record_is_judged_only_where_it_was_good(inputs):
    run, _ = folded(inputs)
    read = [each for each in inputs if isinstance(each, Reading)]
    kept = [each for each in run.records if isinstance(each, Reading)]
    for was, record in zip(read, kept, strict=True):
        touched = was.quality != record.quality
        assert (was.quality[touched] == Quality.GOOD).all()
        assert np.array_equal(was.values, record.values, equal_nan=True)


@pytest.mark.long
def test_the_drawn_histories_reach_every_room():
    told: set[str] = set()

    @settings(max_examples=settings().max_examples // 2)
    @given(histories())
    def draw(inputs):
        told.update(kinds(folded(inputs)[0].events))

    draw()
    words = {word for text in told for word in text.split()}
    assert {
        "signal",
        "limits_frozen",
        "missed_shots",
        "gap",
        "opened",
        "linked",
        "closed",
        "scan_refused",
    } <= words
    assert {"stale", "limit_H", "active", "acknowledged", "returned"} <= words


def test_a_start_after_a_stop_tells_the_gap():
    (gap,) = Run(SITE)(start(100, stopped=40))
    assert isinstance(gap, Noted)
    assert (gap.kind, gap.subject) == ("gap", "gw1")
    assert gap.facts == {
        "from_ns": at(40).time_ns, "to_ns": at(100).time_ns, "seconds": 60.0, "reason": "not running",
    }  # fmt: skip


def test_another_clock_row_is_told_and_lateness_counts_by_the_new_clock():
    run = Run(SITE)
    row = ClockRow(2, "boot", at(50).boottime_ns, 0, synchronised=True)
    back = Instant(at(20).time_ns, at(50).boottime_ns, 2)  # wall time stepped back by 30 s
    run(reading(49, 50.0, 1, 1))
    (told,) = run(Setting("clock", back, to_plain(row)))
    assert isinstance(told, Noted)
    assert (told.kind, told.facts["clock_id"]) == ("clock", 2)
    scanned = Scan("box", Instant(at(21).time_ns, at(51).boottime_ns, 2), "A")
    assert kinds(run(scanned)) == ["lot opened A"]


def test_a_reading_of_a_group_that_is_not_in_the_config_is_kept_and_judged_by_nobody():
    run = Run(SITE)
    strange = reading(1, 1.0, group="press9/fast")
    before = run.state
    step = run.step(strange)
    assert step.record is strange
    assert step.state is before


def test_a_reading_of_another_width_than_the_config_says_is_kept_as_it_is():
    run = Run(SITE)
    odd = reading(1, 1.0, 2.0)
    assert run.step(odd).record is odd
