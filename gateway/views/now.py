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

    Alarms that came of another one are one story with it, which is told by the one that came first. A story of which
    something stands is before one that has gone back as a whole, then the worst, then the one of the most lots.
    """
    told = [row for row in rows if row["kind"] in _STORY and row["state"] in UNANSWERED]
    names = {row["alarm"]: row for row in told}
    stories: dict[str, list[dict[str, Any]]] = {}
    for row in told:
        first = row["facts"].get("first_out", "")
        stories.setdefault(first if first in names else row["alarm"], []).append(row)

    def order(first: str) -> tuple[bool, int, int]:
        story = stories[first]
        gone = all(row["state"] != "active" for row in story)
        return gone, -max(row["severity"] for row in story), -max(len(row["lots"]) for row in story)

    return names[min(stories, key=order)] if stories else None  # of equal ones the newest, as they come


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
