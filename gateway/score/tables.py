"""Tables for people, for spreadsheets and for programs: aligned lines, CSV that starts no formula. Pure.

>>> csv_text(("store", "kg"), [("=cmd()", -1.5), ("bin", None)]).splitlines()
['store,kg', "'=cmd(),-1.5", 'bin,']
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

Cell = str | float | int | None
_STARTS_A_FORMULA = tuple("=+-@＝＋－＠")  # the wide ones too: an East Asian spreadsheet reads them so
_SKIPPED = tuple("\t\r\n")  # what some skip before it


def csv_cell(value: Cell) -> str:
    """As a cell of CSV. A text that a spreadsheet would run gets an apostrophe before it (OWASP, CSV injection)."""
    if value is None:
        return ""
    if isinstance(value, str):
        risky = value.startswith(_SKIPPED) or value.lstrip().startswith(_STARTS_A_FORMULA)
        return f"'{value}" if risky else value
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A whole file, lines ended by one line feed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_cell(cell) for cell in header])
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def number(value: float | None, digits: int = 3) -> str:
    """As people read it; nothing for what is not known."""
    return "-" if value is None else f"{value:,.{digits}f}"


def lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Columns side by side; numbers to the right, a Chinese character as wide as two."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(width(row[at]) for row in cells) for at in range(len(header))]
    right = [len(cells) > 1 and all(_is_number(row[at]) for row in cells[1:]) for at in range(len(header))]
    made = []
    for row in cells:
        parts = [
            " " * (wide - width(cell)) + cell if to_right else cell + " " * (wide - width(cell))
            for cell, wide, to_right in zip(row, widths, right, strict=True)
        ]
        made.append("  ".join(parts).rstrip())
    return made


def width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(",", "").lstrip("-+").replace(".", "", 1).isdigit()
