"""Run lengths of the MEWMA chart (Lowry et al. 1992), with asymptotic limits, or in control with exact ones.

``T2 = (2 - lambda)/lambda z' S**-1 z`` signals above h4. In control only the length of z matters, out of control its
part along the shift and the length of the rest: a Markov chain of one or two numbers (Runger & Prabhu, Communications
in Statistics, Theory and Methods 25, 1996, 1701-1717). Here both are integral equations (Rigdon 1995), solved by
Gauss-Legendre quadrature in polar coordinates, which needs fewer nodes than a chain has states (Knoth 2017). The
density of a length is a Poisson mixture of chi densities, so that the whole kernel is one product of two thin matrices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.design.chain import Chain, nodes
from gateway.design.ewma import LEAST, EwmaScheme, widening
from gateway.design.scheme import Engine, Law
from gateway.stats.special import chi2_isf, lgamma

Floats = NDArray[np.float64]

_ROOT_2PI = math.sqrt(2.0 * math.pi)
_LOOSE, _MORE = 1.5, 6  # nodes in two dimensions, where there are many: a relative error below 3e-5
_MOST = 5000  # of them


@dataclass(frozen=True, slots=True)
class MewmaScheme(Engine):
    """`p` variables, `weight` is lambda. The limit is h4; `shift` is the Mahalanobis distance of the mean."""

    p: int = 2
    weight: float = 0.1
    limits: Literal["exact", "asymptotic"] = "asymptotic"

    def __post_init__(self) -> None:
        if self.p < 1:
            raise ValueError("p must be at least 1")
        if not 0.0 < self.weight <= 1.0:
            raise ValueError("lambda must be above 0 and at most 1")
        if self.weight < LEAST:
            raise ValueError(f"lambda below {LEAST} is too slow a chart to compute")

    def guess(self, arl0: float) -> float:
        """That of T2 with samples that count for less, as they resemble each other."""
        return float(chi2_isf(min(0.5, 1.0 / (arl0 * min(1.0, 1.6 * math.sqrt(self.weight)))), self.p))

    def law(self, limit: float, shift: Floats, scale: Floats) -> Law:
        """One chain a shift: they differ in size."""
        if self.p == 1:
            return EwmaScheme(self.weight, self.limits).law(math.sqrt(limit), shift, scale)
        radius = math.sqrt(limit * self.weight / (2.0 - self.weight))
        planes: dict[float, _Plane] = {}
        chains = []
        for moved, of_one in zip(np.abs(shift).tolist(), scale.tolist(), strict=True):
            spread = self.weight * of_one
            if moved == 0.0:
                chains.append(self._around(radius, spread))
                continue
            if self.limits == "exact" and self.weight < 1.0:
                raise ValueError("a MEWMA with exact limits is computed in control only, for a shift of 0")
            if spread not in planes:
                planes[spread] = _Plane(self.p, self.weight, radius, spread)
            chains.append(planes[spread].chain(moved))
        return Each(tuple(chains))

    def _around(self, radius: float, spread: float) -> Chain:
        """In control: the length of z."""
        unit, weight = nodes(0.0, 1.0, spread / radius)

        def moves(old: Floats, end: float) -> Floats:
            to = end / spread
            return _lengths(self.p, (1.0 - self.weight) / spread * old, to * unit) * (to * weight)

        before, at, now = [], np.zeros(1), np.ones(1)
        for share, samples in widening(self.weight) if self.limits == "exact" else ():
            end = radius * share
            step = moves(at, end)
            for number in range(samples):
                before.append(now.sum())
                now = now @ step
                if number == 0 and samples > 1:
                    step = moves(end * unit, end)
            at = end * unit
        before.append(now.sum())
        now = now @ moves(at, radius)
        return Chain(
            moves(radius * unit, radius)[None], now[None], np.ones(unit.size), np.array(before)[:, None]
        )


class _Plane:
    """Out of control: z along the shift, and the length of the rest of it, in polar coordinates."""

    def __init__(self, p: int, weight: float, radius: float, spread: float) -> None:
        self._weight, self._spread = weight, spread
        u, of_u = nodes(0.0, radius, spread, _LOOSE, _MORE)
        angle, of_angle = nodes(0.0, math.pi, spread / radius, _LOOSE, _MORE)
        if u.size * angle.size > _MOST:
            raise ValueError(f"h4 with lambda {weight:g} gives too slow a chart to compute")
        self._along, rest = (np.outer(u, part).ravel() for part in (np.cos(angle), np.sin(angle)))
        area = np.outer(u * of_u, of_angle).ravel() / (_ROOT_2PI * spread**2)
        keep = (1.0 - weight) / spread
        self._rest = _lengths(p - 1, keep * np.append(rest, 0.0), rest / spread) * area
        self._from = keep * np.append(self._along, 0.0)

    def chain(self, shift: float) -> Chain:
        """For a shift of this Mahalanobis distance."""
        off = self._along / self._spread - (self._from + self._weight * shift / self._spread)[:, None]
        np.multiply(off, off, out=off)
        np.multiply(off, -0.5, out=off)
        with np.errstate(under="ignore"):
            np.exp(off, out=off)
            np.multiply(off, self._rest, out=off)
        return _chain(off).reduced()


@dataclass(frozen=True, slots=True)
class Each:
    """Chains that each have their own size."""

    chains: tuple[Chain, ...]

    def mean(self) -> Floats:
        return np.concatenate([chain.mean() for chain in self.chains])

    def quantile(self, q: float) -> Floats:
        return np.concatenate([chain.quantile(q) for chain in self.chains])


def _chain(matrix: Floats) -> Chain:
    """From the transitions of the nodes and, last, of the start, which is not a node, to the nodes."""
    size = matrix.shape[1]
    return Chain(matrix[None, :size], matrix[None, size], np.ones(size), np.ones((1, 1)))


def _lengths(q: int, old: Floats, new: Floats) -> Floats:
    """Density at `new` of the length of a vector of q normal values whose mean has length `old`: ``[old, new]``."""
    half = old**2 / 2.0
    reach = float(half.max())
    j = np.arange(math.ceil(reach + 10.0 * math.sqrt(reach) + 40.0), dtype=np.float64)
    with np.errstate(divide="ignore", under="ignore"):
        log_half = np.log(np.maximum(half, 1e-300))
        mixture = np.exp(np.outer(log_half, j) - half[:, None] - lgamma(j + 1.0))
        df = q + 2.0 * j
        log_new = np.log(np.maximum(new, 1e-300))
        chi = np.exp(
            np.outer(df - 1.0, log_new)
            - new**2 / 2.0
            - ((df / 2.0 - 1.0) * math.log(2.0) + lgamma(df / 2.0))[:, None]
        )
    return np.asarray(mixture @ chi)
