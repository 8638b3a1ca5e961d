"""Readings by time: packs and chunks of the ten-minute windows that a span touches, page by page.

What has just been sealed is in a chunk and no longer hot, what has been merged is in a larger chunk, from an earlier
window on; all are looked up in one transaction, and a page has the rows of its own windows only. A row never changes
its window: so each is in one page, once, whatever is sealed and merged between two pages. Chunks are read after it:
they never change, and where merging or retention removed their file, the page is looked up again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.journal.ages import Ages, View
from gateway.journal.chunk import Chunk, Header, Summary
from gateway.journal.chunkfile import ChunkFiles
from gateway.journal.errors import translated
from gateway.journal.merging import UNITS
from gateway.journal.pack import WINDOW_NS, unpack_all
from gateway.journal.series import Decimator, Series
from gateway.journal.summary import mark_of
from gateway.rows import Rows

WINDOWS_HOT = 3  # half an hour: of 10,000 values a second that nobody sealed some 50 MB and 0.2 s
WINDOWS_OF_ALL = 6  # of chunks, when all of them is decoded
WINDOWS_OF_ONE = 144  # when one tag is
_MOST_BINS = max(UNITS)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk in its file."""

    group: str
    first_seq: int
    last_seq: int
    t0: int
    t1: int
    month: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Read]):
    """What some windows hold of some groups; of rows, those in [t0, t1) belong to it."""

    t0: int
    t1: int
    chunks: list[tuple[Place, Read]]
    hot: dict[str, list[bytes]]  # packs by group


Look = Callable[[Place, int, int], Read]
"""What a page needs of a chunk; with the page's times."""


class ByTime:
    """One connection's view of the readings of one journal. Not for two threads at once."""

    def __init__(self, db: sqlite3.Connection, path: Path, files: ChunkFiles, ages: Ages) -> None:
        self._db, self._path, self._files, self._ages = db, path, files, ages

    def pages(
        self, groups: list[str], t0: int, t1: int, windows: int, read: Look[Read]
    ) -> Iterator[Page[Read]]:
        """Pages of [t0, t1), in order, of so many windows at most; each one transaction of far less than a second."""
        with translated(self._path):
            span = self._db.execute(_SPAN).fetchone()
        if span[0] is None or t1 <= t0:
            return
        low, high = max(t0 // WINDOW_NS, span[0]), min((t1 - 1) // WINDOW_NS, span[1] + _MOST_BINS - 1)
        while low <= high:
            start, most = low, min(high, low + windows - 1)

            def look(start: int = start, most: int = most) -> Page[Read]:
                return self._page(groups, start, most, (t0, t1), read)

            page = self._files.looked_up(look)
            if page.chunks or page.hot:
                yield page
            low = -(-page.t1 // WINDOW_NS)
            if not (page.chunks or page.hot):  # over a hole in one step, however long
                low = self._next_window(low, high)

    def _page(
        self, groups: list[str], low: int, high: int, span: tuple[int, int], read: Look[Read]
    ) -> Page[Read]:
        chunks: list[Place] = []
        hot: dict[str, list[bytes]] = {}
        with translated(self._path):
            self._db.execute("BEGIN")
            try:
                self._ages.refresh(self._db)
                numbers = {name: number for name, number in self._db.execute(_GROUPS) if name in groups}
                first_hot = self._db.execute(_FIRST_HOT, (low, high)).fetchone()[0]
                if first_hot is not None:
                    high = min(high, max(first_hot - 1, low + WINDOWS_HOT - 1))
                for name, number in numbers.items():
                    found = self._db.execute(_CHUNKS, (number, low - _MOST_BINS + 1, high, low))
                    chunks += [Place(name, *each) for each in found]
                if first_hot is None or first_hot > high:
                    hot = {}
                elif len(numbers) == 1:
                    [(name, number)] = numbers.items()
                    packs = [each[0] for each in self._db.execute(_HOT, (low, high, number))]
                    hot = {name: packs} if packs else {}
                else:
                    hot = self._hot(numbers, low, high)
            finally:
                self._db.execute("COMMIT")
        t0, t1 = max(low * WINDOW_NS, span[0]), min((high + 1) * WINDOW_NS, span[1])
        within = [place for place in chunks if place.t0 < t1 and place.t1 >= t0]
        return Page(t0, t1, [(place, read(place, t0, t1)) for place in within], hot)

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
        for page in self.pages(groups, t0, t1, WINDOWS_OF_ALL, self._all_of):
            parts: dict[tuple[str, int, int], list[Rows]] = {}
            for place, sealed in page.chunks:
                parts.setdefault((place.group, *_shape(sealed)), []).append(sealed)
            for group, packs in page.hot.items():
                for rows in unpack_all(packs):
                    parts.setdefault((group, *_shape(rows)), []).append(rows)
            for (group, _, _), alike in parts.items():
                rows = Rows.joined([_between(each, page.t0, page.t1) for each in alike])
                if len(rows):
                    yield from ((group, *each) for each in self._ages.split(group, rows))

    def _all_of(self, place: Place, *_: int) -> Rows:
        return self._files.rows(place.month, place.start, place.length)

    def tag(self, tag: str, places: dict[str, set[int]], t0: int, t1: int) -> Iterator[Series]:
        """Parts of one tag; decodes its own column of each chunk and no other."""
        for page in self.pages(sorted(places), t0, t1, WINDOWS_OF_ONE, self._columns_of):
            for place, chunk in page.chunks:
                yield from self._parts((tag,), place, chunk, page)
            yield from self._hot_parts((tag,), page)

    def overview(
        self, tag: str, places: dict[str, set[int]], t0: int, t1: int, into: Decimator
    ) -> Iterator[Series]:
        """As `tag`, without the chunks that lie in one bucket and one page: of those the summary goes into it."""

        def look(place: Place, begin: int, end: int) -> Chunk | tuple[int, Summary]:
            if begin <= place.t0 and place.t1 < end and into.bucket(place.t0) == into.bucket(place.t1):
                header = self._files.header(place.month, place.start, place.length)
                summary = self._summary(tag, place, header) if header is not None else None
                if header is not None and summary is not None:
                    return header.rows, summary
            return self._columns_of(place)

        for page in self.pages(sorted(places), t0, t1, WINDOWS_OF_ONE, look):
            for place, found in page.chunks:
                if isinstance(found, Chunk):
                    yield from self._parts((tag,), place, found, page)
                else:
                    rows, (_, count, least, most, total) = found
                    into.add(into.bucket(place.t0), rows, count, least, most, total)
            yield from self._hot_parts((tag,), page)
        for rows, at, (_, count, least, most, total) in self._thinned(tag, places, t0, t1):
            into.add(into.bucket(at), rows, count, least, most, total)

    def _thinned(
        self, tag: str, places: dict[str, set[int]], t0: int, t1: int
    ) -> Iterator[tuple[int, int, Summary]]:
        """Rows, time and summary of what the quota thinned: each is shown where its middle is."""
        with translated(self._path):
            numbers = {number: name for name, number in self._db.execute(_GROUPS) if name in places}
            found = [row for number in numbers for row in self._db.execute(_OVERVIEWS, (number, t0, t1))]
        for number, first_seq, last_seq, at, rows, text in found:
            view = self._ages.only(numbers[number], first_seq, last_seq)
            summary = _summary_of(tag, view, orjson.loads(text)) if view else None
            if summary is not None:
                yield rows, at, summary

    def _summary(self, tag: str, place: Place, header: Header) -> Summary | None:
        view = self._ages.only(place.group, place.first_seq, place.last_seq)
        return _summary_of(tag, view, header.summaries) if view else None

    def _columns_of(self, place: Place, *_: int) -> Chunk:
        return self._files.chunk(place.month, place.start, place.length)

    def window(self, groups: list[str], t0: int, t1: int, wanted: Container[str] | None) -> Iterator[Series]:
        """Parts of many tags, or of all."""
        for page in self.pages(groups, t0, t1, WINDOWS_OF_ALL, self._columns_of):
            for place, chunk in page.chunks:
                yield from self._parts(wanted, place, chunk, page)
            yield from self._hot_parts(wanted, page)

    def _parts(
        self, wanted: Container[str] | None, place: Place, chunk: Chunk, page: Page[Read]
    ) -> Iterator[Series]:
        view = self._ages.only(place.group, place.first_seq, place.last_seq)
        if view is None or not _fits(view, chunk.header):
            yield from self._slow(wanted, place.group, chunk.rows(), page)
            return
        time_ns = chunk.times()
        which = _inside(time_ns, page.t0, page.t1)
        time_ns = time_ns if which is None else time_ns[which]
        for index, tag in enumerate(view.tags):
            if wanted is None or tag in wanted:
                values, quality = _values(view, chunk, index), chunk.quality_of(index)
                if which is not None:
                    values, quality = values[which], quality[which]
                yield Series(tag, time_ns, values, quality)

    def _hot_parts(self, wanted: Container[str] | None, page: Page[Read]) -> Iterator[Series]:
        for group, packs in page.hot.items():
            for rows in unpack_all(packs):
                yield from self._slow(wanted, group, rows, page)

    def _slow(
        self, wanted: Container[str] | None, group: str, rows: Rows, page: Page[Read]
    ) -> Iterator[Series]:
        for part, view in self._ages.split(group, _between(rows, page.t0, page.t1)):
            for index, tag in enumerate(view.tags) if view else ():
                if view and (wanted is None or tag in wanted):
                    start = view.layout.starts[index]
                    words = part.raw[:, start : start + view.group.points[index].field.width]
                    values = view.single(index).typed(words)[0]
                    yield Series(tag, part.time_ns, values, part.quality[:, index])


def _summary_of(tag: str, view: View, summaries: Sequence[Summary | None]) -> Summary | None:
    """The one of a tag, where words are still read as they were then."""
    if tag not in view.tags or len(summaries) != len(view.tags):
        return None
    index = view.tags.index(tag)
    summary = summaries[index]
    return summary if summary and summary[0] == mark_of(view.group.points[index].field) else None


def _fits(view: View, header: Header) -> bool:
    """Whether a chunk has the shape of this layout."""
    return sum(header.widths) == view.layout.words and header.points == len(view.tags)


def _values(view: View, chunk: Chunk, index: int) -> NDArray[np.generic]:
    """A whole column in its own type."""
    field, start = view.group.points[index].field, view.layout.starts[index]
    if field.type != "string" and len(chunk.header.widths) == len(view.tags):
        bits = chunk.bits(index, *(join[index] for join in view.joins))
        if bits is not None:
            return view.layout.typed_of(index, bits)
    return view.single(index).typed(chunk.words(start, start + field.width))[0]


def _shape(rows: Rows) -> tuple[int, int]:
    return rows.quality.shape[1], rows.raw.shape[1]


def _between(rows: Rows, t0: int, t1: int) -> Rows:
    which = _inside(rows.time_ns, t0, t1)
    return rows if which is None else rows.take(which)


def _inside(time_ns: NDArray[np.int64], t0: int, t1: int) -> slice | NDArray[np.bool_] | None:
    """Which times are in [t0, t1); None for all."""
    if bool(np.all(time_ns[1:] >= time_ns[:-1])):
        low, high = np.searchsorted(time_ns, [t0, t1]).tolist()
        return None if high - low == len(time_ns) else slice(low, high)
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
    SELECT first_seq, last_seq, t0, t1, month, start, length FROM chunks
    WHERE group_id = ? AND bin BETWEEN ? AND ? AND bin + bins > ? ORDER BY bin, first_seq
"""
_OVERVIEWS = """
    SELECT group_id, first_seq, last_seq, t0 + (t1 - t0) / 2 AS middle, count, summaries FROM overviews
    WHERE group_id = ? AND middle >= ? AND middle < ? ORDER BY t0
"""
_FIRST_HOT = "SELECT min(bin) FROM hot WHERE bin BETWEEN ? AND ?"
_GROUPS = "SELECT name, id FROM poll_groups"
_HOT_ENDS = "SELECT min(first_seq), max(first_seq) FROM hot WHERE bin BETWEEN ? AND ?"
_HOT_ALL = "SELECT group_id, pack FROM hot WHERE first_seq BETWEEN ? AND ? AND +bin BETWEEN ? AND ?"
_HOT = "SELECT pack FROM hot WHERE bin BETWEEN ? AND ? AND group_id = ?"
