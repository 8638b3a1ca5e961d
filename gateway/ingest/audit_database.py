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
    here: dict[int, Number] = {}
    for time, value in found:
        if time in here:
            yield "duplicate", name, time * unit, f"{here[time]} and {value}"
        here[time] = value
    there = dict(wanted)
    for time in sorted(there.keys() - here.keys()):
        yield "gap", name, time * unit, f"{there[time]} is missing"
    for time in sorted(here.keys() - there.keys()):
        yield "extra", name, time * unit, f"{here[time]} is not in the journal"
    for time in sorted(here.keys() & there.keys()):
        if not _alike(there[time], here[time], source.kind.digits):
            yield "differs", name, time * unit, f"{here[time]} instead of {there[time]}"


def _alike(wanted: Number, found: Number, digits: int) -> bool:
    if isinstance(wanted, str) or isinstance(found, str) or digits >= np.finfo(np.float64).precision + 2:
        return wanted == found
    return abs(wanted - found) <= abs(wanted) * 10.0 ** (1 - digits)
