"""Dates as GS1 writes them, two-digit years too (General Specifications, 3.4 and 7.12). Pure."""

from __future__ import annotations

import calendar


def full_year(two: int, this_year: int) -> int:
    """The year two digits mean: at most 49 years back, at most 50 ahead (General Specifications, 7.12).

    >>> full_year(28, 2026), full_year(77, 2026), full_year(76, 2026)
    (2028, 1977, 2076)
    """
    away = two - this_year % 100
    century = this_year - this_year % 100
    if away >= 51:
        return century - 100 + two
    return century + 100 + two if away <= -50 else century + two


def iso_date(digits: str, this_year: int) -> str:
    """YYMMDD as ISO 8601; day 00 is the last of the month (General Specifications, 3.4).

    >>> iso_date("280200", 2026)
    '2028-02-29'
    """
    year, month, day = full_year(int(digits[:2]), this_year), int(digits[2:4]), int(digits[4:6])
    return f"{year:04d}-{month:02d}-{day or calendar.monthrange(year, month)[1]:02d}"


_LONGEST = {
    f"{month:02d}": days for month, days in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)
}


def _is_day(year: int, month: str, day: str) -> bool:
    # Of the centuries that YY can mean only 1900 and 2100 have another February; 2000 is the one in the window.
    if not "01" <= day <= f"{_LONGEST.get(month, 0)}":
        return False
    return month != "02" or day != "29" or calendar.isleap(year)


def is_short_date(text: str) -> bool:
    """YYMMDD."""
    return _is_day(2000 + int(text[:2]), text[2:4], text[4:])


def is_short_date_or_month(text: str) -> bool:
    """YYMMDD, where day 00 means the whole month."""
    if text[4:] == "00":
        return text[2:4] in _LONGEST
    return _is_day(2000 + int(text[:2]), text[2:4], text[4:])


def is_long_date(text: str) -> bool:
    """YYYYMMDD."""
    return text[:4] != "0000" and _is_day(int(text[:4]), text[4:6], text[6:])
