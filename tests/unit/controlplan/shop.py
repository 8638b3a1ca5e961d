"""A press with checks made by hand, on the virtual line of tests/unit/fold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gateway.folding.foldstate import State
from gateway.model import AlarmChanged, Entry, Event, Noted
from gateway.plain import from_plain, to_plain
from gateway.site import Alerts, Characteristic, Check, Line, Sampling, Shifts, ShiftStart, Site
from tests.unit.fold.line import CELL, WALL_NS, Run, at, point, site

H = 3600.0
DAY = 24 * H
NS = 1_000_000_000


def check(name: str = "moisture", every: str = "lot", **options) -> Check:
    """Within an hour, missed after two."""
    options = {
        "within_ns": 3600 * NS,
        "missed_ns": 7200 * NS,
        "cell": CELL,
        "tag": f"{CELL}/{name}",
        **options,
    }
    return Check(name, options.pop("kind", "check"), every, "look at the dryer", **options)


def duty(name: str, kind: str, days: float, **options) -> Check:
    return Check(name, kind, "days", "call the laboratory", period_ns=round(days * DAY) * NS, **options)


def charted(row: Check, method: str = "imr", **params) -> Characteristic:
    """The chart of a check's results."""
    return Characteristic(
        row.id, row.tag, method, params or {"center": 10.0, "sigma": 1.0}, (), Sampling(size=row.size), row.reaction,
        line=row.line,
    )  # fmt: skip


def shop(*checks: Check, alerts: Alerts | None = None, points: tuple[str, ...] = ("x",), **options) -> Site:
    starts = (ShiftStart("early", 6 * 60), ShiftStart("late", 14 * 60), ShiftStart("night", 22 * 60))
    made = site([point(name) for name in points], options.pop("rows", ()), stale_s=1e9)
    return replace(made, checks=checks, alerts=alerts or Alerts(), shifts=Shifts(starts=starts), **options)


class Shop(Run):
    """A run whose state goes through a snapshot at every step, as a crash would take it."""

    def step(self, given):
        step = super().step(given)
        again: State = from_plain(State, to_plain(self.state))
        assert to_plain(again) == to_plain(self.state), "a snapshot holds all of it"
        self.state = again
        return step


def result(seconds: float, name: str, *values: float, lot: str = "", operator: str = "17", **body) -> Entry:
    """A result that a person enters."""
    said = {"result": name, "value": values[0], **body}
    if len(values) > 1:
        said["values"] = list(values)
    return Entry("result", at(seconds), operator, {**said, **({"lot": lot} if lot else {})})


def release(seconds: float, lot: str, operator: str = "17", **body) -> Entry:
    return Entry("release", at(seconds), operator, {"lot": lot, "reason": "looked at it", **body})


def words(events: list[Event]) -> list[str]:
    """Checks, holds, dispositions and alarms in a word or two each."""
    out: list[str] = []
    for event in events:
        if isinstance(event, AlarmChanged):
            out.append(f"alarm {event.kind} {event.state}")
        elif isinstance(event, Noted):
            word = str(event.facts.get("disposition") or event.facts.get("verdict") or "")
            out.append(f"{event.kind} {event.subject} {word}".strip())
    return out


def note(events: list[Event], kind: str) -> Noted:
    return [each for each in events if isinstance(each, Noted) and each.kind == kind][-1]


def alarm(events: Iterable[Event]) -> AlarmChanged:
    """The newest one."""
    return [each for each in events if isinstance(each, AlarmChanged)][-1]


def said(event: Event) -> dict[str, Any]:
    """The facts of an event."""
    assert isinstance(event, AlarmChanged | Noted)
    return dict(event.facts or {})


LINE_B = Line("press", "B")
MIDNIGHT = WALL_NS - WALL_NS % (86_400 * NS)
