"""MEWMA chart (Lowry, Woodall, Champ & Rigdon 1992): sees small, lasting shifts of several tags, in any direction.

The vector ``z = lambda (x - m) + (1 - lambda) z`` starts at 0; T2 = z' Sz**-1 z is charted, where Sz = f S is the
covariance of z: exact, ``f = lambda / (2 - lambda) (1 - (1 - lambda)**2i)``, or its end value. Above `h4` the process
has moved. A vector with a nan is no sample at all.

>>> import numpy as np
>>> x = np.array([[-1.19, 0.59], [0.12, 0.90], [-1.69, 0.40], [0.30, 0.46]])   # e-Handbook 6.5.4.4
>>> s = np.array([[1.1352, 0.3798], [0.3798, 1.1643]])
>>> chart = Mewma(np.zeros(2), s, weight=0.1, h4=8.64, limits="exact")
>>> [f"{value:.3f}" for value in chart.run(chart.start(), x)[1].value]
['2.189', '2.070', '4.837', '3.416']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from gateway.design.mewma import MewmaScheme
from gateway.spc import vectors
from gateway.spc.chart import Takes
from gateway.spc.matrices import product, squares, whitening
from gateway.spc.track import Floats, Track, as_wide, column, lines


@dataclass(frozen=True, slots=True)
class MewmaState:
    """Per slot: z, whitened, ``[slots, p]``; and ``(1 - lambda)**2i`` after i samples."""

    z: Floats
    fade: Floats


@dataclass(frozen=True)  # no slots: what is computed once of the parameters is kept in __dict__
class Mewma:
    """The chart. `weight` is lambda in (0, 1]; where `h4` is not given it is computed for `arl0`.

    Raises ValueError where a covariance is singular, or a setting makes no sense.
    """

    center: Floats  # [p] or [slots, p]
    covariance: Floats  # [p, p] or [slots, p, p], of single samples
    weight: float | Floats = 0.1
    h4: float | Floats = float("nan")
    arl0: float | Floats = 370.0  # with mean and covariance known and asymptotic limits
    limits: Literal["exact", "asymptotic"] = "asymptotic"  # which `arl0` is computed for
    differences: float | Floats = 0.0  # 1: phase I takes the covariance from successive differences

    RULES: ClassVar[tuple[str, ...]] = ("MEWMA",)
    TAKES: ClassVar[Takes] = "vector"
    DIRECTED: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.limits not in {"exact", "asymptotic"}:
            raise ValueError(f"limits {self.limits} is not one of exact, asymptotic")
        if not ((np.asarray(self.weight) > 0) & (np.asarray(self.weight) <= 1)).all():
            raise ValueError("lambda is above 0 and at most 1")
        if self._whitening.shape[:2] != self._center.shape:
            raise ValueError("center and covariance are not of the same tags")
        _ = self._top

    @cached_property
    def _center(self) -> Floats:
        return vectors.per_slot(self.center, 1)

    @cached_property
    def _whitening(self) -> Floats:
        return whitening(vectors.per_slot(self.covariance, 2))

    @cached_property
    def _top(self) -> Floats:
        slots, p = self._center.shape
        rows = zip(
            *(column(value, slots).tolist() for value in (self.h4, self.weight, self.arl0)), strict=True
        )
        return np.array([h4 if h4 == h4 else limit(p, weight, arl0) for h4, weight, arl0 in rows])  # noqa: PLR0124

    @cached_property
    def _middle(self) -> Floats:
        """The mean of T2 in control: the number of tags."""
        return np.full(len(self._center), float(self._center.shape[1]))

    def start(self) -> MewmaState:
        """No sample seen: z stands at 0."""
        return MewmaState(np.zeros(self._center.shape), np.ones(len(self._center)))

    def _white(self, block: Floats) -> Floats:
        return product(self._whitening, as_wide(block) - self._center)

    def _moved(self, state: MewmaState, y: Floats) -> tuple[MewmaState, Floats, Floats]:
        """State after the samples, z at each, and the variance of z over that of a sample."""
        rows, slots, _ = y.shape
        weight = column(self.weight, slots)
        keep = 1.0 - weight
        square, keeps = keep * keep, keep[:, None]
        z, fade = state.z, state.fade
        vectors_z, fades = weight[:, None] * y, np.empty((rows, slots))
        seen: NDArray[np.bool_] = np.logical_not(np.isnan(y).any(axis=-1))
        whole = bool(seen.all())
        for row in range(rows):
            moved = np.add(vectors_z[row], keeps * z, out=vectors_z[row])
            z = moved if whole else np.where(seen[row][:, None], moved, z)
            fade = fade * square if whole else np.where(seen[row], fade * square, fade)
            fades[row] = fade
        if whole and rows:
            z = z.copy()  # not a view of what is drawn
        width = weight / (2.0 - weight)
        share = np.broadcast_to(width, fades.shape) if self.limits == "asymptotic" else width * (1.0 - fades)
        return MewmaState(z, fade), vectors_z, share

    def run(self, state: MewmaState, block: Floats) -> tuple[MewmaState, Track]:
        """Chart a block ``[rows, slots, p]``, or ``[rows, p]`` of one slot."""
        after, z, share = self._moved(state, self._white(block))
        value = squares(z) / share
        rows, top = len(value), self._top
        over = (value > top).astype(np.uint32)
        track = Track(
            "mewma",
            value,
            lines(self._middle, rows),
            np.zeros(value.shape),
            lines(top, rows),
            over,
            self.RULES,
        )
        return after, track.shaped(value.shape[: np.ndim(block) - 1])

    def standardise(self, state: MewmaState, block: Floats) -> tuple[Floats, Floats]:
        """Each sample along the direction in which z stands at the end, in standard deviations; there is no unit."""
        y = self._white(block)
        after, _, _ = self._moved(state, y)
        z = vectors.along(y, after.z)
        return z, np.full(z.shape, np.nan)

    def contributions(self, state: MewmaState, block: Floats) -> Floats:
        """What each tag adds to T2 of z after all the others, shaped as the block; `state` is that before it."""
        _, z, share = self._moved(state, self._white(block))
        return (vectors.conditional(self._whitening, z) / share[..., None]).reshape(np.shape(block))

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Mean and covariance, and by which way."""
        return {"center": (width,), "covariance": (width, width), "differences": ()}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Phase I out of vectors ``[m, p]`` in time order. Raises ValueError where they cannot tell."""
        return vectors.learn(baseline, known)[0]


@cache
def limit(p: int, weight: float, arl0: float) -> float:
    """h4 for a mean run length of `arl0` in control, with known parameters and asymptotic covariance; nan of nan."""
    if np.isnan(arl0) or np.isnan(weight):
        return float("nan")
    return MewmaScheme(p=p, weight=weight).solve(arl0)


CHART = Mewma
