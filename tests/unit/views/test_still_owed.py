"""What is due now: what stands is seen however long ago it fell due, and of a lot only for a while."""

from __future__ import annotations

from gateway.model import Noted, Severity
from gateway.views.book import Book
from gateway.views.due import still_owed

DAY = 86_400_000_000_000


def event(kind: str, day: int, **facts: str) -> Noted:
    return Noted(
        day * DAY, kind, "scale", Severity.INFO, {"what": "calibration", "due_ns": day * DAY, **facts}
    )


def book(*events: Noted) -> Book:
    made = Book()
    for seq, each in enumerate(events, 1):
        made._take((seq, 0, each))  # type: ignore[arg-type] # noqa: SLF001
    return made


def test_a_calibration_of_last_year_that_nobody_made_is_still_due() -> None:
    found = book(event("check_due", 1), event("check_missed", 1))
    (row,) = still_owed(found.checks, {"scale"}, 366 * DAY)
    assert (row.state, row.due_ns) == ("missed", DAY)
    done = book(event("check_due", 1), event("check_missed", 1), event("check_done", 40))
    assert still_owed(done.checks, {"scale"}, 0) == []


def test_that_of_a_lot_is_seen_while_the_lot_may_be_there() -> None:
    found = book(
        event("check_due", 1, every="lot", lot="B-1"), event("check_due", 40, every="lot", lot="B-2")
    )
    assert [row.lot for row in still_owed(found.checks, {"scale"}, 20 * DAY)] == ["B-2"]
    assert still_owed(found.checks, {"another"}, 0) == []
