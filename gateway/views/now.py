"""What is going on, as plain data: alarms, the lots that are at the cells, and how fresh it all is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.journal import JournalReader
from gateway.journal.lots import windows_of
from gateway.model import LotChanged
from gateway.views.alarms import UNANSWERED, alarms, counted
from gateway.views.moments import iso

_BACK = 4_000  # events that are looked through for lots that are still there
_STORY = ("signal", "anomaly")  # kinds of alarm that a chart or a check has raised


def now(readers: Sequence[JournalReader], now_ns: int) -> dict[str, Any]:
    """The first page: `story` is the alarm of a chart that somebody should read now, null where there is none."""
    found = alarms(readers)
    return {
        "time": iso(now_ns),
        "sites": [site_of(reader, now_ns) for reader in readers],
        "counts": counted(found),
        "story": story_of(found),
        "alarms": found,
        "lots": [row for reader in readers for row in lots_here(reader)],
    }


def story_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Of open alarms as `alarms` gives them the one that a chart or a check has raised and that is to be read first.

    What stands before what has gone back, then the worst; of these one that came first before those that came of it,
    and then the one that touches the most lots.
    """
    told = [row for row in rows if row["kind"] in _STORY and row["state"] in UNANSWERED]
    names = {row["alarm"] for row in told}

    def order(row: dict[str, Any]) -> tuple[bool, int, bool, int]:
        first = row["facts"].get("first_out", row["alarm"])
        followed = first != row["alarm"] and first in names
        return row["state"] != "active", -row["severity"], followed, -len(row["lots"])

    return min(told, key=order, default=None)  # of equal ones the newest, as they come


def site_of(reader: JournalReader, now_ns: int) -> dict[str, Any]:
    """A journal or replica, and how fresh it is."""
    who, span = reader.identity, reader.span()
    newest = span[1] if span else None
    return {
        "site": who.site,
        "gateway": who.gateway,
        "replica": reader.replica,
        "newest": None if newest is None else iso(newest),
        "age_s": None if newest is None else round((now_ns - newest) / 1e9, 1),
    }


def lots_here(reader: JournalReader) -> list[dict[str, Any]]:
    """Lots that were opened lately and not closed since, by cell; the newest first."""
    last = reader.last().event
    oldest = next(iter(reader.events(max(last - _BACK, 1), last)), None)
    if oldest is None:
        return []
    changes: dict[str, list[LotChanged]] = {}
    for _, _, event in reader.events_between(
        oldest.event.time_ns, reader.last_event_ns() + 1, ["LotChanged"]
    ):
        if isinstance(event, LotChanged):
            changes.setdefault(event.lot, []).append(event)
    rows = [
        {
            "site": reader.identity.site, "lot": lot, "cell": window.cell, "role": window.role,
            "since": iso(window.since_ns), "since_ns": window.since_ns,
        }
        for lot, each in changes.items()
        for window in windows_of(each)
        if window.until_ns is None
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (str(row["cell"]), str(row["role"]), -int(str(row["since_ns"]))))
