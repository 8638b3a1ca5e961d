"""What else has seen a component being used, compared with what the doser says it dosed, window by window. Pure.

An estimate is a store of its own kind: what its meters saw come in, less what the doser took, is what its level must
have risen by. So its residual is that of a book (`gateway.dosing.book`): windows that share a count do not tell the
same error twice, and what calibration leaves open is not told at all. A totalizer of the doser itself is a store that
is always empty. What was dosed and not metered yet, or the other way round, when a window ends is in the count's sigma.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gateway.dosing.book import LARGE, Book, Period, Sums, Watch, counted, opened
from gateway.dosing.cycles import Told, Values
from gateway.mass.counters import grown, range_of
from gateway.model import GroupId
from gateway.site import KILOGRAMS, Doser, Estimate, Group, Metered
from gateway.site.dosing import BATCH

GUESSED = 0.25
"""Standard uncertainty of a cycle that nobody read, as a share of the mean cycle."""
_LOTS_MOST = 100  # named by one alarm
_SLOWLY = 0.1  # the part that a new cycle has in the mean


@dataclass(frozen=True, slots=True)
class EstimateState:
    """What is remembered of one estimate."""

    last: Mapping[str, float] = field(default_factory=dict)  # newest numbers by tag
    came: Mapping[str, float] = field(default_factory=dict)  # kg by tag, in this window
    broken: bool = False  # a total was cleared: this window cannot tell
    book: Book | None = None  # None: it begins with the next count
    sums: Sums = field(default_factory=Sums)
    off: str = ""  # what stands: "declared", "metered"


@dataclass(frozen=True, slots=True)
class WindowState:
    """The window that is running."""

    key: str = ""
    from_ns: int = -1
    dosed: Mapping[str, float] = field(default_factory=dict)  # kg by component
    var: Mapping[str, float] = field(default_factory=dict)
    lots: tuple[str, ...] = ()
    mean: Mapping[str, float] = field(default_factory=dict)  # kg a cycle, of all windows
    large: Mapping[str, float] = field(default_factory=dict)  # ... and of a large one
    estimates: Mapping[str, EstimateState] = field(default_factory=dict)


class Compared(NamedTuple):
    """One estimate at the end of a window."""

    estimate: str
    component: str
    from_ns: int
    to_ns: int
    dosed_kg: float
    estimate_kg: float
    off_kg: float  # dosed less estimate, beyond what the book expected
    sigma_kg: float
    said: str  # "declared": but not metered; "metered": but not declared; "": neither, as far as one can tell
    over: bool  # what stood before stands no more
    lots: tuple[str, ...]

    @property
    def z(self) -> float:
        return self.off_kg / self.sigma_kg if self.sigma_kg > 0.0 else 0.0


class _Term(NamedTuple):
    row: Metered
    factor: float
    around: float


class Estimates:
    """The estimates of one doser, compiled."""

    def __init__(self, row: Doser, groups: Mapping[str, Group]) -> None:
        self.row = row
        points = {point.tag: point for group in groups.values() for point in group.points}
        self._terms: dict[str, list[_Term]] = {}
        self._level: dict[str, float] = {}  # kg of the level's unit
        self.heard: set[GroupId] = set()
        for each in row.estimates:
            terms = self._terms.setdefault(each.name, [])
            for term in each.came:
                factor = term.each_kg or KILOGRAMS[points[term.each or term.tag].uom]
                terms.append(_Term(term, factor, range_of(points[term.tag].field)))
                self.heard |= {groups[tag].id for tag in (term.tag, term.each) if tag}
            if each.level:
                self._level[each.name] = KILOGRAMS[points[each.level].uom]
                self.heard.add(groups[each.level].id)
        count = max(len(row.estimates), 1)
        self._watch = Watch.designed(max(row.windows_per_year / row.false_alarms_per_year * count, 2.0))

    def read(self, state: WindowState, values: Values) -> WindowState:
        """Fold one reading of one of its groups."""
        changed: dict[str, EstimateState] = {}
        for row in self.row.estimates:
            old = state.estimates.get(row.name, EstimateState())
            new = self._read(row, old, values.numbers)
            if new is not old:
                changed[row.name] = new
        return replace(state, estimates={**state.estimates, **changed}) if changed else state

    def _read(self, row: Estimate, state: EstimateState, numbers: Mapping[str, float]) -> EstimateState:
        last, came, broken = dict(state.last), dict(state.came), state.broken
        for term in self._terms[row.name]:
            tag, one = term.row.tag, 1.0
            if term.row.each:
                one = numbers.get(term.row.each, last.get(term.row.each, math.nan))
                if math.isnan(one):
                    continue
                last[term.row.each] = one
            number = numbers.get(tag)
            if number is None or number == last.get(tag):
                continue
            if tag in last:
                step = grown(last[tag], number, term.around)
                broken = broken or step.cleared
                came[tag] = came.get(tag, 0.0) + step.by * one * term.factor
            last[tag] = number
        if row.level and (level := numbers.get(row.level)) is not None:
            last[row.level] = level
        if last == state.last and broken == state.broken:
            return state
        return replace(state, last=last, came=came, broken=broken)

    def dosed(self, state: WindowState, told: Told, lots: tuple[str, ...]) -> WindowState:
        """With one cycle more. Cycles that nobody read were as the mean one, and are far less certain."""
        dosed, var, mean, large = dict(state.dosed), dict(state.var), dict(state.mean), dict(state.large)
        guessed = told.unseen
        parts = [(each.component, each.kg, each.sigma_kg**2) for each in told.cycle.components]
        if parts:
            parts.append((BATCH, told.cycle.kg, sum(each for _, _, each in parts)))
        for name, kg, own in parts:
            old = mean.get(name, kg)
            mean[name] = old + _SLOWLY * (kg - old)
            large[name] = max(kg, large.get(name, kg) * (1.0 - _SLOWLY * _SLOWLY))
            dosed[name] = dosed.get(name, 0.0) + kg
            var[name] = var.get(name, 0.0) + own
        for name, kg in mean.items() if guessed else ():
            dosed[name] = dosed.get(name, 0.0) + guessed * kg
            var[name] = var.get(name, 0.0) + (guessed * GUESSED * kg) ** 2
        new = tuple(lot for lot in lots if lot not in state.lots)
        return replace(
            state, dosed=dosed, var=var, mean=mean, large=large, lots=(*state.lots, *new)[-_LOTS_MOST:]
        )  # fmt: skip

    def turned(self, state: WindowState, key: str, time_ns: int) -> tuple[WindowState, tuple[Compared, ...]]:
        """Another window begins now; what the one before says. The first one ever was not seen from its beginning."""
        if key == state.key:
            return state, ()
        made = []
        estimates = dict(state.estimates)
        for row in self.row.estimates:
            new, said = self._close(row, estimates.get(row.name, EstimateState()), state, time_ns)
            estimates[row.name] = new
            if said is not None:
                made.append(said)
        return WindowState(key, time_ns, mean=state.mean, large=state.large, estimates=estimates), tuple(made)

    def _close(
        self, row: Estimate, state: EstimateState, window: WindowState, time_ns: int
    ) -> tuple[EstimateState, Compared | None]:
        level = 0.0
        fresh = replace(state, came={}, broken=False)
        if row.level:
            if row.level not in state.last:
                return fresh, None
            level = state.last[row.level] * self._level[row.name]
        # a dose that one of the two has not seen yet, when a window ends
        between = window.large.get(row.component, 0.0) / math.sqrt(12.0)
        sigma = math.hypot(row.level_sigma_kg, between)
        known = between > 0.0 and all(term.row.tag in state.last for term in self._terms[row.name])
        if state.book is None or state.broken or not known or window.from_ns < 0:
            return replace(fresh, book=opened(level, sigma) if known else None), None
        dosed, came = window.dosed.get(row.component, 0.0), sum(state.came.values())
        terms = [(term.row, state.came.get(term.row.tag, 0.0)) for term in self._terms[row.name]]
        own = math.sqrt(window.var.get(row.component, 0.0) + sum(each.sigma_kg**2 for each, _ in terms))
        bias = math.hypot(self.row.error * dosed, *(each.error * kg for each, kg in terms))
        before = state.book.kg
        book, found = counted(state.book, Period(came - dosed, own, bias, level, sigma))
        sums, side = self._watch.step(state.sums, found.z)
        said = {"more": "declared", "less": "metered", "": ""}[side]
        over = bool(state.off) and not said and abs(found.z) < LARGE
        off = said or ("" if over else state.off)
        if said:  # what was told is written off: the next windows are judged by themselves
            book = opened(level, sigma)
        return replace(fresh, book=book, sums=sums, off=off), Compared(
            row.name, row.component, window.from_ns, time_ns, dosed, came - (level - before), found.kg,
            found.sigma_kg, said, over, window.lots,
        )  # fmt: skip
