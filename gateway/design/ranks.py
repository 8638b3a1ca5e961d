"""N3 (six in a row rising or falling) and N4 (fourteen in a row up and down): how long until one of them signals.

Both only compare samples with each other, so what the samples' law is does not matter while they are independent and of
one law: shift and scale change nothing. With samples uniform on [0, 1] the survival probability is a function of the
last sample and of the steps so far, a polynomial on each, and one more sample is an integral below and one above it.
Held at Gauss-Legendre nodes these integrals are exact.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RULES = ("N3", "N4", "AIAG3", "AIAG4")
TREND, TURNS = 5, 12
"""Steps in one direction, and changes of direction, that signal: six and fourteen samples."""

_NODES = 24
_KEPT = 60
"""Samples after which survival falls by one factor a sample."""


@cache
def survival(rules: tuple[str, ...]) -> tuple[Floats, float]:
    """P(no signal in n samples) for n = 0 to some tens, and the factor by which it falls from there on."""
    trend, turns = bool({"N3", "AIAG3"} & set(rules)), bool({"N4", "AIAG4"} & set(rules))
    if not (trend or turns):
        return np.ones(1), 1.0
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    above, below = _integrals(node, weight)
    # A state after an upward step: how many such steps in a row (more than TREND - 1 signals), how many turns.
    states = [(run, turn) for run in range(1, TREND) for turn in range(TURNS)]
    alive = {state: np.ones(_NODES) for state in states}  # by symmetry those after a downward step, mirrored
    first = np.ones(_NODES)
    out = [1.0]
    for _ in range(_KEPT):
        out.append(float(weight @ first) / 2.0)
        first, alive = _earlier(alive, above, below, trend=trend, turns=turns)
    return np.array(out), out[-1] / out[-2]


def _earlier(
    alive: dict[tuple[int, int], Floats], above: Floats, below: Floats, *, trend: bool, turns: bool
) -> tuple[Floats, dict[tuple[int, int], Floats]]:
    """Survival one sample longer, from a first sample alone and from each state."""
    fresh = above @ alive[1, 0] + below @ alive[1, 0][::-1]
    longer = {}
    for run, turn in alive:
        on = np.zeros(_NODES)
        if run + 1 < TREND:
            on = above @ alive[run + 1, 0]
        elif not trend:
            on = above @ alive[run, 0]  # longer runs are like this one
        back = np.zeros(_NODES)
        if turn + 1 < TURNS:
            back = below @ alive[1, turn + 1][::-1]
        elif not turns:
            back = below @ alive[1, turn][::-1]
        longer[run, turn] = on + back
    return fresh, longer


def _integrals(node: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Of a polynomial known at the nodes: from each node to the end, and from the beginning to it; over [0, 1]."""
    size = node.size
    legendre = np.polynomial.legendre.legvander(node, size)
    inner = legendre[:, :size]
    to_series = (np.arange(size) + 0.5)[:, None] * (inner * weight[:, None]).T
    # the integral of P_k from -1 to x is (P_k+1 - P_k-1) / (2 k + 1)
    upto = np.empty((size, size))
    upto[:, 0] = 1.0 + node
    for k in range(1, size):
        upto[:, k] = (legendre[:, k + 1] - legendre[:, k - 1]) / (2 * k + 1)
    below = upto @ to_series / 2.0
    return weight / 2.0 - below, below
