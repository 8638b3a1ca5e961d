"""Planned stops announce themselves: an hour before, when they begin, when they are over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.controlplan.found import noted
from gateway.controlplan.values import Owed
from gateway.model import Noted, Plain
from gateway.plan.hours import stop_span
from gateway.sentences import Stop, sentences
from gateway.site import PlannedStop, Shifts


def announced(
    owed: Owed, shifts: Shifts, stops: Iterable[PlannedStop], time_ns: int
) -> tuple[Owed, tuple[Noted, ...]]:
    """What there is to say of stops now. The same object where there is nothing."""
    told: list[Noted] = []
    known = {stop.name: stop for stop in stops}
    for name, until_ns in owed.on.items():
        if time_ns >= until_ns or name not in known:
            cells = known[name].cells if name in known else ()
            over = sentences(Stop(name, time_ns, until_ns, cells, over=True))
            told.append(noted(time_ns, "planned_stop_over", name, to_ns=until_ns, **over))
            owed = replace(owed, on={each: end for each, end in owed.on.items() if each != name})
    for name, stop in known.items():
        span = stop_span(shifts, stop, time_ns)
        if span is None:
            continue
        facts: dict[str, Plain] = {"from_ns": span[0], "to_ns": span[1], "cells": list(stop.cells)}
        if span[0] <= time_ns and name not in owed.on:
            owed = replace(owed, on={**owed.on, name: span[1]}, stops={**owed.stops, name: span[0]})
            said = sentences(Stop(name, *span, stop.cells, on=True))
            told.append(noted(time_ns, "planned_stop", name, **facts, **said))
        elif span[0] - stop.announce_ns <= time_ns < span[0] and owed.stops.get(name) != span[0]:
            owed = replace(owed, stops={**owed.stops, name: span[0]})
            said = sentences(Stop(name, *span, stop.cells))
            told.append(noted(time_ns, "planned_stop_ahead", name, **facts, **said))
    return owed, tuple(told)
