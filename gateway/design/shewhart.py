"""Run lengths of the Shewhart chart by its limits alone: each sample is on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.design.geometric import Geometric
from gateway.design.scheme import Engine
from gateway.stats.special import normal_isf, normal_sf

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShewhartScheme(Engine):
    """The limit is L, in sigma; "one" `sided` has the upper limit only."""

    sided: Literal["one", "two"] = "two"

    def guess(self, arl0: float) -> float:
        """Exact in control."""
        return max(float(normal_isf(1.0 / (arl0 * (2.0 if self.sided == "two" else 1.0)))), 1e-3)

    def law(self, limit: float, shift: Floats, scale: Floats) -> Geometric:
        above = normal_sf((limit - shift) / scale)
        if self.sided == "one":
            return Geometric(above)
        return Geometric(np.minimum(above + normal_sf((limit + shift) / scale), 1.0))
