"""What is said of an alarm about lots. Pure. Shares are of a lot's mass, 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleBroken:
    """A lot breaks a rule, or may."""

    time_ns: int
    lot: str
    rule: str
    what: str  # "regrind", "passes", "apart", "expired"
    low: float
    high: float
    limit: float
    sure: bool
    held: bool
    about: str = ""  # passes, materials or lots


@dataclass(frozen=True, slots=True)
class MadeOfHeld:
    """Lots are made of one that is held."""

    time_ns: int
    source: str
    reason: str
    lots: tuple[str, ...]
    shipped: bool  # they have left already


@dataclass(frozen=True, slots=True)
class ShippedSuspect:
    """A lot that has left breaks a rule, by what is known now."""

    time_ns: int
    lot: str
    rule: str


@dataclass(frozen=True, slots=True)
class MaterialUsed:
    """Material feeds a cell that should not."""

    time_ns: int
    lot: str
    cell: str
    expired: bool  # else it is held
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeldShipped:
    """A held lot has left the site."""

    time_ns: int
    lot: str
    cell: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScanLate:
    """A scan came later than its scan point allows."""

    time_ns: int
    point: str
    lot: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SharesOff:
    """The shares of what a lot is made of do not sum to 1: a defect of ours."""

    time_ns: int
    lot: str
    off: float  # what they miss, or have too much


AboutLots = RuleBroken | MadeOfHeld | ShippedSuspect | MaterialUsed | HeldShipped | ScanLate | SharesOff
