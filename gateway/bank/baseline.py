"""Phase I of a bank's slots: limits out of the first samples, then frozen. Pure.

Center is the mean of the baseline, sigma its mean moving range over d2(2); what the plan gives is kept. A baseline that
does not vary has no sigma: it moves on by one sample until it does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gateway.bank.slots import BankState
from gateway.spc.track import Floats
from gateway.stats.constants import d2


@dataclass(frozen=True, slots=True)
class Frozen:
    """Phase I of a slot ended."""

    column: int
    key: str
    samples: int
    center: float
    sigma: float


def learn(
    state: BankState, slots: NDArray[np.intp], samples: Floats, wanted: NDArray[np.int64]
) -> tuple[BankState, tuple[int, ...], tuple[Frozen, ...]]:
    """Keep a sample for each of these slots; estimate where there are as many as `wanted[column]`.

    Gives the slots whose limits are frozen now, for their charts begin anew.
    """
    baseline, collected = state.baseline.copy(), state.collected.copy()
    center, sigma = state.center.copy(), state.sigma.copy()
    done, frozen = [], []
    for slot, sample in zip(slots.tolist(), samples.tolist(), strict=True):
        column = int(state.column[slot])
        enough = int(wanted[column])
        baseline[slot, collected[slot]] = sample
        collected[slot] += 1
        if collected[slot] < enough:
            continue
        kept = baseline[slot, :enough]
        spread = float(np.abs(np.diff(kept)).mean()) / d2(2)
        if spread == 0 and np.isnan(sigma[slot]):
            kept[:-1] = kept[1:].copy()
            collected[slot] -= 1
            continue
        center[slot] = kept.mean() if np.isnan(center[slot]) else center[slot]
        sigma[slot] = spread if np.isnan(sigma[slot]) else sigma[slot]
        done.append(slot)
        frozen.append(Frozen(column, state.key[slot], enough, float(center[slot]), float(sigma[slot])))
    state = replace(state, baseline=baseline, collected=collected)
    if done:  # the arrays of limits are new only then: what is compiled of them stays good until then
        state = replace(state, center=center, sigma=sigma)
    return state, tuple(done), tuple(frozen)
