"""Orders out of a CSV file: all rows are taken or none. Pure.

Columns, in any order, the first line names them; `customer` may be left out:

    order,part,quantity,due,customer
    PO-4711,09506000134352,5000,2026-11-20,ACME

`due` is a date, which is over when its plant day is, or a time with its zone (ISO 8601).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from gateway.model import Plain
from gateway.score.declared import BadFigures
from gateway.shifts import day_span
from gateway.site import Shifts

NEEDED = ("order", "part", "quantity", "due")
COLUMNS = (*NEEDED, "customer")
MOST_ROWS = 50_000
_QUANTITY = re.compile(r"\d{1,12}(\.\d{1,6})?")
_LONGEST = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def orders(text: str, shifts: Shifts) -> tuple[dict[str, Plain], ...]:
    """Rows as the door takes them. Raises BadFigures with all that is wrong, each at its line."""
    lines = text.removeprefix("\ufeff")
    head = lines.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(lines), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True
    )
    problems: list[tuple[int, str]] = []
    found: dict[str, tuple[int, dict[str, Plain]]] = {}
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        if missing := [name for name in NEEDED if name not in names]:
            raise BadFigures([(1, f"has no column {', '.join(missing)}; the first line names the columns")])
        if foreign := [name for name in names if name not in COLUMNS or names.count(name) > 1]:
            raise BadFigures(
                [(1, f"cannot have a column {foreign[0]!r} here; there are {', '.join(COLUMNS)}")]
            )
        for cells in reader:
            at = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                problems.append(
                    (at, f"has {len(cells)} cells, and the first line names {len(names)} columns")
                )
                continue
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
            wrong = [*_wrong(row), *_twice(row, found)]
            problems += [(at, each) for each in wrong]
            if not wrong:
                found[row["order"]] = (at, _body(row, shifts))
            if len(found) > MOST_ROWS:
                raise BadFigures([(at, f"more than {MOST_ROWS} rows: give it in parts")])
    except csv.Error as error:
        raise BadFigures([(reader.line_num, f"is no CSV: {error}")]) from error
    if problems:
        raise BadFigures(problems)
    if not found:
        raise BadFigures([(1, "there is no row in it")])
    return tuple(body for _, body in found.values())


def _twice(row: dict[str, str], found: dict[str, tuple[int, dict[str, Plain]]]) -> Iterable[str]:
    if row["order"] in found:
        yield f'order "{row["order"]}" is on line {found[row["order"]][0]} already'


def _wrong(row: dict[str, str]) -> Iterable[str]:
    for name in ("order", "part"):
        if not 0 < len(row[name]) <= _LONGEST or not row[name].isprintable():
            yield f"{name} is not a name of at most {_LONGEST} characters"
    if len(row.get("customer", "")) > _LONGEST:
        yield f"customer is longer than {_LONGEST} characters"
    if not _QUANTITY.fullmatch(row["quantity"]) or not float(row["quantity"]):
        yield f'quantity "{row["quantity"][:40]}" is not a number above 0'
    if _due(row["due"], None) is None:
        yield f'due "{row["due"][:40]}" is not a date such as 2026-11-20, nor a time with its zone'


def _body(row: dict[str, str], shifts: Shifts) -> dict[str, Plain]:
    number = float(row["quantity"])
    body: dict[str, Plain] = {
        "order": row["order"], "part": row["part"], "quantity": int(number) if number.is_integer() else number,
        "due_ns": _due(row["due"], shifts),
    }  # fmt: skip
    if row.get("customer"):
        body["customer"] = row["customer"]
    return body


def _due(text: str, shifts: Shifts | None) -> int | None:
    """The last instant at which it is in time; of a date only checked where no shifts are given."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return day_span(shifts, text).to_ns - 1 if shifts else date.fromisoformat(text).toordinal()
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None or not 1700 < at.year < 2200:
        return None
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000
