"""The site's day: its time zone as a table of offsets, its shifts, and whose turn it is. Times of day are minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShiftStart:
    """A shift ends when the next begins."""

    name: str
    start_min: int  # since local midnight


@dataclass(frozen=True, slots=True)
class Teams:
    """Whose turn it is: rows of teams that follow each other for ever, each in force for some days."""

    first_day: int  # of the first row: days since 1970-01-01
    days: int  # that a row is in force
    rows: tuple[tuple[str, ...], ...]  # team by shift, in the order of the plant day; "": nobody


@dataclass(frozen=True, slots=True)
class Shifts:
    """The default is a site in UTC, with one shift from midnight to midnight."""

    zone: str = "UTC"  # as the config has it; nothing is looked up by it any more
    offsets: tuple[tuple[int, int], ...] = ((0, 0),)  # (from this instant, seconds east of UTC), ascending
    starts: tuple[ShiftStart, ...] = (ShiftStart("day", 0),)  # the first begins the plant day
    teams: Teams | None = None
