"""The score of the Numenta Anomaly Benchmark (Lavin & Ahmad 2015, "Evaluating real-time anomaly detection algorithms").

A window of time around each anomaly earns once, at its first detection, the more the earlier; each detection outside
costs, the more the further after a window. 0 is the score of a detector that says nothing, 100 that of a perfect one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Windows = Sequence[tuple[int, int]]  # first and last row


@dataclass(frozen=True, slots=True)
class Profile:
    """What a detection is worth, and what a false one and a missed one cost."""

    name: str
    hit: float
    false: float
    missed: float


PROFILES = (
    Profile("standard", 1.0, 0.11, 1.0),
    Profile("low FP", 1.0, 0.22, 1.0),
    Profile("low FN", 1.0, 0.11, 2.0),
)


def sigmoid(place: float) -> float:
    """Worth of a detection at a place relative to its window: -1 is the window's begin, 0 its end."""
    return -1.0 if place > 3.0 else 2.0 / (1.0 + math.exp(5.0 * place)) - 1.0


def probation(rows: int) -> int:
    """Rows at the begin that do not count: 15 %, at most of 5000 rows."""
    return int(min(0.15 * rows, 0.15 * 5000))


def worths(rows: int, windows: Windows, profile: Profile) -> tuple[Floats, NDArray[np.intp]]:
    """What a detection in each row is worth, and the window it is in (-1: none)."""
    worth = np.full(rows, -profile.false)
    inside = np.full(rows, -1)
    for number, (first, last) in enumerate(windows):
        width = last - first + 1
        until = windows[number + 1][0] if number + 1 < len(windows) else rows
        for row in range(last + 1, min(until, rows)):
            worth[row] = profile.false * sigmoid((row - last) / max(width - 1, 1))
        for row in range(first, min(last + 1, rows)):
            worth[row] = profile.hit * sigmoid(-(last - row + 1) / width) / sigmoid(-1.0)
            inside[row] = number
    return worth, inside


def best(
    files: Sequence[tuple[Floats, Windows]], profile: Profile, *, skip: bool = True
) -> tuple[float, float]:
    """The normalised score with the best single threshold over all files, and that threshold."""
    scores, gains, count = [], [], 0
    for each, windows in files:
        said, worth, inside, number = _prepared(each, windows, profile, skip=skip)
        gain = np.where(inside < 0, worth, 0.0)
        for window in set(
            inside[inside >= 0].tolist()
        ):  # a window gains by what is earlier than all louder rows
            rows = np.flatnonzero(inside == window)
            rows = rows[np.argsort(-said[rows], kind="stable")]
            gain[rows] = np.diff(np.maximum.accumulate(worth[rows]), prepend=-profile.missed)
        scores.append(said)
        gains.append(gain)
        count += number
    said = np.concatenate(scores)
    order = np.argsort(-said, kind="stable")
    said, total = said[order], np.cumsum(np.concatenate(gains)[order])
    last = np.append(said[1:] != said[:-1], True)  # rows of one score are told together
    found = int(np.argmax(total[last]))
    if total[last][found] <= 0.0:
        return 0.0, math.inf
    return 100.0 * float(total[last][found]) / ((profile.hit + profile.missed) * count), float(
        said[last][found]
    )


def at(
    files: Sequence[tuple[Floats, Windows]], profile: Profile, threshold: float, *, skip: bool = True
) -> float:
    """The normalised score with a given threshold."""
    return _total(
        [_prepared(scores, windows, profile, skip=skip) for scores, windows in files], profile, threshold
    )


def _prepared(
    scores: Floats, windows: Windows, profile: Profile, *, skip: bool
) -> tuple[Floats, Floats, NDArray[np.intp], int]:
    worth, inside = worths(len(scores), windows, profile)
    begin = probation(len(scores)) if skip else 0
    return scores[begin:], worth[begin:], inside[begin:], len(windows)


def _total(
    table: Sequence[tuple[Floats, Floats, NDArray[np.intp], int]], profile: Profile, threshold: float
) -> float:
    raw, windows = 0.0, 0
    for scores, worth, inside, count in table:
        rows = np.flatnonzero(scores >= threshold)
        raw += worth[rows[inside[rows] < 0]].sum()
        hit = inside[rows]
        firsts = [worth[rows[hit == number][0]] for number in set(hit[hit >= 0].tolist())]
        raw += sum(firsts) - profile.missed * (count - len(firsts))
        windows += count
    null, perfect = -profile.missed * windows, profile.hit * windows
    return 100.0 * (raw - null) / (perfect - null)
