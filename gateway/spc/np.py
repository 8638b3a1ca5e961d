"""Number of defective items in samples (Shewhart 1931): sees what a p chart sees, in the shop floor's own numbers.

Limits are ``n center +- L sqrt(n center (1 - center))``; `center` is the share, as on a p chart, so that samples of
another size have lines of their own (Montgomery, Introduction to Statistical Quality Control, 6th ed., 7.2). With
``limits="exact"`` they are quantiles of the binomial distribution.

>>> import numpy
>>> chart = Np(center=0.2313)                        # Montgomery, example 7.2: 12 of 50 cans
>>> state, track = chart.run(chart.start(), numpy.array([[12.0, 50.0]]))
>>> [f"{each:.2f}" for each in (track.lcl[0], track.center[0], track.ucl[0])]
['2.62', '11.56', '20.51']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.counts import Counts, Drawn, binomial_lines, rate, split
from gateway.spc.track import Floats, column
from gateway.spc.zones import LIMITS_ONLY


@dataclass(frozen=True, eq=False)  # no slots: its rules are kept beside it
class Np(Counts):
    """The chart; `center` is the share of defective items."""

    center: float | Floats
    L: float | Floats = 3.0
    limits: Literal["normal", "exact"] = "normal"
    rules: tuple[str, ...] = LIMITS_ONLY

    TAKES: ClassVar[Literal["count_size"]] = "count_size"
    PANEL: ClassVar[str] = "np"
    UNREST: ClassVar[str] = "laney-p"

    @property
    def sigma(self) -> Floats:
        """Of a single item."""
        share = np.asarray(self.center)
        return np.sqrt(share * (1.0 - share))

    def drawn(self, block: Floats) -> Drawn:
        count, size = split(block)
        share = column(self.center, size.shape[1])
        return Drawn(count, size * share, np.sqrt(size * share * (1.0 - share)), size, size)

    def exact(self, drawn: Drawn, tail: Floats) -> tuple[Floats, Floats]:
        return binomial_lines(drawn.size, column(self.center, drawn.size.shape[1]), tail)

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """The share: all defectives over all items. Raises ValueError where that gives no limits."""
        return {"center": rate(baseline, known, share=True)}


CHART = Np
