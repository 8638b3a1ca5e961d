"""The database against the readings of the journal: each point is there once, with its value, and none beside."""

from __future__ import annotations

import math
import struct

from gateway.model import BAD_FROM, Reading
from simulators.chaos.account import Account
from simulators.chaos.database import Database, Series

_NOTHING = Series()


class Points:
    """What the database has to hold."""

    def __init__(self) -> None:
        self._expected: dict[str, Series] = {}

    def expect(self, name: str, given: Reading) -> None:
        """Points of a device's reading of confirmed time."""
        cell, points = (
            ("weighing", ("mass",)) if name == "scale1" else (name, ("answer_number", "measured", "whose"))
        )
        for place, point in enumerate(points):
            series = f"reading,area=test,cell={cell},line=line1,point={point},site=chaos"
            value = float(given.values[place]) if given.quality[place] < BAD_FROM else math.nan
            self._expected.setdefault(series, Series()).add(
                given.at.time_ns, value, int(given.quality[place])
            )

    def compare(self, database: Database, made: Account) -> None:
        """Both ways."""
        for series in sorted(self._expected.keys() | database.series.keys()):
            held = database.series.get(series, _NOTHING)
            there = {time: (value, quality) for time, value, quality in held.points()}
            made.points += len(there)
            if len(there) != len(held.times):
                made.says(0, f"database: {series} has a time twice")
            for time, value, quality in self._expected.get(series, _NOTHING).points():
                got = there.pop(time, None)
                if got is None:
                    made.says(0, f"database: {series} {time} is missing")
                elif not _same(got, (value, quality)):
                    made.says(0, f"database: {series} {time} is {got} instead of {(value, quality)}")
            for time in there:
                made.says(0, f"database: {series} {time} is nobody's")


def _same(got: tuple[float, int], wanted: tuple[float, int]) -> bool:
    """A float32 is written as its shortest decimal."""
    if math.isnan(wanted[0]) or math.isnan(got[0]):
        return math.isnan(got[0]) and math.isnan(wanted[0]) and got[1] == wanted[1]
    return struct.pack("f", got[0]) == struct.pack("f", wanted[0]) and got[1] == wanted[1]
