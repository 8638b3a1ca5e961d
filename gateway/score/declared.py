"""Declared figures: what a supplier's books say of a week, out of a CSV file. All rows are taken or none. Pure.

Columns, in any order, the first line names them; `unit`, `document` and `date` may be left out:

    week,line,material,item,amount,unit,document,date
    2026-W46,moulding/line1,PP-H 4711,received,1250.0,kg,DN-1047,2026-11-10

`item` is opening, received, ground, dosed, scrapped or closing; several rows of one item add up. A comma or a
semicolon parts the columns; a number has a point. A mark such as ``1,250.0`` is refused: nobody knows what it means.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

ITEMS = ("opening", "received", "ground", "dosed", "scrapped", "closing")
UNITS = {"kg": 1.0, "g": 1e-3, "t": 1e3, "lb": 0.45359237}
"""Kilograms of each; lb is the international pound, of 1959."""
NEEDED = ("week", "line", "material", "item", "amount")
COLUMNS = (*NEEDED, "unit", "document", "date")
MOST_ROWS = 100_000
_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,6})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class BadFigures(ValueError):
    """The file cannot be taken; every problem with its line."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {line}: {text}" for line, text in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Figure:
    """One row."""

    line_no: int
    week: str
    line: str  # area/line
    material: str
    item: str  # of ITEMS
    text: str  # the amount as it was written
    unit: str
    document: str = ""
    date: str = ""

    @property
    def kg(self) -> float:
        return float(self.text) * UNITS[self.unit]

    @property
    def rounding_kg(self) -> float:
        """Standard uncertainty of how it was written: half a unit of its last digit, either way (GUM 4.3.7)."""
        exponent = Decimal(self.text).as_tuple().exponent
        last = 10.0 ** (exponent if isinstance(exponent, int) else 0)
        return float(last * UNITS[self.unit] / 12.0**0.5)


def figures(text: str) -> tuple[Figure, ...]:
    """Every row of a file. Raises BadFigures with all that is wrong, each at its line."""
    lines = text.removeprefix("\ufeff")
    head = lines.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(lines), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True
    )
    problems: list[tuple[int, str]] = []
    made: list[Figure] = []
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        _check_head(names)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = _figure(reader.line_num, names, cells, problems)
                made += [row] if row else []
            if len(made) > MOST_ROWS:
                raise BadFigures([(reader.line_num, f"more than {MOST_ROWS} rows: give it in parts")])
    except csv.Error as error:
        raise BadFigures([(reader.line_num, f"is no CSV: {error}")]) from error
    if problems:
        raise BadFigures(problems)
    if not made:
        raise BadFigures([(1, "there is no row in it")])
    return tuple(made)


def _check_head(names: list[str]) -> None:
    missing = [name for name in NEEDED if name not in names]
    foreign = [name for name in names if name not in COLUMNS]
    twice = [name for name in names if names.count(name) > 1]
    if missing:
        raise BadFigures([(1, f"has no column {', '.join(missing)}; the first line names the columns")])
    if foreign or twice:
        what = f"knows no column {foreign[0]!r}" if foreign else f"has column {twice[0]!r} twice"
        raise BadFigures([(1, f"{what}; there are {', '.join(COLUMNS)}")])


def _figure(at: int, names: list[str], cells: list[str], problems: list[tuple[int, str]]) -> Figure | None:
    if len(cells) != len(names):
        problems.append((at, f"has {len(cells)} cells, and the first line names {len(names)} columns"))
        return None
    row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    wrong = list(_wrong(row))
    problems += [(at, text) for text in wrong]
    if wrong:
        return None
    return Figure(
        at, row["week"], row["line"], row["material"], row["item"].casefold(), row["amount"],
        row.get("unit", "").casefold() or "kg", row.get("document", ""), row.get("date", ""),
    )  # fmt: skip


def _wrong(row: dict[str, str]) -> Iterable[str]:
    if not _WEEK.fullmatch(row["week"]):
        yield f'week "{row["week"][:40]}" is not an ISO week such as 2026-W46'
    if row["line"].count("/") != 1:
        yield f'line "{row["line"][:40]}" is not area/line, such as moulding/line1'
    if not row["material"]:
        yield "names no material"
    if row["item"].casefold() not in ITEMS:
        yield f'item "{row["item"][:40]}" is not one of {", ".join(ITEMS)}'
    if not _AMOUNT.fullmatch(row["amount"]):
        yield f'amount "{row["amount"][:40]}" is not a number from 0 on, with a point and no other mark'
    if row.get("unit", "").casefold() not in {"", *UNITS}:
        yield f'unit "{row["unit"][:40]}" is not one of {", ".join(UNITS)}'
    if row.get("date") and not _DATE.fullmatch(row["date"]):
        yield f'date "{row["date"][:40]}" is not a date such as 2026-11-10'
