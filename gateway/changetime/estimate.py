"""When a change began, how large it is, and an interval that holds its beginning in nine of ten cases.

The samples before the change are about N(0, 1); from it on they are N(size, 1). Each sample can be the first changed
one, each size of a grid the size: the likelihood of every pair, weighted, gives each sample its chance to be the first
(Bayesian change point, uniform in time; Zacks 1983, section 3). The maximum likelihood estimate of a step (Samuel,
Pignatiello and Calvin 1998) is the same sum with its largest term alone, and with no weights.

- `at` is the sample which is most probably right to within one sample, not the one most probably right.
- The interval is the shortest with a share `_LEVEL` of the chances. That share is calibrated by simulation, for a chart
  does not signal at random and samples are whole: benchmarks/change_time.py shows what it covers.
- A change that came and went before, such as one that was mended, does not count: where a stretch of samples is out of
  control beyond doubt, and what follows it is not, the record begins anew.

A slow drift has no first sample: `at` is then where it began to show, later than its true beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.changetime.exponential import exp

Floats = NDArray[np.float64]
Direction = Literal["both", "up", "down"]

# Sizes of a change, in sigma, and their weights. Small changes are rarely found to a sample whatever one does, so they
# weigh little in the point; the interval has to hold them too. The point's weights come from a search over simulated
# signals: where the others gain nothing from an even weight, 1 sigma is given more.
_SIZES = np.array([0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0])
_POINT = np.array([0.0, 0.0, 0.1, 0.85, 4.0, 0.6, 1.6, 1.5, 0.5, 0.35, 0.25])
_SPAN = np.array([0.6, 0.6, 1.0, 1.2, 1.2, 1.2, 1.2, 1.0, 0.6, 0.3, 0.2])

_OWN = 0.05  # of a sample's own chance, beside its neighbours': of stretches equally sure, their middle
_LEVEL = 0.84
_EARLIER = 10.0  # log likelihood ratio from which an earlier change that has gone is believed
_MENDED = 3  # earlier changes that are looked for
_CLIP = 12.0  # sigma; no sample says more than this one
_FAR = 1e6  # sigma; no size is told to be larger
_PLAIN = 4.0  # sigma; a larger change is its samples' mean, a smaller one is shrunk: a signal comes when noise helps


@dataclass(frozen=True, slots=True)
class Estimate:
    """Samples by index, both ends included; `low` of 0 says "or before the record". `size` in sigma, signed."""

    at: int
    low: int
    high: int
    size: float


def estimate(z: Floats, direction: Direction = "both") -> Estimate:
    """When the change began that the last of these samples signalled.

    `z`: standardised samples, oldest first, up to and including the signal's; nan is no sample, infinite is far out.
    `direction`: where the change can have gone; "up" for statistics that only grow. With no sample there is no size
    (nan) and the interval is the whole record.

    >>> z = np.array([0.3, -1.1, 0.4, 0.9, -0.6, 0.1, 2.2, 1.1, 2.6, 1.8, 2.9])
    >>> estimate(z)
    Estimate(at=6, low=5, high=7, size=1.99)
    """
    z = np.asarray(z, dtype=np.float64)
    seen = ~np.isnan(z)
    if not seen.any():
        return Estimate(max(len(z) - 1, 0), 0, max(len(z) - 1, 0), np.nan)
    sizes = {"up": _SIZES, "down": -_SIZES, "both": np.concatenate([_SIZES, -_SIZES])}[direction]
    times = len(sizes) // len(_SIZES)
    chances = _chances(z, seen, sizes)
    point = (chances * np.tile(_POINT, times)).sum(axis=1)
    span = chances * np.tile(_SPAN, times)
    at = _nearest(point)
    low, high = _shortest(span.sum(axis=1))
    return Estimate(at, min(low, at), max(high, at), _size(z[at:][seen[at:]], span, sizes))


def _chances(z: Floats, seen: NDArray[np.bool_], sizes: Floats) -> Floats:
    """How likely each sample is the first changed one, for each size: ``[samples, sizes]``, largest 1."""
    x = np.where(seen, np.clip(z, -_CLIP, _CLIP), 0.0)
    gain = np.where(seen[:, None], x[:, None] * sizes - 0.5 * sizes * sizes, 0.0)
    total = np.concatenate([np.zeros((1, len(sizes))), np.cumsum(gain, axis=0)])
    before = _before(total)
    log = before[:-1, None] + (total[-1] - total[:-1])
    return exp(log - log.max())


def _before(total: Floats) -> Floats:
    """The log likelihood ratio of what came before each sample: 0, or more where a change has come and gone by then."""
    best = np.zeros(len(total))
    for _ in range(_MENDED):
        lasting = total + np.maximum.accumulate(best[:, None] - total, axis=0)
        gone = np.maximum.accumulate(lasting.max(axis=1) - _EARLIER)
        if (gone <= best).all():
            break
        best = np.maximum(best, gone)
    return best


def _nearest(mass: Floats) -> int:
    """The sample with the most mass on itself and its two neighbours."""
    wide = np.concatenate([[0.0], mass, [0.0]])
    return int(np.argmax(wide[:-2] + (1.0 + _OWN) * mass + wide[2:]))


def _shortest(mass: Floats) -> tuple[int, int]:
    """The shortest stretch with the level's share of the mass; of equally short ones that with the most."""
    sums = np.concatenate([[0.0], np.cumsum(mass)])
    ends = np.searchsorted(sums, sums[:-1] + _LEVEL * sums[-1])
    starts = np.flatnonzero(ends < len(sums))
    ends = ends[starts]
    best = np.lexsort((sums[starts] - sums[ends], ends - starts))[0]
    return int(starts[best]), int(ends[best]) - 1


def _size(changed: Floats, weights: Floats, sizes: Floats) -> float:
    """The mean of the changed samples if that is large, and otherwise the mean of the sizes by their chances."""
    # the larger ones weigh more here: _SPAN is about one weight for each doubling of the size, which favours small ones
    weights = weights * np.sqrt(np.abs(sizes))
    plain = float(np.clip(changed, -_FAR, _FAR).mean()) if len(changed) else 0.0
    if abs(plain) > _PLAIN:
        return round(plain, 2)
    return round(float((weights * sizes).sum() / weights.sum()), 2)
