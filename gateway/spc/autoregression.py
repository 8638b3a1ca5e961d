"""Autoregressive models of up to three terms: fitted to a baseline, and the lower orders that one implies.

The order is the one of least AICc (Hurvich & Tsai 1989) among 0 to 3, all fitted to the same samples. Least squares
makes autocorrelation too small, the more so the stronger it is: with one term by (1 + 3 phi) / n (Marriott & Pope
1954), which is taken off; with more terms the jackknife of the two halves (Quenouille 1956) takes off as much.
"""

from __future__ import annotations

import math

import numpy as np

from gateway.spc.track import Floats

ORDER = 3
STATIONARY = 0.99  # no partial autocorrelation beyond it: such a process wanders
_FEWEST = 20


def lower_orders(phi: Floats) -> tuple[Floats, Floats]:
    """Of `phi` ``[slots, 3]``: the best predictor from 0 to 3 samples ``[slots, 4, 3]``, its error ``[slots, 4]``.

    Errors are in units of that with all three. By the recursion of Levinson and Durbin run backwards. Where phi is not
    stationary the errors are nan.
    """
    slots = len(phi)
    terms, spread = np.zeros((slots, ORDER + 1, ORDER)), np.ones((slots, ORDER + 1))
    terms[:, ORDER] = phi
    for order in range(ORDER, 0, -1):
        own = terms[:, order]
        partial = own[:, order - 1]
        left = 1.0 - partial * partial
        left = np.where(left > 0.0, left, np.nan)
        for place in range(order - 1):
            terms[:, order - 1, place] = (own[:, place] + partial * own[:, order - 2 - place]) / left
        spread[:, order - 1] = spread[:, order] / np.sqrt(left)
    return terms, spread


def fitted(baseline: Floats, center: Floats | None, phi: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Center, sigma of the residuals and phi ``[3]``; what is given is kept.

    Raises ValueError for fewer than 20 samples, for samples that do not vary, and for a process that wanders.
    """
    if baseline.size < _FEWEST:
        raise ValueError(
            f"{baseline.size} samples are too few to find an autocorrelation; give {_FEWEST} or more"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        middle = np.asarray(baseline.mean() if center is None else center, dtype=np.float64)
        spread = float(np.abs(baseline - middle).max())
    if not math.isfinite(spread):
        raise ValueError("the samples are too far apart for this arithmetic")
    if np.ptp(baseline) == 0:
        raise ValueError("the samples do not vary, so there are no limits: give sigma and phi")
    off = (baseline - middle) / spread
    terms = _terms(off) if phi is None else np.asarray(phi, dtype=np.float64)
    if terms.shape != (ORDER,):
        terms = np.append(np.atleast_1d(terms), np.zeros(ORDER))[:ORDER]
    left = off[ORDER:] - sum(terms[i] * off[ORDER - 1 - i : -1 - i] for i in range(ORDER))
    lost = (center is None) + (np.count_nonzero(terms) if phi is None else 0)
    sigma = math.sqrt(float(left @ left) / max(left.size - lost, 1)) * spread
    if not sigma > 0:
        raise ValueError("the samples are foretold to the last digit: there is nothing left to chart")
    return middle, np.asarray(sigma), terms


def _terms(off: Floats) -> Floats:
    order = _order(off)
    if order == 0:
        return np.zeros(ORDER)
    n = off.size
    terms = _least_squares(off, order, order)[0]
    if order == 1:
        terms = (n * terms + 1.0) / (n - 3.0)
    elif n >= 4 * _FEWEST:
        halves = (
            _least_squares(off[: n // 2], order, order)[0] + _least_squares(off[n // 2 :], order, order)[0]
        )
        terms = 2.0 * terms - halves / 2.0
    return _stationary(np.append(terms, np.zeros(ORDER - order)))


def _order(off: Floats) -> int:
    n = off.size - ORDER
    best, least = 0, math.inf
    for order in range(ORDER + 1):
        left = _least_squares(off, order, ORDER)[1]
        free = order + 2
        score = (
            n * math.log(max(left, 1e-300) / n) + 2.0 * free + 2.0 * free * (free + 1.0) / (n - free - 1.0)
        )
        if score < least:
            best, least = order, score
    return best


def _least_squares(off: Floats, order: int, skip: int) -> tuple[Floats, float]:
    """Terms of one order, and the sum of squares left, over the samples from `skip` on; with a mean of its own."""
    y = off[skip:]
    lags = [off[skip - 1 - i : off.size - 1 - i] for i in range(order)]
    design = np.column_stack([np.ones(y.size), *lags])
    normal = design.T @ design
    solved = np.linalg.lstsq(normal, design.T @ y, rcond=None)[0]
    left = y - design @ solved
    return solved[1:], float(left @ left)


def _stationary(phi: Floats) -> Floats:
    """The same, its partial autocorrelations kept below 0.99 in size."""
    partial, own = np.zeros(ORDER), phi.copy()
    for order in range(ORDER, 0, -1):
        last = float(np.clip(own[order - 1], -STATIONARY, STATIONARY))
        partial[order - 1] = last
        own = (own[: order - 1] + last * own[: order - 1][::-1]) / (1.0 - last * last)
    out = np.zeros(0)
    for last in partial:
        out = np.append(out - last * out[::-1], last)
    return out
