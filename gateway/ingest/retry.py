"""Dead letters of a database once more: the lines of their series, made again out of the replica."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Lines, numbered
from gateway.ingest.refused import RefusedPoints, RefusedRow, series_of
from gateway.ingest.replicalines import blocks_of
from gateway.ingest.sift import sift
from gateway.ingest.trials import Point, Trials
from gateway.ingest.writer import Writer
from gateway.journal.reader import JournalReader
from gateway.site import Database

PAGE = 500  # records read in one go


@dataclass
class Retried:
    """What came of it, in points."""

    sent: int = 0
    refused: int = 0  # again: they stay


def retry(
    folder: Path, database: Database, writer: Writer, pause: Callable[[float], object] | None = None
) -> Retried:
    """Send again what this database refused of a replica. Raises WriteFailed, JournalError, sqlite3.Error."""
    kind = KINDS[database.kind]
    trials = Trials(writer, kind, pause or threading.Event().wait)
    letters, done = RefusedPoints(folder), Retried()
    with JournalReader(folder) as reader:
        lines = Lines(reader.identity.site, reader.identity.gateway, kind, database.precision)
        ask = trials.counted if kind.counts else trials.write
        for row in letters.rows():
            if row.database != database.url:
                continue
            points = _points(reader, lines, row)
            sifted = sift(points, lambda part: ask(part, lines.precision), trials=64)
            again = sum(len(each.items) for each in sifted.found)
            done.sent, done.refused = done.sent + len(points) - again, done.refused + again
            if not again:
                letters.forget(row)
    return done


def _points(reader: JournalReader, lines: Lines, row: RefusedRow) -> list[Point]:
    return [
        (seq, line)
        for first in range(row.first, row.last + 1, PAGE)
        for seq, line in numbered(
            blocks_of(reader, lines, row.stream, (first, min(first + PAGE - 1, row.last)))[0]
        )
        if series_of(line) == row.series
    ]
