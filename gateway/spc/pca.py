"""PCA chart, T2 and SPE (Jackson 1991): sees many tags leave their usual pattern, and which of them do.

Phase I scales each tag by its own mean and spread and finds the directions in which the tags move together: the
components. T2 is how far a sample lies out within the first of them, SPE (or Q) what they do not explain, the squared
distance from their plane. A shift that breaks the pattern shows in SPE, one that exaggerates it in T2. So many
components are kept as explain `share` of the variance, or `components` if that is given. T2 has the limit of
Hotelling's chart for as many tags, SPE one of gateway/spc/spe.py, each with `alpha` false alarms a sample. A vector
with a nan is no sample at all.

>>> import numpy as np
>>> baseline = np.array([[t, 2 * t + w, w - t] for t in (-2.0, -1.0, 0.0, 1.0, 2.0) for w in (-0.1, 0.1)])
>>> chart = Pca(**Pca.learn(baseline, {}), share=0.9)
>>> state, track = chart.run(chart.start(), np.array([[1.5, 3.0, -1.5], [1.5, 3.0, 1.5]]))
>>> [panel.rules.tolist() for panel in track.panels()]   # the second no longer keeps the pattern
[[0, 0], [0, 1]]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np

from gateway.spc import t2_limits, vectors
from gateway.spc.chart import Takes
from gateway.spc.matrices import eigen, product, squares
from gateway.spc.spe import inflation, jackson_mudholkar, three_moments
from gateway.spc.track import Floats, Track, as_wide, column, lines
from gateway.spc.vectors import Seen

_NOTHING = 1e-18  # SPE of unit-variance tags that is rounding and no deviation


@dataclass(frozen=True)  # no slots: what is computed once of the parameters is kept in __dict__
class Pca:
    """The chart. Loadings are ``[tag, component]``, components from large to small. 0 samples: known exactly.

    Raises ValueError where a setting makes no sense, or the samples are too few for as many components.
    """

    center: Floats  # [p] or [slots, p]
    scale: Floats  # the same
    loadings: Floats  # [p, p] or [slots, p, p]
    eigenvalues: Floats  # [p] or [slots, p]
    samples: float | Floats = 0.0
    share: float | Floats = 0.9
    components: float | Floats = 0.0  # 0: as `share` says
    alpha: float | Floats = 0.0027  # of each panel
    residual: Literal["three-moments", "jackson-mudholkar"] = "three-moments"  # the law of SPE

    RULES: ClassVar[tuple[str, ...]] = ("T2", "SPE")  # of both panels: either is news to who names no rule
    TAKES: ClassVar[Takes] = "vector"
    DIRECTED: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.residual not in {"three-moments", "jackson-mudholkar"}:
            raise ValueError(f"residual {self.residual} is not one of three-moments, jackson-mudholkar")
        for name in ("alpha", "share"):
            value = np.asarray(getattr(self, name))
            if not ((value > 0) & (value <= 1)).all():
                raise ValueError(f"{name} is above 0 and at most 1")
        if (np.asarray(self.components) > np.shape(self.center)[-1]).any():
            raise ValueError("there are no more components than tags")
        _ = self._limits

    @cached_property
    def _center(self) -> Floats:
        return vectors.per_slot(self.center, 1)

    @cached_property
    def _scale(self) -> Floats:
        return vectors.per_slot(self.scale, 1)

    @cached_property
    def _turn(self) -> Floats:
        """Scaled tags to components."""
        return np.ascontiguousarray(vectors.per_slot(self.loadings, 2).swapaxes(1, 2))

    @cached_property
    def _values(self) -> Floats:
        return vectors.per_slot(self.eigenvalues, 1)

    @cached_property
    def _kept(self) -> Floats:
        """1 for each component that is kept, else 0, ``[slots, p]``."""
        slots, p = self._values.shape
        before = np.add.accumulate(self._values, axis=1)
        total = before[:, -1:]
        needed = 1 + (before < column(self.share, slots)[:, None] * total * (1 - 1e-12)).sum(axis=1)
        given = column(self.components, slots)
        count = np.where(given > 0, given, np.minimum(needed, p))
        return (np.arange(p) < count[:, None]).astype(np.float64)

    @cached_property
    def _weights(self) -> Floats:
        """What the square of each component counts in T2."""
        return self._kept / np.where(self._kept > 0, self._values, 1.0)

    @cached_property
    def _limits(self) -> tuple[Floats, Floats, Floats]:
        """Limits of T2 and SPE, and the mean of SPE, a slot each by itself."""
        found = []
        alphas, counts = (column(value, len(self._center)).tolist() for value in (self.alpha, self.samples))
        for values, kept, alpha, samples in zip(self._values, self._kept, alphas, counts, strict=True):
            k, rest = int(kept.sum()), values[kept == 0]
            if not np.isfinite(values).all() or np.isnan(samples):
                found.append((np.nan, np.nan, np.nan))
                continue
            if samples and samples <= k + 1:
                raise ValueError(f"{k} components take more than {k + 1} samples: give more, or keep fewer")
            top = t2_limits.future(k, samples, samples - 1, alpha) if samples else t2_limits.known(k, alpha)
            future = rest * (inflation(samples, k) if samples else 1.0)
            law = three_moments if self.residual == "three-moments" else jackson_mudholkar
            found.append((top, max(law(future, alpha), _NOTHING), float(future.sum())))
        t2, spe, mean = np.array(found).T
        return t2, spe, mean

    def start(self) -> Seen:
        """No sample seen."""
        return Seen(np.zeros(len(self._center), dtype=np.int64))

    def _scores(self, block: Floats) -> Floats:
        """Components of each sample ``[rows, slots, p]``."""
        return product(self._turn, (as_wide(block) - self._center) / self._scale)

    def run(self, state: Seen, block: Floats) -> tuple[Seen, Track]:
        """Chart a block ``[rows, slots, p]``, or ``[rows, p]`` of one slot. The track is T2, its `second` SPE."""
        scores = self._scores(block)
        t2, spe = self._statistics(scores)
        rows, zero = len(t2), np.zeros(t2.shape)
        top, high, mean = (lines(line, rows) for line in self._limits)
        middle = lines(self._kept.sum(axis=1), rows)
        second = Track("spe", spe, mean, zero, high, (spe > high).astype(np.uint32), self.RULES[1:])
        track = Track("t2", t2, middle, zero, top, (t2 > top).astype(np.uint32), self.RULES[:1], second)
        return vectors.counted(state, t2), track.shaped(t2.shape[: np.ndim(block) - 1])

    def _statistics(self, scores: Floats) -> tuple[Floats, Floats]:
        square = scores * scores
        t2 = np.add.accumulate(square * self._weights, axis=-1)[..., -1]
        return t2, squares(scores * (1.0 - self._kept))

    def standardise(self, state: Seen, block: Floats) -> tuple[Floats, Floats]:
        """Each sample along the direction of the newest one, among all components that vary; there is no unit."""
        del state
        spread = np.sqrt(np.maximum(self._values, 0.0))
        y = self._scores(block) * np.where(spread > 1e-9, 1.0 / np.where(spread > 1e-9, spread, 1.0), 0.0)
        z = vectors.along(y, vectors.newest(y))
        return z, np.full(z.shape, np.nan)

    def contributions(self, state: Seen, block: Floats) -> Floats:
        """By how much the worse panel would fall if one tag alone were put right, shaped as the block.

        Worse is the one further beyond its limit. Reconstruction (Alcala & Qin, Automatica 45, 2009, 1593-1600): a
        large fault of one tag has its largest number there, which the square of its own residual does not promise.
        """
        del state
        scores = self._scores(block)
        t2, spe = self._statistics(scores)
        found = [self._fall(scores, weights) for weights in (self._weights, 1.0 - self._kept)]
        worse = spe / self._limits[1] > t2 / self._limits[0]
        return np.where(worse[..., None], found[1], found[0]).reshape(np.shape(block))

    def _fall(self, scores: Floats, weights: Floats) -> Floats:
        """Of the statistic z' M z, M = P diag(weights) P': (M z)**2 over M's diagonal."""
        towards = product(self._turn.swapaxes(1, 2), scores * weights)
        own = (self._turn**2 * weights[:, :, None]).sum(axis=1)
        return np.where(own > _NOTHING, towards**2 / np.where(own > _NOTHING, own, 1.0), 0.0)

    @classmethod
    def learnt(cls, width: int) -> Mapping[str, tuple[int, ...]]:
        """Mean and spread of each tag, components, and how many samples they come from."""
        wide = {"center": (width,), "scale": (width,), "loadings": (width, width), "eigenvalues": (width,)}
        return {**wide, "samples": ()}

    @classmethod
    def learn(cls, baseline: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Phase I out of vectors ``[m, p]``. Raises ValueError where they are too few, or a tag does not vary."""
        x = vectors.whole(baseline, 5)
        found, _ = vectors.covariance(x, "pooled")
        constant = np.flatnonzero(np.diagonal(found) <= 0)
        if constant.size:
            raise ValueError(
                f"tag {constant[0] + 1} does not vary: leave it out, or give samples in which it does"
            )
        scale = np.sqrt(np.diagonal(found))
        values, loadings = eigen(found / scale / scale[:, None])
        learnt = {"center": vectors.means(x), "scale": scale, "loadings": loadings}
        learnt |= {"eigenvalues": np.maximum(values, 0.0), "samples": np.asarray(float(len(x)))}
        return {name: known.get(name, value) for name, value in learnt.items()}


CHART = Pca
