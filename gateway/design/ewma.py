"""Run lengths of the EWMA chart: the integral equation of its statistic, by Gauss-Legendre quadrature.

``z = lambda x + (1 - lambda) z`` begins at 0 and signals beyond ``+-L sqrt(lambda/(2 - lambda))`` ("asymptotic" limits)
or beyond L times its own standard deviation at that sample ("exact" ones, which widen). Crowder (Technometrics 29,
1987, 401-407) has the equation; for exact limits the density of z is carried forward sample by sample until they have
settled (Steiner, Journal of Quality Technology 31, 1999, 75-86).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.design.chain import Chain, nodes
from gateway.design.scheme import Engine
from gateway.stats.special import normal_isf

Floats = NDArray[np.float64]

_SETTLED = 1e-6  # (1 - lambda)**2i at which exact limits count as settled: a relative 5e-7 from their end
_ALIKE = 5e-4  # exact limits that differ by less, relative to their end, are taken as one: 1e-5 of the mean at most
_SLOW = 0.02  # ... by 2e-3 where lambda is below this: 2e-4 at most
LEAST = 0.002
"""Charts with a smaller lambda are not computed: they need thousands of samples to begin."""
_COARSE = 1.0  # spacing of nodes while limits widen: good for 1e-7
_FAR = 9.0  # standard deviations below which a one-sided statistic is not looked for
_ROOT_2PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, slots=True)
class EwmaScheme(Engine):
    """`weight` is lambda in (0, 1]; with `sided` "one" only the upper limit is watched. The limit is L."""

    weight: float = 0.2
    limits: Literal["exact", "asymptotic"] = "exact"
    sided: Literal["one", "two"] = "two"

    def __post_init__(self) -> None:
        if not 0.0 < self.weight <= 1.0:
            raise ValueError("lambda must be above 0 and at most 1")
        if self.weight < LEAST:
            raise ValueError(f"lambda below {LEAST} is too slow a chart to compute")

    def guess(self, arl0: float) -> float:
        """That of a chart without memory whose samples count for less, as they resemble each other."""
        alike = min(1.0, 1.6 * math.sqrt(self.weight))
        tails = 2.0 if self.sided == "two" else 1.0
        return max(float(normal_isf(min(0.4, 1.0 / (arl0 * alike * tails)))), 0.2)

    def law(self, limit: float, shift: Floats, scale: Floats) -> Chain:
        """As a chain of quadrature nodes."""
        deviation = math.sqrt(self.weight / (2.0 - self.weight))
        end, low = limit * deviation, -1.0
        if self.sided == "one":
            low = -max(float(np.max(_FAR * scale * deviation - shift)) / end, 1.0)
        width = self.weight * float(scale.min()) / end
        fine = _Kernel(self.weight, shift[:, None, None], scale[:, None, None], *nodes(low, 1.0, width))
        before, at, now = [], np.zeros(1), np.ones((shift.size, 1))
        if self.limits == "exact":
            coarse = _Kernel(self.weight, fine.shift, fine.scale, *nodes(low, 1.0, width, _COARSE))
            for share, samples in widening(self.weight):
                step = coarse(at, end * share)
                for number in range(samples):
                    before.append(now.sum(axis=-1))
                    now = (now[:, None, :] @ step)[:, 0]
                    if number == 0 and samples > 1:
                        step = coarse(end * share * coarse.unit, end * share)
                at = end * share * coarse.unit
                if before[-1].max() < 1e-15:
                    break
        before.append(now.sum(axis=-1))
        now = (now[:, None, :] @ fine(at, end))[:, 0]
        return Chain(fine(end * fine.unit, end), now, np.ones(fine.unit.size), np.array(before))


def widening(weight: float) -> Iterator[tuple[float, int]]:
    """Exact limits before they have settled, relative to their end, and for how many samples each."""
    if weight == 1.0:
        return
    keep = 1.0 - weight
    count = math.ceil(math.log(_SETTLED) / (2.0 * math.log(keep)))
    shares = np.sqrt(1.0 - keep ** (2.0 * np.arange(1, count + 1)))
    alike = _ALIKE if weight >= _SLOW else 4.0 * _ALIKE
    for _, group in groupby(shares.tolist(), key=lambda share: math.floor(share / alike)):
        same = list(group)
        yield math.fsum(same) / len(same), len(same)


@dataclass(frozen=True, slots=True)
class _Kernel:
    """From values of z to the nodes of an interval, with their weights: ``[B, from, to]``."""

    weight: float
    shift: Floats
    scale: Floats
    unit: Floats  # nodes in units of the limit, whatever it is
    weights: Floats

    def __call__(self, z: Floats, half: float) -> Floats:
        spread = self.weight * self.scale
        mean = (1.0 - self.weight) * z[:, None] + self.weight * self.shift
        off = half / spread * self.unit - mean / spread
        np.multiply(off, off, out=off)
        np.multiply(off, -0.5, out=off)
        with np.errstate(under="ignore"):
            np.exp(off, out=off)
            np.multiply(off, half * self.weights / (_ROOT_2PI * spread), out=off)
        return off
