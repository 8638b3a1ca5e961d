"""Several CUSUMs at once (Lorden 1971): sees a lasting shift of whatever size, nearly as soon as one made for it.

A CUSUM is best at one size of shift. This chart runs one for each size d of a few, up and down, each as the log
likelihood ratio ``C = max(0, C + d z - d**2 / 2)`` (a CUSUM of k = d / 2, times d), and signals when one of them passes
its own limit; Han, Tsung, Hu and Wang (Statistica Sinica 17, 2007) compare such sets. What it draws is the sum that is
nearest to its limit, scaled so that all limits are h. Other sizes than its own five can be given: Zhao, Tsung and Wang
(IIE Transactions 37, 2005) take two.

>>> import numpy as np
>>> chart = MultiCusum(center=10.0, sigma=1.0)
>>> x = np.array([10.2, 9.1, 10.6, 12.9, 12.1, 13.0])             # three sigma up from the fourth on
>>> state, track = chart.run(chart.start(), x)
>>> track.rules.tolist()
[0, 0, 0, 0, 1, 1]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gateway.design.multi_cusum import limits
from gateway.design.sizes import sizes_and_intervals
from gateway.spc.chart import Individuals
from gateway.spc.pieces import pieces
from gateway.spc.track import Floats, Track, as_rows, column, lines, slots_of

_FAR = 1e6  # sigma; no sample counts for more


@dataclass(frozen=True, slots=True)
class MultiCusumState:
    """Per slot the sums, ``[slots, 2 sizes]``: up, then down."""

    sums: Floats


@dataclass(frozen=True, slots=True)
class _Made:
    """Parameters as one element per slot."""

    center: Floats
    sigma: Floats
    h: Floats
    gain: Floats  # [2 sizes, 1]: of a sum a z: the ones up, then the ones down
    loss: Floats  # [2 sizes, 1]
    scale: Floats  # [2 sizes, slots]: h over each sum's limit
    zero: Floats


@dataclass(frozen=True, eq=False)  # no slots: what is made of it is kept beside it
class MultiCusum(Individuals):
    """The chart. `h` is its threshold: `gateway.design.multi_cusum.threshold` gives it for a wanted ARL0.

    `sizes` are shifts in sigma, `intervals` the decision interval of each, in sigma, as of a CUSUM of half the size:
    numbers parted by spaces; or "designed" of the five; or "equal", where h is every sum's limit.
    """

    center: float | Floats
    sigma: float | Floats
    h: float | Floats = 5.34  # ARL0 370
    sizes: str = "0.25 0.53 0.94 1.67 3.1"
    intervals: str = "designed"

    RULES: ClassVar[tuple[str, ...]] = ("MULTI-CUSUM",)

    def __post_init__(self) -> None:
        """Sizes and intervals that do not fit raise ValueError."""
        sizes_and_intervals(self.sizes, self.intervals)

    def limits(self, h: Floats) -> Floats:
        """Each sum's limit as a log likelihood ratio, ``[..., sizes]``."""
        sizes, intervals = sizes_and_intervals(self.sizes, self.intervals)
        if intervals == "designed":
            return limits(h)
        if intervals == "equal":
            return np.repeat(h[..., None], len(sizes), axis=-1)
        return np.broadcast_to(np.multiply(sizes, intervals), (*h.shape, len(sizes)))

    def start(self) -> MultiCusumState:
        """All sums at zero."""
        sizes, _ = sizes_and_intervals(self.sizes, self.intervals)
        return MultiCusumState(np.zeros((slots_of(self.center, self.sigma), 2 * len(sizes))))

    def _made(self, slots: int) -> _Made:
        made: _Made | None = vars(self).get("_kept")
        if made is None or made.center.size != slots:
            h = column(self.h, slots)
            sizes = np.array(sizes_and_intervals(self.sizes, self.intervals)[0])
            gain = np.concatenate([sizes, -sizes])[:, None]
            scale = np.ascontiguousarray((h[:, None] / np.tile(self.limits(h), 2)).T)
            center, sigma = column(self.center, slots), column(self.sigma, slots)
            made = _Made(center, sigma, h, gain, 0.5 * gain * gain, scale, np.zeros(slots))
            vars(self)["_kept"] = made
        return made

    def run(self, state: MultiCusumState, block: Floats) -> tuple[MultiCusumState, Track]:
        """Chart a block; nan is no sample. The track is the upper panel, its `second` the lower one."""
        x = as_rows(block)
        rows, slots = x.shape
        made = self._made(slots)
        drawn = np.empty((rows, 2, slots))
        last = state.sums.T
        for some in pieces(rows, slots * len(made.gain)):
            z = (x[some] - made.center) / made.sigma
            z = np.minimum(np.maximum(z, -_FAR), _FAR)
            sums = z[:, None] * made.gain  # [rows, 2 sizes, slots]
            sums -= made.loss
            last = _summed(sums, last)
            sums *= made.scale
            np.max(sums.reshape(len(z), 2, -1, slots), axis=2, out=drawn[some])
        rules = (drawn > made.h).astype(np.uint32)
        zero, limit = lines(made.zero, rows), lines(made.h, rows)
        second = Track("lower", drawn[:, 1], zero, zero, limit, rules[:, 1], self.RULES)
        track = Track("upper", drawn[:, 0], zero, zero, limit, rules[:, 0], self.RULES, second)
        return MultiCusumState(last.T.copy()), track.shaped(np.shape(block))


def _summed(steps: Floats, last: Floats) -> Floats:
    """All sums row by row, in place of the steps; gives the last. A step that is nan stays so, and is left out."""
    for row in steps:
        np.add(row, last, out=row)
        np.maximum(row, 0.0, out=row)
        gone = np.isnan(row)
        last = np.where(gone, last, row) if np.count_nonzero(gone) else row.copy()
    return last


CHART = MultiCusum
