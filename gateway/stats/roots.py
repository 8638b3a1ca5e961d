"""Where a monotone function crosses zero, for many elements at once.

Chandrupatla's method (Advances in Engineering Software 28, 1997, 145-149): inverse quadratic steps where they are safe,
halving where they are not, so that the root never leaves its bracket.

>>> import numpy as np
>>> [round(float(x), 6) for x in root(lambda x: x**2 - np.array([2.0, 9.0]), 0.0, np.array([2.0, 5.0]))]
[1.414214, 3.0]
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_ROUNDS = 120  # halving alone would need fewer
_EPSILON = 4.0 * float(np.finfo(np.float64).eps)


def root(
    f: Callable[[Floats], Floats], low: ArrayLike, high: ArrayLike, accuracy: float = _EPSILON
) -> Floats:
    """One root per element, between `low` and `high`, to a relative (near zero absolute) `accuracy`.

    `f` takes and gives an array of the common shape of `low` and `high`. Raises ValueError where its signs at both
    ends are the same, or where it is nan.
    """
    start, end = np.broadcast_arrays(np.asarray(low, np.float64), np.asarray(high, np.float64))
    a, b = end.copy(), start.copy()  # b is the newest point
    fa, fb = _shaped(f(a), a), _shaped(f(b), b)
    bad = ~(np.sign(fa) * np.sign(fb) <= 0)
    if bad.any():
        raise ValueError("there is no crossing of zero between these ends")
    c, fc = a, fa
    step = np.full(a.shape, 0.5)
    for _ in range(_ROUNDS):
        x = a + step * (b - a)
        fx = _shaped(f(x), x)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        nearer = np.abs(fa) < np.abs(fb)
        best = np.where(nearer, a, b)
        span = np.abs(b - a)
        limit = accuracy * np.maximum(np.abs(best), accuracy) / np.where(span > 0, span, 1.0)
        done = (limit > 0.5) | (span == 0) | (fa == 0) | (fb == 0)
        if done.all():
            break
        step = _step(a, b, c, fa, fb, fc)
        step = np.where(done, 0.0, np.clip(step, np.minimum(limit, 0.5), 1 - np.minimum(limit, 0.5)))
    return np.where(np.abs(fa) <= np.abs(fb), a, b)


def _step(a: Floats, b: Floats, c: Floats, fa: Floats, fb: Floats, fc: Floats) -> Floats:
    """How far from a towards b to try next: Chandrupatla's criterion chooses."""
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        quadratic = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return np.where(quadratic & np.isfinite(t), t, 0.5)


def _shaped(value: Floats, like: Floats) -> Floats:
    return np.broadcast_to(np.asarray(value, np.float64), like.shape)
