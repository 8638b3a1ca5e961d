"""Corrected facts: what people say of the past is an event, and an order to find out what follows of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

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


def fed(
    holds: Holds,
    at: Instant,
    operator: str,
    change: str,
    cells: Sequence[str],
    lots: tuple[str, str],
    span_ns: tuple[int, int | None],
    kg: float | None = None,
) -> Holds:
    """An order: in a span of wire time the second of two lots fed the cells, and not the first ("": nobody knew).

    `kg`: so much of it; None: for as long as it was there.
    """
    body: dict[str, Plain] = {
        "change": change, "cells": list(cells), "was": lots[0], "lot": lots[1], "from_ns": span_ns[0],
        "to_ns": span_ns[1], "kg": kg,
    }  # fmt: skip
    return ordered(holds, at, operator, "restate", body)
