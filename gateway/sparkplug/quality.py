"""Our quality as Sparkplug's three: 0 bad, 192 good, 500 stale (Sparkplug 3.0.0, 6.4.12). Pure.

What is uncertain goes as bad with its value, what does not move or come any more as stale; the property `Reason` keeps
our own word beside it.
"""

from __future__ import annotations

from functools import cache

from gateway.model import Quality
from gateway.sparkplug.types import DataType, Property

BAD, GOOD, STALE = 0, 192, 500
QUALITY, REASON = "Quality", "Reason"
_STALE = (Quality.STALE, Quality.FROZEN)


@cache
def sparkplug_quality(code: int) -> int:
    """The one of three that a quality is.

    >>> [sparkplug_quality(code) for code in (Quality.GOOD, Quality.FROZEN, Quality.NO_ANSWER)]
    [192, 500, 0]
    """
    if code == Quality.GOOD:
        return GOOD
    return STALE if code in _STALE else BAD


@cache
def reason(code: int) -> str:
    """Our word; "" for what is good."""
    if code == Quality.GOOD:
        return ""
    try:
        return Quality(code).name.lower()
    except ValueError:
        return f"{code:#04x}"


@cache
def quality_properties(code: int) -> dict[str, Property]:
    """Properties that say a quality."""
    said = {QUALITY: Property(DataType.INT32, sparkplug_quality(code))}
    if code != Quality.GOOD:
        said[REASON] = Property(DataType.STRING, reason(code))
    return said
