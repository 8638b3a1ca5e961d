"""Tables as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.score.tables import Cell, csv_text

_MARK = b"\xef\xbb\xbf"  # by which spreadsheets know UTF-8


def csv_of(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Some columns of rows. Texts that start a formula are guarded (`gateway.score.tables`)."""
    return _MARK + csv_text(columns, [[cell(row.get(column)) for column in columns] for row in rows]).encode()


def cell(value: Any) -> Cell:
    """What goes into one cell.

    >>> cell(["a", "b"]), cell(-5.5), cell(None), cell({"low": 1})
    ('a; b', -5.5, None, "{'low': 1}")
    """
    if value is None or isinstance(value, int | float | str):
        return value
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
