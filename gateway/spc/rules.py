"""The run rules of Western Electric, Nelson and AIAG, each selectable, every one a sample violates kept.

`ruletable` has the rules and their sources. Conventions on which tools differ, and ours: a rule is flagged at the
sample that completes it, and where one sample of the window may be elsewhere (two of three, four of five) only if that
sample itself is beyond (`completing` "beyond"; "any" flags the window). A sample on a limit is within it (`edge`
"within"; "beyond" counts it as outside; on the centre line it is on no side either way). `same_side` is the length of
WE4, N2 and AIAG2 alike; 0 is 8, 9 and 7, as published. `trend` is six samples, so five steps; samples that are equal
end a trend (`ties` "break"; "keep" lets it go on, though no equal sample completes one) and always an alternation.
`mixture` is for N8: eight beyond 1 sigma on "either" side, or some on "both". The zones are thirds of the limits.

What is compared is the sample with ``center + reach * sigma`` as it is drawn, so that a flag and the picture never
disagree by a rounding. A sample that is missing neither counts nor breaks a run.

>>> import numpy as np
>>> rules = RunRules(("WE1", "WE2", "N1", "N3"))
>>> state, bits = rules.run(rules.start(1), np.array([[2.1], [0.3], [2.2], [3.5], [3.6], [3.7], [3.8]]))
>>> [violated(int(mask), NAMES) for mask in bits[-4:, 0]]
[('WE1', 'WE2', 'N1'), ('WE1', 'WE2', 'N1'), ('WE1', 'WE2', 'N1'), ('WE1', 'WE2', 'N1', 'N3')]
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gateway.spc.rulebits import Lines, Row, lines
from gateway.spc.ruleplanes import Block
from gateway.spc.ruletable import (
    AIAG,
    KEPT,
    MOST,
    NAMES,
    NELSON,
    WESTERN_ELECTRIC,
    Check,
    Completing,
    Conventions,
    Edge,
    Mixture,
    Ties,
    checks,
)
from gateway.spc.track import Floats, violated

__all__ = ["AIAG", "NAMES", "NELSON", "WESTERN_ELECTRIC", "Edge", "Lines", "RunRules", "RunState", "violated"]


@dataclass(frozen=True, slots=True)
class RunState:
    """What each slot remembers: the last sample (nan before the first), and bits about the last 16."""

    last: Floats
    history: NDArray[np.uint16]  # [slots, 11], the newest sample lowest; `ruletable` says what each is


@dataclass(frozen=True, eq=False)  # no slots: what is compiled of it is kept beside it
class RunRules:
    """Which rules are looked at, and how. Raises ValueError for settings that make no sense."""

    rules: tuple[str, ...] = WESTERN_ELECTRIC
    edge: Edge = "within"
    same_side: float | Floats = 0.0
    trend: float | Floats = 6.0
    completing: Completing = "beyond"
    ties: Ties = "break"
    mixture: Mixture = "either"

    def __post_init__(self) -> None:
        _ = self._checks

    @cached_property
    def _conventions(self) -> Conventions:
        return Conventions(self.edge, self.completing, self.ties, self.mixture)

    @cached_property
    def _checks(self) -> tuple[Check, ...]:
        return checks(self.rules, self.same_side, self.trend, self._conventions)

    @cached_property
    def _row(self) -> Row:
        return Row(self._checks, self._conventions)

    @cached_property
    def _block(self) -> Block:
        return Block(self._checks, self._conventions, self._row)

    def start(self, slots: int) -> RunState:
        """Nothing seen yet."""
        return RunState(np.full(slots, np.nan), np.zeros((KEPT, slots), dtype=np.uint16).T)

    def lines(
        self,
        slots: int,
        center: float | Floats = 0.0,
        sigma: float | Floats = 1.0,
        reach: float | Floats = 3.0,
    ) -> Lines:
        """What samples are compared with: limits at `reach` sigma, zones at thirds of them."""
        return lines(center, sigma, reach, slots, self.edge)

    def run(
        self, state: RunState, x: Floats, center: float | Floats = 0.0, sigma: float | Floats = 1.0
    ) -> tuple[RunState, NDArray[np.uint32]]:
        """Flags for samples ``x[rows, slots]``; nan is no sample."""
        return self.judge(state, x, self.lines(x.shape[1], center, sigma))

    def judge(self, state: RunState, x: Floats, at: Lines) -> tuple[RunState, NDArray[np.uint32]]:
        """The same with lines that were made before."""
        rows = len(x)
        whole = not np.count_nonzero(np.isnan(x))
        if whole and rows >= MOST:
            history, flags = self._block.run(state.history, state.last, x, at)
            return RunState(x[-1].copy(), history), flags
        last, history = state.last, state.history
        if whole and rows == 1:
            history, row = self._row.run(history, last, x[0], at, None)
            return RunState(x[0].copy(), history), row[None]
        flags = np.zeros(x.shape, dtype=np.uint32)
        for i in range(rows):
            seen = None if whole else ~np.isnan(x[i])
            history, flags[i] = self._row.run(history, last, x[i], at, seen)
            last = x[i] if seen is None else np.where(seen, x[i], last)
        return RunState(last.copy(), history), flags
