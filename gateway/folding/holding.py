"""Rules and holds in the fold: entries of people, and what the other rooms told of lots. Pure.

Rule 1: a lot is judged in the step that makes it: it is held before anybody can take it away.  Rule 2: what needs the
past is ordered: it is looked up outside the fold and comes back as an entry, so that a replay needs nothing but the
journal.  Rule 3: a correction changes what is believed, never what was told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from gateway.alarms import Alarm, Alarms
from gateway.codes.identify import Identified, Refused, lot_of
from gateway.folding import holdalarms
from gateway.holds import (
    Cleared,
    Concerned,
    Found,
    Free,
    Holds,
    Left,
    Ruled,
    Rules,
    Used,
    Why,
    awaiting,
    closed,
    expiry,
    exposed,
    hold,
    labels,
    past_day,
    release,
    result,
)
from gateway.holds import facts as facts_of
from gateway.lots import Lots, Paths, Stay
from gateway.lots.rescan import rescanned as moved_over
from gateway.mass import MassState
from gateway.mass.reach import reach
from gateway.mass.renamed import came_late, renamed
from gateway.mass.scans import net_weight
from gateway.model import Entry, Event, Input, Instant, LotChanged, LotMade, Noted, Plain, Scan, Severity
from gateway.plain import from_plain
from gateway.site import ResultLimit, ScanPoint, Site

_FINDINGS = (Ruled, Cleared, Concerned, Used, Left, Free)
RESTATE = "restate"
"""Kind of an order, and of the entry that answers it with new versions of lots."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What this file reads and changes of the fold's state."""

    holds: Holds
    alarms: Alarms
    lots: Lots
    mass: MassState = field(default_factory=MassState)


class Holding:
    """The rules of one site, compiled."""

    def __init__(self, site: Site) -> None:
        self._rules = Rules(site)
        self._points = {point.name: point for point in site.scan_points}
        self._paths = Paths.of(site.flows)
        self._reach = {point.name: reach(site, point) for point in site.scan_points}
        self._site = site.site

    def entered(self, kept: Kept, entry: Entry) -> tuple[Kept, tuple[Event, ...]] | None:
        """What a person's entry does, or the answer to an order; None where it is none of this room."""
        holds, rules = kept.holds, self._rules
        does: dict[str, Callable[[], tuple[Holds, Found]]] = {
            "hold": lambda: hold(holds, rules, entry),
            "release": lambda: release(holds, entry),
            "result": lambda: result(holds, rules, entry),
            "exposed": lambda: exposed(holds, rules, entry),
            "recount": lambda: facts_of.recount(holds, entry),
            "label": lambda: labels.label(holds, self._site, entry),
        }
        if entry.kind not in does:
            return None
        holds, found = does[entry.kind]()
        kept, events = self._told(replace(kept, holds=holds), found, entry.at)
        kept, more = self._in_use(kept, entry)
        return kept, (*events, *more)

    def resulted(
        self, kept: Kept, entry: Entry, own: ResultLimit, *, doubtful: bool
    ) -> tuple[Kept, tuple[Event, ...]]:
        """A result of a check of the control plan, judged by its own limits."""
        holds, found = result(kept.holds, self._rules, entry, own, doubtful=doubtful)
        kept, events = self._told(replace(kept, holds=holds), found, entry.at)
        kept, more = self._in_use(kept, entry)
        return kept, (*events, *more)

    def awaited(
        self, kept: Kept, lot: str, why: Why, at: Instant, kind: str, cell: str
    ) -> tuple[Kept, tuple[Event, ...]]:
        """A lot came that nobody may use before it is checked."""
        holds, found = awaiting.quarantine(kept.holds, lot, why, at.time_ns, kind, cell)
        return self._told(replace(kept, holds=holds), found, at)

    def accepted(self, kept: Kept, lot: str, operator: str, at: Instant) -> tuple[Kept, tuple[Event, ...]]:
        """All its checks are made, and their results are inside."""
        holds, found = awaiting.accepted(
            kept.holds, lot, operator, at.time_ns, "accepted: its checks are inside"
        )
        return self._told(replace(kept, holds=holds), found, at)

    def rescanned(self, kept: Kept, entry: Entry) -> tuple[Kept, tuple[Event, ...]]:
        """``{"point", "time_ns", "lot", "instead", "to_ns", "kg", "reason"}``: a scan of material was of another lot.

        `kg` and `to_ns` are what whoever enters it knows of the scanned lot, where it is no longer in the state.
        """
        body = entry.body
        point, was, from_ns = (
            self._points.get(str(body["point"])),
            str(body["lot"]),
            int(str(body["time_ns"])),
        )
        right = lot_of(str(body["instead"]))
        facts: dict[str, Plain] = {"operator": entry.operator, "lot": was, "time_ns": from_ns}
        if point is None or point.role != "material" or isinstance(right, Refused) or right.lot == was:
            facts["reason"] = _why_not(point, right)
            note = Noted(entry.at.time_ns, "amend_refused", str(body["point"]), Severity.INFO, facts)
            return kept, (note,)
        now = Stay(right.lot, str(body["instead"]), from_ns)
        done = moved_over(kept.lots, point.cell, was, from_ns, now, self._paths)
        lots, events, end_ns, code = kept.lots, tuple[Event, ...](), body.get("to_ns"), ""
        if done is not None:
            lots, events, old = done
            end_ns, code = old.end_ns, old.code
        reach = self._reach[point.name]
        kg = _kilograms(point, code, body.get("kg"))
        mass, here = renamed(kept.mass, was, right.lot, math.inf if kg is None else kg, reach.vessels)
        until = end_ns if isinstance(end_ns, int) and kg is None else None
        left = None if kg is None else max(kg - here, 0.0)
        over = {was: here} if 0.0 < here < math.inf else {}
        feed = facts_of.Feed(reach.cells, was, right.lot, from_ns, until, left, over)
        holds = facts_of.fed(kept.holds, entry.at, entry.operator, "wrong_scan", feed)
        facts |= {"instead": right.lot, "reason": body["reason"], "forgotten": done is None}
        note = Noted(entry.at.time_ns, "scan_corrected", point.name, Severity.WARNING, facts)
        kept, more = self.after(replace(kept, holds=holds, lots=lots, mass=mass), entry, events)
        return kept, (note, *events, *more)

    def after(
        self,
        kept: Kept,
        given: Input,
        events: Iterable[Event],
        before: Lots | None = None,
        newest_ns: int = 0,
    ) -> tuple[Kept, tuple[Event, ...]]:
        """What follows of the events that an input gave: lots that are whole, that came, that left.

        `before`: the lots before a scan, which may turn out to be late; `newest_ns`: the newest wire time by then.
        """
        told: tuple[Event, ...] = ()
        for event in events:
            match event:
                case LotMade():
                    holds, found = closed(kept.holds, self._rules, event, shipped=_shipped(given, event.lot))
                    kept, more = self._told(replace(kept, holds=holds), found, given.at)
                case LotChanged():
                    kept, more = self._moved(kept, given, event)
                case Noted(kind="scan_late") if isinstance(given, Scan):
                    kept, more = self._late(kept, given, event, before or kept.lots, newest_ns)
                case _:
                    continue
            told = (*told, *more)
        return kept, told

    def restated(self, kept: Kept, entry: Entry) -> tuple[Kept, tuple[LotMade, ...]]:
        """``{"order", "done", "lots", "shipped"}``: the answer to an order: new versions of lots, page by page.

        A page of an order that is over says nothing: its work was done twice, over a crash.
        """
        name = str(entry.body.get("order"))
        order = kept.holds.order(name)
        if order is None or order.kind != RESTATE:
            return kept, ()
        if entry.body.get("done"):
            kept = replace(kept, holds=kept.holds.without_order(name))
        lots = entry.body.get("lots")
        rows = lots if isinstance(lots, list) else []
        return kept, tuple(from_plain(LotMade, row) for row in rows)

    def answered(self, kept: Kept, alarm: Alarm, at: Instant) -> tuple[Kept, tuple[Event, ...]]:
        """Somebody answered for an alarm."""
        alarms, events = holdalarms.answered(kept.alarms, alarm, at)
        return replace(kept, alarms=alarms), events

    def _moved(self, kept: Kept, given: Input, event: LotChanged) -> tuple[Kept, tuple[Event, ...]]:
        point = self._points.get(given.point) if isinstance(given, Scan) else None
        if event.role == "material":
            if event.change == "closed":
                alarms, told = holdalarms.taken_off(kept.alarms, event.lot, event.cell, given.at)
                return replace(kept, alarms=alarms), told
            return self._fed(kept, given, event) if event.change in ("opened", "moved") else (kept, ())
        if point is not None and _leaves(point, event) and event.lot in kept.holds.held:
            reason = kept.holds.held[event.lot].why[-1].reason
            return self._told(kept, (Left(event.lot, event.cell, reason),), given.at)
        return kept, ()

    def _fed(self, kept: Kept, given: Input, event: LotChanged) -> tuple[Kept, tuple[Event, ...]]:
        """Material came to a cell: is it held, is it past its day?"""
        found: list[Used] = []
        held = kept.holds.held.get(event.lot)
        if held is not None:
            found.append(Used(event.lot, event.cell, "held", held.why[-1].reason))
        if isinstance(given, Scan):
            day = expiry.of_code(given.code, given.symbology, given.at.time_ns)
            if day is not None:
                kept = replace(kept, holds=past_day(kept.holds, event.lot, day, event.time_ns))
                if event.time_ns >= day:
                    found.append(Used(event.lot, event.cell, "expired", "", {"expired_ns": day}))
        return self._told(kept, tuple(found), given.at)

    def _in_use(self, kept: Kept, entry: Entry) -> tuple[Kept, tuple[Event, ...]]:
        """A lot that was just held may feed a cell now."""
        lot = str(entry.body.get("lot"))
        held = kept.holds.held.get(lot)
        if held is None or held.since_ns != entry.at.time_ns:
            return kept, ()
        cells = [
            cell
            for cell, stays in kept.lots.material.items()
            if any(stay.lot == lot and stay.covers(entry.at.time_ns) for stay in stays)
        ]
        found = tuple(Used(lot, cell, "held", held.why[-1].reason) for cell in cells)
        return self._told(kept, found, entry.at)

    def _late(
        self, kept: Kept, given: Scan, event: Noted, before: Lots, newest_ns: int
    ) -> tuple[Kept, tuple[Event, ...]]:
        """A late scan: what was made meanwhile is looked at again; where the point says so, late is an alarm."""
        point, seconds = self._points.get(given.point), event.facts.get("late_seconds")
        if point is None or not isinstance(seconds, float):
            return kept, ()
        lot = str(event.facts.get("lot", ""))
        if point.role == "material" and point.action != "close":
            span = (given.at.time_ns, newest_ns)
            kg = _kilograms(point, given.code, None)
            was = "" if point.into else _fed_by(before, point.cell, lot, span[0])
            reach = self._reach[point.name]
            mass, here = came_late(kept.mass, self._site, lot, kg, span, reach.vessels)
            left = None if kg is None else max(kg - sum(here.values()), 0.0)
            feed = facts_of.Feed(reach.cells, was, lot, *span, left, here)
            holds = facts_of.fed(kept.holds, given.at, "", "late_scan", feed)
            kept = replace(kept, holds=holds, mass=mass)
        if not point.late_after_ns or seconds * 1e9 < point.late_after_ns:
            return kept, ()
        alarms, told = holdalarms.late(kept.alarms, point.name, point.cell, lot, given.at, seconds)
        return replace(kept, alarms=alarms), told

    def _told(self, kept: Kept, found: Found, at: Instant) -> tuple[Kept, tuple[Event, ...]]:
        alarms, events = kept.alarms, tuple[Event, ...]()
        for each in found:
            if isinstance(each, _FINDINGS):
                alarms, more = holdalarms.told(alarms, each, at)
                events = (*events, *more)
            else:
                events = (*events, each)
        return replace(kept, alarms=alarms), events


def _shipped(given: Input, lot: str) -> bool:
    """Whether the answer to an order says that the lot has left."""
    if not isinstance(given, Entry) or given.kind != RESTATE:
        return False
    shipped = given.body.get("shipped")
    return isinstance(shipped, list) and lot in shipped


def _leaves(point: ScanPoint, event: LotChanged) -> bool:
    ends = "closed" if point.action == "close" else "moved"
    return point.ships and event.cell == point.cell and event.change in (ends, "closed")


def _fed_by(before: Lots, cell: str, lot: str, time_ns: int) -> str:
    """The material lot that was taken to feed a cell before it was known better; "" where nobody knew one."""
    stays = [stay for stay in before.material.get(cell, ()) if stay.lot != lot and stay.covers(time_ns)]
    return max(stays, key=lambda stay: stay.from_ns).lot if stays else ""


def _kilograms(point: ScanPoint, code: str, said: Plain) -> float | None:
    """What was emptied into a vessel with one scan; None where the lot feeds for as long as it is there."""
    if not point.into:
        return None
    known = net_weight(code) if code else 0.0
    return known or (float(said) if isinstance(said, (int, float)) else 0.0) or point.kg


def _why_not(point: ScanPoint | None, right: Identified | Refused) -> str:
    if point is None:
        return "unknown scan point"
    if point.role != "material":
        return "only scans of material can be corrected: hold the lot, and print it a label of its own"
    return right.message if isinstance(right, Refused) else "it is the same lot"
