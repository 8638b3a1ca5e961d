"""The Western Electric run rules, each selectable, every one a sample violates kept (Western Electric 1956, p. 25-28).

WE1: one sample beyond 3 sigma.  WE2: two of three in a row beyond 2 sigma on the same side.  WE3: four of five beyond
1 sigma on the same side.  WE4: eight in a row on the same side of the centre line.

Conventions on which tools differ, and ours: a rule is flagged at the sample that completes it, and only if that sample
itself is one of those beyond the limit. A sample on a limit is within it (`edge` "within"; "beyond" counts it as
outside; on the centre line it is on no side either way). `same_side` is WE4's length: 8 as published, 7 in AIAG's
manual, 9 in Nelson's rule 2. What is compared is the sample with ``center + reach * sigma`` as it is drawn, so that a
flag and the picture never disagree by a rounding. A sample that is missing neither counts nor breaks a run.

>>> import numpy as np
>>> rules = RunRules(("WE1", "WE2", "WE4"))
>>> state, bits = rules.run(rules.start(1), np.array([[2.1], [0.3], [2.2], [3.5]]))
>>> [violated(int(mask), NAMES) for mask in bits[:, 0]]
[(), (), ('WE2',), ('WE1', 'WE2')]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats, column, violated

__all__ = ["NAMES", "Edge", "RunRules", "RunState", "violated"]

NAMES = ("WE1", "WE2", "WE3", "WE4")
Edge = Literal["within", "beyond"]

# Columns: the four rules above the centre line, then below it; below is above with signs turned, which is exact.
_REACH = np.array([3.0, 2.0, 1.0, 0.0, 3.0, 2.0, 1.0, 0.0])
_SIDE = np.array([1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0])
_WINDOW = np.array([1, 3, 5, 0, 1, 3, 5, 0])  # samples looked at; WE4's is a setting
_NEEDED = np.array([1, 2, 4, 0, 1, 2, 4, 0])  # of which this many are beyond
_WE4 = [3, 7]
_LONGEST = 16  # bits of history
_COUNT = np.array([bits.bit_count() for bits in range(1 << _LONGEST)], dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class RunState:
    """The last samples of each slot as bits, the newest lowest: whether they were beyond."""

    history: NDArray[np.uint16]  # [slots, 8]: above 3, 2, 1 and 0 sigma, below the same


@dataclass(frozen=True, slots=True)
class RunRules:
    """Which rules are looked at, and how."""

    rules: tuple[str, ...] = NAMES
    edge: Edge = "within"
    same_side: float | Floats = 8

    def __post_init__(self) -> None:
        unknown = set(self.rules) - set(NAMES)
        if unknown:
            raise ValueError(f"{min(unknown)} is not a run rule; there are {', '.join(NAMES)}")
        if self.edge not in get_args(Edge):
            raise ValueError(f"edge {self.edge} is not one of {', '.join(get_args(Edge))}")
        length = np.asarray(self.same_side)
        if ((length < 2) | (length > _LONGEST) | (length != np.floor(length))).any():
            raise ValueError(f"same_side must be a whole number from 2 to {_LONGEST}")

    def start(self, slots: int) -> RunState:
        """Nothing seen yet."""
        return RunState(np.zeros((slots, _REACH.size), dtype=np.uint16))

    def run(
        self, state: RunState, x: Floats, center: float | Floats = 0.0, sigma: float | Floats = 1.0
    ) -> tuple[RunState, NDArray[np.uint32]]:
        """Flags for samples ``x[rows, slots]``; nan is no sample."""
        rows, slots = x.shape
        middle, spread = column(center, slots), column(sigma, slots)
        lines = middle[:, None] * _SIDE + spread[:, None] * _REACH
        sides = x[:, :, None] * _SIDE
        beyond = sides > lines
        if self.edge == "beyond":
            beyond |= (sides >= lines) & (_REACH > 0)
        histories = np.empty(beyond.shape, dtype=np.uint16)
        seen = x == x  # noqa: PLR0124 # false for nan only
        whole, history = bool(seen.all()), state.history
        for row in range(rows):
            moved = np.bitwise_or(history << 1, beyond[row], out=histories[row])
            history = moved if whole else np.where(seen[row][:, None], moved, history)
        window, needed = self._lengths(slots)
        hit = (_COUNT.take(histories & window) >= needed) & beyond
        either = hit[:, :, :4] | hit[:, :, 4:]
        flags = np.packbits(either, axis=2, bitorder="little")[:, :, 0].astype(np.uint32)
        if self.rules != NAMES:
            flags &= np.uint32(sum(1 << bit for bit, name in enumerate(NAMES) if name in self.rules))
        return RunState(history.copy() if rows else history), flags

    def _lengths(self, slots: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        """Per slot and column: which bits of the history count, and how many of them are needed."""
        length = np.asarray(self.same_side, dtype=np.int64)
        if not length.ndim:
            return _lengths(int(length))
        window = np.tile((1 << _WINDOW) - 1, (slots, 1))
        needed = np.tile(_NEEDED, (slots, 1))
        window[:, _WE4] = ((1 << length) - 1)[:, None]
        needed[:, _WE4] = length[:, None]
        return window.astype(np.uint16), needed.astype(np.uint8)


@cache
def _lengths(length: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    window, needed = (1 << _WINDOW) - 1, _NEEDED.copy()
    window[_WE4], needed[_WE4] = (1 << length) - 1, length
    return window.astype(np.uint16), needed.astype(np.uint8)
