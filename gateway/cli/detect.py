"""`lotwatch detect`: an anomaly score for every row of a file, as the rows come."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.csvstream import TIMES, Place, Table, number, printable, reading, seconds
from gateway.cli.output import Code, Exit, say

if TYPE_CHECKING:
    from gateway.anomaly import Watcher

_DULL = frozenset(
    {"anomaly", "changepoint", "label", "is_anomaly", "anomaly_score"}
)  # answers, never questions


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--time", "time", metavar="COL", help="The column of the times; else time, timestamp or datetime."
)
@click.option("--value", "values", metavar="COL", multiple=True, help="A column to judge; may be repeated.")
@click.option("-o", "--output", "out", type=click.Path(path_type=Path), help="Write here, not to stdout.")
@click.option("--each", is_flag=True, help="With several columns: a score for each of them as well.")
def command(file: Path, time: str | None, values: tuple[str, ...], out: Path | None, each: bool) -> None:
    """Score every row of FILE, a CSV file with a header, by how strange it is to what came before it.

    Writes timestamp,value,anomaly_score, row by row and in constant memory; - reads stdin. No limits, no training, no
    look-ahead. 0.5 is as strange as one row in 100,000. A value that was not read has no score.
    """
    from gateway.anomaly import Watcher  # noqa: PLC0415 # numpy, only where there is something to judge

    if out is not None and out.exists() and file.exists() and out.samefile(file):
        raise Exit(Code.USAGE, f"{out}: is the file that is read")
    with reading(file) as table:
        when = _time_column(table, time)
        first = next(table.rows, None)
        if first is None:
            table.place.wrong("there are no rows below the header", 2)
        places = [table.column(name) for name in values] or [_only_value(table, when, first)]
        each = each and len(places) > 1
        heads = [table.names[place] for place in places] if len(places) > 1 else ["value"]
        heads += [f"{head}_score" for head in heads] if each else []
        with _writing(out) as (write, flush):
            write(["timestamp", *heads, "anomaly_score"])
            _score(table, first, when, places, Watcher(len(places)), write, each=each, flush=flush)


def _score(
    table: Table,
    first: list[str],
    when: int | None,
    places: list[int],
    watcher: Watcher,
    write: Callable[[list[Any]], Any],
    *,
    each: bool,
    flush: Callable[[], None] | None,
) -> None:
    """Judge and write all rows."""
    state, step, place = watcher.start(), watcher.step, table.place
    clock, latest, told = 0, math.nan, False
    row: list[str] | None = first
    count, dull = 0, True
    while row is not None:
        read_ = [number(row[column], place) for column in places]
        if when is None:
            stamp: Any = count
            state, scores = step(state, count * 1_000_000_000, None, read_)
        else:
            stamp = row[when]
            now = seconds(stamp, place)
            if now < latest and not told:
                told = True
                say(
                    f"{place.name}:{place.line}: the time goes back here; rows are judged in the order they stand in"
                )
            clock += int((now - latest) * 1e9) if now > latest else 0
            latest = now
            state, scores = step(state, clock, int(now * 1e9), read_)
        texts = [row[column] for column in places]
        dull = dull and texts == [first[column] for column in places]
        if each:
            texts += [_text(score) for score in scores.tags]
        write([stamp, *texts, _text(scores.device)])
        if flush is not None:
            flush()
        count += 1
        row = next(table.rows, None)
    if dull:
        say(f"{place.name}: what was to be judged never changes, so no row could be strange")


def _text(score: float) -> str:
    return "" if math.isnan(score) else f"{score:.6f}"


def _time_column(table: Table, name: str | None) -> int | None:
    """Which field has the times; None where there is none."""
    if name is not None:
        return table.column(name)
    found = [place for place, each in enumerate(table.names) if each.lower() in TIMES]
    return found[0] if found else None


def _only_value(table: Table, when: int | None, first: list[str]) -> int:
    """The column to judge where none is named: `value`, or the only one with numbers."""
    if "value" in table.names:
        return table.column("value")
    numeric = [
        place
        for place, text in enumerate(first)
        if place != when and table.names[place].lower() not in _DULL and _numeric(text)
    ]
    if not numeric:  # a single column says itself what is wrong in it
        numeric = [place for place in range(len(table.names)) if place != when]
    if len(numeric) != 1:
        names = printable(", ".join(table.names[place] for place in numeric))
        table.place.wrong(f'there is no column "value"; name one or more with --value, of {names}', 1)
    return numeric[0]


def _numeric(text: str) -> bool:
    try:
        number(text, Place(""))
    except Exit:
        return False
    return True


@contextmanager
def _writing(out: Path | None) -> Iterator[tuple[Callable[[list[Any]], Any], Callable[[], None] | None]]:
    """What writes a row, and what sends it on at once where somebody may read along: stdout that is no file."""
    if out is None:
        along = not sys.stdout.seekable()
        yield csv.writer(sys.stdout, lineterminator="\n").writerow, sys.stdout.flush if along else None
        return
    try:
        stream = out.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Exit(Code.USAGE, f"{out}: {(error.strerror or str(error)).lower()}") from error
    with stream:
        yield csv.writer(stream, lineterminator="\n").writerow, None
