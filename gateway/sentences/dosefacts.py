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
