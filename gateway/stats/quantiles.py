"""Quantiles of continuous distributions whose tails are known: solved for in the logarithm of the smaller tail."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gateway.stats.roots import root

Floats = NDArray[np.float64]


def quantile(
    tails: Callable[[Floats], tuple[Floats, Floats]], p: Floats, q: Floats, start: Floats, step: float = 1.0
) -> Floats:
    """Where the lower tail is p and the upper one q = 1 - p, both strictly between 0 and 1; solved in the smaller one's
    logarithm, from `start` outwards.
    """
    lower = p <= q
    goal = np.log(np.where(lower, p, q))

    def excess(x: Floats) -> Floats:
        below, above = tails(x)
        return np.where(
            lower, np.log(np.maximum(below, 5e-324)) - goal, goal - np.log(np.maximum(above, 5e-324))
        )

    low, high = start - step, start + step
    for _ in range(64):
        wide_low, wide_high = excess(low) > 0, excess(high) < 0
        if not (wide_low.any() or wide_high.any()):
            break
        step *= 2.0
        low, high = np.where(wide_low, low - step, low), np.where(wide_high, high + step, high)
    return root(excess, low, high)


def with_ends(x: Floats, p: Floats, q: Floats, good: NDArray[np.bool_], top: float = np.inf) -> Floats:
    """A quantile from 0 to `top` with its ends, and nan where there is none."""
    x = np.where(q == 0.0, top, np.where(p == 0.0, 0.0, x))
    return np.where(good & (p >= 0.0) & (q >= 0.0), x, np.nan)


def inside(p: Floats, good: NDArray[np.bool_]) -> Floats:
    return np.where(good & (p > 0.0) & (p < 1.0), p, 0.5)


def arrays(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(each, np.float64) for each in values)))
