"""What every chart's run length is asked through, whatever the chart.

Samples come as z ~ N(shift, scale**2), independent, in units of the sigma and from the centre that the chart was given;
in control with known parameters that is N(0, 1), with estimated ones it is what the estimates make of it. A run length
counts samples up to and with the first signal. A `Scheme` knows its chart but not its limit: that is asked with, or
solved for.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LARGEST = 1e4
"""The largest limit, shift and scale, in sigma: what is beyond is a slip of the pen."""

LONGEST = 1e10
"""The longest average run length that limits are solved for: beyond it too few digits are left."""


class Law(Protocol):
    """The law of the run length for one limit and ``[B]`` shifts and scales."""

    def mean(self) -> Floats:
        """Of each, ``[B]``."""

    def quantile(self, q: float) -> Floats:
        """The smallest number of samples that is enough with probability q, ``[B]``."""


@dataclass(frozen=True, slots=True)
class RunLength:
    """Mean (ARL) and median, in samples, shaped as shifts and scales were."""

    mean: Floats
    median: Floats


@runtime_checkable
class Scheme(Protocol):
    """A chart whose run lengths can be computed. See `Engine` for the methods."""

    def mean(self, limit: float, shift: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> Floats: ...

    def run_length(self, limit: float, shift: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> RunLength: ...

    def quantile(self, limit: float, q: float, shift: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> Floats: ...

    def solve(self, arl0: float, shift: float = 0.0, scale: float = 1.0) -> float: ...


class Engine(ABC):
    """A scheme out of `law`, which is all that a chart has to give."""

    __slots__ = ()

    @abstractmethod
    def law(self, limit: float, shift: Floats, scale: Floats) -> Law:
        """The law for one limit and ``[B]`` shifts and scales. Raises ValueError for a limit that cannot be."""

    @abstractmethod
    def guess(self, arl0: float) -> float:
        """A limit that is about right in control; need not be near."""

    def least(self) -> float:
        """What every limit has to be above."""
        return 0.0

    def mean(self, limit: float, shift: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> Floats:
        """Average run lengths."""
        law, shape = self._law(limit, shift, scale)
        return law.mean().reshape(shape)

    def run_length(self, limit: float, shift: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> RunLength:
        """Average and median run lengths."""
        means, spreads = self._checked(limit, shift, scale)
        shape, moved, wide = means.shape, means.ravel(), spreads.ravel()
        law = self.law(float(limit), moved, wide)
        mean, median = law.mean(), np.full(moved.size, np.inf)
        known = np.isfinite(mean)
        if known.all():
            median = law.quantile(0.5)
        elif known.any():
            median[known] = self.law(float(limit), moved[known], wide[known]).quantile(0.5)
        return RunLength(mean.reshape(shape), median.reshape(shape))

    def quantile(self, limit: float, q: float, shift: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> Floats:
        """The smallest number of samples that is enough with probability q, 0 < q < 1."""
        if not 0.0 < q < 1.0:
            raise ValueError(f"a quantile is asked for a probability between 0 and 1, not {q}")
        law, shape = self._law(limit, shift, scale)
        return law.quantile(q).reshape(shape)

    def solve(self, arl0: float, shift: float = 0.0, scale: float = 1.0) -> float:
        """The limit whose average run length is `arl0`, to a relative 1e-9. Raises ValueError where there is none."""
        if not 1.0 < arl0 <= LONGEST:
            raise ValueError(f"arl0 must be a number above 1, at most {LONGEST:g}")
        guess, least = self.guess(arl0), self.least()
        return limit_for(lambda limit: float(self.mean(limit, shift, scale)), arl0, guess, least)

    def _law(self, limit: float, shift: ArrayLike, scale: ArrayLike) -> tuple[Law, tuple[int, ...]]:
        means, spreads = self._checked(limit, shift, scale)
        return self.law(float(limit), means.ravel(), spreads.ravel()), means.shape

    @staticmethod
    def _checked(limit: float, shift: ArrayLike, scale: ArrayLike) -> tuple[Floats, Floats]:
        if not 0.0 < limit <= LARGEST:
            raise ValueError(f"a limit must be a number above 0, at most {LARGEST:g}")
        means, spreads = np.broadcast_arrays(np.asarray(shift, np.float64), np.asarray(scale, np.float64))
        if not ((np.abs(means) <= LARGEST).all() and (spreads > 0.0).all() and (spreads <= LARGEST).all()):
            raise ValueError(f"shifts must be numbers, and scales numbers above 0, at most {LARGEST:g}")
        return means, spreads


_ROUNDS = 100
_ACCURACY = 1e-9


def limit_for(mean: Callable[[float], float], arl0: float, guess: float, least: float = 0.0) -> float:
    """The limit above `least` at which `mean`, which grows with it, is `arl0`.

    Secants on the logarithm of `mean`, which is nearly straight, kept inside a bracket. Raises ValueError where there
    is no such limit.
    """
    goal = math.log(arl0)
    low, high = least, math.inf
    at = max(guess, least * (1.0 + 1e-6))
    slope = 1.5 * goal / at
    last: tuple[float, float] | None = None
    for _ in range(_ROUNDS):
        value = mean(at)
        f = math.log(value) - goal if math.isfinite(value) else math.inf
        if abs(f) < _ACCURACY:
            return at
        low, high = (at, high) if f < 0.0 else (low, at)
        if last is not None and math.isfinite(f) and (f - last[1]) * (at - last[0]) > 0.0:
            slope = (f - last[1]) / (at - last[0])
        step = f / slope if math.isfinite(f) else math.inf
        last = (at, f) if math.isfinite(f) else last
        aim = at - max(min(step, 0.5 * at), -0.5 * at)
        if not low < aim < high:
            aim = 0.5 * (low + high) if math.isfinite(high) else 2.0 * low
        if abs(aim - at) < 1e-14 * at or aim < 1e-12 or aim > LARGEST:
            break
        at = aim
    if high - low < 1e-9 * high and low > least:
        return at  # the mean's own rounding is coarser than asked
    why = ""
    if math.isinf(high) and last is not None:  # run rules without a limit, such as so many on one side
        why = f": however wide it is, the chart signals every {math.exp(last[1] + goal):.4g} samples"
    raise ValueError(f"no limit gives an average run length of {arl0:g}{why}")
