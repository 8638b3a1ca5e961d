"""The multi-CUSUM's limits, its threshold from a wanted ARL0, and back. Pure.

For each size d of a shift the chart sums log likelihood ratios, d z - d**2 / 2. One limit for all sums would spend most
false alarms where they buy least, so each has its own, at a fixed distance from the threshold h. Sizes and distances
were chosen so that at ARL0 370, 1e4 and 1e6 the largest excess over the best single CUSUM, at seven shifts of 0.25 to 3
sigma, is smallest (``python -m benchmarks adaptive``; docs/decisions/0034-several-cusums.md).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.design.sizes import OWN

Floats = NDArray[np.float64]

SIZES = np.array(OWN)
"""The shifts that are looked for, in sigma."""

_AT = np.array([5.5, 9.0, 13.5])  # h at which the distances were chosen; between them they go straight
_DISTANCES = np.array(
    [
        [-1.52, -0.28, 0.44, 0.87, 0.49],
        [-1.745, -0.325, 0.53, 0.895, 0.64],
        [-1.69, -0.39, 0.53, 0.86, 0.68],
    ]
)

# ARL0 by h: up to h 7 by simulation, two standard errors 0.6 % at most; then by importance sampling, 1.4 %.
_KNOTS: tuple[tuple[float, float], ...] = (
    (3, 38.104),
    (3.5, 66.216),
    (4, 108.22),
    (4.5, 171.53),
    (5, 270.38),
    (5.5, 428.08),
    (6, 681.39),
    (6.5, 1082.9),
    (7, 1719.4),
    (8, 4195),
    (8.5, 6849),
    (9, 11118),
    (10, 28952),
    (11, 75211),
    (12, 202710),
    (13.5, 863330),
    (15, 3754800),
    (16, 10100000),
)


def limits(h: Floats) -> Floats:
    """Each sum's limit, as log likelihood ratio: ``[..., sizes]``."""
    apart = np.stack([np.interp(h, _AT, column) for column in _DISTANCES.T], axis=-1)
    found: Floats = np.maximum(np.asarray(h)[..., None] + apart, 0.1)
    return found


def arl0(h: float) -> float:
    """Samples to a false alarm, on average; shifts that are looked for go both ways.

    Raises ValueError beyond the table.
    """
    thresholds, lengths = np.array(_KNOTS).T
    if not thresholds[0] <= h <= thresholds[-1]:
        raise ValueError(f"h must be within {thresholds[0]:g} and {thresholds[-1]:g}, not {h:g}")
    return float(np.exp(np.interp(h, thresholds, np.log(lengths))))


def threshold(wanted: float) -> float:
    """The h with this ARL0. Raises ValueError beyond the table."""
    thresholds, lengths = np.array(_KNOTS).T
    if not lengths[0] <= wanted <= lengths[-1]:
        raise ValueError(f"ARL0 must be within {lengths[0]:g} and {lengths[-1]:g}, not {wanted:g}")
    return float(np.interp(np.log(wanted), np.log(lengths), thresholds))
