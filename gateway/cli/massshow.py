"""Genealogy by mass as commands print it: shares with their interval and uncertainty, as JSON and as lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.cli.stored import iso
from gateway.journal.exposure import Exposures, Held, Share
from gateway.model import LotMade

_ZERO_G = 5e-7
"""kg: less is not shown."""


def made_plain(made: LotMade) -> dict[str, Any]:
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


def totals_words(totals: Mapping[str, Mapping[str, Any]]) -> str:
    """The same in words: a box on a pallet is in both."""
    words = [
        f"{counted(row['count'], kind)} with {kilograms({**row['held_kg'], 'sigma': 0.0})} of it"
        for kind, row in totals.items()
    ]
    return f": {', '.join(words)}" if words else ""


def rest_words(rest: float) -> str:
    """What is not kept apart, which is no more than this of any one source.

    >>> rest_words(0.0), rest_words(2.5e-5)
    ('every source is kept apart', 'up to 0.0025 % more is of sources too small to be kept apart')
    """
    if rest <= 0.0:
        return "every source is kept apart"
    return f"up to {rest * 100:.2g} % more is of sources too small to be kept apart"


def counted(count: int, kind: str) -> str:
    """So many lots of a kind.

    >>> counted(1, "box"), counted(2, "box"), counted(2, "batch"), counted(3, "pallet")
    ('1 box', '2 boxes', '2 batches', '3 pallets')
    """
    more = "" if count == 1 else "es" if kind.endswith(("x", "ch")) else "s"
    return f"{count} {kind or 'unknown'}{more}"


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


def _shares(share: Share, whole: LotMade) -> dict[str, Any]:
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


def lines_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rows of `held_plain` or `sources_plain` as lines of columns."""
    cells = [
        (
            row["lot"],
            row["kind"],
            kilograms(row["held_kg"]),
            percent(row["share"]),
            row["cell"],
            row["closed"][:19] + "Z" if row["closed"] else "",
        )
        for row in rows
    ]
    widths = [max(len(cell[column]) for cell in cells) for column in range(6)] if cells else []
    return ["  " + "  ".join(map(str.ljust, cell, widths)).rstrip() for cell in cells]


def percent(share: Mapping[str, float]) -> str:
    """A share with its interval, where it is one, and its standard uncertainty.

    >>> percent({"low": 0.25, "high": 0.25, "sigma": 0.002}), percent({"low": 0.2, "high": 0.25, "sigma": 0.0})
    ('25.0000 % +- 0.2000 %', '20.0000 .. 25.0000 %')
    """
    return _words(share["low"] * 100, share["high"] * 100, share["sigma"] * 100, "%", 5e-5)


def kilograms(held: Mapping[str, float]) -> str:
    """A mass likewise, to the gram.

    >>> kilograms({"low": 5.0, "high": 5.0, "sigma": 0.0}), kilograms({"low": 0.0, "high": 1.25, "sigma": 0.002})
    ('5.000 kg', '0.000 .. 1.250 kg +- 0.002 kg')
    """
    return _words(held["low"], held["high"], held["sigma"], "kg", 5e-4)


def _words(low: float, high: float, sigma: float, unit: str, shown_from: float) -> str:
    digits = 4 if unit == "%" else 3
    interval = f"{low:.{digits}f} .. " if high - low >= shown_from else ""
    doubt = f" +- {sigma:.{digits}f} {unit}" if sigma >= shown_from else ""
    return f"{interval}{high:.{digits}f} {unit}{doubt}"


def about_line(made: LotMade) -> str:
    """A lot in one line."""
    doubt = f" +- {made.sigma_kg:.3f}" if made.sigma_kg >= _ZERO_G else ""
    where = f" at {made.cell}" if made.cell else ""
    version = f", version {made.version} ({made.reason})" if made.version > 1 else ""
    return (
        f"{made.lot}  {made.kind}, {made.kg:.3f}{doubt} kg, closed {iso(made.time_ns)[:19]}Z{where}{version}"
    )
