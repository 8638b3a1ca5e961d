"""Number of defects in units of one size (Shewhart 1931): sees large changes of the defect rate.

Limits are ``center +- L sqrt(center)`` (Montgomery, Introduction to Statistical Quality Control, 6th ed., 7.3). Below a
centre of about 10 the Poisson distribution is too skewed for them: ``limits="exact"`` takes its quantiles.

>>> import numpy as np
>>> chart = C(center=19.85)                          # Montgomery, example 7.3: printed circuit boards
>>> state, track = chart.run(chart.start(), np.array([21.0, 39.0]))
>>> f"{track.lcl[0]:.2f} {track.ucl[0]:.2f}", track.rules.tolist()
('6.48 33.22', [0, 1])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.counts import Counts, Drawn, plain, poisson_lines, rate
from gateway.spc.track import Floats, column
from gateway.spc.zones import LIMITS_ONLY


@dataclass(frozen=True, eq=False)  # no slots: its rules are kept beside it
class C(Counts):
    """The chart; `center` is the mean number of defects."""

    center: float | Floats
    L: float | Floats = 3.0
    limits: Literal["normal", "exact"] = "normal"
    rules: tuple[str, ...] = LIMITS_ONLY

    TAKES: ClassVar[Literal["count"]] = "count"
    PANEL: ClassVar[str] = "c"

    @property
    def sigma(self) -> Floats:
        """Of a count."""
        return np.sqrt(np.asarray(self.center, dtype=np.float64))

    def drawn(self, block: Floats) -> Drawn:
        count = plain(block)
        center = np.broadcast_to(column(self.center, count.shape[1]), count.shape)
        return Drawn(count, center, np.sqrt(center), np.ones(count.shape))

    def exact(self, drawn: Drawn, tail: Floats) -> tuple[Floats, Floats]:
        return poisson_lines(drawn.center, tail)

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """The mean. Raises ValueError where nothing was counted."""
        counts = np.asarray(baseline, dtype=np.float64)
        return {"center": rate(np.stack([counts, np.ones(counts.shape)], axis=-1), known, share=False)}


CHART = C
