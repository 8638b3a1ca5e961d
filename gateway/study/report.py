"""The capability of a studied series, and what has to be said beside its numbers. Pure.

A capability is a promise about parts that are still to be made. Where the chart found the process out of control
nothing can be promised, so the number never stands alone.
"""

from __future__ import annotations

import math

import numpy as np

from gateway.spc.chart import Individuals
from gateway.study.capability import CONFIDENCE, Capability, Spec, capability
from gateway.study.normality import anderson_darling
from gateway.study.samples import Samples
from gateway.study.study import Study, estimate
from gateway.study.within import freedom_of

_DOUBTFUL = 0.005


def capable(
    done: Study,
    samples: Samples,
    spec: Spec,
    *,
    distribution: str = "normal",
    chance: np.random.Generator | None = None,
    confidence: float = CONFIDENCE,
) -> tuple[Capability, tuple[str, ...]]:
    """Indices of the values that were charted, and notes. Raises ValueError where the chart has no single values."""
    if samples.singles is None:
        raise ValueError(f"capability is of single values: {done.chart} has none of these")
    x = samples.singles[~done.left_out].ravel()
    found = capability(
        x, spec, _within(done, samples), distribution=distribution, chance=chance, confidence=confidence
    )
    notes = []
    if not done.in_control:
        count = done.violations
        notes.append(
            f"not in control: {count} {'point violates' if count == 1 else 'points violate'} a rule; "
            "the indices describe these values and promise nothing about the next"
        )
    if distribution == "normal":
        _, p_value = anderson_darling(x)
        if p_value < _DOUBTFUL:
            notes.append(
                f"not normal (Anderson-Darling, p = {p_value:.1g}): shares outside may be far off; name a distribution"
            )
    return found, tuple(notes)


def _within(done: Study, samples: Samples) -> tuple[float, float]:
    """Sigma within, and its degrees of freedom; inf where somebody said it."""
    of_singles = isinstance(done.made, Individuals) or hasattr(done.made, "expected")
    if of_singles and done.estimator != "s" and not math.isnan(done.sigma):
        return done.sigma, math.inf if done.sigma_known else freedom_of(done.made, done.baseline)
    assert samples.singles is not None  # noqa: S101 # the caller looked
    x = samples.singles[~done.left_out].ravel()
    return estimate(x)[1], freedom_of(done.made, x)
