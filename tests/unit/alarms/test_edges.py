"""The alarm's life to the nanosecond: windows just open, delays just over, lots just too many.

Found by mutation testing (`python -m benchmarks mutation --room alarms`): each of these could be broken unnoticed.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.alarms import Alarms, Cause, Damping, raised, restarted, returned, ticked
from gateway.alarms.cleared import cleared
from gateway.alarms.machine import LOTS_MOST, PAST_MOST, SHELVE_MOST_NS, joined, taken_off
from gateway.alarms.nuisance import CHATTER_WITHIN_NS, FIRST_OUT_NS, came, chatters
from gateway.alarms.values import First, Shelf
from gateway.model import AlarmChanged, Instant, Severity
from tests.unit.alarms.desk import HOT, Desk
from tests.unit.fold.line import CELL, WALL_NS, S

COLD = Cause("limit_LL", f"{CELL}/y", Severity.ALARM, f"{CELL}/y")


def ns(boottime: int) -> Instant:
    return Instant(WALL_NS + boottime, boottime, 1)


def there(alarms: Alarms, boottime: int, lots: tuple[str, ...] = (), cause: Cause = HOT, **more) -> Alarms:
    return raised(alarms, cause, ns(boottime), lots, **more)[0]


def damped(**of: int) -> Cause:
    return Cause(HOT.kind, HOT.subject, HOT.severity, HOT.tag, damping=Damping(**of))


# --- first-out and chattering


@pytest.mark.parametrize(("later", "first"), [(0, True), (FIRST_OUT_NS, True), (FIRST_OUT_NS + 1, False)])
def test_the_first_out_window_is_half_a_minute_and_no_longer(later: int, *, first: bool) -> None:
    assert FIRST_OUT_NS == 30 * S
    alarms = there(Alarms(), S)
    alarm = alarms[HOT.name]
    other = replace(alarm, id="other", cause=COLD)
    after, named = came(alarms, other, S + later)
    assert named == (alarm.id if first else "other")
    assert after.first[CELL] == (First(alarm.id, S) if first else First("other", S + later))


def test_a_clock_that_began_anew_has_no_first_one() -> None:
    alarms = there(Alarms(), 10 * S)
    assert came(alarms, replace(alarms[HOT.name], id="other"), 10 * S - 1)[1] == "other"


@pytest.mark.parametrize(("third", "chattering"), [(CHATTER_WITHIN_NS, True), (CHATTER_WITHIN_NS + 1, False)])
def test_three_in_a_minute_chatter_and_in_longer_do_not(third: int, *, chattering: bool) -> None:
    assert CHATTER_WITHIN_NS == 60 * S
    alarms = there(Alarms(), 0)
    alarm = alarms[HOT.name]
    alarms = chatters(alarms, alarm, ns(S))[0]
    alarms, facts, notes = chatters(alarms, alarm, ns(third))
    assert bool(facts) is bool(notes) is chattering
    if chattering:
        assert facts == {"chattering": {"raises": 3, "within_s": 60.0}}
        assert notes[0].facts == {"raises": 3, "within_s": 60.0, "kind": HOT.kind, "about": HOT.subject}
        assert (notes[0].time_ns, notes[0].severity) == (WALL_NS + third, Severity.WARNING)


def test_two_do_not_chatter_however_fast() -> None:
    alarms = there(Alarms(), 0)
    assert chatters(alarms, alarms[HOT.name], ns(1))[1:] == ({}, ())


@pytest.mark.parametrize(("later", "kept"), [(60 * S, {HOT.name, COLD.name}), (60 * S + 1, {COLD.name})])
def test_raises_are_remembered_for_a_minute(later: int, kept: set[str]) -> None:
    assert set(there(there(Alarms(), 0), later, cause=COLD).raises) == kept


# --- lots


def test_a_hundred_lots_are_named_and_of_more_the_newest_and_those_that_are_there() -> None:
    assert LOTS_MOST == 100
    lots = tuple(f"L{number}" for number in range(100))
    assert joined(lots, ()) == lots
    assert joined(lots[:99], ("new",)) == (*lots[:99], "new")
    assert joined(lots, ("new",)) == (*lots[1:], "new")
    assert joined(lots, ("L0", "new")) == ("L0", *lots[2:], "new"), (
        "L0 is there again, L1 is the oldest of the others"
    )
    many = tuple(f"M{number}" for number in range(100))
    assert joined(lots, many) == many
    assert joined(lots, (*many, "M100")) == (*many, "M100"), "those that are there now are all named"


def test_the_same_lots_again_tell_nothing_and_a_new_one_a_version() -> None:
    desk = Desk()
    assert desk.there(1, ("A", "B")) == ["active"]
    assert desk.there(2, ("A", "B")) == []
    assert desk.there(3, ("B",)) == []
    assert desk.there(4, ("C", "B")) == ["active"]
    assert (desk.last.lots, desk.last.version) == (("A", "B", "C"), 2)
    assert desk.alarms[HOT.name].last_ns == WALL_NS + 4 * S


def test_a_span_grows_at_both_ends_without_a_word() -> None:
    alarms = there(Alarms(), 100, span_ns=(50, 60))
    alarm = alarms[HOT.name]
    assert (alarm.first_ns, alarm.last_ns) == (50, 60)
    wider, told = raised(alarms, HOT, ns(200), span_ns=(40, 55))
    assert (wider[HOT.name].first_ns, wider[HOT.name].last_ns, told) == (40, 60, ())
    wider, told = raised(wider, HOT, ns(300), span_ns=(45, 70))
    assert (wider[HOT.name].first_ns, wider[HOT.name].last_ns, told) == (40, 70, ())
    assert raised(wider, HOT, ns(400), span_ns=(41, 69))[0] is wider


def test_lists_grow_by_what_is_new_and_other_facts_stay_as_they_were() -> None:
    alarms = raised(Alarms(), HOT, ns(1), facts={"rules": ["WE1"], "value": 9.0})[0]
    assert raised(alarms, HOT, ns(1), facts={"rules": ["WE1"], "value": 10.0})[1] == ()
    alarms, told = raised(alarms, HOT, ns(2), facts={"rules": ["WE4", "WE1"], "value": 11.0, "limit": 8})
    assert len(told) == 1
    assert dict(alarms[HOT.name].facts)["rules"] == ["WE1", "WE4"]
    assert (alarms[HOT.name].facts["value"], "limit" in alarms[HOT.name].facts) == (9.0, False)


# --- delays


def test_an_on_delay_and_a_count_are_both_waited_for() -> None:
    cause = damped(on_samples=2, on_delay_ns=10)
    alarms, told = raised(Alarms(), cause, ns(0), ("A",))
    assert (told, alarms.there(cause.name), cause.name in alarms) == ((), True, False)
    alarms, told = raised(alarms, cause, ns(9), ("B",))
    assert told == ()
    waiting = alarms.pending[cause.name]
    assert (waiting.samples, waiting.lots, waiting.first_ns, waiting.last_ns) == (
        2,
        ("A", "B"),
        WALL_NS,
        WALL_NS + 9,
    )
    same, told = ticked(alarms, ns(9))
    assert (same is alarms, told) == (True, ())
    alarms, told = ticked(alarms, ns(10))
    [new] = told
    assert isinstance(new, AlarmChanged)
    assert (new.lots, new.version, alarms.pending) == (("A", "B"), 1, {})


def test_one_sample_is_not_two_however_long_it_is_ago() -> None:
    cause = damped(on_samples=2)
    alarms = there(Alarms(), 0, cause=cause)
    assert ticked(alarms, ns(10**15))[1] == ()
    assert len(raised(alarms, cause, ns(1))[1]) == 1


def test_what_goes_before_its_delay_was_nothing() -> None:
    cause = damped(on_samples=3)
    alarms = returned(there(there(Alarms(), 0, cause=cause), 1, cause=cause), cause.name, ns(2))[0]
    assert (alarms.pending, alarms.there(cause.name), alarms.known()) == ({}, False, ())
    assert raised(alarms, cause, ns(3))[0].pending[cause.name].samples == 1


def test_an_off_delay_counts_from_the_first_time_it_was_gone() -> None:
    cause = damped(off_delay_ns=10)
    alarms = there(Alarms(), 0, cause=cause)
    alarms, told = returned(alarms, cause.name, ns(5))
    assert (told, alarms[cause.name].leaves_ns, alarms.there(cause.name)) == ((), 15, False)
    assert returned(alarms, cause.name, ns(9)) == (alarms, ())
    assert ticked(alarms, ns(14)) == (alarms, ())
    after, [told_one] = ticked(alarms, ns(15))
    assert isinstance(told_one, AlarmChanged)
    assert (told_one.state, after[cause.name].leaves_ns, after.there(cause.name)) == ("returned", -1, False)
    again, told = raised(alarms, cause, ns(12))
    assert (told, again[cause.name].leaves_ns, again.there(cause.name)) == ((), -1, True)
    [gone] = returned(alarms, cause.name, ns(6), {"why": "gone"}, at_once=True)[1]
    assert gone.facts is not None
    assert gone.facts["why"] == "gone"


def test_what_is_not_there_cannot_go() -> None:
    assert returned(Alarms(), HOT.name, ns(1))[1] == ()
    gone = returned(there(Alarms(), 0), HOT.name, ns(1))[0]
    assert returned(gone, HOT.name, ns(2)) == (gone, ())


# --- shelves and restarts


def shelved(until: int, until_wall: int = 0) -> Alarms:
    alarms = there(Alarms(), 0)
    return alarms.put(replace(alarms[HOT.name], shelf=Shelf(until, until_wall, "17", "sensor")))


def test_a_shelf_is_over_at_its_instant() -> None:
    alarms = shelved(50)
    assert ticked(alarms, ns(49)) == (alarms, ())
    after, told = ticked(alarms, ns(50))
    assert (after[HOT.name].shelf, len(told)) == (None, 1)
    assert after[HOT.name].facts["unshelved_by"] == "time"


@pytest.mark.parametrize(
    ("left", "until"),
    [(7 * S, 7 * S), (-S, 0), (SHELVE_MOST_NS + S, SHELVE_MOST_NS), (SHELVE_MOST_NS, SHELVE_MOST_NS)],
)
def test_after_a_boot_a_shelf_goes_on_by_wall_time_for_a_day_at_most(left: int, until: int) -> None:
    assert SHELVE_MOST_NS == 86_400 * S
    alarms = shelved(10**15, WALL_NS + 100 + left)
    after = restarted(alarms, ns(100), same_boot=False)[HOT.name].shelf
    assert after is not None
    assert after.until_boottime_ns == 100 + until
    kept = restarted(alarms, ns(100), same_boot=True)[HOT.name].shelf
    assert kept is not None
    assert kept.until_boottime_ns == 10**15


def test_a_run_begins_delays_anew_and_a_boot_forgets_boottimes() -> None:
    slow, waiting = (
        damped(off_delay_ns=10),
        Cause("stale", "g", Severity.WARNING, damping=Damping(on_delay_ns=50)),
    )
    alarms = returned(there(Alarms(), 0, cause=slow), slow.name, ns(5))[0]
    alarms = there(there(alarms, 6, cause=waiting), 6, cause=COLD)
    for same_boot in (True, False):
        after = restarted(alarms, ns(1_000), same_boot=same_boot)
        assert after[slow.name].leaves_ns == 1_010
        assert after[COLD.name].leaves_ns == -1
        assert after.pending[waiting.name].since_ns == 1_000
        assert (after.raises == alarms.raises, after.first == alarms.first) == (same_boot, same_boot)
        assert bool(after.raises) is same_boot


def test_fifty_that_closed_are_kept_for_late_scans() -> None:
    assert PAST_MOST == 50
    alarms = Alarms()
    ids = []
    for number in range(52):
        alarms = there(alarms, number * 100 * S)
        alarms = alarms.put(replace(alarms[HOT.name], state="acknowledged"))
        ids.append(alarms[HOT.name].id)
        alarms = returned(alarms, HOT.name, ns(number * 100 * S + 1))[0]
        assert HOT.name not in alarms
    assert [each.id for each in alarms.past] == ids[2:]
    assert len(set(ids)) == 52


def test_one_that_closed_on_its_shelf_closes_when_it_is_taken_off() -> None:
    alarms = shelved(50)
    alarms = alarms.put(replace(alarms[HOT.name], state="acknowledged"))
    alarms = returned(alarms, HOT.name, ns(10))[0]
    assert (HOT.name in alarms, alarms.past) == (True, ())
    after, [told] = taken_off(alarms, alarms[HOT.name], WALL_NS, "9")
    assert isinstance(told, AlarmChanged)
    assert (told.state, HOT.name in after, len(after.past)) == ("closed", False, 1)


def test_an_id_is_safe_and_of_its_instant() -> None:
    odd = Cause("signal", f"{'x' * 60}/über press#1", Severity.ALARM)
    first = there(Alarms(), 1, cause=odd)[odd.name].id
    assert set(first) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    kind, slug, digest = first.split("-", 1)[0], first.split("-", 1)[1][:-13], first[-12:]
    assert (kind, slug.endswith("-ber-press-1"), len(slug), len(digest)) == ("signal", True, 40, 12)
    assert first == there(Alarms(), 1, cause=odd)[odd.name].id != there(Alarms(), 2, cause=odd)[odd.name].id


def test_an_alarm_that_comes_again_unanswered_is_the_same_one_with_what_it_was() -> None:
    alarms = raised(Alarms(), HOT, ns(1), ("A",), {"value": 9})[0]
    before = alarms[HOT.name]
    alarms = returned(alarms, HOT.name, ns(2))[0]
    alarms = alarms.put(
        replace(alarms[HOT.name], facts={**alarms[HOT.name].facts, "cause": "heater", "note": "x"})
    )
    after = raised(alarms, HOT, ns(3), ("B",), {"value": 10})[0][HOT.name]
    assert (after.id, after.version, after.state, after.lots) == (before.id, 3, "active", ("A", "B"))
    assert (after.facts["value"], after.facts["note"], "cause" in after.facts) == (10, "x", False)
    assert (after.first_ns, after.last_ns) == (WALL_NS + 1, WALL_NS + 3)


def test_alarms_are_found_by_id_and_counted() -> None:
    alarms = there(there(Alarms(), 1), 2, cause=COLD)
    assert (len(alarms), set(alarms), alarms.by_id("none")) == (2, {HOT.name, COLD.name}, None)
    assert alarms.by_id(alarms[COLD.name].id) is alarms[COLD.name]
    pending = there(alarms, 3, cause=Cause("stale", "g", Severity.WARNING, damping=Damping(on_samples=2)))
    assert pending.known() == (HOT.name, COLD.name, "stale g ")


@pytest.mark.parametrize("room", [0, 1, 2])
def test_of_too_many_lots_those_that_are_there_stay_and_the_newest_others(room):
    here = tuple(f"here{number}" for number in range(LOTS_MOST - room))
    old = ("old0", "old1", "old2")
    assert joined(old, here) == (*old[len(old) - room :], *here)


# --- one among others


@pytest.mark.parametrize(("last", "third"), [(30 * S, 40 * S), (0, CHATTER_WITHIN_NS)])
def test_another_cause_in_between_does_not_end_the_chattering(last: int, third: int) -> None:
    """It comes in the very instant of the second raise, or just as the minute since it ends."""
    alarms = there(Alarms(), 0)
    hot = alarms[HOT.name]
    other = replace(hot, id="other", cause=COLD)
    alarms = chatters(alarms, hot, ns(last))[0]
    alarms = chatters(alarms, other, ns(last or third))[0]
    assert [note.subject for note in chatters(alarms, hot, ns(third))[2]] == [hot.id]


def test_the_same_lots_in_another_order_are_no_news() -> None:
    alarms = there(Alarms(), 0, ("A", "B"))
    after, told = raised(alarms, HOT, ns(5), ("B", "A"))
    assert (told, after[HOT.name].lots) == ((), ("A", "B"))


def test_a_lot_is_cleared_in_the_alarm_it_is_in_whatever_else_stands() -> None:
    alarms = there(there(Alarms(), 0, ("Z",)), 1, ("A",), COLD)
    [told] = cleared(alarms, {HOT.name, COLD.name}, "A", 7)[1]
    assert isinstance(told, AlarmChanged)
    assert told.alarm == alarms[COLD.name].id


def test_on_the_shelf_again_it_no_longer_says_who_took_it_off() -> None:
    desk = Desk()
    desk.there(1)
    desk.says("acknowledge", 2)
    desk.says("shelve", 3, for_s=60, reason="known")
    desk.says("unshelve", 4, operator="18")
    assert desk.facts()["unshelved_by"] == "18"
    desk.says("shelve", 5, for_s=60, reason="still")
    assert "unshelved_by" not in desk.facts()
    assert desk.facts()["acknowledged_by"] == "17"
