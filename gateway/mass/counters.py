"""How much a count or a totalizer has grown between two readings of it: it only grows, wraps, or is cleared. Pure.

>>> grown(65_530.0, 4.0, 65_536.0)
Grown(by=10.0, cleared=False)
>>> grown(812.0, 3.0, 65_536.0)
Grown(by=3.0, cleared=True)
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.layout import WIDTHS, Field

_WHOLE = {"uint16": 16, "uint32": 32, "uint64": 64, "int16": 15, "int32": 31, "int64": 63}
_END = 0.25  # of the range: a count wraps from the last of it into the first


class Grown(NamedTuple):
    """What was counted since; after a clear only what came after it, what came before is not known."""

    by: float
    cleared: bool


def range_of(field: Field) -> float:
    """Where a counter of this form begins again at 0, in its unit; 0: it does not."""
    bits = _WHOLE.get(field.type)
    if bits is None or field.type not in WIDTHS or field.mask is not None:
        return 0.0
    return 2.0**bits * float(field.scale)


def grown(last: float, now: float, around: float) -> Grown:
    """From `last` to `now`, of a count that begins again at `around` (0: never)."""
    if now >= last:
        return Grown(now - last, cleared=False)
    if around and last >= (1 - _END) * around and now < _END * around:
        return Grown(now + around - last, cleared=False)
    return Grown(now, cleared=True)
