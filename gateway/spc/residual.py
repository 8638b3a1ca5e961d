"""CUSUM of one-step residuals: sees lasting shifts where each sample resembles the last (Lu & Reynolds 2001).

An AR model of order 1 to 3 predicts each sample from those before it; what it leaves is independent while in control,
and goes on a CUSUM. A chart that ignores an autocorrelation of 0.4 gives a false alarm every 61 samples where 370 were
asked for. The price is delay: of a lasting step the residuals see 1 - sum(phi) only, after the first one.

The first samples of a slot have fewer predecessors than the model has terms: they are predicted by the lower orders
that the model implies (Levinson and Durbin), each with its own larger sigma, so that every z is standard normal.

>>> import numpy as np
>>> chart = Residual(center=10.0, sigma=1.0, phi=np.array([[0.5, 0.0, 0.0]]))
>>> state, track = chart.run(chart.start(), np.array([10.0, 12.0, 13.0, 13.5, 14.0]))
>>> track.value.tolist()                   # residuals 0, 2, 2, 2, 2.25 less k = 0.5, summed
[0.0, 1.5, 3.0, 4.5, 6.25]
>>> track.rules.tolist()
[0, 0, 0, 0, 1]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gateway.spc.autoregression import ORDER, fitted, lower_orders
from gateway.spc.chart import Takes
from gateway.spc.cusum import Cusum, CusumState
from gateway.spc.track import Floats, Track, as_rows, column, slots_of


@dataclass(frozen=True, slots=True)
class ResidualState:
    """Per slot: the last three samples, newest first (nan: not seen yet), and the sums."""

    last: Floats  # [slots, 3]
    sums: CusumState


@dataclass(frozen=True, eq=False)  # no slots: what is made of it is kept beside it
class Residual:
    """The chart: `sigma` is that of the residuals, `phi` ``[slots, 3]`` the model's terms, newest first; with
    one number a slot, or one for all, the model has that one term.

    `k`, `h` and `headstart` are in units of sigma. Raises ValueError for a phi that is not stationary.
    """

    center: float | Floats
    sigma: float | Floats
    phi: float | Floats = 0.0
    k: float | Floats = 0.5
    h: float | Floats = 4.774  # with k 0.5: ARL0 370, phi known
    headstart: float | Floats = 0.0

    RULES: ClassVar[tuple[str, ...]] = ("CUSUM",)
    TAKES: ClassVar[Takes] = "value"

    def __post_init__(self) -> None:
        phi = self._phi(self._wide())
        _, spread = lower_orders(phi)
        if np.isnan(spread[~np.isnan(phi).any(axis=1)]).any():
            raise ValueError("phi is not stationary: such a process wanders, and has no center")

    @cached_property
    def _cusum(self) -> Cusum:
        return Cusum(0.0, 1.0, self.k, self.h, self.headstart)

    def start(self) -> ResidualState:
        """No sample seen."""
        slots = self._slots()
        head = column(self.headstart, slots)
        return ResidualState(np.full((slots, ORDER), np.nan), CusumState(head.copy(), head.copy()))

    def run(self, state: ResidualState, block: Floats) -> tuple[ResidualState, Track]:
        """Chart a block; nan is no sample: the next one is predicted from those before it."""
        x = as_rows(block)
        last, z = self._residuals(state.last, x)
        sums, track = self._cusum.run(state.sums, z)
        return ResidualState(last, sums), track.shaped(np.shape(block))

    def standardise(self, state: ResidualState, block: Floats) -> tuple[Floats, Floats]:
        """The residuals in sigma; z = 1 is one sigma of the residuals."""
        x = as_rows(block)
        _, z = self._residuals(state.last, x)
        return z, np.broadcast_to(column(self.sigma, x.shape[1]), x.shape)

    def _residuals(self, last: Floats, x: Floats) -> tuple[Floats, Floats]:
        """z ``[rows, slots]`` and the samples to predict the next one from."""
        slots = x.shape[1]
        center, sigma = column(self.center, slots), column(self.sigma, slots)
        z = np.empty_like(x)
        for row, sample in enumerate(x):
            unseen = last != last  # noqa: PLR0124 # true for nan only
            off = last - center[:, None]
            if unseen.any():
                use, wide = self._first(unseen, slots)
                off[unseen] = 0.0
                spread = sigma * wide
            else:
                use, spread = self._phi(slots), sigma
            told = use[:, 0] * off[:, 0] + use[:, 1] * off[:, 1] + use[:, 2] * off[:, 2]
            np.divide(sample - center - told, spread, out=z[row])
            moved = np.empty_like(last)
            moved[:, 0], moved[:, 1:] = sample, last[:, :-1]
            seen = sample == sample  # noqa: PLR0124
            last = moved if seen.all() else np.where(seen[:, None], moved, last)
        return last, z

    def _first(self, unseen: NDArray[np.bool_], slots: int) -> tuple[Floats, Floats]:
        """The model's terms for slots that have not seen enough samples, and what sigma then is times."""
        terms, spread = lower_orders(self._phi(slots))
        every, known = np.arange(slots), ORDER - unseen.sum(axis=1)
        return terms[every, known], spread[every, known]

    def _phi(self, slots: int) -> Floats:
        """As ``[slots, 3]``."""
        phi = np.asarray(self.phi, dtype=np.float64)
        if phi.ndim < 2:
            phi = np.column_stack([np.broadcast_to(phi, slots), np.zeros((slots, ORDER - 1))])
        return np.broadcast_to(phi, (slots, ORDER))

    def _wide(self) -> int:
        return len(np.atleast_1d(np.asarray(self.phi)))

    def _slots(self) -> int:
        return max(slots_of(self.center, self.sigma), self._wide())

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Center, sigma of the residuals, and the three terms."""
        del width
        return {"center": (), "sigma": (), "phi": (ORDER,)}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """The order by AICc among 0 to 3, the terms by least squares, their bias taken off; see `autoregression`."""
        center, sigma, phi = fitted(baseline, known.get("center"), known.get("phi"))
        return {"center": center, "sigma": known.get("sigma", sigma), "phi": phi}


CHART = Residual
