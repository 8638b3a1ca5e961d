"""Defects per unit where samples vary more than by Poisson's law (Laney 2002): sees changes beyond that usual unrest.

What laney-p is to p, this is to u: limits are ``center +- L sigma sqrt(center / n)``, where `sigma` is that of the
standardised rates, in phase I their mean moving range over d2(2); 1 gives the u chart (Laney, Improved Control Charts
for Attributes, Quality Engineering 14 (2002) 531-537).

>>> import numpy as np
>>> chart = LaneyU(center=1.93, sigma=1.5)
>>> state, track = chart.run(chart.start(), np.array([[10.0, 5.0]]))
>>> f"{track.lcl[0]:.2f} {track.value[0]:.1f} {track.ucl[0]:.2f}"
'0.00 2.0 4.73'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from gateway.spc.counts import Drawn, rate, split
from gateway.spc.laney import Laney
from gateway.spc.track import Floats, column
from gateway.spc.zones import LIMITS_ONLY


@dataclass(frozen=True, eq=False)  # no slots: its rules are kept beside it
class LaneyU(Laney):
    """The chart; `center` is the mean number of defects per unit, `sigma` that of the standardised rates."""

    center: float | Floats
    sigma: float | Floats
    L: float | Floats = 3.0
    rules: tuple[str, ...] = LIMITS_ONLY

    PANEL: ClassVar[str] = "laney-u"
    TAKES: ClassVar[Literal["count_size"]] = "count_size"

    def drawn(self, block: Floats) -> Drawn:
        count, size = split(block)
        slots = size.shape[1]
        center = np.broadcast_to(column(self.center, slots), size.shape)
        return Drawn(count / size, center, column(self.sigma, slots) * np.sqrt(center / size), size)

    @classmethod
    def middle(cls, baseline: Floats, known: Mapping[str, Floats]) -> Floats:
        return rate(baseline, known, share=False)


CHART = LaneyU
