"""Readings of a blender to its cycles: what was weighed, what was wanted, and whether the cycle can tell. Pure.

Weights are latched with the count of cycles; setpoints, recipe and states may be read by other polls. A cycle waits
until each of these polls has answered after it, `PATIENCE_NS` at most: a hopper that ran empty in the cycle is known
then, and setpoints that changed about that time mark it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.dosing.ratio import sigma_of
from gateway.dosing.recipe import Part, doses
from gateway.dosing.values import Cycle, Weighed
from gateway.mass.counters import grown, range_of
from gateway.model import GroupId, Instant
from gateway.site import KILOGRAMS, Doser, Group

PATIENCE_NS = 15_000_000_000
MOST_CYCLES = 100_000
"""A counter that jumps further than this was replaced, not missed."""


@dataclass(frozen=True, slots=True)
class Values:
    """One reading as dosing takes it: good numbers by tag, and the newest texts of states and recipe."""

    group: GroupId
    at: Instant
    numbers: Mapping[str, float]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cycle that other polls have still to answer for."""

    cycle: Cycle  # without setpoints
    at: Instant
    missed: int  # cycles before it that nobody read
    unseen: int  # of all of them, those whose kilograms nobody knows
    setpoints: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CyclesState:
    """What is remembered of one doser."""

    count: float = math.nan
    count_ns: int = -1  # boottime of the newest count; -1: none in this run
    time_ns: int = -1  # its wire time
    numbers: Mapping[str, float] = field(default_factory=dict)  # newest setpoints by tag
    heard: Mapping[GroupId, int] = field(default_factory=dict)  # newest wire time
    on: tuple[str, ...] = ()  # marks by states since the newest cycle that was let go
    waiting: tuple[Waiting, ...] = ()
    recipe: str = ""  # of the newest cycle that was let go
    setpoints: tuple[float | None, ...] = ()  # of that cycle
    totals: tuple[float, ...] = ()  # of components that are totals, at the newest cycle; none: not known

    def until(self, count: float, at: Instant) -> CyclesState:
        """The same, its count read again. Written out: this is done at every poll."""
        return CyclesState(
            count, at.boottime_ns, at.time_ns, self.numbers, self.heard, self.on, self.waiting, self.recipe,
            self.setpoints, self.totals,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A cycle with all that is known of it."""

    cycle: Cycle
    at: Instant
    missed: int  # before it, not by themselves in it
    unseen: int  # of all of them, those whose kilograms are not in it


class Cycles:
    """One doser, compiled."""

    def __init__(self, row: Doser, groups: Mapping[str, Group]) -> None:
        """`groups`: the poll group of each of its tags."""
        self.row = row
        self._counted = groups[row.cycles].id
        points = {point.tag: point for group in groups.values() for point in group.points}
        self._around = range_of(points[row.cycles].field)
        self._kg = [KILOGRAMS[points[each.tag].uom] for each in row.components]
        self._totals_around = [range_of(points[each.tag].field) for each in row.components]
        self._sigma = [sigma_of(each.resolution_kg, each.sigma_kg) for each in row.components]
        self._set = tuple(each.setpoint for each in row.components if each.setpoint)
        beside = {*self._set, row.recipe, *(state.tag for state in row.states)} - {""}
        self._beside = {groups[tag].id for tag in beside} - {self._counted}
        self.heard = {self._counted, *self._beside}

    def restart(self, state: CyclesState) -> CyclesState:
        """A run begins: what was dosed meanwhile is counted, and the first cycle is marked."""
        return replace(state, count_ns=-1, heard={}, waiting=(), on=())

    def step(self, state: CyclesState, values: Values) -> tuple[CyclesState, tuple[Told, ...]]:
        """Fold one reading of one of its groups."""
        numbers = {tag: values.numbers[tag] for tag in self._set if tag in values.numbers}
        if any(state.numbers.get(tag) != number for tag, number in numbers.items()):
            state = replace(state, numbers={**state.numbers, **numbers})
        on = {each.mark for each in self.row.states if values.texts.get(each.tag) in each.values}
        if not on <= set(state.on):
            state = replace(state, on=tuple(sorted({*state.on, *on})))
        if values.group in self._beside:
            state = replace(state, heard={**state.heard, values.group: values.at.time_ns})
        if values.group == self._counted:
            state = self._counts(state, values)
        told: list[Told] = []
        while state.waiting and self._ready(state, state.waiting[0], values.at):
            state, made = self._let_go(state, on, values)
            told.append(made)
        return state, tuple(told)

    def _counts(self, state: CyclesState, values: Values) -> CyclesState:
        count = values.numbers.get(self.row.cycles)
        if count is None:
            return state
        at = values.at
        seen = state.until(count, at)
        if math.isnan(state.count) or count == state.count:
            return seen if state.totals else replace(seen, totals=self._totals(values))
        step = grown(state.count, count, self._around)
        jumped = round(step.by)
        marks = set[str]()
        if state.count_ns < 0 or at.boottime_ns - state.count_ns > self.row.gap_ns:
            marks.add("first_after_gap")
        if step.cleared:
            marks.add("cleared")
        if jumped <= 0:  # cleared to 0: what was dosed before that, nobody counts; the next cycle says so
            return replace(seen, on=tuple(sorted({*seen.on, *marks})))
        if jumped > MOST_CYCLES:
            marks, jumped = marks | {"replaced"}, 1
        if self.row.weights == "totals":
            weighed = self._grown(state.totals, self._totals(values), jumped)
            seen = replace(seen, totals=self._totals(values) or state.totals)
        else:
            weighed = self._weighed(values)
        unseen = 0 if self.row.weights == "totals" else jumped - 1
        if weighed is None:
            marks, weighed, unseen = marks | {"missed"}, (), jumped
        kg = sum(each.kg for each in weighed)
        since = min(state.time_ns, at.time_ns - 1) if state.time_ns >= 0 else at.time_ns - 1
        exact = jumped == 1 and not marks
        cycle = Cycle(
            at.time_ns, since, self.row.name, self._recipe(values), weighed, tuple(sorted(marks)), exact, kg,
            kg if exact else math.inf,
        )  # fmt: skip
        made = Waiting(cycle, at, jumped - 1, unseen, self._setpoints(seen))
        return replace(seen, waiting=(*seen.waiting, made))

    def _weighed(self, values: Values) -> tuple[Weighed, ...] | None:
        """None: the weights were not read, or are none."""
        made = []
        for each, factor, sigma in zip(self.row.components, self._kg, self._sigma, strict=True):
            number = values.numbers.get(each.tag)
            if number is None or number < 0.0:
                return None
            made.append(Weighed(each.name, number * factor, sigma))
        return tuple(made)

    def _totals(self, values: Values) -> tuple[float, ...]:
        """In kg; none where they are not all read, or are none."""
        if self.row.weights != "totals":
            return ()
        numbers = [values.numbers.get(each.tag) for each in self.row.components]
        known = [
            number * factor for number, factor in zip(numbers, self._kg, strict=True) if number is not None
        ]
        return tuple(known) if len(known) == len(numbers) else ()

    def _grown(
        self, last: tuple[float, ...], now: tuple[float, ...], cycles: int
    ) -> tuple[Weighed, ...] | None:
        """What totals grew by in so many cycles; None: they were not read, or cleared."""
        if not last or not now:
            return None
        made = []
        for each, before, after, around, factor in zip(
            self.row.components, last, now, self._totals_around, self._kg, strict=True
        ):
            step = grown(before, after, around * factor)
            if step.cleared:
                return None
            # a step of the display is in both readings, whatever the number of cycles between them
            steps = math.sqrt(2.0) * sigma_of(each.resolution_kg, 0.0)
            made.append(Weighed(each.name, step.by, math.hypot(steps, math.sqrt(cycles) * each.sigma_kg)))
        return tuple(made)

    def _ready(self, state: CyclesState, waiting: Waiting, now: Instant) -> bool:
        if now.boottime_ns - waiting.at.boottime_ns > PATIENCE_NS:
            return True
        return all(state.heard.get(group, -1) >= waiting.at.time_ns for group in self._beside)

    def _let_go(self, state: CyclesState, on: set[str], values: Values) -> tuple[CyclesState, Told]:
        """The oldest cycle that waits, with the marks that are known by now."""
        first = state.waiting[0]
        recipe, setpoints = first.cycle.recipe or self._recipe(values), self._setpoints(state)
        marks = {*first.cycle.marks, *state.on}
        before = (state.recipe, state.setpoints) if state.setpoints else (recipe, setpoints)
        if {before, (self._recipe(values), first.setpoints)} != {(recipe, setpoints)}:
            marks.add("changeover")
        wanted = self._wanted(setpoints)
        if wanted is None:
            marks.add("no_setpoint")
        if first.cycle.components and first.cycle.kg <= 0.0:
            marks.add("starved")
        components = tuple(
            replace(each, setpoint=None if wanted is None else wanted.get(each.component))
            for each in first.cycle.components
        )
        cycle = replace(first.cycle, recipe=recipe, components=components, marks=tuple(sorted(marks)))
        state = replace(
            state, waiting=state.waiting[1:], on=tuple(sorted(on)), recipe=recipe, setpoints=setpoints
        )
        return state, Told(cycle, first.at, first.missed, first.unseen)

    def _recipe(self, values: Values) -> str:
        return values.texts.get(self.row.recipe, "") if self.row.recipe else ""

    def _setpoints(self, state: CyclesState) -> tuple[float | None, ...]:
        """In %, by component; None where it is not known, or left over."""
        return tuple(
            state.numbers.get(each.setpoint) if each.setpoint else each.setpoint_pct for each in self.row.components
        )  # fmt: skip

    def _wanted(self, setpoints: tuple[float | None, ...]) -> dict[str, float] | None:
        """Shares of the batch, 0 to 1, by component; None: nobody knows."""
        rows = self.row.components
        known = dict(zip((each.name for each in rows), setpoints, strict=True))
        if any(known[each.name] is None for each in rows if each.kind != "main"):
            return None
        main = next((each for each in rows if each.kind == "main"), None)
        follows = self.row.setpoints == "recipe" or any(each.of == "main" for each in rows)
        if main is not None and (follows or known[main.name] is None):
            loop = self.row.loop if self.row.setpoints == "recipe" else "open"
            parts = (Part(each.name, each.kind, known[each.name] or 0.0, each.of) for each in rows)
            try:
                return {name: pct / 100.0 for name, pct in doses(parts, loop).items()}
            except ValueError:
                return None  # more than a batch: such setpoints cannot be meant
        return {name: pct / 100.0 for name, pct in known.items() if pct is not None}
