"""A time-series database: takes line protocol, keeps what it accepted as columns, and fails as one does over HTTP.

A write that was accepted is kept, also where its answer is lost or the database is started anew after it: as of
InfluxDB (`gateway.ingest.kinds`). A repeated point overwrites itself; one that says something else there is counted.
"""

from __future__ import annotations

import random
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.ingest.writer import State, WriteFailed
from simulators.chaos.trace import Trace


@dataclass
class Series:
    """Points of one series by time: 17 bytes each, so that a month of a site is some 60 MB."""

    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))  # nan where there is no value
    quality: array[int] = field(default_factory=lambda: array("B"))

    def points(self) -> Iterator[tuple[int, float, int]]:
        """Time, value and quality of each."""
        return zip(self.times, self.values, self.quality, strict=True)

    def add(self, time: int, value: float, quality: int) -> None:
        """One more at the end, whatever is there."""
        self.times.append(time)
        self.values.append(value)
        self.quality.append(quality)

    def take(self, time: int, value: float, quality: int) -> tuple[float, int] | None:
        """Write a point; what was there before, None where nothing was. It stays."""
        times = self.times
        place = len(times) if not times or time > times[-1] else bisect_left(times, time)
        if place < len(times) and times[place] == time:
            return self.values[place], self.quality[place]
        times.insert(place, time)
        self.values.insert(place, value)
        self.quality.insert(place, quality)
        return None


class Database:
    """Implements `gateway.ingest.writer.Writer`."""

    def __init__(self, chance: random.Random, trace: Trace) -> None:
        self._chance, self._trace = chance, trace
        self.down = 0
        self.slow = 0  # says 503
        self.losing_answers = 0  # accepted, and the answer is lost
        self.series: dict[str, Series] = {}
        self.others: dict[str, str] = {}  # series and time of what is no reading, to its fields
        self.altered: list[str] = []  # points that were written again with something else
        self.repeated = 0

    def write(self, body: str, precision: str) -> None:
        """Lines parted by newlines."""
        if precision != "ns":
            raise WriteFailed("400 precision", permanent=True)
        if self.down:
            raise WriteFailed("nobody answers", gone=True)
        if self.slow and self._chance.random() < 0.7:
            raise WriteFailed("503 busy", after_s=self._chance.choice((0.0, 2.0)))
        self._trace.bytes("database", "", body.encode())
        for line in body.split("\n"):
            self._take(line)
        if self.losing_answers and self._chance.random() < 0.6:
            raise WriteFailed("the connection broke", gone=True)

    def state(self) -> State:
        return State()

    def barrier(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""

    def _take(self, line: str) -> None:
        name, fields, time = _parted(line)
        if not name.startswith("reading,"):
            key = f"{name} {time}"
            before = self.others.setdefault(key, fields)
            self.repeated += before is fields
            if before != fields:
                self.altered.append(f"{key}: {fields} instead of {before}")
            return
        value, quality = float("nan"), 0
        for each in fields.split(","):
            label, _, said = each.partition("=")
            if label == "value":
                value = float(said)
            elif label == "quality":
                quality = int(said[:-1])
        kept = self.series.setdefault(name, Series())
        there = kept.take(time, value, quality)
        if there is None:
            return
        self.repeated += 1
        if repr(there[0]) != repr(value) or there[1] != quality:
            self.altered.append(f"{name} {time}: {value} instead of {there[0]}")


def _parted(line: str) -> tuple[str, str, int]:
    """Series, fields and time. Names of this site have no blanks; a text among the fields may."""
    name, _, rest = line.partition(" ")
    fields, _, time = rest.rpartition(" ")
    return name, fields, int(time)
