"""One value among register words, as configs and sites name it. What decodes it is in `gateway.layout`.

Here is no numpy: whoever only reads or checks a config does without, and starts in two thirds of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

GroupId = str
"""``device/poll class``: names one poll group of one device, such as ``blender1/fast``."""

WIDTHS = {
    "bit": 1,
    "int16": 1,
    "uint16": 1,
    "int32": 2,
    "uint32": 2,
    "float32": 2,
    "int64": 4,
    "uint64": 4,
    "float64": 4,
}
"""Type name to words; ``string`` has as many as the field says, two characters each."""

ORDERS = {
    1: ("AB", "BA"),
    2: ("ABCD", "CDAB", "BADC", "DCBA"),
    4: ("ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One value among the words: type, order, how its number is scaled: ``(raw & mask >> low bit) * scale + bias``."""

    type: str
    words: int = 0  # 0: what the type takes
    order: str = ""  # "": the standard's
    scale: str = "1"  # a decimal as written: 0.1 divides by ten, so that 3 gives 0.3 exactly rounded
    bias: str = "0"
    mask: int | None = None  # integers and bits only; shifted down to its lowest set bit

    @property
    def width(self) -> int:
        """Words taken."""
        return self.words or WIDTHS[self.type]

    @property
    def plain(self) -> bool:
        """Whether the value is the device's own number, neither scaled nor shifted."""
        return _plain(self.scale, self.bias)


@cache
def _plain(scale: str, bias: str) -> bool:
    return Fraction(scale) == 1 and Fraction(bias) == 0
