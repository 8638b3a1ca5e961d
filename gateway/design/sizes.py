"""Sizes and decision intervals that a multi-CUSUM is given, as words. Pure, and no numpy: `check` reads it.

A plan's parameters are numbers or words; a list of numbers is one word, parted by spaces or commas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

OWN = (0.25, 0.53, 0.94, 1.67, 3.1)
"""The shifts, in sigma, that the chart looks for if it is not told; its ARL0s are known (multi_cusum.py)."""

MOST = 64
GIVEN = ("sizes", "intervals")
WORDS = ("designed", "equal")


@cache
def numbers(name: str, text: str) -> tuple[float, ...]:
    """The numbers of a word, all above 0. Raises ValueError naming what is none."""
    parts = text.replace(",", " ").split()
    found = []
    for part in parts:
        try:
            found.append(float(part))
        except ValueError:
            raise ValueError(f'{name}: "{part}" is not a number') from None
    if not all(math.isfinite(each) and each > 0.0 for each in found):
        raise ValueError(f'{name}: "{text}" has a number that is not above 0')
    if not 1 <= len(found) <= MOST:
        raise ValueError(f"{name}: write 1 to {MOST} numbers, parted by spaces")
    return tuple(found)


@cache
def sizes_and_intervals(sizes: str, intervals: str) -> tuple[tuple[float, ...], str | tuple[float, ...]]:
    """Shifts that are looked for, in sigma, and the decision interval of each, in sigma: or "designed", or "equal".

    Raises ValueError where they are not as many, or where intervals that are made for `OWN` are wanted of others.
    """
    shifts = numbers("sizes", sizes)
    if intervals == "designed" and shifts != OWN:
        raise ValueError("intervals: sizes of your own need one for each, or the word equal")
    if intervals in WORDS:
        return shifts, intervals
    if intervals.isalpha():
        raise ValueError(f'intervals: "{intervals}" is neither numbers nor one of {", ".join(WORDS)}')
    bounds = numbers("intervals", intervals)
    if len(bounds) != len(shifts):
        raise ValueError(f"intervals: {len(bounds)} given for {len(shifts)} sizes; write one for each")
    return shifts, bounds


def wrong(params: Mapping[str, Any]) -> tuple[str, str] | None:
    """The parameter of a plan's row that cannot be, and why; None where all is well."""
    given = {name: params[name] for name in GIVEN if isinstance(params.get(name), str)}
    try:
        sizes_and_intervals(given.get("sizes", " ".join(map(str, OWN))), given.get("intervals", "designed"))
    except ValueError as error:
        name, _, why = str(error).partition(": ")
        return name, why
    return None
