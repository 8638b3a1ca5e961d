"""Laney's charts: counts whose rate itself moves from sample to sample, charted by how much it does. Pure.

Phase I standardises each sample as if the rate stood still; the mean moving range of these, over d2(2), is `sigma`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from gateway.spc.counts import Counts
from gateway.spc.track import Floats
from gateway.stats.constants import d2
from gateway.stats.sums import mean


class Laney(Counts):
    """What laney-p and laney-u share."""

    @classmethod
    @abstractmethod
    def middle(cls, baseline: Floats, known: Mapping[str, Floats]) -> Floats:
        """The rate of a baseline ``[m, 2]``."""

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Center, and sigma of the standardised samples."""
        del width
        return {"center": (), "sigma": ()}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Raises ValueError where there are no limits, or fewer than two samples."""
        center = cls.middle(baseline, known)
        if "sigma" in known:
            return {"center": center, "sigma": known["sigma"]}
        chart: Any = cls
        z = chart(float(center), 1.0).standardise(None, baseline)[0][:, 0]
        z = z[~np.isnan(z)]
        if z.size < 2:
            raise ValueError("one sample does not show how much the rate moves: give more, or sigma")
        sigma = mean(np.abs(np.diff(z))) / d2(2)
        if sigma == 0:
            raise ValueError("the samples do not vary, so there are no limits: give sigma")
        return {"center": center, "sigma": np.asarray(sigma)}
