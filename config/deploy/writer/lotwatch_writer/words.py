"""A value to the words that a device holds for it: what `gateway.layout` reads, the other way. Pure.

>>> from gateway.layout import Field
>>> words_of(Field("int16", scale="0.1"), 23.5), words_of(Field("float32", order="CDAB"), 12.5)
((235,), (0, 16712))
>>> words_of(Field("int16", scale="0.1"), 23.57)
Traceback (most recent call last):
lotwatch_writer.words.NoWords: 23.57 is between two steps of 0.1 of an int16: the nearest are 23.5 and 23.6
"""

from __future__ import annotations

import math
import struct
from fractions import Fraction

import numpy as np

from gateway.layout import ORDERS, Field, Layout

_FORMS = {
    "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
    "float32": ">f", "float64": ">d",
}  # fmt: skip


class NoWords(ValueError):
    """The register cannot hold the value; says why."""


def words_of(field: Field, value: float) -> tuple[int, ...]:
    """The words, in wire order. Raises NoWords: nothing is ever rounded to what nobody asked for."""
    if field.type == "bit":
        if value not in {0, 1}:
            raise NoWords(f"{value:g} is not 0 or 1")
        return (int(value),)
    scale, bias = Fraction(field.scale), Fraction(field.bias)
    raw = (Fraction(repr(float(value))) - bias) / scale
    try:
        if field.type in {"float32", "float64"}:
            data = struct.pack(_FORMS[field.type], float(raw))
        elif raw.denominator != 1:
            near = sorted(float(bias + scale * each) for each in (math.floor(raw), math.ceil(raw)))
            raise NoWords(
                f"{value:g} is between two steps of {field.scale} of an {field.type}: "
                f"the nearest are {near[0]:g} and {near[1]:g}"
            )
        else:
            data = struct.pack(_FORMS[field.type], int(raw))
    except (struct.error, OverflowError):
        raise NoWords(f"{value:g} is beyond what a {field.type} holds") from None
    order = field.order or ORDERS[field.width][0]
    wire = bytes(data[ord(letter) - ord("A")] for letter in order)
    return struct.unpack(f">{field.width}H", wire)


def value_of(field: Field, words: tuple[int, ...]) -> float:
    """What the gateway reads of the words; nan where they are no number."""
    return float(Layout((field,)).values(np.array(words, np.uint16))[0])
