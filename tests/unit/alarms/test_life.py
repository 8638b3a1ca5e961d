"""Whatever happens to alarms in whatever order: versions are dense, closed is the end, a restore changes nothing."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.alarms import Alarms, Cause, Damping, Told, answered, raised, returned, ticked
from gateway.model import AlarmChanged, Entry, Plain, Severity
from gateway.plain import from_plain, to_plain
from tests.unit.fold.line import CELL, S, at

CAUSES = (
    Cause("limit_HH", f"{CELL}/x", Severity.ALARM, f"{CELL}/x"),
    Cause("limit_LL", f"{CELL}/y", Severity.ALARM, f"{CELL}/y", damping=Damping(2, 2 * S, 3 * S)),
)
NEXT = {
    "active": {"active", "acknowledged", "returned", "shelved"},
    "acknowledged": {"acknowledged", "closed", "shelved"},
    "returned": {"active", "closed", "shelved"},
    "shelved": {"active", "acknowledged", "returned", "closed", "shelved"},
    "closed": set(),
}
ACTS = st.sampled_from(["there", "there", "gone", "tick", "acknowledge", "shelve", "unshelve"])
FEWER = settings(max_examples=settings().max_examples // 2)
STEPS = st.lists(st.tuples(ACTS, st.integers(0, 1), st.sampled_from([0.5, 1.0, 4.0])), max_size=40)


def lived(steps, *, restored: bool) -> tuple[Alarms, list[Told]]:
    alarms, events, now = Alarms(), list[Told](), 0.0
    for act, which, wait in steps:
        now += wait
        cause = CAUSES[which]
        body: dict[str, Plain] = {
            "alarm": alarms[cause.name].id if cause.name in alarms else "none",
            "for_s": 5,
            "reason": "x",
        }
        match act:
            case "there":
                alarms, told = raised(alarms, cause, at(now), (f"L{now:g}",))
            case "gone":
                alarms, told = returned(alarms, cause.name, at(now))
            case "tick":
                alarms, told = ticked(alarms, at(now))
            case _:
                done = answered(alarms, Entry(act, at(now), "17", body))
                assert done is not None
                alarms, told = done
        events += told
        if restored:
            alarms = from_plain(Alarms, to_plain(alarms))
    return alarms, events


@pytest.mark.long
@FEWER
@given(STEPS)
def test_a_restore_after_every_step_gives_the_same_life(steps):
    whole, events = lived(steps, restored=False)
    again, same = lived(steps, restored=True)
    assert to_plain(same) == to_plain(events)
    assert to_plain(again) == to_plain(whole)


@FEWER
@given(STEPS)
def test_every_alarm_has_dense_versions_and_one_end(steps):
    alarms, events = lived(steps, restored=False)
    lives: dict[str, list[AlarmChanged]] = defaultdict(list)
    for event in events:
        if isinstance(event, AlarmChanged):
            lives[event.alarm].append(event)
    for life in lives.values():
        assert [each.version for each in life] == list(range(1, len(life) + 1))
        assert life[0].state == "active"
        for before, after in itertools.pairwise(life):
            assert after.state in NEXT[before.state]
    still = {name for name, life in lives.items() if life[-1].state != "closed"}
    assert still == {alarm.id for alarm in alarms.values()}
    assert len(alarms) <= len(CAUSES)
