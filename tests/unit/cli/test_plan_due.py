"""`lotwatch plan due`: what people owe, out of a journal's events."""

from __future__ import annotations

from gateway.model import Event, Noted, Severity
from gateway.views.due import Owed, owed

T = 1_800_000_000_000_000_000


def note(kind: str, check: str, due_s: int | None, lot: str = "", every: str = "time") -> Event:
    facts = {
        "due_ns": None if due_s is None else T + due_s,
        "lot": lot,
        "what": "check",
        "every": every,
        "cell": "a/b/c",
    }
    return Noted(T, kind, check, Severity.INFO, facts)


def states(*events: Event, known: str = "patrol moisture") -> list[tuple[str, str, str]]:
    return [(each.check, each.lot, each.state) for each in owed(events, known.split())]


def test_what_is_done_is_owed_no_more() -> None:
    due, done = note("check_due", "patrol", 1), note("check_done", "patrol", 1)
    assert states(due) == [("patrol", "", "due")]
    assert states(due, done) == []


def test_late_and_missed() -> None:
    due, late, missed = (note(kind, "patrol", 1) for kind in ("check_due", "check_late", "check_missed"))
    assert states(due, late) == [("patrol", "", "late")]
    assert states(due, late, missed) == [("patrol", "", "missed")]


def test_lots_are_apart_and_the_oldest_is_first() -> None:
    two, one = note("check_due", "moisture", 2, "R2", "lot"), note("check_due", "moisture", 1, "R1", "lot")
    assert states(two, one) == [("moisture", "R1", "due"), ("moisture", "R2", "due")]
    assert states(two, one, note("check_done", "moisture", 2, "R2", "lot")) == [("moisture", "R1", "due")]


def test_a_patrol_is_of_no_lot_whatever_it_was_recorded_for() -> None:
    assert states(note("check_due", "patrol", 1), note("check_done", "patrol", 1, "B7")) == []


def test_the_next_patrol_takes_the_place_of_a_missed_one() -> None:
    events = note("check_due", "patrol", 1), note("check_missed", "patrol", 1), note("check_due", "patrol", 9)
    assert states(*events) == [("patrol", "", "due")]


def test_what_left_the_plan_is_owed_by_nobody() -> None:
    assert states(note("check_due", "patrol", 1), known="moisture") == []
    assert owed([note("check_due", "patrol", 1)], ["patrol"]) == [
        Owed("patrol", "check", "due", T + 1, "", "a/b/c")
    ]
