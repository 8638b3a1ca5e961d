"""Machines, stores and trends as rows of tables, as plain data and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gateway.score.machines import Ran
from gateway.score.outlook import Arrival, Emptying, Trend
from gateway.score.tables import Cell, lines, number
from gateway.score.words import said

MACHINES = (
    "site", "machine", "cell", "utilisation", "availability", "performance", "quality", "oee", "good", "reject",
    "scrap", "energy", "run_h", "busy_h", "unread_h",
)  # fmt: skip
STORES = ("site", "store", "material", "line", "kg", "sigma", "kg per hour", "empty in", "low", "high")
TRENDS = (
    "site",
    "characteristic",
    "tag",
    "value",
    "slope per hour",
    "limit",
    "at",
    "reaches it in",
    "low",
    "high",
)


def machine_rows(site: str, rows: Sequence[Ran]) -> list[tuple[Cell, ...]]:
    """In the order of MACHINES; shares from 0 to 1, hours."""
    return [
        (
            site, each.machine.name, each.machine.cell, each.utilisation, each.availability, each.performance,
            each.quality, each.oee, each.good, each.parts - each.good, each.scrap_share, each.energy_per_part,
            each.run_s / 3600, each.busy_s / 3600, each.unread_s / 3600,
        )
        for each in rows
    ]  # fmt: skip


def machine_plain(site: str, each: Ran) -> dict[str, Any]:
    """With the seconds of each state, which all shares come from."""
    names = [name.replace(" ", "_") for name in MACHINES]
    (row,) = machine_rows(site, [each])
    return {**dict(zip(names, row, strict=True)), "shots": each.shots, "states_s": dict(each.states)}


def machines_in_words(rows: Sequence[tuple[str, Ran]], language: str) -> list[str]:
    """Shares in per cent."""
    names = (
        "machine",
        "utilisation",
        "availability",
        "performance",
        "quality",
        "oee",
        "good",
        "reject",
        "scrap",
        "energy",
    )
    cells = [
        [
            each.machine.name, *(
                _share(value)
                for value in (each.utilisation, each.availability, each.performance, each.quality, each.oee)
            ),
            number(each.good, 0), number(each.parts - each.good, 0), _share(each.scrap_share),
            number(each.energy_per_part, 4),
        ]
        for _, each in rows
    ]  # fmt: skip
    return lines([said(language, name) for name in names], cells)


def store_rows(rows: Sequence[Emptying]) -> list[tuple[Cell, ...]]:
    """In the order of STORES; hours."""
    return [
        (
            each.site, each.store, each.material, each.line, each.stock.kg, each.stock.sigma_kg, each.kg_per_hour,
            *_arrival(each.empty),
        )
        for each in rows
    ]  # fmt: skip


def trend_rows(rows: Sequence[Trend]) -> list[tuple[Cell, ...]]:
    """In the order of TRENDS; hours."""
    return [
        (
            each.site, each.characteristic, each.tag, each.line.level, each.line.slope, each.limit, each.value,
            *_arrival(each.arrival),
        )
        for each in rows
    ]  # fmt: skip


def stores_in_words(rows: Sequence[Emptying], language: str) -> list[str]:
    names = ("store", "material", "kg", "kg per hour", "empty in", "interval")
    cells = [
        [
            each.store, each.material, number(each.stock.kg, 1), number(each.kg_per_hour, 2),
            *_words(each.empty),
        ]
        for each in rows
    ]  # fmt: skip
    return lines([said(language, name) for name in names], cells)


def trends_in_words(rows: Sequence[Trend], language: str) -> list[str]:
    names = ("characteristic", "value", "slope per hour", "limit", "reaches it in", "interval")
    cells = [
        [
            each.characteristic, number(each.line.level), number(each.line.slope, 4), f"{each.limit} {each.value:g}",
            *_words(each.arrival),
        ]
        for each in rows
    ]  # fmt: skip
    return lines([said(language, name) for name in names], cells) if rows else []


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _arrival(found: Arrival | None) -> tuple[float | None, float | None, float | None]:
    if found is None:
        return None, None, None
    return found.hours, found.low, found.high if math.isfinite(found.high) else None


def _words(found: Arrival | None) -> tuple[str, str]:
    if found is None:
        return "-", "-"
    high = f"{found.high:,.1f} h" if math.isfinite(found.high) else "∞"
    return f"{found.hours:,.1f} h", f"{found.low:,.1f} - {high}"
