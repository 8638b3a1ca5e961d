"""Share of defective items in samples that may vary in size (Shewhart 1931): sees large changes of the share.

Limits are ``center +- L sqrt(center (1 - center) / n)``, each sample's own where sizes vary (Montgomery, Introduction
to Statistical Quality Control, 6th ed., 7.2). With ``limits="exact"`` they are quantiles of the binomial distribution,
which skewed counts of few defectives want. Sizes in the thousands nearly always vary more than binomially: laney-p.

>>> import numpy as np
>>> chart = P(center=0.2313)                         # Montgomery, example 7.1: orange juice cans, 12 of 50
>>> state, track = chart.run(chart.start(), np.array([[12.0, 50.0], [24.0, 50.0]]))
>>> [f"{each:.4f}" for each in (track.lcl[0], track.value[0], track.ucl[0])]
['0.0524', '0.2400', '0.4102']
>>> track.rules.tolist()
[0, 1]
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
class P(Counts):
    """The chart; `center` is the share of defective items."""

    center: float | Floats
    L: float | Floats = 3.0
    limits: Literal["normal", "exact"] = "normal"
    rules: tuple[str, ...] = LIMITS_ONLY

    TAKES: ClassVar[Literal["count_size"]] = "count_size"
    PANEL: ClassVar[str] = "p"
    UNREST: ClassVar[str] = "laney-p"

    @property
    def sigma(self) -> Floats:
        """Of a single item."""
        share = np.asarray(self.center)
        return np.sqrt(share * (1.0 - share))

    def drawn(self, block: Floats) -> Drawn:
        count, size = split(block)
        center = np.broadcast_to(column(self.center, size.shape[1]), size.shape)
        return Drawn(count / size, center, np.sqrt(center * (1.0 - center) / size), size, 1.0)

    def exact(self, drawn: Drawn, tail: Floats) -> tuple[Floats, Floats]:
        low, high = binomial_lines(drawn.size, drawn.center, tail)
        return low / drawn.size, high / drawn.size

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """All defectives over all items. Raises ValueError where that gives no limits."""
        return {"center": rate(baseline, known, share=True)}


CHART = P
