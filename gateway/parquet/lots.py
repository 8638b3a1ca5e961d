"""Which lots were at a cell when: intervals of wire time, as arrays that times are looked up in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gateway.journal.lots import Window

Windows = Iterable[tuple[str, Window]]
"""A lot, and a time it was at a cell."""


class LotsThen:
    """Lots by cell, role and time. Windows are [since, until)."""

    def __init__(self, windows: Windows) -> None:
        self._by_place: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        for lot, window in windows:
            until = 2**63 - 1 if window.until_ns is None else window.until_ns
            self._by_place.setdefault((window.cell, window.role), []).append((window.since_ns, until, lot))
        self._steps: dict[tuple[str, str], tuple[NDArray[np.int64], Any]] = {}

    def at(self, cell: str, role: str, time_ns: NDArray[np.int64]) -> Any:
        """An array of lists of lots, one for each time."""
        edges, lists = self._of(cell, role)
        return lists.take(pa.array(np.searchsorted(edges, time_ns, side="right")))

    def _of(self, cell: str, role: str) -> tuple[NDArray[np.int64], Any]:
        """Times at which something changes, and the lots before the first, between them, after the last."""
        if (cell, role) not in self._steps:
            windows = sorted(self._by_place.get((cell, role), []))
            edges = sorted({edge for since, until, _ in windows for edge in (since, until)})
            there: dict[int, list[str]] = {edge: [] for edge in edges}
            changes: dict[int, list[tuple[str, bool]]] = {edge: [] for edge in edges}
            for since, until, lot in windows:
                changes[since].append((lot, True))
                changes[until].append((lot, False))
            now: dict[str, int] = {}
            for edge in edges:
                for lot, comes in changes[edge]:
                    now[lot] = now.get(lot, 0) + (1 if comes else -1)
                there[edge] = [lot for lot, times in now.items() if times > 0]
            lists = pa.array([[], *(there[edge] for edge in edges)], pa.list_(pa.string()))
            self._steps[cell, role] = np.array(edges, dtype=np.int64), lists
        return self._steps[cell, role]
