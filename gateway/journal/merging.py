"""Chunks of ten minutes become chunks of an hour or a day: what to merge, how, and the check that nothing was lost.

Larger chunks are shorter (tables of the compression are said once) and fewer to open. The order is that of sealing: the
merged chunk is read back, compared with what went in and on the disk before the writer hears of it; the writer takes
the old ones out of the index and puts the new one in, in one transaction; a day's file goes when nothing names it any
more. Cut short anywhere, the old chunks are still named and still there. A chunk is merged once: it costs the disk its
own size again, and no more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gateway.journal.ages import Ages
from gateway.journal.chunkfile import ChunkFiles, append, file_of, is_day, labels, month_of
from gateway.journal.database import NAME, open_for_reading
from gateway.journal.errors import JournalCorrupt, translated
from gateway.journal.sealing import ChunkRow, by_clock, checked, on_disk, put_rows, row_of
from gateway.journal.writing import transaction
from gateway.rows import Rows

UNITS = (144, 24, 6, 3, 1)  # windows made one: a day, four hours, an hour, half of one, none but itself
MOST_ROWS = 12_000
MOST_VALUES = 1 << 18  # half a megabyte of words, decoded whole when records are read by number

Key = tuple[int, int, int]
"""group_id, bin, first_seq of a chunk."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Chunks that are on the disk, those that are in them, and files that no chunk is in any more."""

    chunks: list[ChunkRow]
    gone: list[Key]
    empty: list[str]

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> Merged:
        keys = [(key[0], key[1], key[2]) for key in plain["gone"]]
        return cls([ChunkRow(**row) for row in plain["chunks"]], keys, list(plain["empty"]))


def merge(folder: Path, before: int) -> Iterator[Merged]:
    """Merge what ended before a window. What is yielded is on the disk; the caller hands it to the writer.

    Empty files are told first: nothing may be sealed into them any more. Raises JournalCorrupt of a chunk that is
    damaged when all others are done.
    """
    days = sorted(label for label in labels(folder) if is_day(label))
    if not days:
        return
    db = open_for_reading(folder)
    path = folder / NAME
    try:
        files, ages = ChunkFiles(folder, db), Ages()
        with translated(path):
            ages.refresh(db)
            names = dict(db.execute("SELECT id, name FROM poll_groups").fetchall())
            hot = set(
                db.execute("SELECT DISTINCT group_id, bin FROM hot WHERE bin < ?", (before,)).fetchall()
            )
            rows = {label: [ChunkRow(*row) for row in db.execute(_CHUNKS, (label,))] for label in days}
        damaged: JournalCorrupt | None = None
        yield Merged([], [], [label for label in days if not rows[label]])
        for label in days:
            groups: dict[int, list[ChunkRow]] = {}
            for row in rows[label]:
                groups.setdefault(row.group_id, []).append(row)
            for number, own in sorted(groups.items()):
                for some in due(own, before, {window for group, window in hot if group == number}):
                    try:
                        made = _merged(folder, files, ages, names[number], some)
                    except JournalCorrupt as error:
                        damaged = error
                        continue
                    yield made
        if damaged is not None:
            raise damaged
    finally:
        db.close()


def due(rows: list[ChunkRow], before: int, waiting: Iterable[int] = ()) -> list[list[ChunkRow]]:
    """Chunks of one group and day that make one each; none whose time is not over, or has windows `waiting`."""
    by_window: dict[int, int] = {}
    for row in rows:
        by_window[row.bin] = by_window.get(row.bin, 0) + row.count
    fullest, points = max(by_window.values(), default=0), max((row.points for row in rows), default=0)
    fits = [unit for unit in UNITS if unit * fullest <= MOST_ROWS and unit * fullest * points <= MOST_VALUES]
    unit = fits[0] if fits else UNITS[-1]
    blocks: dict[int, list[ChunkRow]] = {}
    for row in rows:
        blocks.setdefault(row.bin // unit, []).append(row)
    unfinished = {window // unit for window in waiting}
    over = [block for block in sorted(blocks) if (block + 1) * unit <= before and block not in unfinished]
    return [blocks[block] for block in over]


def _merged(folder: Path, files: ChunkFiles, ages: Ages, group: str, some: list[ChunkRow]) -> Merged:
    alike: dict[tuple[int, tuple[int, ...], tuple[int, ...]], list[Rows]] = {}
    for row in some:
        chunk = files.chunk(row.month, row.start, row.length)
        rows = chunk.rows()
        if len(rows) != row.count:
            raise JournalCorrupt(f"{file_of(folder, row.month)}: a chunk has not the readings its row says")
        shape = (rows.quality.shape[1], chunk.header.widths, chunk.header.orders)
        alike.setdefault(shape, []).append(rows)
    made: list[tuple[Rows, bytes]] = []
    for (_, widths, orders), parts in alike.items():
        for rows in by_clock([Rows.joined(parts)]):
            view = ages.only(group, int(rows.seq[0]), int(rows.seq[-1]))
            split = [(rows, view)] if view and view.fits(rows) else ages.split(group, rows)
            made += [(part, checked(group, part, widths, orders, its)) for part, its in split]
    month = month_of(some[0].bin)
    places = append(folder, month, [data for _, data in made])
    chunks = [
        row_of(some[0].group_id, rows, month, *place) for (rows, _), place in zip(made, places, strict=True)
    ]
    return Merged(chunks, [(row.group_id, row.bin, row.first_seq) for row in some], [])


def put_merged(db: sqlite3.Connection, folder: Path, path: Path, merged: Merged) -> bool:
    """The writer's half, one transaction; False when chunks or file are not there (another run was at work)."""
    done = on_disk(folder, merged.chunks)
    if done and merged.gone:
        with transaction(db, path):
            done = _put(db, merged)
    for label in merged.empty:
        with translated(path):
            named = db.execute("SELECT 1 FROM chunks WHERE month = ? LIMIT 1", (label,)).fetchone()
        if not named:
            with translated(file_of(folder, label)):
                file_of(folder, label).unlink(missing_ok=True)
    return done


def _put(db: sqlite3.Connection, merged: Merged) -> bool:
    held = [db.execute(_HELD, key).fetchone() for key in merged.gone]
    if None in held or sum(row[0] for row in held) != sum(row.count for row in merged.chunks):
        return False
    if not all(is_day(row[1]) for row in held):
        return False
    db.executemany("DELETE FROM chunks WHERE group_id = ? AND bin = ? AND first_seq = ?", merged.gone)
    put_rows(db, merged.chunks)
    return True


_CHUNKS = """
    SELECT group_id, bin, first_seq, last_seq, count, points, t0, t1, month, start, length, bins FROM chunks
    WHERE month = ? ORDER BY group_id, bin, first_seq
"""
_HELD = "SELECT count, month FROM chunks WHERE group_id = ? AND bin = ? AND first_seq = ?"
