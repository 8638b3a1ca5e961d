"""Corrected facts: what people say of the past is an event, and an order to find out what follows of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.holds.findings import Found, noted
from gateway.holds.people import ordered
from gateway.holds.values import Holds
from gateway.model import Entry, Instant, Plain, Severity

RECOUNTED = ("lot", "kg", "sigma_kg", "of", "reason")


def recount(holds: Holds, entry: Entry) -> tuple[Holds, Found]:
    """``{"lot", "kg", "sigma_kg", "of", "reason"}``: kilograms of a lot, or of what went into it of lot `of`."""
    asked: dict[str, Plain] = {name: entry.body.get(name) for name in RECOUNTED}
    holds = ordered(holds, entry.at, entry.operator, "restate", {"change": "recount", **asked})
    facts = {name: value for name, value in asked.items() if name != "lot" and value not in (None, "")}
    lot = str(asked["lot"])
    note = noted(entry.at.time_ns, "lot_recounted", lot, Severity.WARNING, operator=entry.operator, **facts)
    return holds, (note,)


@dataclass(frozen=True, slots=True)
class Feed:
    """In a span of wire time it was `lot` that fed the cells, and not `was` ("": nobody knew which)."""

    cells: Sequence[str]
    was: str
    lot: str
    from_ns: int
    to_ns: int | None  # None: from then on
    kg: float | None = None  # so much of it; None: for as long as it was there
    here: Mapping[str, float] = field(
        default_factory=dict
    )  # kilograms by wrong lot that went over in the state

    def plain(self) -> dict[str, Plain]:
        return {
            "cells": list(self.cells), "was": self.was, "lot": self.lot, "from_ns": self.from_ns,
            "to_ns": self.to_ns, "kg": self.kg, "here": dict(self.here),
        }  # fmt: skip


def fed(holds: Holds, at: Instant, operator: str, change: str, feed: Feed) -> Holds:
    """An order to find out what follows."""
    return ordered(holds, at, operator, "restate", {"change": change, **feed.plain()})
