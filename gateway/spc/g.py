"""Good items between two bad ones (Kaminsky and others 1992): sees changes of a rate that is too rare for p or np.

Each sample is the number of good items since the last bad one, geometrically distributed while the rate stands still.
Limits are ``center +- L sqrt(center (center + 1))``, below held at 0: only an improvement lies outside. With
``limits="exact"`` they are quantiles of the geometric distribution; its lower one is 0 too until centres of about 740
for L = 3, for which an EWMA or CUSUM of the same counts is the better watch (Kaminsky and others, Statistical Control
Charts Based on a Geometric Distribution, Journal of Quality Technology 24 (1992) 63-69).

>>> import numpy as np
>>> chart = G(center=20.0)
>>> state, track = chart.run(chart.start(), np.array([3.0, 90.0]))
>>> f"{track.lcl[0]:.1f} {track.ucl[0]:.2f}", track.rules.tolist()
('0.0 81.48', [0, 1])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from gateway.spc.counts import Counts, Drawn, plain, rate
from gateway.spc.track import Floats, column
from gateway.spc.zones import LIMITS_ONLY
from gateway.stats.special import normal_ppf


@dataclass(frozen=True, eq=False)  # no slots: its rules are kept beside it
class G(Counts):
    """The chart; `center` is the mean number of good items between bad ones."""

    center: float | Floats
    L: float | Floats = 3.0
    limits: Literal["normal", "exact"] = "normal"
    rules: tuple[str, ...] = LIMITS_ONLY

    TAKES: ClassVar[Literal["count"]] = "count"
    PANEL: ClassVar[str] = "g"
    LAW: ClassVar[str] = "geometric"  # of its counts; other charts of counts go by Poisson's

    @property
    def sigma(self) -> Floats:
        """Of a count."""
        center = np.asarray(self.center)
        return np.sqrt(center * (center + 1.0))

    def drawn(self, block: Floats) -> Drawn:
        count = plain(block)
        center = np.broadcast_to(column(self.center, count.shape[1]), count.shape)
        return Drawn(count, center, np.sqrt(center * (center + 1.0)), np.ones(count.shape))

    def exact(self, drawn: Drawn, tail: Floats) -> tuple[Floats, Floats]:
        """P(X > u) is q**(u + 1) and P(X < l) is 1 - q**l, with q = center / (center + 1)."""
        log_q = -np.log1p(1.0 / column(self.center, drawn.value.shape[1]))
        high = np.maximum(np.ceil(np.log(tail) / log_q) - 1.0, 0.0)
        low = np.floor(np.log1p(-tail) / log_q)
        return np.broadcast_to(low, drawn.value.shape), np.broadcast_to(high, drawn.value.shape)

    def standardise(self, state: Any, block: Floats) -> tuple[Floats, Floats]:
        """The normal quantile of the count's probability, half of its own counted: it is far too skewed for less."""
        del state
        count = plain(block)
        center = column(self.center, count.shape[1])
        q = center / (center + 1.0)
        below, own = 1.0 - q**count, q**count / (center + 1.0)
        return normal_ppf(below + own / 2), np.full(count.shape, np.nan)

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """The mean. Raises ValueError where every item was bad."""
        counts = np.asarray(baseline, dtype=np.float64)
        return {"center": rate(np.stack([counts, np.ones(counts.shape)], axis=-1), known, share=False)}


CHART = G
