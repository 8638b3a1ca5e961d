"""One tag over time: as read, or as minimum, maximum and mean of equal buckets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.model import BAD_FROM


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A tag as read, in the order of its times. Where quality is bad, a value means nothing."""

    tag: str
    time_ns: NDArray[np.int64]
    values: NDArray[np.generic]  # in the point's own type (`Layout.typed`)
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time_ns)

    def numbers(self) -> NDArray[np.float64]:
        """Values as float64, nan where bad; texts are nan."""
        if self.values.dtype.kind in "US":
            return np.full(len(self), np.nan)
        if self.values.dtype.kind == "O":
            given = [np.nan if isinstance(each, str) else float(each) for each in self.values.tolist()]
            numbers = np.array(given, dtype=np.float64)
        else:
            numbers = self.values.astype(np.float64)
        if len(numbers) and int(self.quality.max()) >= BAD_FROM:
            numbers[self.quality >= BAD_FROM] = np.nan
        return numbers

    @classmethod
    def joined(cls, tag: str, parts: list[Series]) -> Series:
        """Parts as one, in the order of time; equal times keep the order in which they came."""
        if not parts:
            nothing = np.zeros(0, dtype=np.int64)
            return cls(tag, nothing, np.zeros(0), nothing.astype(np.uint8))
        if len(parts) == 1:
            time_ns, values, quality = parts[0].time_ns, parts[0].values, parts[0].quality
        else:
            time_ns = np.concatenate([part.time_ns for part in parts])
            columns = [part.values for part in parts]
            if len({_family(column) for column in columns}) > 1:
                columns = [column.astype(np.object_) for column in columns]
            values, quality = np.concatenate(columns), np.concatenate([part.quality for part in parts])
        if not bool(np.all(time_ns[1:] >= time_ns[:-1])):
            order = np.argsort(time_ns, kind="stable")
            time_ns, values, quality = time_ns[order], values[order], quality[order]
        return cls(tag, time_ns, values, quality)


def _family(column: NDArray[np.generic]) -> str:
    """Columns of one family join without losing a digit: texts, whole numbers of either kind, all others."""
    return {"U": "text", "S": "text", "O": "mixed", "i": "int", "u": "uint"}.get(column.dtype.kind, "float")


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """A tag decimated: equal stretches of time, of usable values (not bad, not nan) the extremes and the mean."""

    tag: str
    time_ns: NDArray[np.int64]  # where each begins
    width_ns: int
    count: NDArray[np.int64]
    bad: NDArray[np.int64]  # values that were not usable
    min: NDArray[np.float64]  # nan where count is 0, as the two below
    max: NDArray[np.float64]
    mean: NDArray[np.float64]


def batched(parts: Iterable[Series], rows: int) -> Iterator[list[Series]]:
    """Parts in lists of about so many rows."""
    some: list[Series] = []
    size = 0
    for part in parts:
        some.append(part)
        size += len(part)
        if size >= rows:
            yield some
            some, size = [], 0
    if some:
        yield some


class Decimator:
    """Takes series in any order and keeps only the buckets, however long the time."""

    def __init__(self, tag: str, t0: int, t1: int, buckets: int) -> None:
        self._tag, self._t0 = tag, t0
        self._width = max(-(-(t1 - t0) // buckets), 1)
        self._edges = t0 + np.arange(buckets + 1, dtype=np.int64) * self._width
        self._count = np.zeros(buckets, dtype=np.int64)
        self._bad = np.zeros(buckets, dtype=np.int64)
        self._sum = np.zeros(buckets)
        self._min = np.full(buckets, np.inf)
        self._max = np.full(buckets, -np.inf)

    def bucket(self, time_ns: int) -> int:
        """In which a time lies."""
        return (time_ns - self._t0) // self._width

    def add(self, bucket: int, rows: int, count: int, least: float, most: float, total: float) -> None:
        """What a summary says of so many rows in one bucket: of the usable values how many, extremes, sum."""
        self._bad[bucket] += rows - count
        if count:
            self._count[bucket] += count
            self._sum[bucket] += total
            self._min[bucket] = min(self._min[bucket], least)
            self._max[bucket] = max(self._max[bucket], most)

    def take(self, time_ns: NDArray[np.int64], numbers: NDArray[np.float64]) -> None:
        """Times within [t0, t1), in their order, and what was read then; nan is not usable."""
        usable = ~np.isnan(numbers)
        if not bool(usable.all()):
            bad, _ = self._places(time_ns[~usable])
            self._bad += np.diff(bad)
            time_ns, numbers = time_ns[usable], numbers[usable]
        if not len(time_ns):
            return
        ends, hit = self._places(time_ns)
        starts = ends[:-1][hit]
        self._count += np.diff(ends)
        self._sum[hit] += np.add.reduceat(numbers, starts)
        self._min[hit] = np.minimum(self._min[hit], np.minimum.reduceat(numbers, starts))
        self._max[hit] = np.maximum(self._max[hit], np.maximum.reduceat(numbers, starts))

    def _places(self, time_ns: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where each bucket begins among the times, and the end; and which buckets have any."""
        ends = np.searchsorted(time_ns, self._edges)
        return ends, np.flatnonzero(ends[1:] > ends[:-1])

    def done(self) -> Buckets:
        some = self._count > 0
        least, most = np.where(some, self._min, np.nan), np.where(some, self._max, np.nan)
        mean = np.divide(self._sum, self._count, out=np.full(len(some), np.nan), where=some)
        return Buckets(self._tag, self._edges[:-1], self._width, self._count, self._bad, least, most, mean)
