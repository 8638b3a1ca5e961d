"""When a characteristic is sampled at all: in the states of its machine that the plan names, once warmed up. Pure.

A machine that stands still makes no parts: what its sensors say then is no zero and no sample. The state is the newest
good value of a tag, as text; while it is not known (not read since the start, or its group fell silent), nothing is
sampled. Warm-up begins when the state comes into force,
and anew when the key (recipe, tool, material) changes; it is counted in boottime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.model import Noted, Severity
from gateway.site import Characteristic

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class RunningState:
    """Per column: boottime from which it is sampled; the largest int64 while its machine is in another state."""

    from_ns: NDArray[np.int64]


class Running:
    """The machine states of one poll group's characteristics."""

    def __init__(self, rows: tuple[Characteristic, ...]) -> None:
        self._rows = rows
        self.always = all(not row.when.tag and not row.when.warm_up_ns for row in rows)
        self._warm_up = np.array([row.when.warm_up_ns for row in rows], dtype=np.int64)

    def start(self) -> RunningState:
        """Nothing is known of any machine."""
        waits = [bool(row.when.tag or row.when.warm_up_ns) for row in self._rows]
        return RunningState(np.where(waits, _NEVER, 0).astype(np.int64))

    def change(
        self,
        state: RunningState,
        known: Mapping[str, str],
        changed: NDArray[np.bool_],
        now_ns: tuple[int, int],
    ) -> tuple[RunningState, NDArray[np.bool_], tuple[Noted, ...]]:
        """Look at the states again: `known` has texts by tag, `changed` says whose key is another now, `now_ns` is wire
        time and boottime. Also gives the columns that stopped just now.
        """
        if self.always:
            return state, np.zeros(len(self._rows), dtype=np.bool_), ()
        time_ns, boottime_ns = now_ns
        runs = np.array(
            [not row.when.tag or known.get(row.when.tag) in row.when.values for row in self._rows]
        )
        ran = state.from_ns != _NEVER
        begins = runs & (~ran | changed)
        from_ns = np.where(begins, boottime_ns + self._warm_up, np.where(runs, state.from_ns, _NEVER))
        stopped = ran & ~runs
        notes = [self._note(i, "chart_paused", time_ns, known) for i in np.flatnonzero(stopped).tolist()]
        notes += [
            self._note(i, "chart_resumed", time_ns, known) for i in np.flatnonzero(runs & ~ran).tolist()
        ]
        return RunningState(from_ns), stopped, tuple(notes)

    def _note(self, i: int, kind: str, time_ns: int, known: Mapping[str, str]) -> Noted:
        row = self._rows[i]
        facts = {"state": known.get(row.when.tag), "warm_up_seconds": row.when.warm_up_ns / 1e9}
        return Noted(time_ns, kind, row.id, Severity.INFO, facts)

    def restart(self, state: RunningState, boottime_ns: int) -> RunningState:
        """A run begins: boottime may have started anew, and nobody saw what the machine did; it warms up again, once
        its state is known.
        """
        if self.always:
            return state
        waits = np.array([bool(row.when.tag) for row in self._rows]) | (state.from_ns == _NEVER)
        return RunningState(np.where(waits, _NEVER, boottime_ns + self._warm_up))

    def mask(self, state: RunningState, boottime_ns: int) -> NDArray[np.bool_]:
        """Which columns are sampled now."""
        return state.from_ns <= boottime_ns
