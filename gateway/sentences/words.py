"""Numbers, units and times as people read them, the same in every language. Pure.

>>> number(231.24007), number(-0.000123456), number(1e9), number(210.0)
('231.24', '-0.0001235', '1000000000', '210')
>>> quantity(0.55, "Cel"), quantity(3, "1"), quantity(12.5, "%")
('0.55 °C', '3', '12.5 %')
>>> moment(1_800_000_012_500_000_000), clock(1_800_000_012_500_000_000, 1_800_000_000_000_000_000)
('2027-01-15 08:00:12', '08:00:12')
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from gateway.model import Signal

UNITS = {"1": "", "Cel": "°C", "[degF]": "°F", "um": "µm", "Ohm": "Ω", "deg": "°"}
"""UCUM code to what people write, where they differ."""

LOTS_NAMED = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number(value: float) -> str:
    """Some four or five digits: as many as an operator reads off a display."""
    if not math.isfinite(value):
        return "?"
    if abs(value) >= 1e12:
        return f"{value:.3g}"
    if abs(value) >= 1e4:
        return f"{value:.0f}"
    text = f"{value:.5g}" if abs(value) >= 1 else f"{value:.4g}"
    return text if "e" not in text else f"{value:.3g}"


def quantity(value: float, uom: str) -> str:
    unit = UNITS.get(uom, uom)
    return f"{number(value)} {unit}" if unit else number(value)


def difference(value: float, uom: str, points: str) -> str:
    """How far two values are apart. Of percentages these are `points`: 25 % and 26 % differ by one, not by 1 %.

    >>> difference(1.376, "%", "percentage points"), difference(0.554, "Cel", "")
    ('1.376 percentage points', '0.554 °C')
    """
    return f"{number(value)} {points}" if uom == "%" else quantity(value, uom)


def percent(share: float) -> str:
    """A share as per cent of a mass, to the second decimal, without the sign.

    >>> percent(0.25608), percent(0.25), percent(0.0)
    ('25.61', '25', '0')
    """
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")


def moment(time_ns: int) -> str:
    """Date and time to the second, UTC."""
    return f"{_datetime(time_ns):%Y-%m-%d %H:%M:%S}"


def clock(time_ns: int, same_day_ns: int) -> str:
    """Time alone where the date is that of another instant in the same sentence."""
    at, other = _datetime(time_ns), _datetime(same_day_ns)
    return f"{at:%H:%M:%S}" if at.date() == other.date() else moment(time_ns)


def named(lots: tuple[str, ...], between: str, more: str) -> str:
    """The first lots by name, and how many others there are; `more` has a place for the number."""
    shown = between.join(lots[:LOTS_NAMED])
    rest = len(lots) - LOTS_NAMED
    return f"{shown}{more.format(rest)}" if rest > 0 else shown


def foremost(said: Signal) -> str:
    """The tag that contributes most to a signal of several tags; "" where there is one tag only."""
    return max(said.contributions, key=lambda tag: abs(said.contributions[tag]), default="")


def _datetime(time_ns: int) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=time_ns // 1_000_000_000)
    except OverflowError:  # a clock that is wrong by thousands of years still gets its sentence
        return _EPOCH
