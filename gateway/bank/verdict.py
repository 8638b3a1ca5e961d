"""What a bank found in one row of samples: violations with the change behind them, returns, new limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.bank.phase1 import Frozen
from gateway.model import Change
from gateway.spc.track import Floats, Track


@dataclass(frozen=True, slots=True)
class Limits:
    """Which limits a chart goes by."""

    version: int  # of the plan; 0: phase I, or center and sigma of the plan's row
    samples: int  # that they come from; 0: not known
    baseline: str  # hash of these; "" where nobody knows them
    arl0: float | None  # that the chart is designed for


@dataclass(frozen=True, slots=True)
class Violation:
    """A sample that violates rules."""

    column: int
    key: str
    fresh: bool
    rules: tuple[str, ...]
    value: float
    center: float
    lcl: float
    ucl: float
    size_sigma: float
    limits: Limits
    change: Change | None = None  # of a fresh one
    contributions: tuple[
        float, ...
    ] = ()  # of a fresh one, by place in the sample; none where it is one number


@dataclass(frozen=True, slots=True)
class Found:
    """What one row of samples gave."""

    violations: tuple[Violation, ...] = ()
    returned: tuple[tuple[int, str], ...] = ()  # column, key
    frozen: tuple[Frozen, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A sample whose verdict a correction changes."""

    time_ns: int
    value: float | None  # as corrected; None: excluded
    before: tuple[str, ...]  # rules violated as it was judged first
    after: tuple[str, ...]


def rule_names(chart: Any, width: int) -> tuple[str, ...]:
    """Every rule of every panel, once; found by charting one sample."""
    _, track = chart.run(chart.start(), np.ones((1, 1, width) if width > 1 else (1, 1)))
    return tuple(dict.fromkeys(name for panel in track.panels() for name in panel.names))


def bits_of(track: Track, row: int = 0) -> NDArray[np.uint32]:
    """Rules of all panels in one mask, bits by place in `rule_names`; a name that panels share is one bit."""
    mask: NDArray[np.uint32] = track.rules[row]
    if track.second is not None:
        shift = np.uint32(0 if track.second.names == track.names else len(track.names))
        mask = mask | (track.second.rules[row] << shift)
    return mask


def names_of(bits: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """The rules in a mask."""
    return tuple(name for bit, name in enumerate(names) if bits >> bit & 1)


def size_of(panel: Track, i: int, reach: float) -> float:
    """How far the panel's newest value of slot i is from its centre line, in sigma of what it plots.

    Where limits are not symmetrical the one on the value's side counts; `reach`: sigmas from centre to limit.
    """
    value, center, lcl, ucl = (
        float(line[-1, i]) for line in (panel.value, panel.center, panel.lcl, panel.ucl)
    )
    width = ucl - center if value >= center else center - lcl
    size = (value - center) / width * reach if width > 0 else 0.0
    return -size if panel.name == "lower" else size


def reach_of(chart: Any, slots: int, i: int) -> float:
    """How many sigma the limits of slot i are from the centre line; 3 where a chart does not say."""
    reach: float | Floats = getattr(chart, "L", getattr(chart, "h", 3.0))
    return float(np.broadcast_to(reach, slots)[i])
