"""Genealogy by mass in words and lines, as commands print it; as data it is in `gateway.views.masses`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.model import LotMade
from gateway.views.moments import iso

_ZERO_G = 5e-7
"""kg: less is not shown."""


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
