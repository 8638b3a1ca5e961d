"""What makes a column's numbers small: distance from the least, differences, differences of those, a common unit.

Everything is modulo 2^bits, so a counter that wraps and a value that crosses zero are small steps too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Unsigned = NDArray[np.uint64]
"""Of 1, 2, 4 or 8 bytes, in truth."""

CONSTANT, PLAIN, DELTA, DELTA2 = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to write a column: what to add to the numbers that are left. Numbers of Python, signed."""

    kind: int
    base: int
    unit: int = 1
    least: int = 0
    slope: int = 0


def filtered(numbers: Unsigned, kinds: tuple[int, ...]) -> Iterator[tuple[Filter, Unsigned]]:
    """The ways to write a column, with what is left of its numbers; of one without any change only that."""
    signed = _signed(numbers.dtype)
    if not len(numbers) or bool((numbers == numbers[0]).all()):
        yield Filter(CONSTANT, int(numbers[:1].view(signed).sum())), numbers[:0]
        return
    base = _least(numbers)
    rest = numbers - base.astype(numbers.dtype)
    unit = int(np.gcd.reduce(rest))
    if unit > 1:
        rest //= numbers.dtype.type(unit)
    if PLAIN in kinds:
        yield Filter(PLAIN, int(base), unit), rest
    steps = np.diff(rest)
    for kind in (DELTA, DELTA2):
        if kind not in kinds or len(steps) == 0:
            return
        least = steps.view(signed).min()
        left = np.zeros_like(numbers)
        left[kind - 1 :] = steps - least.astype(numbers.dtype)
        if kind == DELTA:
            yield _based(Filter(DELTA, 0, unit, int(least)), numbers, left), left
        else:
            slope = int(rest[1:2].view(signed)[0]) - int(rest[:1].view(signed)[0]) - 2 * int(least)
            yield _based(Filter(DELTA2, 0, unit, int(least), _wrapped(slope, signed)), numbers, left), left
        steps = np.diff(steps)


def restored(how: Filter, left: Unsigned, dtype: np.dtype[np.uint64]) -> Unsigned:
    """The column; `left` is of its type, and may be changed."""
    if how.kind in (DELTA, DELTA2):
        if how.least:
            left += _modulo(how.least, dtype)
        left = np.cumsum(left, dtype=dtype)
    if how.kind == DELTA2:
        left += _modulo(how.slope, dtype)
        left = np.cumsum(left, dtype=dtype)
    if how.unit != 1:
        left *= _modulo(how.unit, dtype)
    left += _modulo(how.base, dtype)
    return left


def _based(how: Filter, numbers: Unsigned, left: Unsigned) -> Filter:
    """With the base that gives the first number."""
    signed = _signed(numbers.dtype)
    first = int(restored(how, left[:1].copy(), numbers.dtype)[:1].view(signed)[0])
    base = int(numbers[:1].view(signed)[0]) - first
    return Filter(how.kind, _wrapped(base, signed), how.unit, how.least, how.slope)


def _least(numbers: Unsigned) -> np.signedinteger:
    """Whence all others are near: the least as signed numbers or as unsigned ones, where they spread less."""
    signed = numbers.view(_signed(numbers.dtype))
    low, high = signed.min(), signed.max()
    least = numbers.min()
    if int(numbers.max()) - int(least) < int(high) - int(low):
        return least.astype(signed.dtype)  # type: ignore[no-any-return]
    return low  # type: ignore[no-any-return]


def _signed(dtype: np.dtype[np.uint64]) -> np.dtype[np.signedinteger]:
    return np.dtype(f"<i{dtype.itemsize}")


def _wrapped(number: int, signed: np.dtype[np.signedinteger]) -> int:
    bits = signed.itemsize * 8
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def _modulo(number: int, dtype: np.dtype[np.uint64]) -> np.uint64:
    return dtype.type(number & ((1 << 8 * dtype.itemsize) - 1))
