"""Versions of limits that the plan has for its rows: which is in force when. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gateway.bank.slots import BankState
from gateway.site import Characteristic, LimitsVersion


class Versions:
    """The versions of a bank's rows. The newest that has begun holds, for every key of the row."""

    def __init__(self, rows: tuple[Characteristic, ...]) -> None:
        self._rows = rows
        self._any = any(row.limits for row in rows)
        self._begins = np.array(sorted({each.from_ns for row in rows for each in row.limits}), dtype=np.int64)
        self._settled: tuple[object, int] | None = (
            None  # of these slots, up to this many begun: nothing is due
        )

    def due(self, state: BankState, time_ns: int) -> bool:
        """Whether limits have to change now. Kept for the next row, by identity: it changes no result."""
        if not self._any:
            return False
        begun = int(np.searchsorted(self._begins, time_ns, side="right"))
        if self._settled is not None and self._settled[0] is state.version and self._settled[1] == begun:
            return False
        if next(self.now(state, time_ns), None) is not None:
            return True
        self._settled = (state.version, begun)
        return False

    def now(self, state: BankState, time_ns: int) -> Iterator[tuple[int, LimitsVersion]]:
        """Slots whose limits are older than those that hold at this time, with these."""
        for slot, column in enumerate(state.column.tolist()):
            held = [each for each in self._rows[column].limits if each.from_ns <= time_ns]
            newest = max(held, key=lambda each: (each.from_ns, each.version), default=None)
            if newest is not None and newest.version > state.version[slot]:
                yield slot, newest
