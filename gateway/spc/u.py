"""Defects per unit where samples hold more or fewer units (Shewhart 1931): sees large changes of the defect rate.

Limits are ``center +- L sqrt(center / n)``, each sample's own where sizes vary; a size need not be whole, it may be an
area or a mass (Montgomery, Introduction to Statistical Quality Control, 6th ed., 7.3). With ``limits="exact"`` they are
quantiles of the Poisson distribution of the count, over n.

>>> import numpy as np
>>> chart = U(center=1.93)                           # Montgomery, example 7.4: 10 defects on 5 computers
>>> state, track = chart.run(chart.start(), np.array([[10.0, 5.0]]))
>>> f"{track.lcl[0]:.2f} {track.value[0]:.1f} {track.ucl[0]:.2f}"
'0.07 2.0 3.79'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.counts import Counts, Drawn, poisson_lines, rate, split
from gateway.spc.track import Floats, column
from gateway.spc.zones import LIMITS_ONLY


@dataclass(frozen=True, eq=False)  # no slots: its rules are kept beside it
class U(Counts):
    """The chart; `center` is the mean number of defects per unit."""

    center: float | Floats
    L: float | Floats = 3.0
    limits: Literal["normal", "exact"] = "normal"
    rules: tuple[str, ...] = LIMITS_ONLY

    TAKES: ClassVar[Literal["count_size"]] = "count_size"
    PANEL: ClassVar[str] = "u"
    UNREST: ClassVar[str] = "laney-u"

    @property
    def sigma(self) -> Floats:
        """Of a single unit."""
        return np.sqrt(np.asarray(self.center, dtype=np.float64))

    def drawn(self, block: Floats) -> Drawn:
        count, size = split(block)
        center = np.broadcast_to(column(self.center, size.shape[1]), size.shape)
        return Drawn(count / size, center, np.sqrt(center / size), size)

    def exact(self, drawn: Drawn, tail: Floats) -> tuple[Floats, Floats]:
        low, high = poisson_lines(drawn.center * drawn.size, tail)
        return low / drawn.size, high / drawn.size

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """All defects over all units. Raises ValueError where nothing was counted."""
        return {"center": rate(baseline, known, share=False)}


CHART = U
