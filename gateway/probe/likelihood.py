"""How well a type explains the words that were read, in bits; more is better. Pure.

The law (minimum description length): a reading of some words is worth the bits it saves over calling them random. The
first value is written as people's numbers are: of some decade, with few digits more often than with many. Each
later value is written as its difference to the one before: nothing in half of the cases, else by its length. A word
order that is wrong makes values that jump over decades from read to read, and saves nothing.

No priors out of a training set: only that numbers of machines lie in `DECADES`, and change little in a second.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

DECADES = (-4, 9)  # float values of machines: 0.0001 to 1e9
LARGE = 1.5  # bits for each decade above what integers of machines mostly have
_COMMON = {16: 4, 32: 6, 64: 10}  # digits
_LENGTH = 4.0  # bits that say how long a difference is
_FULL = 7, 16  # digits that float32 and float64 have
NONE = -math.inf


def of_float(values: NDArray[np.floating], bits: int) -> float:
    """Bits saved by taking words for floats of 32 or 64 bits."""
    if not np.isfinite(values).all():
        return NONE
    first = _float_bits(float(values[0]), bits)
    if first == math.inf:
        return NONE
    saved = bits - first
    if (values == values[0]).all():
        return saved + _still(len(values), bits)
    kind: type[np.signedinteger] = np.int32 if bits == 32 else np.int64
    steps = np.diff((values.view(kind) >> _zeros_behind(values.view(kind))).astype(np.float64))
    for value, step in zip(values[1:], steps, strict=True):
        anew = 2.0 + _float_bits(float(value), bits)
        saved += bits - min(_step_bits(step), anew)
    return saved


def of_whole(values: NDArray[np.integer], bits: int) -> float:
    """Bits saved by taking words for integers."""
    saved = bits - _whole_bits(int(values[0]), bits)
    if (values == values[0]).all():
        return saved + _still(len(values), bits)
    for before, now in pairwise(values.tolist()):
        anew = 2.0 + _whole_bits(now, bits)
        saved += bits - min(_step_bits(now - before), anew)
    return saved


def of_text(words: NDArray[np.uint16], *, swapped: bool) -> float:
    """Bits saved by taking words `[reads, n]` for text, padded with NULs or spaces; none where it is no text."""
    data = (words if swapped else words.byteswap()).astype("<u2").tobytes()
    per_read = len(data) // len(words)
    saved = 0.0
    for at in range(0, len(data), per_read):
        one = data[at : at + per_read]
        text = one.rstrip(b"\0 ")
        if len(text) < 4 or any(not 0x20 <= byte < 0x7F for byte in text):
            return NONE
        if at and one == data[at - per_read : at]:
            saved += 8 * per_read - 1.0
            continue
        letters = sum(chr(byte).isalnum() or byte in b" -_./" for byte in text)
        saved += 2.0 * chr(text[-1]).isalnum()  # an end in the middle of a name is a wrong order
        saved += 8 * len(one) - 6.3 * letters - 10.0 * (len(text) - letters) - 0.5 * (len(one) - len(text))
    return saved


def _zeros_behind(bits: NDArray[np.signedinteger]) -> int:
    """Bits at the end that are zero in all: of floats that are short in binary."""
    every = int(np.bitwise_or.reduce(bits))
    return (every & -every).bit_length() - 1 if every else 0


def _still(reads: int, bits: int) -> float:
    """Bits saved by the later reads of what never moved."""
    return bits * (reads - 1) - (1.0 if reads > 1 else 0.0)


@cache
def _float_bits(value: float, bits: int) -> float:
    """Length of a float written anew; inf where no machine has such a number."""
    if value == 0:
        return 3.0 if math.copysign(1, value) > 0 else math.inf
    low, high = DECADES
    size = abs(value)
    if not 10.0**low <= size < 10.0**high:
        return math.inf
    sign = 1.0 if value > 0 else 3.0
    full = _FULL[bits == 64]
    digits = _digits(size, full)
    mantissa = 23.0 if bits == 32 else 52.0
    spread = mantissa + math.log2(3.32) if digits >= full else digits * math.log2(10)
    return sign + math.log2(high - low + 1) + min(math.log2(full) + spread, 1.0 + mantissa + math.log2(3.32))


def _digits(size: float, full: int) -> int:
    """Digits that a float needs to be itself: 71.0 two, 12.553571 eight."""
    text = f"{size:.{full - 1}e}"
    mantissa = text.partition("e")[0].rstrip("0")
    short = len(mantissa.replace(".", ""))
    if full == 7 and short < full:  # the float32 nearest to so short a decimal, or only near to it?
        return short if np.float32(float(text)) == np.float32(size) else full
    return short


@cache
def _whole_bits(value: int, bits: int) -> float:
    """Length of an integer written anew: its decade, and its place in that."""
    decades = 6 if bits == 16 else 11 if bits == 32 else 20
    if value == 0:
        return 1.5  # much of what a device has is zero
    size = abs(value)
    decade = len(str(size))
    sign = 0.3 if value > 0 else 2.5
    rare = max(decade - _COMMON[bits], 0) * LARGE
    return sign + rare + math.log2(decades) + math.log2(9 * 10.0 ** (decade - 1))


def _step_bits(step: float) -> float:
    """Length of a difference."""
    if step == 0:
        return 0.6
    size = abs(step)
    return 1.6 + 1.0 + _LENGTH + math.log2(size + 1)
