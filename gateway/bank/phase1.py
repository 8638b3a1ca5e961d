"""Phase I of a bank's slots: limits out of the first samples, by the chart's own rule, then frozen. Pure.

What the plan gives is kept. A baseline that cannot tell (it does not vary, a covariance is singular, a sum is beyond
the largest number) moves on by one sample until it can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.bank.slots import BankState, with_slot
from gateway.spc.chart import WIDE
from gateway.spc.track import Floats

_LEAST, _MOST = 1e-300, 1e300  # of a span squared: what is learnt later are sums of squares


@dataclass(frozen=True, slots=True)
class Frozen:
    """Limits of a slot came into force: phase I ended, or the plan has a version of them."""

    column: int
    key: str
    samples: int
    limits: Mapping[str, Floats]
    baseline: str  # hash of the samples; "" where nobody knows them
    version: int = 0  # of the plan; 0: phase I
    tightened: bool = False  # learnt since phase I


def hash_of(samples: Floats) -> str:
    """A baseline's name: BLAKE2b over its float64 numbers, little-endian, 16 bytes as hex."""
    return hashlib.blake2b(np.ascontiguousarray(samples, dtype="<f8").tobytes(), digest_size=16).hexdigest()


class Learner:
    """Phase I of one bank's columns."""

    def __init__(self, kind: Any, wanted: NDArray[np.int64], known: tuple[dict[str, Floats], ...]) -> None:
        """`wanted`: samples of each column's phase I; `known`: what its plan gives."""
        self._kind, self._wanted, self._known = kind, wanted, known

    def learn(
        self, state: BankState, slots: NDArray[np.intp], samples: Floats
    ) -> tuple[BankState, tuple[int, ...], tuple[Frozen, ...]]:
        """Keep a sample ``[len(slots), width]`` for each slot; estimate where there are enough.

        Gives the slots whose limits are frozen now, for their charts begin anew.
        """
        baseline, collected = state.baseline.copy(), state.collected.copy()
        baseline[slots, collected[slots]] = samples
        collected[slots] += 1
        state = replace(state, baseline=baseline, collected=collected)
        done, frozen = [], []
        for slot in slots[collected[slots] >= self._wanted[state.column[slots]]].tolist():
            column = int(state.column[slot])
            kept = baseline[slot, : self._wanted[column]]
            try:
                known = {**self._known[column], **self._given(state.limits, slot, samples.shape[1])}
                found = self._estimated(kept if self._kind.TAKES in WIDE else kept[:, 0], known)
            except ValueError:
                kept[:-1] = kept[1:].copy()
                collected[slot] -= 1
                continue
            name = hash_of(kept)
            limits = {each: found.get(each, array[slot]) for each, array in state.limits.items()}
            state = with_slot(state, slot, limits=limits, learnt_from=len(kept), source=name)
            done.append(slot)
            frozen.append(Frozen(column, state.key[slot], len(kept), found, name))
        return state, tuple(done), tuple(frozen)

    def _estimated(self, kept: Floats, known: Mapping[str, Floats]) -> dict[str, Floats]:
        """Limits out of a baseline. Raises ValueError where there are none, or they are no numbers."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # samples of 1e308 are numbers too
            square = (np.fmax.reduce(kept, axis=0) - np.fmin.reduce(kept, axis=0)) ** 2
            found: dict[str, Floats] = self._kind.learn(kept, known)
        varied = np.any(kept != kept[0], axis=0)
        sane = ~varied | np.isnan(square) | ((square > _LEAST) & (square < _MOST))
        if not (np.all(sane) and all(np.isfinite(part).all() for part in found.values())):
            raise ValueError("the samples are too far apart, or too near, for this arithmetic")
        return found

    def _given(self, limits: Mapping[str, Floats], slot: int, width: int) -> dict[str, Floats]:
        """What the slot has already, of a version of limits that leaves the rest to phase I."""
        names = self._kind.learnt(width)
        return {name: limits[name][slot] for name in names if not np.isnan(limits[name][slot]).any()}
