"""Run lengths of the Shewhart chart: its limits alone, or with run rules.

Without rules, each sample is on its own. The zone rules are an exact Markov chain (Champ & Woodall, Technometrics 29,
1987, 393-399; `automaton`); their zones are thirds of the limits. N3 and N4 compare samples with each other. Their own
run length is exact (`ranks`), and is put together with the zone rules' as if both were independent: the probability of
no signal in n samples is taken as the product. That is a few percent too short, for a trend often ends beyond a line;
benchmarks/arl_tables.py has by how much.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gateway.design import automaton, ranks
from gateway.design.chain import Chain
from gateway.design.geometric import Geometric
from gateway.design.scheme import Engine, Law
from gateway.stats.special import normal_cdf, normal_isf, normal_sf

Floats = NDArray[np.float64]

RULES = tuple(sorted({*automaton.RULES, *ranks.RULES}))
"""WE1 to WE4, N1 to N8, AIAG1 to AIAG8."""


@dataclass(frozen=True, slots=True)
class ShewhartScheme(Engine):
    """The limit is L, in sigma; "one" `sided` has the upper limit only, and no rules. No `rules` is the limits alone.

    `same_side` is the length of WE4, N2 and AIAG2; 0 is what their authors say: 8, 9 and 7.
    """

    sided: Literal["one", "two"] = "two"
    rules: tuple[str, ...] = ()
    same_side: int = 0

    def __post_init__(self) -> None:
        for rule in self.rules:
            if rule not in RULES:
                raise ValueError(f"{rule} is not a run rule; there are {', '.join(RULES)}")
        if self.rules and self.sided == "one":
            raise ValueError("run rules look at both sides: a one-sided chart has none")

    def guess(self, arl0: float) -> float:
        """Exact in control without rules."""
        return max(float(normal_isf(1.0 / (arl0 * (2.0 if self.sided == "two" else 1.0)))), 1e-3)

    def law(self, limit: float, shift: Floats, scale: Floats) -> Law:
        """Geometric without rules."""
        above = normal_sf((limit - shift) / scale)
        if self.sided == "one":
            return Geometric(above)
        if set(self.rules) <= {"WE1", "N1", "AIAG1"}:
            return Geometric(np.minimum(above + normal_sf((limit + shift) / scale), 1.0))
        zones = self._zones(limit, shift, scale)
        ranked = tuple(rule for rule in self.rules if rule in ranks.RULES)
        return zones if not ranked else _with(zones, *ranks.survival(ranked))

    def _zones(self, limit: float, shift: Floats, scale: Floats) -> Chain:
        """The exact chain of the zone rules."""
        kept = tuple(sorted(rule for rule in self.rules if rule in automaton.RULES))
        machine = automaton.automaton(kept, self.same_side)
        lines = (np.arange(-3, 4) * limit / 3.0 - shift[:, None]) / scale[:, None]
        below, over = normal_cdf(lines), normal_sf(lines)
        nearer = np.where(lines[:, :-1] > 0.0, over[:, :-1] - over[:, 1:], below[:, 1:] - below[:, :-1])
        chance = np.concatenate([below[:, :1], nearer, over[:, -1:]], axis=1)
        states = machine.after.shape[0]
        matrix = np.zeros((shift.size, states, states))
        for zone in range(automaton.ZONES):
            on = machine.after[:, zone]
            stay = on >= 0
            matrix[:, np.flatnonzero(stay), on[stay]] += chance[:, zone, None]
        now = np.zeros((shift.size, states))
        now[:, machine.start] = 1.0
        return Chain(matrix, now, np.ones(states), np.empty((0, shift.size)))


def _with(zones: Chain, survival: Floats, factor: float) -> Chain:
    """The zones' law times the survival of another, which falls by `factor` where it ends."""
    before, now = [], zones.now
    for share in survival[:-1]:
        before.append(share * (now @ zones.end))
        now = (now[:, None, :] @ zones.matrix)[:, 0]
    return dataclasses.replace(
        zones, matrix=zones.matrix * factor, now=now * survival[-1], before=np.array(before)
    )
