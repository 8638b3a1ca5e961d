"""What a database holds against what the journal says it must: per tag times, values and qualities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import orjson

from gateway.ingest.kinds import Kind
from gateway.ingest.lines import WIDE
from gateway.journal.reader import JournalReader
from gateway.journal.series import Series
from gateway.model import BAD_FROM
from gateway.wire.catalogue import wire_type

WINDOW_NS = 600_000_000_000  # compared at a time
FIELDS = ("value", "value_i", "text", "quality")

Number = float | int | str
Points = dict[tuple[str, str], list[tuple[int, Number]]]
"""(tag, field) to times, in the database's unit, and values."""

Difference = tuple[str, str, int, str]
"""kind, tag and field, time in nanoseconds, detail."""


class DatabaseDown(Exception):  # named after what happened
    """The database cannot be asked. Try again when it is there."""


class PointSource(Protocol):
    """A database that is asked for the readings of a site."""

    kind: Kind
    divisor: int  # nanoseconds in its unit of time
    precision: str  # in words, for the report

    def points(self, site: str, t0: int, t1: int) -> Points:
        """Readings of [t0, t1), in nanoseconds. Raises DatabaseDown."""


def compare_database(
    journal: JournalReader, source: PointSource, t0: int, t1: int
) -> tuple[int, list[Difference]]:
    """How many points were compared, and every difference."""
    held = journal.span()
    if held is None:
        return 0, []
    unit = source.divisor
    low, high = max(t0, held[0]) // unit * unit, min(t1, held[1] + unit)
    compared, out = 0, list[Difference]()
    wide = _wide_tags(journal)
    for start in range(low, high, WINDOW_NS):
        stop = min(start + WINDOW_NS, high)
        wanted = _wanted(journal, source, wide, max(start, t0), stop)
        found = source.points(journal.identity.site, start, stop)
        compared += sum(len(points) for points in wanted.values())
        for key in sorted(wanted.keys() | found.keys()):
            out += list(_compare(key, wanted.get(key, []), found.get(key, []), source))
    return compared, out


def _wide_tags(journal: JournalReader) -> frozenset[str]:
    """Tags of 64-bit integers, by the config in force."""
    site = journal.site()
    groups = site.groups().values() if site is not None else ()
    points = (point for group in groups for point in group.points)
    return frozenset(point.tag for point in points if wire_type(point.field) in WIDE)


def _wanted(journal: JournalReader, source: PointSource, wide: frozenset[str], t0: int, t1: int) -> Points:
    wanted: Points = {}
    for tag, series in journal.window(t0, t1).items():
        times = (series.time_ns // source.divisor).tolist()
        wanted[tag, "quality"] = list(zip(times, series.quality.tolist(), strict=True))
        field, values = _typed(series, wide=tag in wide)
        if field == "text" and not source.kind.strings:
            continue
        good = (series.quality < BAD_FROM).tolist()
        points = [(time, value) for time, value, keep in zip(times, values, good, strict=True) if keep]
        if points:
            wanted[tag, field] = points
    return wanted


def _typed(series: Series, *, wide: bool) -> tuple[str, list[Number]]:
    """The field that a series is written to, and its numbers as they are written."""
    column = series.values
    if column.dtype.kind == "U":
        return "text", column.tolist()
    if column.dtype.kind == "f":
        return "value", orjson.loads(orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY))
    return "value_i" if wide else "value", [int(value) for value in column.tolist()]


def _compare(
    key: tuple[str, str],
    wanted: list[tuple[int, Number]],
    found: list[tuple[int, Number]],
    source: PointSource,
) -> Iterator[Difference]:
    name, unit = f"{key[0]} {key[1]}", source.divisor
    there, here = _by_time(wanted), _by_time(found)
    for time in sorted(there.keys() | here.keys()):
        lacking, left = _unmatched(there.get(time, []), here.get(time, []), source.kind.digits)
        for ours, theirs in zip(lacking, left, strict=False):
            yield "differs", name, time * unit, f"{theirs} instead of {ours}"
        for ours in lacking[len(left) :]:
            yield "gap", name, time * unit, f"{ours} is missing"
        for theirs in left[len(lacking) :]:
            if time in there:
                yield "duplicate", name, time * unit, f"{theirs} beside {there[time][0]}"
            else:
                yield "extra", name, time * unit, f"{theirs} is not in the journal"


def _by_time(points: list[tuple[int, Number]]) -> dict[int, list[Number]]:
    """Values of each time: a store of milliseconds may have several."""
    by_time: dict[int, list[Number]] = {}
    for time, value in points:
        by_time.setdefault(time, []).append(value)
    return by_time


def _unmatched(wanted: list[Number], found: list[Number], digits: int) -> tuple[list[Number], list[Number]]:
    """What of one time has no equal on the other side."""
    if wanted == found:  # the way that nearly all go
        return [], []
    lacking, left = list[Number](), list(found)
    for value in wanted:
        place = next((place for place, other in enumerate(left) if _alike(value, other, digits)), None)
        if place is None:
            lacking.append(value)
        else:
            del left[place]
    return lacking, left


def _alike(wanted: Number, found: Number, digits: int) -> bool:
    if isinstance(wanted, str) or isinstance(found, str) or digits >= np.finfo(np.float64).precision + 2:
        return wanted == found
    return abs(wanted - found) <= abs(wanted) * 10.0 ** (1 - digits)
