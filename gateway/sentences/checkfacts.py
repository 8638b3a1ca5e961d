"""What is said of an alarm about a check. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckMissed:
    """A check, or a duty, that nobody did."""

    time_ns: int
    check: str
    what: str  # "check", "calibration", "maintenance", "qualification", "audit"
    due_ns: int
    lot: str = ""
    about: str = ""  # in words
    subject: str = ""  # of whom or what
    cell: str = ""


@dataclass(frozen=True, slots=True)
class CheckFailed:
    """A result that a person entered is outside of the specification."""

    time_ns: int
    check: str
    value: float
    low: float | None
    high: float | None
    lot: str = ""
    uom: str = ""
    about: str = ""
    outside: str = "hold"  # "hold", "reject", "tell"


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that is planned announces itself."""

    name: str
    from_ns: int
    to_ns: int
    cells: tuple[str, ...] = ()  # none: the whole site
    on: bool = False  # it has begun
    over: bool = False


AboutChecks = CheckMissed | CheckFailed | Stop
