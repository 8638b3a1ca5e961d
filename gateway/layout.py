"""How register words become values. The one table of types and byte orders; used live, by replay and by replicas.

Words are 16-bit numbers as Modbus gives them (high byte first on the wire). A field's `order` names where the value's
bytes, A the most significant, are found in wire order: ``ABCD`` is the standard's order, ``CDAB`` swaps words,
``BADC`` swaps the bytes of each word, ``DCBA`` both; 16-bit values know ``AB`` and ``BA``, 64-bit ones ``ABCDEFGH``,
``GHEFCDAB``, ``BADCFEHG`` and ``HGFEDCBA``.

>>> import numpy as np
>>> layout = Layout((Field("float32", order="CDAB"), Field("int16", scale="0.1"), Field("string", words=2)))
>>> raw = np.array([0xDB6D, 0x4148, 235, 0x4142, 0x4300], dtype=np.uint16)
>>> layout.values(raw)
array([12.55357075, 23.5       ,         nan])
>>> [column.tolist() for column in layout.typed(raw[None, :])]
[[12.553570747375488], [23.5], ['ABC']]
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.field import ORDERS, WIDTHS, Field

__all__ = ["ORDERS", "WIDTHS", "Field", "Layout", "text_of"]

_KINDS = {
    "int16": "i2",
    "uint16": "u2",
    "int32": "i4",
    "uint32": "u4",
    "float32": "f4",
    "int64": "i8",
    "uint64": "u8",
    "float64": "f8",
}

# A word in memory is little-endian, so wire order ABCD is BADC in memory. By (place in ORDERS, more than one word):
# whether to swap the bytes of each word first, and the byte order the value then has.
_MEMORY = {
    (0, False): (False, "<"),
    (1, False): (False, ">"),
    (0, True): (True, ">"),
    (1, True): (False, "<"),
    (2, True): (False, ">"),
    (3, True): (True, "<"),
}

NATIVE_IS_LITTLE = sys.byteorder == "little"

_Number = float | NDArray[np.float64]


class Layout:
    """The fields of one poll group, one after another in its raw words. Decodes rows of any number at once."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.fields = fields
        starts = np.cumsum([0, *(field.width for field in fields)])
        self.starts: tuple[int, ...] = tuple(int(start) for start in starts[:-1])
        self.words = int(starts[-1])

    @cached_property
    def owner(self) -> NDArray[np.intp]:
        """For each word the index of the field it belongs to."""
        return np.repeat(np.arange(len(self.fields)), [field.width for field in self.fields])

    @cached_property
    def _families(self) -> list[_Family]:
        families: dict[tuple[str, str, int | None], list[int]] = {}
        for index, field in enumerate(self.fields):
            if field.type != "string":
                families.setdefault((field.type, field.order, field.mask), []).append(index)
        return [
            _Family(self, kind, order, mask, members) for (kind, order, mask), members in families.items()
        ]

    def values(self, raw: NDArray[np.uint16]) -> NDArray[np.float64]:
        """Values of the words: ``raw[..., words]`` to ``float64[..., fields]``; strings are nan.

        Integers beyond 2**53 are rounded here; `typed` keeps them.
        """
        families = self._families
        if len(families) == 1 and families[0].alone:
            return families[0].floats(raw)
        out = np.full((*raw.shape[:-1], len(self.fields)), np.nan)
        for family in families:
            out[..., family.members] = family.floats(raw)
        return out

    def typed(self, raw: NDArray[np.uint16]) -> list[NDArray[np.generic]]:
        """One column per field, each in its own type: ``raw[rows, words]`` to arrays of ``rows``.

        Unscaled numbers keep their type (float32, int64, uint64, bool), scaled ones are float64, strings are ``str``.
        """
        return [self._column(index, raw) for index in range(len(self.fields))]

    def typed_of(self, index: int, bits: NDArray[np.unsignedinteger]) -> NDArray[np.generic]:
        """One column, as `typed` has it, of each value's bits as one number, in whatever order its words lie.

        Of strings there are no such bits.
        """
        field, family = self.fields[index], self._single[index]
        numbers = family.of_bits(bits)
        if field.plain:
            return _own_type(field, numbers)
        with np.errstate(invalid="ignore", over="ignore"):
            return family.scaling.of(numbers)

    @cached_property
    def _single(self) -> dict[int, _Family]:
        """Each field alone; strings have none."""
        return {
            index: _Family(self, field.type, field.order, field.mask, [index])
            for index, field in enumerate(self.fields)
            if field.type != "string"
        }

    def _column(self, index: int, raw: NDArray[np.uint16]) -> NDArray[np.generic]:
        field, start = self.fields[index], self.starts[index]
        if field.type == "string":
            return np.array(
                [text_of(row[start : start + field.width], field.order) for row in raw], dtype=np.str_
            )
        family = self._single[index]
        if not field.plain:
            return family.floats(raw)[:, 0]
        return _own_type(field, family.numbers(raw)[:, 0])


def _own_type(field: Field, column: NDArray[Any]) -> NDArray[np.generic]:
    """Numbers as they are: bool, float32, float64, uint64, int64."""
    if field.type == "bit" or (field.mask is not None and field.mask & (field.mask - 1) == 0):
        return column.astype(np.bool_)
    if field.type.startswith("float"):
        return column.astype(column.dtype.newbyteorder("="))
    return column.astype(np.uint64 if column.dtype.kind == "u" else np.int64)


class _Family:
    """Fields of one type, order and mask, decoded together: what can be is a view, without a copy."""

    def __init__(self, layout: Layout, kind: str, order: str, mask: int | None, members: list[int]) -> None:
        self.kind, self.mask = kind, mask
        self.alone = members == list(range(len(layout.fields)))  # nothing else is in the words
        self.members = _slice_or_array(members)
        width = layout.fields[members[0]].width
        words = [layout.starts[member] + place for member in members for place in range(width)]
        self.words = _slice_or_array(words)
        self.swap, endian = _MEMORY[ORDERS[width].index(order) if order else 0, width > 1]
        self.dtype = np.dtype(endian + _KINDS.get(kind, "u2"))
        self.as_it_is = self.dtype == np.uint16 and not self.swap and mask is None and kind != "bit"
        self.shift = 0 if not mask else (mask & -mask).bit_length() - 1
        self.scaling = _Scaling([layout.fields[member] for member in members], exact=not kind.startswith("f"))

    def numbers(self, raw: NDArray[np.uint16]) -> NDArray[Any]:
        """The device's own numbers, ``[..., members]``; read-only use: they may be a view of `raw`."""
        words: NDArray[np.uint16] = raw if self.alone else raw[..., self.words]
        if self.as_it_is:
            return words
        if not NATIVE_IS_LITTLE:
            words = words.astype("<u2")
        if self.kind == "bit" and self.mask is None:
            bits: NDArray[np.bool_] = words != 0
            return bits
        if self.swap:
            words = words.byteswap()
        if words.strides[-1] != 2:  # picked from rows of many readings: numpy puts the columns first
            words = words.copy()
        return self._masked(words.view(self.dtype))

    def of_bits(self, bits: NDArray[np.unsignedinteger]) -> NDArray[Any]:
        """The same, of each value's bits as one little-endian number."""
        if self.kind == "bit" and self.mask is None:
            flags: NDArray[np.bool_] = bits != 0
            return flags
        return self._masked(bits.view("<" + _KINDS.get(self.kind, "u2")))

    def _masked(self, numbers: NDArray[Any]) -> NDArray[Any]:
        if self.mask is None:
            return numbers
        wide = numbers.astype(np.int64).view(np.uint64)
        return (wide & np.uint64(self.mask)) >> np.uint64(self.shift)

    def floats(self, raw: NDArray[np.uint16]) -> NDArray[np.float64]:
        """Scaled values, ``float64[..., members]``."""
        if self.as_it_is:
            return self.scaling.of(raw if self.alone else raw[..., self.words])
        if self.kind.startswith("f"):
            with np.errstate(invalid="ignore", over="ignore"):  # any bits may come: signalling NaN, 1e308
                return self.scaling.of(self.numbers(raw))
        return self.scaling.of(self.numbers(raw))


class _Scaling:
    """``number * scale + bias`` of some fields.

    Of integers it is ``(number * factor + offset) / divisor`` in whole numbers, so that only the division rounds:
    the result is the float64 nearest to the decimal, while the dividend is below 2**53. What is the same for all
    fields is one number; what does nothing is left out.
    """

    def __init__(self, fields: list[Field], *, exact: bool) -> None:
        scales = [Fraction(field.scale) for field in fields]
        biases = [Fraction(field.bias) for field in fields]
        self.bias: _Number | None = None
        if exact:
            divisors = [math.lcm(s.denominator, b.denominator) for s, b in zip(scales, biases, strict=True)]
            factors = [scale * divisor for scale, divisor in zip(scales, divisors, strict=True)]
            offsets = [bias * divisor for bias, divisor in zip(biases, divisors, strict=True)]
        else:
            divisors = [scale.denominator for scale in scales]
            factors = [Fraction(scale.numerator) for scale in scales]
            offsets = [Fraction(0)] * len(fields)
            self.bias = _unless(0.0, [float(bias) for bias in biases])
        self.factor = _unless(1.0, [float(factor) for factor in factors])
        self.offset = _unless(0.0, [float(offset) for offset in offsets])
        self.divisor = _unless(1.0, [float(divisor) for divisor in divisors])

    def of(self, numbers: NDArray[np.generic]) -> NDArray[np.float64]:
        """The scaled values, in an array of their own."""
        values = numbers.astype(np.float64)
        if self.factor is not None:
            values *= self.factor
        if self.offset is not None:
            values += self.offset
        if self.divisor is not None:
            values /= self.divisor
        if self.bias is not None:
            values += self.bias
        return values


def _unless(idle: float, numbers: list[float]) -> _Number | None:
    if any(number != numbers[0] for number in numbers):
        return np.array(numbers)
    return None if numbers[0] == idle else numbers[0]


def _slice_or_array(indices: list[int]) -> slice | NDArray[np.intp]:
    first = indices[0]
    if indices == list(range(first, first + len(indices))):
        return slice(first, first + len(indices))
    return np.array(indices, dtype=np.intp)


def text_of(words: NDArray[np.uint16], order: str = "") -> str:
    """The text in some words, two characters each, to the first NUL, without trailing spaces; order BA swaps them."""
    data = (words if order == "BA" else words.byteswap()).astype("<u2", copy=False).tobytes()
    return data.split(b"\0", 1)[0].decode("latin-1").rstrip()
