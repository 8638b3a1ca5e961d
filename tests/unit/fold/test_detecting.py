"""Watched for what is unusual: what is told, when it is quiet again, and what nobody saw."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from gateway.folding.detecting import MOST, SETTLE, DetectingState
from gateway.folding.foldstate import State
from gateway.model import AlarmChanged, Event, Input, Noted, Quality, Reading
from gateway.pipeline import Pipeline
from gateway.plain import from_plain, to_plain
from gateway.site import Anomaly, Sampling, Site, When
from tests.unit.fold.line import (
    CELL,
    Run,
    S,
    characteristic,
    config,
    kinds,
    point,
    reading,
    scan,
    site,
    start,
    tick,
)

DAILY = Anomaly(1.0, S, off_delay_ns=300 * S)
NAMES = tuple(f"x{i}" for i in range(20))
LEARNT = 2400
STUCK = [50.123]


def watched(*names: str, anomaly: Anomaly | None = DAILY, rows=(), **options) -> Site:
    """A press whose floats are watched; `state` is a whole number."""
    points = [point(name, "uint16" if name in ("state", "shots") else "float32") for name in names or ("x",)]
    made = site(points, rows, stale_s=options.pop("stale_s", 5.0))
    return replace(made, devices=(replace(made.devices[0], anomaly=anomaly),))


def noise(rows: int, tags: int = 1, seed: int = 1) -> list[list[float]]:
    values: list[list[float]] = np.random.default_rng(seed).normal(50.0, 1.0, (rows, tags)).tolist()
    return values


def rows(values: Iterable[Sequence[float]], begin: float = 1, every: float = 1.0) -> Iterator[Reading]:
    for i, row in enumerate(values):
        yield reading(begin + i * every, *row)


@cache
def learnt(tags: int) -> State:
    """40 minutes of x0, x1, ... by a row a second, from the start at 0 on; the state is a value, so tests share it."""
    run = Run(watched(*NAMES[:tags]))
    assert run(scan(0.5, "BOX-1"), *rows(noise(LEARNT, tags))) != []
    assert told(run.events) == []
    return run.state


def taught(tags: int = 1, anomaly: Anomaly = DAILY) -> Run:
    run = Run(watched(*NAMES[:tags], anomaly=anomaly), started=False)
    run.state = run.pipeline.adopt(learnt(tags))
    return run


def told(events: Iterable[Event]) -> list[Noted]:
    return [event for event in events if isinstance(event, Noted) and event.kind == "anomaly"]


def alarms(events: Iterable[Event]) -> list[AlarmChanged]:
    return [event for event in events if isinstance(event, AlarmChanged) and event.kind == "anomaly"]


def state_of(run: Run) -> DetectingState:
    found = run.state.groups["press1/fast"].detecting
    assert found is not None
    return found


@pytest.mark.long
def test_a_quiet_stream_tells_nothing():
    assert Run(watched("x"))(*rows(noise(5000))) == []


@pytest.mark.long
def test_a_stuck_value_is_told_with_its_check_and_raises_an_alarm_in_words():
    events = taught()(*rows([STUCK] * 60, LEARNT + 1))
    (noted,), (alarm,) = told(events), alarms(events)
    assert (noted.subject, noted.facts["check"]) == (f"{CELL}/x0", "stuck")
    assert noted.facts["value"] == 50.123
    assert 0.4 < float(str(noted.facts["score"])) < 1.0
    assert (alarm.state, alarm.tag, alarm.lots) == ("active", f"{CELL}/x0", ("BOX-1",))
    assert alarm.facts is not None
    assert "has not moved for longer than it ever did" in str(alarm.facts["sentence"])
    assert "前所未有" in str(alarm.facts["sentence_zh"])


def test_a_step_is_told_and_its_alarm_returns_once_it_has_become_usual():
    run, events = taught(), list[Event]()
    for given in rows([[x + 12.0] for (x,) in noise(1200, seed=2)], LEARNT + 1):
        events += run(given, tick(given.at.boottime_ns / S))
    active, back = alarms(events)
    assert (active.state, back.state, active.alarm) == ("active", "returned", back.alarm)
    assert len(told(events)) == 1
    assert back.time_ns - active.time_ns >= 300 * S


def test_an_alarm_stands_as_long_as_something_new_is_seen():
    run, events = taught(), list[Event]()
    for given in rows([[50.0 + 12.0 * 1.5 ** (t // 200)] for t in range(1000)], LEARNT + 1):
        events += run(given, tick(given.at.boottime_ns / S))
    assert [alarm.state for alarm in alarms(events)] == ["active"]
    assert len(told(events)) == 1


def test_a_reading_that_comes_late_is_told():
    events = taught()(reading(LEARNT + 40, 50.0))
    assert [noted.facts["check"] for noted in told(events)] == ["gap"]


@pytest.mark.long
def test_bad_and_uncertain_values_never_enter():
    run = taught(2)
    before = to_plain(state_of(run).parts[0].watcher.tags[0])
    for t, (y,) in enumerate(noise(100, seed=3), LEARNT + 1):
        quality = [Quality.UNSTABLE if t % 2 else Quality.NO_ANSWER, 0]
        assert told(run(reading(t, 900.0, y, quality=quality))) == []
    assert to_plain(state_of(run).parts[0].watcher.tags[0]) == before


def test_a_row_at_most_every_so_often_however_early_polls_come():
    run = Run(watched("x"))
    run(*rows(noise(400), every=0.25))
    assert state_of(run).parts[0].watcher.rows == 100
    late = Run(watched("x"))
    late(*(reading(1 + t + 0.004 * (t % 2), x) for t, (x,) in enumerate(noise(100))))
    assert state_of(late).parts[0].watcher.rows == 100


def test_nobody_saw_what_happened_while_the_daemon_was_down():
    run = taught()
    run(start(100_000, stopped=LEARNT + 1))
    assert told(run(*rows(noise(300, seed=3), 100_001))) == []  # no gap
    assert told(run(*rows([STUCK] * 60, 100_301)))


def test_after_a_restart_some_rows_only_teach():
    run = taught()
    run(start(5, stopped=LEARNT + 1))  # another boot: boottime begins anew
    assert told(run(*rows([[99.0]] * (SETTLE - 1), 6))) == []
    assert told(run(*rows([[199.0]] * 3, 5 + SETTLE)))


@pytest.mark.long
def test_idle_is_a_state_and_no_anomaly():
    when = When(f"{CELL}/state", ("2",), 5 * S)
    run = Run(watched("x", "state", anomaly=replace(DAILY, when=when, points=("x",))))
    run(*rows([[*x, 2.0] for x in noise(LEARNT)]))
    assert state_of(run).parts[0].watcher.rows == LEARNT - 5
    assert run(*rows([[0.0, 0.0]] * 300, LEARNT + 1)) == []
    assert run(*rows([[*x, 2.0] for x in noise(300, seed=4)], LEARNT + 301)) == []
    assert told(run(*rows([[50.123, 2.0]] * 60, LEARNT + 601)))


def test_counters_keys_and_states_are_not_watched_unless_they_are_named():
    shots = Sampling("counter", counter=f"{CELL}/shots")
    row = characteristic("c", "x", sampling=shots, key=("state",))

    def tags(anomaly: Anomaly) -> int:
        run = Run(watched("x", "shots", "state", rows=[row], anomaly=anomaly))
        return len(state_of(run).parts[0].watcher.tags)

    assert tags(DAILY) == 1
    assert tags(replace(DAILY, points=("shots", "x"))) == 2


def test_many_tags_take_turns_and_a_step_judges_few():
    run = Run(watched(*NAMES))
    run(*rows(noise(100, 20)))
    parts = state_of(run).parts
    assert [len(part.watcher.tags) for part in parts] == [10, 10]
    assert max(len(part.watcher.tags) for part in parts) <= MOST
    assert [part.watcher.rows for part in parts] == [50, 50]
    faster = Run(watched(*NAMES))
    faster(*rows(noise(200, 20), every=0.5))
    assert [part.watcher.rows for part in state_of(faster).parts] == [100, 100]


def test_what_was_learnt_survives_a_change_of_the_config():
    run = taught()
    run(*rows([STUCK] * 60, LEARNT + 1))
    other = watched("x0", anomaly=replace(DAILY, alarms_per_day=2.0))
    run.pipeline = Pipeline(other)
    assert alarms(run(config(LEARNT + 61, other))) == []
    assert state_of(run).parts[0].watcher.rows == LEARNT + 60
    off = watched("x0", anomaly=None)
    run.pipeline = Pipeline(off)
    assert [alarm.state for alarm in alarms(run(config(LEARNT + 62, off)))] == ["returned"]
    assert run.state.groups["press1/fast"].detecting is None


def test_another_tag_is_learnt_from_the_beginning():
    run = taught()
    run.pipeline = Pipeline(watched("y"))
    run(config(LEARNT + 1, watched("y")))
    assert state_of(run).parts[0].watcher.rows == 0


def test_a_device_that_did_not_opt_in_has_nothing():
    run = Run(watched("x", anomaly=None))
    run(*rows(noise(3)))
    assert run.state.groups["press1/fast"].detecting is None


@pytest.fixture(scope="module")
def history() -> tuple[list[Input], Pipeline, list[Event], str]:
    """A step, a silence, a restart: folded in one go."""
    inputs: list[Input] = [*rows([[80.0, y] for (y,) in noise(30, seed=5)], LEARNT + 1), tick(LEARNT + 40)]
    inputs += [*rows(noise(10, 2, seed=7), LEARNT + 61), start(LEARNT + 100, stopped=LEARNT + 71)]
    inputs += [*rows(noise(20, 2, seed=6), LEARNT + 101), tick(LEARNT + 1000)]
    run = taught(2)
    run(*inputs)
    assert {"anomaly", "alarm anomaly active", "alarm anomaly returned"} <= set(kinds(run.events))
    return inputs, run.pipeline, run.events, json.dumps(to_plain(run.state))


@pytest.mark.parametrize("cut", [0, 2, 4, 29, 30, 31, 32, 41, 42, 50, 61])
def test_a_kill_anywhere_changes_nothing(history, cut):
    inputs, pipeline, events, state = history
    first = Run(pipeline, started=False)
    first.state = learnt(2)
    first(*inputs[:cut])
    rest = Run(pipeline, started=False)
    rest.state = from_plain(State, json.loads(json.dumps(to_plain(first.state))))
    rest(*inputs[cut:])
    assert to_plain([*first.events, *rest.events]) == to_plain(events)
    assert json.dumps(to_plain(rest.state)) == state
