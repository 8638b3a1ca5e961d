"""The run rules as data: who says what, over how many samples. Pure.

Sources: Western Electric (1956), Statistical Quality Control Handbook, p. 25-28, tests 1 to 4. Nelson (1984), The
Shewhart control chart: tests for special causes, Journal of Quality Technology 16(4), 237-239, tests 1 to 8. AIAG
(2005), Statistical Process Control, 2nd ed., chapter II, typical special cause criteria 1 to 8, which are Nelson's with
7 samples on one side instead of 9. Rules that say the same are judged once and keep their own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats

WESTERN_ELECTRIC = ("WE1", "WE2", "WE3", "WE4")
NELSON = ("N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8")
AIAG = ("AIAG1", "AIAG2", "AIAG3", "AIAG4", "AIAG5", "AIAG6", "AIAG7", "AIAG8")
NAMES = WESTERN_ELECTRIC + NELSON + AIAG
"""Every run rule; its place here is its bit in the flags."""

Edge = Literal["within", "beyond"]
Completing = Literal["beyond", "any"]
Ties = Literal["break", "keep"]
Mixture = Literal["either", "both"]

# What is known of one sample, a bit each: above the limit at 3, 2, 1 and 0 sigma, below it, within 1 sigma, higher or
# lower than the sample before. The last five follow from these: beyond 1 sigma on whichever side, a step against the
# step before, and steps that are not down (or up) whose newest is up (or down).
A3, A2, A1, A0, B3, B2, B1, B0, WITHIN, UP, DOWN, OUTER, ZIGZAG, RISING, FALLING = range(15)
KEPT = 11  # of these are remembered
MOST = 16  # samples remembered

_BEYOND_3, _BEYOND_2, _BEYOND_1 = (A3, B3), (A2, B2), (A1, B1)
_SIDE, _TREND, _ZIGZAG, _WITHIN, _OUTER = (A0, B0), (UP, DOWN), (ZIGZAG,), (WITHIN,), (OUTER,)
_ORDER = (_BEYOND_3, _BEYOND_2, _BEYOND_1, _SIDE, _WITHIN, _TREND, (RISING, FALLING), _OUTER, _ZIGZAG)
_SAYS = {
    "WE1": _BEYOND_3, "WE2": _BEYOND_2, "WE3": _BEYOND_1, "WE4": _SIDE,
    "N1": _BEYOND_3, "N2": _SIDE, "N3": _TREND, "N4": _ZIGZAG,
    "N5": _BEYOND_2, "N6": _BEYOND_1, "N7": _WITHIN, "N8": _OUTER,
    "AIAG1": _BEYOND_3, "AIAG2": _SIDE, "AIAG3": _TREND, "AIAG4": _ZIGZAG,
    "AIAG5": _BEYOND_2, "AIAG6": _BEYOND_1, "AIAG7": _WITHIN, "AIAG8": _OUTER,
}  # fmt: skip
# Fourteen samples have twelve turns.
_LENGTH = {_BEYOND_3: 1, _BEYOND_2: 3, _BEYOND_1: 5, _ZIGZAG: 12, _WITHIN: 15, _OUTER: 8}
PUBLISHED_SAME_SIDE = {"WE4": 8, "N2": 9, "AIAG2": 7}

Lengths = int | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Check:
    """One thing to look for: of the last `length` samples all, or all but one, are so on one of these sides."""

    sides: tuple[int, ...]
    length: Lengths  # one for all slots, or each its own
    all_but_one: bool
    bits: int  # of the rules that it speaks for


@dataclass(frozen=True, slots=True)
class Conventions:
    """Points on which tools differ; docs/reference/charts.md says which tool does what."""

    edge: Edge = "within"
    completing: Completing = "beyond"
    ties: Ties = "break"
    mixture: Mixture = "either"

    def __post_init__(self) -> None:
        for name, kinds in (("edge", Edge), ("completing", Completing), ("ties", Ties), ("mixture", Mixture)):
            value = getattr(self, name)
            if value not in get_args(kinds):
                raise ValueError(f"{name} {value} is not one of {', '.join(get_args(kinds))}")


def checks(
    rules: tuple[str, ...], same_side: float | Floats, trend: float | Floats, conventions: Conventions
) -> tuple[Check, ...]:
    """What these rules ask for, each thing once. Raises ValueError for what makes no sense.

    `same_side` 0 is what each rule's authors say; `trend` counts samples, so one less than steps.
    """
    unknown = set(rules) - set(NAMES)
    if unknown:
        raise ValueError(f"{min(unknown)} is not a run rule; there are {', '.join(NAMES)}")
    side, samples = _whole("same_side", same_side, 2, zero=True), _whole("trend", trend, 3)
    found: dict[tuple[tuple[int, ...], int], tuple[Lengths, int]] = {}
    for name in rules:
        sides = _SAYS[name]
        published = PUBLISHED_SAME_SIDE.get(name, 0)
        if sides is _SIDE:
            length = _same(np.where(side == 0, published, side))
        elif sides is _TREND:
            length = _same(samples - 1)
            sides = (RISING, FALLING) if conventions.ties == "keep" else _TREND
        else:
            length = _LENGTH[sides]
        _, bits = found.get((sides, published), (0, 0))
        found[sides, published] = length, bits | 1 << NAMES.index(name)
    keys = sorted(found, key=lambda key: (_ORDER.index(key[0]), key[1]))
    return tuple(
        Check(key[0], found[key][0], key[0] in {_BEYOND_2, _BEYOND_1}, found[key][1]) for key in keys
    )


def _whole(name: str, value: float | Floats, least: int, *, zero: bool = False) -> NDArray[np.int64]:
    given = np.asarray(value, dtype=np.float64)
    wrong = (given < least) | (given > MOST) | (given != np.floor(given)) | np.isnan(given)
    if zero:
        wrong &= given != 0
    if wrong.any():
        raise ValueError(f"{name} must be a whole number from {least} to {MOST}")
    return given.astype(np.int64)


def _same(lengths: NDArray[np.int64]) -> Lengths:
    """One number where all slots have the same."""
    if lengths.ndim and lengths.size and (lengths != lengths[0]).any():
        return lengths
    return int(lengths.flat[0]) if lengths.size else 2
