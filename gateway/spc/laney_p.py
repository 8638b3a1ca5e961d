"""Share of defective items where samples vary more than binomially (Laney 2002): sees changes beyond that usual unrest.

On a p chart of samples in the thousands nearly every point is outside, for the share itself moves from sample to
sample. Here limits are ``center +- L sigma sqrt(center (1 - center) / n)``, where `sigma` is that of the standardised
shares, in phase I their mean moving range over d2(2): 1 gives the p chart (Laney, Improved Control Charts for
Attributes, Quality Engineering 14 (2002) 531-537). `lotwatch spc` says with a p-value when this chart is the right one.

>>> import numpy as np
>>> chart = LaneyP(center=0.2, sigma=2.0)
>>> state, track = chart.run(chart.start(), np.array([[250.0, 1000.0]]))
>>> f"{track.lcl[0]:.4f} {track.value[0]:.2f} {track.ucl[0]:.4f}"
'0.1241 0.25 0.2759'
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
class LaneyP(Laney):
    """The chart; `center` is the share of defective items, `sigma` that of the standardised shares."""

    center: float | Floats
    sigma: float | Floats
    L: float | Floats = 3.0
    rules: tuple[str, ...] = LIMITS_ONLY

    PANEL: ClassVar[str] = "laney-p"
    TAKES: ClassVar[Literal["count_size"]] = "count_size"

    def drawn(self, block: Floats) -> Drawn:
        count, size = split(block)
        slots = size.shape[1]
        center = np.broadcast_to(column(self.center, slots), size.shape)
        spread = column(self.sigma, slots) * np.sqrt(center * (1.0 - center) / size)
        return Drawn(count / size, center, spread, size, 1.0)

    @classmethod
    def middle(cls, baseline: Floats, known: Mapping[str, Floats]) -> Floats:
        return rate(baseline, known, share=True)


CHART = LaneyP
