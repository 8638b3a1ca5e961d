"""A column of numbers out of a CSV file; what is wrong with it is said with its line."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from gateway.cli.output import Code, Exit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST_SHOWN = 40


def column(file: Path, name: str) -> NDArray[np.float64]:
    """The numbers in a column. Fields are parted by commas, or by semicolons or tabs if the header has no comma.

    Ends the command with code 2 where a row has no finite number there, or the file has no such column or no rows.
    """
    import numpy as np  # noqa: PLC0415 # a command loads what it needs, when it runs

    values = array("d")
    rows = _rows(file)
    _, header = next(rows, (1, []))
    if not header:
        _wrong(file, 1, "the file is empty")
    names = [each.strip() for each in header]
    if names.count(name) != 1:
        how = "there are several columns" if name in names else "there is no column"
        _wrong(file, 1, f'{how} "{_shown(name)}"; the columns are {_shown(", ".join(names))}')
    place = names.index(name)
    for line, row in rows:
        if len(row) != len(names):
            _wrong(file, line, f"{len(row)} fields, where the header has {len(names)}")
        values.append(_number(file, line, row[place]))
    if not values:
        _wrong(file, 2, "there are no rows below the header")
    return np.frombuffer(values, dtype=np.float64)


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their last line; empty lines are left out."""
    line = 0
    try:
        with file.open("r", encoding="utf-8-sig", newline="") as stream:
            head = stream.readline()
            stream.seek(0)
            parted = next((each for each in ",;\t" if each in head), ",")
            reader = csv.reader(stream, delimiter=parted, strict=True)
            for row in reader:
                line = reader.line_num
                if row:
                    yield line, row
    except UnicodeDecodeError as error:
        _wrong(file, _line_of(file), f"not UTF-8: {error.reason}")
    except csv.Error as error:
        _wrong(file, line + 1, f"not CSV: {error}")
    except OSError as error:
        raise Exit(Code.USAGE, f"{file}: {(error.strerror or str(error)).lower()}") from error


def _line_of(file: Path) -> int:
    """The line of the first byte that is not UTF-8."""
    good = file.read_bytes()
    try:
        good.decode("utf-8")
    except UnicodeDecodeError as error:
        good = good[: error.start]
    return good.count(b"\n") + 1


def _number(file: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        hint = "; write a decimal point" if "," in text else ""
        _wrong(file, line, f'"{_shown(text)}" is not a number{hint}' if text.strip() else "there is no value")
    if not math.isfinite(value) or "_" in text:
        _wrong(file, line, f'"{_shown(text)}" is not a number that can be charted')
    return value


def _shown(text: str) -> str:
    short = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    return short.encode("unicode_escape").decode("ascii") if not short.isprintable() else short


def _wrong(file: Path, line: int, text: str) -> NoReturn:
    raise Exit(Code.USAGE, f"{file}:{line}: {text}")
