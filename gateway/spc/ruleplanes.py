"""The run rules on many rows at once: the same flags as `rulebits` gives row by row, a byte a sample. Pure.

What is known of the samples is a plane of bytes, rows in time, with the `MOST` rows before the block on top. A run of n
is planes laid over themselves one, two, four... rows later; two of three and four of five are made of pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.spc.pieces import pieces
from gateway.spc.rulebits import Bools, Lines, Row, Words, packed, unpacked
from gateway.spc.ruletable import (
    A0,
    A1,
    A2,
    A3,
    B0,
    B1,
    B2,
    B3,
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
)  # fmt: skip
from gateway.spc.track import Floats

_ABOVE = {A3: 0, A2: 1, A1: 2, A0: 3}
_BELOW = {B3: 0, B2: 1, B1: 2, B0: 3}
_MADE_OF = {
    WITHIN: (A1, B1),
    OUTER: (A1, B1),
    ZIGZAG: (UP, DOWN),
    RISING: (A1, B1, WITHIN, UP, DOWN),
    FALLING: (A1, B1, WITHIN, UP, DOWN),
}


class Block:
    """Checks compiled for blocks of `MOST` rows and more, without a missing sample."""

    def __init__(self, checks: tuple[Check, ...], conventions: Conventions, row: Row) -> None:
        self._checks, self._row = checks, row
        self._any = conventions.completing == "any"
        self._both = conventions.mixture == "both"
        sides = {side for check in checks for side in check.sides}
        asked = sides.union(*(_MADE_OF.get(side, ()) for side in sides))
        self._asked = tuple(sorted(side for side in asked if side < KEPT))
        self._type = np.uint8 if len(checks) <= 8 else np.uint16
        found = np.arange(1 << len(checks), dtype=np.uint32)
        self._rules_of = np.zeros_like(found)  # by checks found, a bit each
        for place, check in enumerate(checks):
            self._rules_of |= (found >> np.uint32(place) & np.uint32(1)) * np.uint32(check.bits)

    def run(self, history: Words, last: Floats, x: Floats, at: Lines) -> tuple[Words, NDArray[np.uint32]]:
        """Flags of samples ``x[rows, slots]``, and the history after them."""
        rows, slots = x.shape
        flags = np.zeros((rows, slots), dtype=np.uint32)
        planes: dict[int, Bools] = {}
        for some in pieces(rows, slots):
            part = x[some]
            here = len(part)
            if not planes:
                for side in self._asked:
                    planes[side] = np.empty((MOST + here, slots), dtype=np.bool_)
                    planes[side][:MOST] = unpacked(history[:, side])
            before = last if some.start == 0 else x[some.start - 1]
            self._fill(planes, part, before, at)
            found = np.zeros((here, slots), dtype=self._type)
            for check in reversed(self._checks):
                found += found  # each check a bit; a shift of bytes would cost ten times as much
                found |= self._hit(check, planes, here).view(np.uint8)
            flat = found.ravel()
            places = np.flatnonzero(flat != 0)  # of bytes themselves: five times slower
            flags[some].reshape(-1)[places] = self._rules_of[flat[places]]
            for plane in planes.values():
                plane[:MOST] = plane[here : here + MOST]
        ahead = x[rows - MOST - 1 : rows - 1] if rows > MOST else np.concatenate([last[None], x[:-1]])
        return packed(self._row.known(x[rows - MOST :], ahead, at)), flags

    def _fill(self, planes: dict[int, Bools], x: Floats, last: Floats, at: Lines) -> None:
        """What is known of the samples, below the rows that are kept."""
        rows = slice(MOST, MOST + len(x))
        high, low = at.talls
        for side in self._asked:
            plane = planes[side][rows]
            if side in _ABOVE:
                high[_ABOVE[side]](np.greater, x, plane)
            elif side in _BELOW:
                low[_BELOW[side]](np.less, x, plane)
            elif side == WITHIN:
                np.logical_or(planes[A1][rows], planes[B1][rows], out=plane)
                np.logical_not(plane, out=plane)
            else:
                compare = np.greater if side == UP else np.less
                compare(x[0], last, out=plane[0])
                compare(x[1:], x[:-1], out=plane[1:])

    def _hit(self, check: Check, planes: dict[int, Bools], here: int) -> Bools:
        if isinstance(check.length, int):
            return self._sides(check, check.length, planes, here)
        hit = np.zeros((here, check.length.size), dtype=np.bool_)
        for length in np.unique(check.length):
            hit |= self._sides(check, int(length), planes, here) & (check.length == length)
        return hit

    def _sides(self, check: Check, length: int, planes: dict[int, Bools], here: int) -> Bools:
        """Whether it is so on one of the sides."""
        hits = [
            _all_but_one(self._plane(side, planes, here, length), length, here, newest=not self._any)
            if check.all_but_one
            else _run(self._plane(side, planes, here, length), length)
            for side in check.sides
        ]
        hit = hits[0] if len(hits) == 1 else hits[0] | hits[1]
        if OUTER in check.sides and self._both:
            rows = slice(MOST + 1 - length, MOST + here)
            hit = hit & ~_run(~planes[A1][rows], length) & ~_run(~planes[B1][rows], length)
        if RISING in check.sides:  # a sample that equals the one before completes no trend
            up, down = planes[UP][MOST : MOST + here], planes[DOWN][MOST : MOST + here]
            hit = (hits[0] & up) | (hits[1] & down)
        return hit

    def _plane(self, side: int, planes: dict[int, Bools], here: int, length: int) -> Bools:
        """What is known on that side, from `length` - 1 samples before the piece on."""
        top = MOST + 1 - length
        rows, before = slice(top, MOST + here), slice(top - 1, MOST + here - 1)
        if side == OUTER:
            return planes[A1][rows] | planes[B1][rows]
        if side == ZIGZAG:
            up, down = planes[UP], planes[DOWN]
            return (up[rows] & down[before]) | (down[rows] & up[before])
        if side in {RISING, FALLING}:
            seen = planes[A1] | planes[B1] | planes[WITHIN]
            return seen[rows] & seen[before] & ~planes[DOWN if side == RISING else UP][rows]
        return planes[side][rows]


def _run(plane: Bools, length: int) -> Bools:
    """Whether the last `length` rows are all so: ``[rows - length + 1, slots]``."""
    done = 1
    while 2 * done <= length:
        plane = plane[done:] & plane[:-done]
        done *= 2
    return plane[length - done :] & plane[: len(plane) - length + done] if done < length else plane


def _all_but_one(plane: Bools, length: int, here: int, *, newest: bool) -> Bools:
    """Whether at most one of the last 3 or 5 rows is not so; `newest`: and it is not the last."""
    last = plane[length - 1 :]
    either = plane[1:] | plane[:-1]
    if length == 3 and newest:  # two of three: the last and one of the two before
        return last & either[:here]
    both = plane[1:] & plane[:-1]
    if length == 3:
        return (last & either[:here]) | both[:here]
    near, far = slice(length - 3, length - 3 + here), slice(0, here)  # pairs before the last: newer, older
    three = (both[near] & either[far]) | (either[near] & both[far])
    hit = last & three
    return hit if newest else hit | (both[near] & both[far])
