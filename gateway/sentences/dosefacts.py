"""What is said of a doser that something else disagrees with. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhantomRegrind:
    """A doser and an independent estimate do not agree on what was used."""

    time_ns: int
    doser: str
    component: str
    declared: bool  # the doser says more than was metered; else more was metered than it says
    from_ns: int
    to_ns: int
    dosed_kg: float
    estimate: str
    estimate_kg: float
    off_kg: float  # beyond what was to be expected, without its sign
    sigma_kg: float
    per_year: float  # false alarms that all estimates of the doser may give
    differ: tuple[str, ...] = ()  # estimates that say the same
    agree: tuple[str, ...] = ()  # ... and those that agree with the doser
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BalanceFault:
    """One fault explains what several balances are off by."""

    kind: str  # "scale", "diversion"
    about: tuple[str, ...]  # the meter; or store from and store to, "" outside
    size: float  # of a scale: gain a week, as a share; of a diversion: kg a week
    sigma: float
    since: str  # week
    weeks: int  # that it is told from
    share: float  # of all that may explain it
    sure: bool
    also: tuple[tuple[str, ...], ...] = ()  # kind and about of what explains it as well
