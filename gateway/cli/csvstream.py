"""Rows of a CSV file, one after another as they come, from a file or from stdin; errors are said with their line.

Nothing is kept but the row: a file may be longer than memory, and a pipe may be slow.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn, TextIO

from gateway.cli.output import Code, Exit

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})  # in small letters: not read
TIMES = ("time", "timestamp", "datetime", "date")
LARGEST = 1e100  # beyond it there is no arithmetic for it
_LONGEST_SHOWN = 40


@dataclass(slots=True)
class Place:
    """Where we are: what messages name."""

    name: str
    line: int = 1

    def wrong(self, text: str, line: int | None = None) -> NoReturn:
        """End the command: the file is not good here."""
        raise Exit(Code.USAGE, f"{self.name}:{self.line if line is None else line}: {text}")


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a file, and its rows: each with as many fields as the header."""

    place: Place
    names: tuple[str, ...]
    rows: Iterator[list[str]]

    def column(self, name: str) -> int:
        """Which field has this name; ends the command where there is none, or several."""
        if self.names.count(name) != 1:
            how = "there are several columns" if name in self.names else "there is no column"
            self.place.wrong(f'{how} "{shown(name)}"; the columns are {printable(", ".join(self.names))}', 1)
        return self.names.index(name)


@contextmanager
def reading(file: Path) -> Iterator[Table]:
    """The table in a file, or in stdin where it is "-". Commas, semicolons or tabs part the fields."""
    with _opened(file) as (stream, place):
        rows = _rows(stream, place)
        header = next(rows, [])
        if not header:
            place.wrong("the file is empty", 1)
        names = tuple(name.strip() for name in header)
        if all(_is_number(name) for name in names):
            place.wrong("the first line must name the columns, and it has numbers only")
        yield Table(place, names, _checked(rows, place, len(names)))


@contextmanager
def _opened(file: Path) -> Iterator[tuple[TextIO, Place]]:
    if str(file) == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="strict")
        yield sys.stdin, Place("stdin")
        return
    try:
        stream = file.open("r", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Exit(Code.USAGE, f"{file}: {(error.strerror or str(error)).lower()}") from error
    with stream:
        yield stream, Place(str(file))


def _rows(stream: TextIO, place: Place) -> Iterator[list[str]]:
    """Rows that are not empty; `place` follows."""
    try:
        head = stream.readline()
        parted = next((each for each in ",;\t" if each in head), ",")
        yield from csv.reader([head], delimiter=parted, strict=True)
        reader = csv.reader(_lines(stream), delimiter=parted, strict=True)
        for row in reader:
            place.line = 1 + reader.line_num
            if row:
                yield row
    except UnicodeDecodeError as error:
        place.wrong(f"not UTF-8, here or soon after: {error.reason}", place.line + 1)
    except csv.Error as error:
        place.wrong(f"not CSV: {error}", place.line + 1)
    except OSError as error:
        raise Exit(Code.USAGE, f"{place.name}: {(error.strerror or str(error)).lower()}") from error


def _lines(stream: TextIO) -> Iterator[str]:
    """Line by line as they come: iterating over a pipe would wait for more."""
    while line := stream.readline():
        yield line


def _checked(rows: Iterator[list[str]], place: Place, width: int) -> Iterator[list[str]]:
    for row in rows:
        if len(row) != width:
            place.wrong(f"{len(row)} fields, where the header has {width}")
        yield row


def number(text: str, place: Place) -> float:
    """A field as a number; nan where it says that nothing was read."""
    try:
        value = float(text)
    except ValueError:
        if text.strip().lower() in MISSING:
            return math.nan
        hint = "; write a decimal point" if "," in text else ""
        place.wrong(f'"{shown(text)}" is not a number{hint}')
    if abs(value) >= LARGEST or "_" in text:
        place.wrong(f'"{shown(text)}" is not a number that can be judged')
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def seconds(text: str, place: Place) -> float:
    """A time as seconds since 1970 UTC: ISO 8601, UTC without a zone, or a count of s, ms, us or ns since then."""
    word = text.strip()
    try:
        when = datetime.fromisoformat(word.replace("/", "-") if word[4:5] == "/" else word)
    except ValueError:
        pass
    else:
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    try:
        count = float(word)
    except ValueError:
        count = math.nan
    if not math.isfinite(count) or "_" in word:
        place.wrong(f'"{shown(text)}" is not a time: write ISO 8601, or a count since 1970')
    for least, unit in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        if abs(count) >= least:
            return count / unit
    return count


def shown(text: str) -> str:
    """A field as a message has it: short, and on one line."""
    short = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    return printable(short)


def printable(text: str) -> str:
    """Text on one line, whatever is in it."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
