"""Genealogy by mass as plain data: shares with their interval and uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from gateway.journal.briefs import Brief
from gateway.journal.exposure import Exposures, Held, Share
from gateway.model import LotMade
from gateway.views.moments import iso


def made_plain(made: LotMade | Brief) -> dict[str, Any]:
    """A lot that is whole, in short."""
    return {
        "lot": made.lot,
        "kind": made.kind,
        "cell": made.cell,
        "closed": iso(made.time_ns),
        "kg": made.kg,
        "sigma_kg": made.sigma_kg,
        "version": made.version,
    }


def held_plain(held: Held) -> dict[str, Any]:
    """A lot and how much of another one is in it."""
    return {**made_plain(held.made), **_shares(held.share, held.made)}


def totals_plain(held: Iterable[Held]) -> dict[str, dict[str, Any]]:
    """By kind how many lots there are and how much of it is in them together."""
    found: dict[str, dict[str, Any]] = {}
    for each in held:
        row = found.setdefault(each.made.kind, {"count": 0, "held_kg": {"low": 0.0, "high": 0.0}})
        row["count"] += 1
        row["held_kg"]["low"] += each.share.low * each.made.kg
        row["held_kg"]["high"] += each.share.high * each.made.kg
    return found


def sources_plain(exposures: Exposures, made: LotMade, least: float) -> list[dict[str, Any]]:
    """What a lot is made of, from a share on, the most first. One that is not a lot of its own here says less."""
    found = sorted(exposures.sources(made.lot).items(), key=lambda item: (-item[1].high, item[0]))
    rows = []
    for name, share in found:
        if share.high >= least:
            of = exposures.made(name)
            about = made_plain(of) if of else {"lot": name, "kind": "", "cell": "", "closed": None}
            rows.append({**about, **_shares(share, made)})
    return rows


def _shares(share: Share, whole: LotMade | Brief) -> dict[str, Any]:
    sigma = math.hypot(whole.kg * share.sigma, share.high * whole.sigma_kg)
    held = {"low": share.low * whole.kg, "high": share.high * whole.kg, "sigma": sigma}
    return {"share": share._asdict(), "held_kg": held}


def composition_plain(made: LotMade) -> dict[str, Any]:
    """Shares of a lot that are about no single source; each from least to most."""
    held = made.composition
    bins = [_interval(column) for column in zip(*held.passes, strict=True)]
    regrind = _interval([1.0 - row[0] for row in held.passes])
    return {
        "rest": max(held.rest),
        "regrind": {**regrind, "sigma": held.regrind_sigma},
        "passes": bins,
        "recycled": {**_interval(held.recycled), "sigma": held.recycled_sigma},
    }


def _interval(rows: Iterable[float]) -> dict[str, float]:
    found = [max(0.0, row) for row in rows]
    return {"low": min(found), "high": max(found)}
