"""Columns out of a CSV file; what is wrong with it is said with its line."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from gateway.cli.output import Code, Exit, paced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST_SHOWN = 40
_PIECE = 50_000  # rows read between two looks at the bar


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of numbers ``[rows, columns]`` as they were asked for, and one of words."""

    numbers: NDArray[np.float64]
    words: list[str]


def header(file: Path) -> list[str]:
    """The names of the columns. Ends the command with code 2 where there are none."""
    _, names = next(rows_of(file), (1, []))
    if not names:
        wrong(file, 1, "the file is empty")
    return [each.strip() for each in names]


def column(file: Path, name: str) -> NDArray[np.float64]:
    """The numbers in a column. Fields are parted by commas, or by semicolons or tabs if the header has no comma.

    Ends the command with code 2 where a row has no finite number there, or the file has no such column or no rows.
    """
    return columns(file, (name,)).numbers[:, 0]


def columns(file: Path, names: Sequence[str], word: str | None = None) -> Columns:
    """Several columns of numbers, and one of words where `word` names it. As `column`."""
    import numpy as np  # noqa: PLC0415 # a command loads what it needs, when it runs

    there = header(file)
    places = [_place(file, there, name) for name in names]
    of_word = None if word is None else _place(file, there, word)
    numbers, words = array("d"), list[str]()
    rows = rows_of(file)
    next(rows)
    pieces = range(lines_in(file) // _PIECE + 1)
    for _ in paced(pieces, "reading", len(pieces)):
        _read(file, rows, len(there), places, of_word, numbers, words)
    _read(
        file, rows, len(there), places, of_word, numbers, words, most=None
    )  # the count of lines was a guess
    if not numbers:
        wrong(file, 2, "there are no rows below the header")
    return Columns(np.frombuffer(numbers, dtype=np.float64).reshape(-1, len(places)), words)


def _read(  # the inner loop of a long file
    file: Path,
    rows: Iterator[tuple[int, list[str]]],
    width: int,
    places: list[int],
    of_word: int | None,
    numbers: array[float],
    words: list[str],
    most: int | None = _PIECE,
) -> None:
    for count, (line, row) in enumerate(rows, 1):
        if len(row) != width:
            wrong(file, line, f"{len(row)} fields, where the header has {width}")
        for place in places:
            numbers.append(_number(file, line, row[place]))
        if of_word is not None:
            words.append(row[of_word].strip())
            if not words[-1]:
                wrong(file, line, "there is no word for the subgroup")
        if count == most:
            return


def refuse(file: Path, row: int, text: str) -> NoReturn:
    """End the command with code 2: something is wrong with that row, counted from 0 below the header."""
    rows = rows_of(file)
    next(rows)
    line = next((at for number, (at, _) in enumerate(rows) if number == row), 1)
    wrong(file, line, text)


def _place(file: Path, names: list[str], name: str) -> int:
    if names.count(name) != 1:
        how = "there are several columns" if name in names else "there is no column"
        wrong(file, 1, f'{how} "{shown(name)}"; the columns are {shown(", ".join(names))}')
    return names.index(name)


def rows_of(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their last line. Empty lines are left out; but where there is one column, an empty line
    among others is a value that is missing.
    """
    line = width = empty = 0
    try:
        with file.open("r", encoding="utf-8-sig", newline="") as stream:
            head = stream.readline()
            stream.seek(0)
            parted = next((each for each in ",;\t" if each in head), ",")
            reader = csv.reader(stream, delimiter=parted, strict=True)
            for row in reader:
                line = reader.line_num
                if not row:
                    empty = empty or line
                    continue
                if width == 1 and empty:
                    wrong(file, empty, "there is no value")
                width, empty = width or len(row), 0
                yield line, row
    except UnicodeDecodeError as error:
        wrong(file, _line_of(file), f"not UTF-8: {error.reason}")
    except csv.Error as error:
        wrong(file, line + 1, f"not CSV: {error}")
    except OSError as error:
        raise Exit(Code.USAGE, f"{file}: {(error.strerror or str(error)).lower()}") from error


def lines_in(file: Path) -> int:
    """About how many lines there are: for the bar."""
    with file.open("rb") as stream:
        return sum(piece.count(b"\n") for piece in iter(lambda: stream.read(1 << 20), b""))


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
        wrong(file, line, f'"{shown(text)}" is not a number{hint}' if text.strip() else "there is no value")
    if not math.isfinite(value) or "_" in text or not text.isascii():
        wrong(file, line, f'"{shown(text)}" is not a number that can be charted')
    return value


def shown(text: str) -> str:
    short = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    return short.encode("unicode_escape").decode("ascii") if not short.isprintable() else short


def wrong(file: Path, line: int, text: str) -> NoReturn:
    raise Exit(Code.USAGE, f"{file}:{line}: {text}")
