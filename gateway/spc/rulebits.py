"""The run rules on one row of samples: each slot's past as bits, a word for each thing known of a sample. Pure.

Bit 0 is the newest sample. A thing to look for is a window of bits: none may be missing, or at most one, which is asked
of all slots and things at once: ``missing & (missing - 1)`` takes the lowest missing bit away.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gateway.spc.pieces import Tall
from gateway.spc.ruletable import (
    A1,
    B1,
    DOWN,
    FALLING,
    KEPT,
    MOST,
    OUTER,
    RISING,
    UP,
    WITHIN,
    ZIGZAG,
    Check,
    Conventions,
    Lengths,
)  # fmt: skip
from gateway.spc.track import Floats, column

Words = NDArray[np.uint16]
Bools = NDArray[np.bool_]


_FEW = 64  # slots, for which fewer calls matter more than shorter ones


@dataclass(frozen=True, eq=False)
class Lines:
    """What a sample is compared with: ``[4, slots]``, at 3, 2, 1 and 0 thirds of the limit. On one is within."""

    high: Floats
    low: Floats

    @cached_property
    def talls(self) -> tuple[tuple[Tall, ...], tuple[Tall, ...]]:
        """High and low ones for blocks."""
        return tuple(map(Tall, self.high)), tuple(map(Tall, self.low))


def lines(
    center: float | Floats, sigma: float | Floats, reach: float | Floats, slots: int, edge: str
) -> Lines:
    """Lines at `reach` sigma (3 as published), at two thirds and a third of it, and the centre."""
    middle, spread, far = column(center, slots), column(sigma, slots), column(reach, slots)
    away = np.stack([far, far * 2.0 / 3.0, far / 3.0, np.zeros(slots)]) * spread
    high, low = middle + away, middle - away
    if edge == "beyond":  # x >= line is x > the number before it
        high[:3], low[:3] = np.nextafter(high[:3], -np.inf), np.nextafter(low[:3], np.inf)
    return Lines(high, low)


class Row:
    """Checks compiled for rows."""

    def __init__(self, checks: tuple[Check, ...], conventions: Conventions) -> None:
        flat = [(side, check) for check in checks for side in check.sides]
        flat.sort(key=lambda each: each[0])
        places = [side for side, _ in flat]
        together = bool(places) and places == list(range(places[0], places[0] + len(places)))
        self._places = slice(places[0], places[-1] + 1) if together else np.array(places, dtype=np.intp)
        self._windows = _stacked([_window(check.length, first=side == ZIGZAG) for side, check in flat])
        # 1: the newest may not be the one that is missing; all bits: nothing may be
        loose = 0 if conventions.completing == "any" else 1
        self._strict = np.array([[loose if c.all_but_one else 0xFFFF] for _, c in flat], dtype=np.uint16)
        self._bits = np.array([[check.bits] for _, check in flat], dtype=np.uint32)
        self._both = places.index(OUTER) if conventions.mixture == "both" and OUTER in places else None
        asked = set(places)
        self._steps = bool(asked & {UP, DOWN, ZIGZAG, RISING, FALLING})
        self._within = bool(asked & {WITHIN, RISING, FALLING})
        self._derived = asked & {OUTER, ZIGZAG, RISING, FALLING}
        self._none = not places

    def known(self, x: Floats, last: Floats, at: Lines) -> Bools:
        """What to remember of samples ``x[..., slots]``: ``[KEPT, ..., slots]``; `last` is what was before each."""
        empty = np.empty if self._within and self._steps else np.zeros
        known = empty((KEPT, *x.shape), dtype=np.bool_)
        if x.ndim == 1:
            np.greater(x, at.high, out=known[:4])
            np.less(x, at.low, out=known[4:8])
        else:
            np.greater(x, at.high[:, None], out=known[:4])
            np.less(x, at.low[:, None], out=known[4:8])
        if self._within:
            within = known[WITHIN]
            np.logical_or(known[A1], known[B1], out=within)
            np.logical_not(within, out=within)
        if self._steps:
            np.greater(x, last, out=known[UP])
            np.less(x, last, out=known[DOWN])
        return known

    def run(
        self, history: Words, last: Floats, x: Floats, at: Lines, seen: Bools | None
    ) -> tuple[Words, NDArray[np.uint32]]:
        """One row ``x[slots]``; `seen`: where there is a sample, None where in all. History is ``[slots, KEPT]``."""
        slots = x.size
        words = np.empty((FALLING + 1 if self._derived else KEPT, slots), dtype=np.uint16)
        past, now = history.T, words[:KEPT]
        np.add(past, past, out=now)  # a shift of small words is slower
        np.bitwise_or(now, self.known(x, last, at), out=now)
        if seen is not None:
            np.copyto(now, past, where=~seen)
        if self._none:
            return now.T, np.zeros(slots, dtype=np.uint32)
        if self._derived:
            self._derive(words)
        missing = np.invert(words[self._places])
        missing &= self._windows
        test = missing - np.uint16(1)
        test |= self._strict
        test &= missing
        hit = test == 0
        if self._both is not None:
            hit[self._both] &= ((words[A1] & 0xFF) != 0) & ((words[B1] & 0xFF) != 0)
        if seen is not None:
            hit &= seen
        if not np.count_nonzero(hit):
            return now.T, np.zeros(slots, dtype=np.uint32)
        if slots < _FEW:
            return now.T, np.bitwise_or.reduce(hit * self._bits, axis=0)
        flags = np.zeros(slots, dtype=np.uint32)
        some = np.flatnonzero(np.logical_or.reduce(hit, axis=0))
        flags[some] = np.bitwise_or.reduce(hit[:, some] * self._bits, axis=0)
        return now.T, flags

    def _derive(self, words: Words) -> None:
        if OUTER in self._derived:
            np.bitwise_or(words[A1], words[B1], out=words[OUTER])
        if ZIGZAG in self._derived:
            up, down = words[UP], words[DOWN]  # a turn stands at the bit of its older step
            np.bitwise_or((up + up) & down, (down + down) & up, out=words[ZIGZAG])
        if RISING in self._derived:
            seen = words[A1] | words[B1] | words[WITHIN]
            step = seen & (seen >> 1)
            words[RISING] = step & ~words[DOWN] & (words[UP] | 0xFFFE)
            words[FALLING] = step & ~words[UP] & (words[DOWN] | 0xFFFE)


_PLACES = (np.uint16(1) << np.arange(MOST, dtype=np.uint16))[::-1, None]


def unpacked(words: Words) -> Bools:
    """The bits of one thing known, ``[slots]``, as rows in time ``[MOST, slots]``."""
    there: Bools = (np.ascontiguousarray(words) & _PLACES) != 0
    return there


def packed(known: Bools) -> Words:
    """What is known of the last samples, ``[KEPT, MOST, slots]``, as history ``[slots, KEPT]``."""
    words = np.zeros((known.shape[0], known.shape[2]), dtype=np.uint16)
    for row in range(known.shape[1]):
        words += words
        words |= known[:, row]
    return words.T


def _window(length: Lengths, *, first: bool) -> Words:
    """So many bits from bit 0 on, or from bit 1."""
    return ((1 << np.atleast_1d(length)) - 1 << first).astype(np.uint16)


def _stacked(windows: list[Words]) -> Words:
    """As ``[checks, 1]`` or ``[checks, slots]``."""
    if not windows:
        return np.zeros((0, 1), dtype=np.uint16)
    return np.stack(np.broadcast_arrays(*windows))
