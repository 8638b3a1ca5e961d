"""Tables as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Rows as CSV in UTF-8 with a mark, by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[cell(row.get(column)) for column in columns] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def cell(value: Any) -> str:
    """One cell. A text that a spreadsheet would run as a formula is quoted (OWASP: CSV injection).

    >>> cell("=1+1"), cell(-5.5), cell(["a", "b"]), cell(None)
    ("'=1+1", '-5.5', 'a; b', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return repr(value)
    said = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"'{said}" if said.startswith(_FORMULA) else said
