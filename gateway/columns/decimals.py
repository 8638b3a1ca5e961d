"""Floats that are short in decimal as whole numbers: 23.45 is 2345 / 10^2. Exact, or an exception by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.columns.filters import Unsigned

MOST_EXPONENT = {4: 7, 8: 12}  # bytes of the float to decimals tried
_LARGEST = {4: 2.0**31, 8: 2.0**53}
_SAMPLE = 64
_ONE_IN = 16  # exceptions, at most


@dataclass(frozen=True, slots=True, eq=False)
class Decimals:
    """number = whole / 10^exponent, but in the rows of `exceptions`."""

    exponent: int
    whole: Unsigned  # int64 as two's complement
    exceptions: NDArray[np.intp]


def decimals(numbers: Unsigned) -> Decimals | None:
    """A column of floats, given by their bits; None where they are none, or not short."""
    size = numbers.dtype.itemsize
    if size not in MOST_EXPONENT or not len(numbers):
        return None
    sample = numbers[:: max(len(numbers) // _SAMPLE, 1)]
    for exponent in range(MOST_EXPONENT[size] + 1):
        _, wrong = _tried(sample, exponent)
        if int(wrong.sum()) * _ONE_IN > len(sample):
            continue
        whole, wrong = _tried(numbers, exponent)
        exceptions = np.flatnonzero(wrong)
        if len(exceptions) * _ONE_IN > len(numbers):
            continue
        if len(exceptions) == len(numbers):
            return None
        if len(exceptions):  # they repeat the number before: a step of nothing
            kept = np.where(wrong, 0, np.arange(len(whole)))
            kept = np.maximum.accumulate(kept)
            whole = whole[np.where(wrong[kept], int(np.flatnonzero(~wrong)[0]), kept)]
        return Decimals(exponent, whole.view("<u8"), exceptions)
    return None


def floats_of(whole: Unsigned, exponent: int, size: int) -> Unsigned:
    """The floats' bits."""
    values = whole.view("<i8").astype("<f8")
    if exponent:
        values /= 10.0**exponent
    return values.view("<u8") if size == 8 else values.astype("<f4").view("<u4")


def _tried(numbers: Unsigned, exponent: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Whole numbers by so many decimals, and which of them do not give the bits back."""
    size = numbers.dtype.itemsize
    with np.errstate(all="ignore"):  # any bits may come: signalling NaN, infinity, 1e308
        values = numbers.view(f"<f{size}").astype("<f8") * 10.0**exponent
        whole = np.rint(values)
        fits = np.abs(whole) < _LARGEST[size]
        made = np.where(fits, whole, 0.0).astype("<i8")
    return made, (floats_of(made.view("<u8"), exponent, size) != numbers) | ~fits
