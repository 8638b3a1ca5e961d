"""The Western Electric run rules, each selectable, every one a sample violates kept (Western Electric 1956, p. 25-28).

WE1: one sample beyond 3 sigma.  WE2: two of three in a row beyond 2 sigma on the same side.  WE3: four of five beyond
1 sigma on the same side.  WE4: eight in a row on the same side of the centre line.

Conventions on which tools differ, and ours: a rule is flagged at the sample that completes it, and only if that sample
itself is one of those beyond the limit; "beyond" is ``>``, so a sample on the limit is within.

>>> import numpy as np
>>> rules = RunRules(("WE1", "WE2", "WE4"))
>>> state, bits = rules.run(rules.start(1), np.array([[2.1], [0.3], [2.2], [3.5]]))
>>> [violated(int(mask), NAMES) for mask in bits[:, 0]]
[(), (), ('WE2',), ('WE1', 'WE2')]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats, violated

__all__ = ["NAMES", "RunRules", "RunState", "violated"]

NAMES = ("WE1", "WE2", "WE3", "WE4")
_COUNT = np.array([bits.bit_count() for bits in range(256)], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class RunState:
    """The last samples of each slot as bits, the newest lowest: above and below two, one and zero sigma."""

    history: NDArray[np.uint8]  # [slots, 6]: > 2, > 1, > 0, < -2, < -1, < 0


@dataclass(frozen=True, slots=True)
class RunRules:
    """Which rules are looked at."""

    rules: tuple[str, ...] = NAMES

    def __post_init__(self) -> None:
        unknown = set(self.rules) - set(NAMES)
        if unknown:
            raise ValueError(f"{min(unknown)} is not a run rule; there are {', '.join(NAMES)}")

    def start(self, slots: int) -> RunState:
        """Nothing seen yet."""
        return RunState(np.zeros((slots, 6), dtype=np.uint8))

    def run(self, state: RunState, z: Floats) -> tuple[RunState, NDArray[np.uint32]]:
        """Flags for standardised samples ``z[rows, slots]``; nan is no sample."""
        history = state.history.copy()
        out = np.zeros(z.shape, dtype=np.uint32)
        for row, flags in zip(z, out, strict=True):
            self._step(history, row, flags)
        return RunState(history), out

    def _step(self, history: NDArray[np.uint8], z: Floats, flags: NDArray[np.uint32]) -> None:
        seen = ~np.isnan(z)
        beyond = np.stack((z > 2, z > 1, z > 0, z < -2, z < -1, z < 0), axis=1)
        moved = (history << 1) | beyond
        history[seen] = moved[seen]
        if "WE1" in self.rules:
            flags |= np.abs(z) > 3
        for bit, rule, columns, window, needed in _RUNS:
            if rule in self.rules:
                runs = moved[:, columns]
                hit = (_COUNT[runs & window] >= needed) & (runs & 1 == 1)
                flags |= (hit.any(axis=1) & seen).astype(np.uint32) << bit


_RUNS = (
    (1, "WE2", [0, 3], np.uint8(0b111), 2),
    (2, "WE3", [1, 4], np.uint8(0b11111), 4),
    (3, "WE4", [2, 5], np.uint8(0b11111111), 8),
)
