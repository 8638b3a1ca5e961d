"""Readings by time: packs and chunks of the ten-minute windows that a span touches, page by page.

What has just been sealed is in a chunk and no longer hot; both are looked up in one transaction, so that a page has
each reading once. Chunks are read after it: they never change, and one whose file retention has removed is left out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.journal.ages import Ages, View
from gateway.journal.chunk import Chunk
from gateway.journal.chunkfile import ChunkFiles
from gateway.journal.errors import translated
from gateway.journal.pack import WINDOW_NS, Rows, unpack_all
from gateway.journal.series import Series
from gateway.layout import Layout

WINDOWS_A_PAGE = 3  # half an hour: of 10,000 values a second that nobody sealed some 50 MB and 0.2 s


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk in its file."""

    group: str
    first_seq: int
    last_seq: int
    month: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Page:
    """What some windows hold of some groups."""

    chunks: list[Place]
    hot: dict[str, list[bytes]]  # packs by group


class ByTime:
    """One connection's view of the readings of one journal. Not for two threads at once."""

    def __init__(self, db: sqlite3.Connection, path: Path, files: ChunkFiles, ages: Ages) -> None:
        self._db, self._path, self._files, self._ages = db, path, files, ages

    def pages(self, groups: list[str], t0: int, t1: int) -> Iterator[Page]:
        """Pages of [t0, t1), in order; each one transaction of far less than a second."""
        with translated(self._path):
            span = self._db.execute(_SPAN).fetchone()
        if span[0] is None or t1 <= t0:
            return
        low, high = max(t0 // WINDOW_NS, span[0]), min((t1 - 1) // WINDOW_NS, span[1])
        while low <= high:
            stop = min(low + WINDOWS_A_PAGE - 1, high)
            page = self._page(groups, low, stop)
            if page.chunks or page.hot:
                yield page
            low = stop + 1
            if not (page.chunks or page.hot):  # over a hole in one step, however long
                low = self._next_window(low, high)

    def _page(self, groups: list[str], low: int, high: int) -> Page:
        chunks: list[Place] = []
        hot: dict[str, list[bytes]] = {}
        with translated(self._path):
            self._db.execute("BEGIN")
            try:
                self._ages.refresh(self._db)
                numbers = {name: number for name, number in self._db.execute(_GROUPS) if name in groups}
                for name, number in numbers.items():
                    found = self._db.execute(_CHUNKS, (number, low, high))
                    chunks += [Place(name, *each) for each in found]
                if len(numbers) == 1:
                    [(name, number)] = numbers.items()
                    packs = [each[0] for each in self._db.execute(_HOT, (low, high, number))]
                    hot = {name: packs} if packs else {}
                else:
                    hot = self._hot(numbers, low, high)
            finally:
                self._db.execute("COMMIT")
        return Page(chunks, hot)

    def _hot(self, numbers: dict[str, int], low: int, high: int) -> dict[str, list[bytes]]:
        """Packs of many groups: read as they lie, in the order of seq, instead of group after group."""
        names = {number: name for name, number in numbers.items()}
        first, last = self._db.execute(_HOT_ENDS, (low, high)).fetchone()
        hot: dict[str, list[bytes]] = {}
        if first is not None:
            for number, pack in self._db.execute(_HOT_ALL, (first, last, low, high)):
                if number in names:
                    hot.setdefault(names[number], []).append(pack)
        return hot

    def _next_window(self, low: int, high: int) -> int:
        with translated(self._path):
            asked = self._db.execute(_NEXT, {"low": low})
            found = asked.fetchone()[0]
        return high + 1 if found is None else int(found)

    def rows(self, groups: list[str], t0: int, t1: int) -> Iterator[tuple[str, Rows, View | None]]:
        """Rows of groups in [t0, t1) with the layout they have, in the order of their seq within a page."""
        for page in self.pages(groups, t0, t1):
            parts: dict[tuple[str, int, int], list[Rows]] = {}
            for place in page.chunks:
                sealed = self._files.rows(place.month, place.start, place.length)
                if sealed is not None:
                    parts.setdefault((place.group, *_shape(sealed)), []).append(sealed)
            for group, packs in page.hot.items():
                for rows in unpack_all(packs):
                    parts.setdefault((group, *_shape(rows)), []).append(rows)
            for (group, _, _), alike in parts.items():
                rows = _between(Rows.joined(alike), t0, t1)
                if len(rows):
                    yield from ((group, *each) for each in self._ages.split(group, rows))

    def tag(self, tag: str, places: dict[str, set[int]], t0: int, t1: int) -> Iterator[Series]:
        """Parts of one tag; decodes its own column of each chunk and no other."""
        for page in self.pages(sorted(places), t0, t1):
            for place in page.chunks:
                chunk = self._files.chunk(place.month, place.start, place.length)
                if chunk is None:
                    continue
                view = self._ages.only(place.group, place.first_seq, place.last_seq)
                if view is None or sum(chunk.header.widths) != view.layout.words:
                    yield from self._slow(tag, place.group, chunk.rows(), t0, t1)
                elif tag in view.tags:
                    yield _column(tag, view, chunk, t0, t1)
            for group, packs in page.hot.items():
                for rows in unpack_all(packs):
                    yield from self._slow(tag, group, rows, t0, t1)

    def _slow(self, tag: str, group: str, rows: Rows, t0: int, t1: int) -> Iterator[Series]:
        for part, view in self._ages.split(group, _between(rows, t0, t1)):
            if view and tag in view.tags:
                index = view.tags.index(tag)
                start = view.layout.starts[index]
                layout, words = (
                    view.single(index),
                    part.raw[:, start : start + view.group.points[index].field.width],
                )
                yield Series(tag, part.time_ns, layout.typed(words)[0], part.quality[:, index])


def _column(tag: str, view: View, chunk: Chunk, t0: int, t1: int) -> Series:
    index = view.tags.index(tag)
    start = view.layout.starts[index]
    layout: Layout = view.single(index)
    time_ns, words = chunk.times(), chunk.words(start, start + view.group.points[index].field.width)
    quality = chunk.quality()[:, index]
    which = _inside(time_ns, t0, t1)
    if which is not None:
        time_ns, words, quality = time_ns[which], words[which], quality[which]
    return Series(tag, time_ns, layout.typed(words)[0], np.ascontiguousarray(quality))


def _shape(rows: Rows) -> tuple[int, int]:
    return rows.quality.shape[1], rows.raw.shape[1]


def _between(rows: Rows, t0: int, t1: int) -> Rows:
    which = _inside(rows.time_ns, t0, t1)
    return rows if which is None else rows.take(which)


def _inside(time_ns: NDArray[np.int64], t0: int, t1: int) -> NDArray[np.bool_] | None:
    """Which times are in [t0, t1); None for all."""
    which = (time_ns >= t0) & (time_ns < t1)
    return None if bool(which.all()) else which


# Chunks are asked for group by group: their key begins with it, and there may be a million.
_SPAN = """
    SELECT min(low), max(high) FROM (
        SELECT (SELECT min(bin) FROM hot) AS low, (SELECT max(bin) FROM hot) AS high
        UNION ALL
        SELECT (SELECT min(bin) FROM chunks WHERE group_id = id), (SELECT max(bin) FROM chunks WHERE group_id = id)
        FROM poll_groups
    )
"""
_NEXT = """
    SELECT min(next) FROM (
        SELECT (SELECT min(bin) FROM hot WHERE bin >= :low) AS next
        UNION ALL
        SELECT (SELECT min(bin) FROM chunks WHERE group_id = id AND bin >= :low) FROM poll_groups
    )
"""
_CHUNKS = """
    SELECT first_seq, last_seq, month, start, length FROM chunks
    WHERE group_id = ? AND bin BETWEEN ? AND ? ORDER BY bin, first_seq
"""
_GROUPS = "SELECT name, id FROM poll_groups"
_HOT_ENDS = "SELECT min(first_seq), max(first_seq) FROM hot WHERE bin BETWEEN ? AND ?"
_HOT_ALL = "SELECT group_id, pack FROM hot WHERE first_seq BETWEEN ? AND ? AND +bin BETWEEN ? AND ?"
_HOT = "SELECT pack FROM hot WHERE bin BETWEEN ? AND ? AND group_id = ?"
