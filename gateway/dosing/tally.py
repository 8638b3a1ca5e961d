"""The ratio over a lot or a shift: good cycles averaged by mass, those that cannot tell counted by why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gateway.dosing.ratio import Share, sigma_of_share
from gateway.dosing.values import Cycle
from gateway.model import Noted, Plain, Severity


class Sum(NamedTuple):
    """One component over the good cycles."""

    kg: float = 0.0
    var: float = 0.0
    wanted_kg: float = 0.0  # what the setpoints asked for
    error: float = 0.0  # sum of absolute errors, in the doser's basis
    marked_kg: float = 0.0  # of cycles that cannot tell


@dataclass(frozen=True, slots=True)
class Tally:
    """One recipe's cycles in one lot or shift."""

    name: str  # the lot, or the shift
    recipe: str
    from_ns: int
    to_ns: int
    cycles: int = 0  # good ones
    marked: Mapping[str, int] = field(default_factory=dict)  # by reason; a cycle with two counts in both
    kg: float = 0.0  # of good cycles, all components
    var: float = 0.0
    sums: Mapping[str, Sum] = field(default_factory=dict)
    about: Mapping[str, Plain] = field(default_factory=dict)  # further facts


def begun(name: str, cycle: Cycle, about: Mapping[str, Plain] | None = None) -> Tally:
    return Tally(name, cycle.recipe, cycle.from_ns, cycle.from_ns, about=about or {})


def added(tally: Tally, cycle: Cycle, shares: tuple[Share, ...], missed: int) -> Tally:
    """With one cycle more, and as many before it whose figures nobody read."""
    marked = dict(tally.marked)
    for mark in cycle.marks:
        marked[mark] = marked.get(mark, 0) + 1
    if missed:
        marked["missed"] = marked.get("missed", 0) + missed
    sums = dict(tally.sums)
    if cycle.marks:
        for each in shares:
            old = sums.get(each.component, Sum())
            sums[each.component] = old._replace(marked_kg=old.marked_kg + each.kg)
        return replace(tally, to_ns=cycle.time_ns, marked=marked, sums=sums)
    for each, weighed in zip(shares, cycle.components, strict=True):
        old = sums.get(each.component, Sum())
        sums[each.component] = Sum(
            old.kg + each.kg, old.var + weighed.sigma_kg**2,
            old.wanted_kg + (each.setpoint_pct or 0.0) / 100.0 * cycle.kg, old.error + abs(each.error or 0.0),
            old.marked_kg,
        )  # fmt: skip
    var = tally.var + sum(each.sigma_kg**2 for each in cycle.components)
    return replace(
        tally, to_ns=cycle.time_ns, cycles=tally.cycles + 1, marked=marked, kg=tally.kg + cycle.kg, var=var, sums=sums
    )  # fmt: skip


def told(tally: Tally, doser: str, span: str, basis: str, time_ns: int) -> Iterator[Noted]:
    """One event a component. `span`: "lot" or "shift". Percentages are missing where no cycle was good."""
    for component, each in tally.sums.items():
        facts: dict[str, Plain] = {
            "from_ns": tally.from_ns, "to_ns": tally.to_ns, span: tally.name, **tally.about, "recipe": tally.recipe,
            "component": component, "basis": f"of {basis}",
        }  # fmt: skip
        if tally.cycles and tally.kg > 0.0:
            facts |= {
                "setpoint_pct": 100.0 * each.wanted_kg / tally.kg,
                "actual_pct": 100.0 * each.kg / tally.kg,
                "sigma_pct": 100.0 * sigma_of_share(each.kg, each.var, tally.kg, tally.var),
                "mae_pct": each.error / tally.cycles,
            }
        facts |= {
            "cycles": tally.cycles, "cycles_marked": dict(tally.marked), "kg": each.kg, "kg_total": tally.kg,
            "kg_marked": each.marked_kg,
        }  # fmt: skip
        if span == "lot":
            yield Noted(time_ns, "ratio_lot", doser, Severity.INFO, facts)
        else:
            yield Noted(time_ns, "ratio_shift", doser, Severity.INFO, facts)
