"""Deadlines: absolute, spread, one poll in flight; overruns are told and do not flood."""

from __future__ import annotations

import itertools

import pytest

from gateway.model import Quality
from gateway.poll import PollStats
from gateway.poll.schedule import spread
from tests.unit.poll.kit import MS, device


async def test_deadlines_do_not_drift(rig):
    bus = rig(device("press", 100), took_ms=7)
    await bus.run(100)
    times = bus.times_ms("press/100")
    assert len(times) == 1000
    assert {round(b - a, 6) for a, b in itertools.pairwise(times)} == {100.0}


async def test_a_late_poll_does_not_move_the_next_one(rig):
    bus = rig(device("press", 100), device("dryer", 1000))
    await bus.run(1)
    bus.wire.says["dryer"] = (Quality.CORRUPT, 180)
    await bus.run(1)
    del bus.wire.says["dryer"]
    await bus.run(1)
    off = bus.off_grid("press/100", 30)
    assert any(off)  # it was late
    assert off[-8:] == [0] * 8  # and is back on its grid
    assert bus.poller.stats.overruns >= 1


async def test_never_two_polls_in_flight(rig):
    bus = rig(*(device(f"unit{i}", 100, 1000) for i in range(8)), took_ms=12)
    await bus.run(5)
    assert bus.wire.most_in_flight == 1
    assert len(bus.wire.polls) > 350


def test_groups_of_a_period_are_spread_over_it():
    slots = spread("line1", [device(f"unit{i}", 100) for i in range(10)], 0)
    firsts = sorted(slot.first_ns for slot in slots)
    assert [b - a for a, b in itertools.pairwise(firsts)] == [10 * MS] * 9


def test_two_classes_do_not_share_their_instants():
    slots = spread("line1", [device(f"unit{i}", 100, 1000) for i in range(5)], 0)
    fast = {slot.first_ns % (100 * MS) for slot in slots if slot.period_ns == 100 * MS}
    slow = {slot.first_ns % (100 * MS) for slot in slots if slot.period_ns == 1000 * MS}
    assert not fast & slow


def test_groups_of_devices_that_talk_are_not_polled():
    assert spread("line1", [device("scanner", 0)], 0) == []


async def test_a_bus_without_polls_ends(rig):
    bus = rig(device("scanner", 0))
    await bus.run(1)
    assert bus.task.done()


async def test_overruns_are_told_at_once_then_once_a_minute(rig):
    bus = rig(device("press", 100), took_ms=250)  # two of three deadlines pass
    await bus.run(1)
    (first,) = bus.notes("poll_overrun")
    assert first.subject == "line1"
    assert first.facts["missed"] in (1, 2)
    assert first.facts["seconds"] == 0
    await bus.run(180)
    told = bus.notes("poll_overrun")
    assert 3 <= len(told) <= 4
    assert sum(note.facts["missed"] for note in told) == pytest.approx(bus.poller.stats.overruns, abs=800)
    assert told[1].facts["seconds"] == 60
    assert told[1].facts["groups"] == {"press/100": told[1].facts["missed"]}
    assert told[1].facts["missed"] == pytest.approx(60 * 10 * 0.6, rel=0.1)


async def test_what_was_missed_before_the_overload_ended_is_told_when_the_minute_is_over(rig):
    bus = rig(device("press", 100), device("dryer", 10_000))
    await bus.run(20)
    bus.wire.says["dryer"] = (Quality.CORRUPT, 950)
    await bus.run(30)
    del bus.wire.says["dryer"]
    assert len(bus.notes("poll_overrun")) == 1
    await bus.run(70)
    told = bus.notes("poll_overrun")
    assert len(told) == 2
    assert sum(note.facts["missed"] for note in told) == bus.poller.stats.overruns >= 24


async def test_every_deadline_is_polled_or_counted(rig):
    bus = rig(device("press", 100), device("dryer", 100), took_ms=70)
    await bus.run(60)
    stats = bus.poller.stats
    assert stats.polls + stats.overruns == pytest.approx(1200, abs=3)
    assert stats.polls == sum(stats.late)


async def test_lateness_is_measured(rig):
    bus = rig(device("press", 100), took_ms=3)
    await bus.run(10)
    assert bus.poller.stats.quantile_ns(0.99) == 0
    assert bus.poller.stats.worst_ns == 0


def test_stats_of_several_buses_add_up():
    one, other = PollStats(), PollStats()
    for late_ms in (0.05,) * 97 + (4.5,):
        one.sent(round(late_ms * 1e6))
    for late_ms in (0.05, 700.0):
        other.sent(round(late_ms * 1e6))
    one.add(other)
    assert (one.polls, one.worst_ns) == (100, 700_000_000)
    assert one.quantile_ns(0.99) == 5_000_000
