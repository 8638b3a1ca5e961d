"""Floats that are short in decimal as whole numbers at the sensor's resolution: 5.98 is 598 / 10^2, exactly.

The words of such a float are replaced by those of the whole number, two's complement, the highest first, so that what
follows need not know of it. `restored` makes the same float of it, bit for bit; where one row of a column would not
come back so, the column stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.layout import ORDERS, Field
from gateway.wire.checks import NotOurs

DIGITS_MOST = {2: 6, 4: 12}  # words of the float to digits behind the point that are tried
_WHOLE_MOST = {2: 2.0**21, 4: 2.0**44}  # above it a float has no more bits of its own than the whole number
_SAMPLE = 16  # rows by which the digits are chosen
_MORE = 3  # digits tried from there on


class Decimal(NamedTuple):
    """A column that was replaced."""

    start: int  # its first word
    width: int  # 2: float32, 4: float64
    order: int  # place in ORDERS[width]
    digits: int


class Floats(NamedTuple):
    """Floats of one group that have one type and byte order."""

    width: int
    order: int
    starts: NDArray[np.intp]


def floats_in(fields: Iterable[Field], starts: Iterable[int]) -> tuple[Floats, ...]:
    """Where a layout has floats."""
    found: dict[tuple[int, int], list[int]] = {}
    for field, start in zip(fields, starts, strict=True):
        if field.type in ("float32", "float64"):
            orders = ORDERS[field.width]
            found.setdefault((field.width, orders.index(field.order or orders[0])), []).append(start)
    return tuple(Floats(width, order, np.array(at)) for (width, order), at in found.items())


def replaced(words: NDArray[np.uint16], floats: Iterable[Floats]) -> list[Decimal]:
    """Replace what can be in ``words[rows, words]``, in place; which columns."""
    done: list[Decimal] = []
    for width, order, starts in floats:
        places = starts[:, None] + np.arange(width)
        bits = _joined(_turned(words[:, places], order))  # [rows, columns]
        fewest = _digits(bits[:: max(len(bits) // _SAMPLE, 1)], width)
        for digits in sorted(set(fewest[fewest >= 0].tolist())):
            left = np.flatnonzero(fewest == digits)
            for tried in range(digits, min(digits + _MORE, DIGITS_MOST[width] + 1)):
                whole, exact = _tried(bits[:, left], width, tried)
                fits = exact.all(axis=0)
                words[:, places[left[fits]]] = _parted(whole[:, fits])
                done += [Decimal(start, width, order, tried) for start in starts[left[fits]].tolist()]
                left = left[~fits]
                if not len(left):
                    break
    return done


def restored(words: NDArray[np.uint16], decimals: Iterable[Decimal]) -> None:
    """Put the floats' own words back, in place. Raises NotOurs."""
    alike: dict[tuple[int, int, int], list[int]] = {}
    taken = np.zeros(words.shape[1], dtype=np.bool_)
    for start, width, order, digits in decimals:
        inside = slice(start, start + width)
        if digits > DIGITS_MOST[width] or inside.stop > len(taken) or taken[inside].any():
            raise NotOurs("decimals are not where a float can be")
        taken[inside] = True
        alike.setdefault((width, order, digits), []).append(start)
    for (width, order, digits), starts in alike.items():
        places = np.array(starts)[:, None] + np.arange(width)
        bits = _floats(_joined(words[:, places]), width, digits)
        words[:, places] = _turned(_parted(bits), order)


def _digits(sample: NDArray[Any], width: int) -> NDArray[np.intp]:
    """By column the fewest digits that give back a sample ``[rows, columns]``; -1 where none do."""
    all_of_them = np.arange(DIGITS_MOST[width] + 1)
    exact = _tried(sample, width, all_of_them[:, None, None])[1].all(axis=1)
    return np.where(exact.any(axis=0), exact.argmax(axis=0), -1)


def _tried(bits: NDArray[Any], width: int, digits: Any) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Whole numbers by so many digits, and which floats come back from them."""
    with np.errstate(all="ignore"):  # any bits may come: signalling NaN, infinity, 1e308
        values = bits.view(f"<f{2 * width}").astype(np.float64) * 10.0**digits
        whole = np.rint(values)
        near = np.abs(whole) < _WHOLE_MOST[width]
        made = np.where(near, whole, 0.0).astype(f"<i{2 * width}").view(bits.dtype)
    return made, near & (_floats(made, width, digits) == bits)


def _floats(whole: NDArray[Any], width: int, digits: Any) -> NDArray[Any]:
    """Bits of the floats nearest to whole / 10^digits: divided as float64, a float32 rounded from that."""
    values = whole.view(f"<i{2 * width}").astype(np.float64) / 10.0**digits
    bits: NDArray[Any] = values.astype(f"<f{2 * width}").view(whole.dtype)
    return bits


def _turned(words: NDArray[np.uint16], order: int) -> NDArray[np.uint16]:
    """``[..., width]`` in wire order to the highest first, and back: see ORDERS of `gateway.layout`."""
    if order & 1:
        words = words[..., ::-1]
    return words.byteswap() if order & 2 else words


def _joined(words: NDArray[np.uint16]) -> NDArray[Any]:
    """Words ``[..., width]``, the highest first, as numbers."""
    little = np.ascontiguousarray(words[..., ::-1], dtype="<u2")
    return little.view(f"<u{2 * words.shape[-1]}")[..., 0]


def _parted(numbers: NDArray[Any]) -> NDArray[np.uint16]:
    """Numbers as words ``[..., width]``, the highest first."""
    little = np.ascontiguousarray(numbers).view("<u2").reshape(*numbers.shape, numbers.dtype.itemsize // 2)
    return little[..., ::-1]
