"""Run lengths of a chart without memory: each sample signals with the same probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Geometric:
    """B of them; `p` is the probability ``[B]`` that a sample signals."""

    p: Floats

    def mean(self) -> Floats:
        """1 / p."""
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(1.0 / self.p)

    def quantile(self, q: float) -> Floats:
        """The smallest n with ``1 - (1 - p)**n >= q``."""
        with np.errstate(divide="ignore", over="ignore"):
            exact = np.log1p(-q) / np.log1p(-self.p)
        enough: Floats = np.maximum(np.ceil(exact * (1.0 - 1e-14)), 1.0)
        return enough
