"""What is remembered of the control plan: what is due, what comes next, what was found of lots. Pure.

Rule 1: what is due within hours goes by boottime, what is due on a date or with a shift by wall time.  Rule 2: while a
check cannot be made (its machine stands, its cell has a planned stop), its time stands still too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VERDICTS_MOST = 2_000  # lots whose results are remembered


@dataclass(frozen=True, slots=True)
class Due:
    """One check that somebody owes."""

    check: str
    lot: str  # "" where it is of none
    due_ns: int  # its date, wall time
    boot_ns: int  # the same by boottime; -1: it goes by wall time
    late: bool = False
    missed: bool = False
    paused_ns: int = -1  # boottime since which it cannot be made; -1: it can

    @property
    def name(self) -> str:
        return name_of(self.check, self.lot)


@dataclass(frozen=True, slots=True)
class Next:
    """When a check that goes by time is due next, or is told."""

    time_ns: int
    boot_ns: int = -1  # -1: by wall time


@dataclass(frozen=True, slots=True)
class Seen:
    """How a check's machine was seen last."""

    on: bool | None = None  # its state is one in which the check is made; None: not known yet
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """All of it."""

    due: Mapping[str, Due] = field(default_factory=dict)  # by name
    next: Mapping[str, Next] = field(default_factory=dict)  # by check
    done: Mapping[str, int] = field(default_factory=dict)  # by check: when last, wall time
    seen: Mapping[str, Seen] = field(default_factory=dict)  # by check
    verdicts: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # by lot and check: "inside", "outside", "reject", "uncertain", "not judged", "conceded"
    past: tuple[str, ...] = ()  # calibrations past their date
    stops: Mapping[str, int] = field(default_factory=dict)  # planned stops: announced for this beginning ...
    on: Mapping[str, int] = field(default_factory=dict)  # ... and on, until then


def name_of(check: str, lot: str) -> str:
    """Of a due check."""
    return f"{check} {lot}"
