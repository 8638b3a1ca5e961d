"""The dosing room of the fold: `Dosing` makes ratios of what blenders answer, and compares them with what else has seen
the same material. Pure.

Once a cycle a doser gives a derived reading (`gateway.site.dosing.derived`), which the pipeline folds as if a device
had answered; once a lot, shift or window it tells what that was. Lots are those at the cells that the doser feeds, at
the wire time of the cycle, as far as scans are known when the cycle is let go; what is on its way between blender and
mould is for the genealogy to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from gateway.dosing.cycles import Cycles, CyclesState, Told, Values
from gateway.dosing.estimates import Compared, Estimates, WindowState
from gateway.dosing.ratio import Share, shares
from gateway.dosing.tally import Tally, added, begun, told
from gateway.model import Event, GroupId, Noted, Plain, Quality, Reading, Severity
from gateway.shifts import Shift, shift_at
from gateway.site import Doser, Group, Site
from gateway.site.dosing import derived

ProductAt = Callable[[str, int], str]
"""The lot being made at a cell at a wire time, or ""."""

_SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class DoserState:
    """What is remembered of one doser."""

    cycles: CyclesState = field(default_factory=CyclesState)
    tallies: Mapping[str, Tally] = field(default_factory=dict)  # by cell, and of the shift
    window: WindowState = field(default_factory=WindowState)


@dataclass(frozen=True, slots=True)
class DosingState:
    """Everything the dosing room knows, by doser."""

    dosers: Mapping[str, DoserState] = field(default_factory=dict)


class Finding(NamedTuple):
    """An estimate that disagrees with its doser, or no longer does."""

    doser: Doser
    compared: Compared
    agree: tuple[str, ...]  # estimates of the same component that do not disagree
    differ: tuple[str, ...]  # ... and those that do, this one included


class Dosed(NamedTuple):
    """What one reading did."""

    state: DosingState
    events: tuple[Event, ...] = ()
    readings: tuple[Reading, ...] = ()  # derived ones
    findings: tuple[Finding, ...] = ()


class _Room(NamedTuple):
    row: Doser
    cycles: Cycles
    estimates: Estimates
    group: Group
    words: int


class Dosing:
    """The dosers of one site. A site without any costs nothing."""

    def __init__(self, site: Site) -> None:
        self._shifts = site.shifts
        groups_by_id = site.groups()
        at = {point.tag: group for group in groups_by_id.values() for point in group.points}
        self._rooms: list[_Room] = []
        self._heard: dict[GroupId, list[_Room]] = {}
        for row in site.dosers:
            groups = {tag: at[tag] for tag in row.tags() if tag in at}
            if len(groups) < len(row.tags()):
                continue  # of a config whose devices are gone
            made = derived(row)
            room = _Room(row, Cycles(row, groups), Estimates(row, groups), made, made.layout().words)
            self._rooms.append(room)
            for group in room.cycles.heard | room.estimates.heard:
                self._heard.setdefault(group, []).append(room)
        wanted = {tag for room in self._rooms for tag in room.row.tags()}
        self._places = {
            name: tuple(
                (i, point.tag) for i, point in enumerate(groups_by_id[name].points) if point.tag in wanted
            )
            for name in self._heard
        }
        self.heard: frozenset[GroupId] = frozenset(self._heard)

    def restart(self, state: DosingState) -> DosingState:
        """A run begins."""
        known = {room.row.name: room for room in self._rooms}
        dosers = {
            name: replace(held, cycles=known[name].cycles.restart(held.cycles))
            for name, held in state.dosers.items()
            if name in known
        }
        return DosingState(dosers)

    def reading(
        self, state: DosingState, record: Reading, texts: Mapping[str, str], product_at: ProductAt
    ) -> Dosed:
        """Fold a reading of a group in `heard`. `texts`: newest good values, as text, of states and recipes."""
        numbers: dict[str, float] = {}
        for place, tag in self._places[record.group]:
            if record.quality[place] == Quality.GOOD:
                numbers[tag] = float(record.values[place])
        values = Values(record.group, record.at, numbers, texts)
        desk = _Desk(state, self._shift, product_at)
        for room in self._heard[record.group]:
            desk.fold(room, values)
        return desk.done()

    def _shift(self, time_ns: int) -> Shift:
        return shift_at(self._shifts, time_ns)


class _Desk:
    """One reading's changes while they are made."""

    def __init__(
        self,
        state: DosingState,
        shift: Callable[[int], Shift],
        product_at: ProductAt,
    ) -> None:
        self.before, self.shift, self.product_at = state, shift, product_at
        self.dosers = dict(state.dosers)
        self.events: list[Event] = []
        self.readings: list[Reading] = []
        self.findings: list[Finding] = []

    def fold(self, room: _Room, values: Values) -> None:
        held = before = self.dosers.get(room.row.name, DoserState())
        time_ns = values.at.time_ns
        held = self._lots_left(room, held, time_ns)
        if values.group in room.cycles.heard:
            cycles, made = room.cycles.step(held.cycles, values)
            held = replace(held, cycles=cycles)
            for each in made:
                held = self._dosed(room, held, each)
        if room.row.estimates and not held.cycles.waiting:  # a cycle that waits may be of the window before
            held = self._window(room, held, time_ns)
        if values.group in room.estimates.heard:
            window = room.estimates.read(held.window, values)
            if window is not held.window:
                held = replace(held, window=window)
        if held is not before:
            self.dosers[room.row.name] = held

    def done(self) -> Dosed:
        changed = any(self.dosers[name] is not self.before.dosers.get(name) for name in self.dosers)
        state = DosingState(self.dosers) if changed else self.before
        return Dosed(state, tuple(self.events), tuple(self.readings), tuple(self.findings))

    def _dosed(self, room: _Room, held: DoserState, each: Told) -> DoserState:
        row, cycle = room.row, each.cycle
        time_ns = cycle.time_ns
        found = shares(cycle, row.basis)
        self.readings.append(_reading(room, each, found))
        lots = {cell: lot for cell in row.lots_at if (lot := self.product_at(cell, time_ns))}
        tallies = dict(held.tallies)
        spans: dict[str, tuple[str, Mapping[str, Plain]]] = {
            cell: (lot, {"cell": cell}) for cell, lot in lots.items()
        }
        spans[_SHIFT] = self._shift_of(tallies.get(_SHIFT), time_ns)
        for place, (name, facts) in spans.items():
            tally = tallies.get(place)
            if tally is None or (tally.name, tally.recipe, tally.about) != (name, cycle.recipe, facts):
                if tally is not None:
                    self._tell(row, place, tally, time_ns)
                tally = begun(name, cycle, facts)
            tallies[place] = added(tally, cycle, found, each.missed)
        window = held.window
        if row.estimates:
            held = self._window(room, held, time_ns)
            window = room.estimates.dosed(held.window, each, tuple(lots.values()))
        return replace(held, tallies=tallies, window=window)

    def _shift_of(self, tally: Tally | None, time_ns: int) -> tuple[str, Mapping[str, Plain]]:
        """Name and facts of the shift of an instant; one that is late for the shift before is of the tally's."""
        if tally is not None and 0 <= _before(tally, time_ns) < _LATE_NS:
            return tally.name, tally.about
        shift = self.shift(time_ns)
        return shift.name, {
            "day": shift.day, "team": shift.team, "shift_from_ns": shift.from_ns, "shift_to_ns": shift.to_ns,
        }  # fmt: skip

    def _lots_left(self, room: _Room, held: DoserState, time_ns: int) -> DoserState:
        """Lots that are gone, and a shift that is over, are told without waiting for another cycle of the next."""
        if held.cycles.waiting or not held.tallies:
            return held
        gone = [
            cell
            for cell, tally in held.tallies.items()
            if (
                not _within(tally, time_ns)
                if cell == _SHIFT
                else self.product_at(cell, time_ns) != tally.name
            )
        ]
        if not gone:
            return held
        for cell in gone:
            self._tell(room.row, cell, held.tallies[cell], time_ns)
        return replace(held, tallies={cell: each for cell, each in held.tallies.items() if cell not in gone})

    def _tell(self, row: Doser, place: str, tally: Tally, time_ns: int) -> None:
        self.events += told(tally, row.name, _SHIFT if place == _SHIFT else "lot", row.basis, time_ns)

    def _window(self, room: _Room, held: DoserState, time_ns: int) -> DoserState:
        if 0 < held.window.from_ns - time_ns < _LATE_NS:
            return held  # read a moment later than what has turned it
        key = self._key(room.row, held.window, time_ns)
        window, compared = room.estimates.turned(held.window, key, time_ns)
        for each in compared:
            self._compared(room.row, each, compared)
        return held if window is held.window else replace(held, window=window)

    def _key(self, row: Doser, window: WindowState, time_ns: int) -> str:
        match row.window:
            case "shift":
                return str(self.shift(time_ns).from_ns)
            case "day":
                return self.shift(time_ns).day
            case "lot":
                lots = (self.product_at(cell, time_ns) for cell in row.lots_at)
                return next((lot for lot in lots if lot), window.key)
            case _:
                return str(time_ns // row.window_ns)

    def _compared(self, row: Doser, each: Compared, every: Iterable[Compared]) -> None:
        facts: dict[str, Plain] = {
            "from_ns": each.from_ns, "to_ns": each.to_ns, "component": each.component, "estimate": each.estimate,
            "dosed_kg": each.dosed_kg, "estimate_kg": each.estimate_kg, "off_kg": each.off_kg,
            "sigma_kg": each.sigma_kg,
        }  # fmt: skip
        self.events.append(Noted(each.to_ns, "ratio_compared", row.name, Severity.INFO, facts))
        if not (each.said or each.over):
            return
        others = [other for other in every if other.component == each.component]
        differ = tuple(other.estimate for other in others if other is each or _same_side(each, other))
        agree = tuple(other.estimate for other in others if other.estimate not in differ)
        self.findings.append(Finding(row, each, agree, differ))


_LATE_NS = 60_000_000_000
"""Polls of two devices may come a moment out of order; what is further back is a clock that was set back."""


def _within(tally: Tally, time_ns: int) -> bool:
    """Whether an instant is of the shift that a tally is of, or late for the one before."""
    after = tally.about.get("shift_to_ns")
    return isinstance(after, int) and _before(tally, time_ns) < _LATE_NS and time_ns < after


def _before(tally: Tally, time_ns: int) -> int:
    """By how much an instant is before the shift that a tally is of; negative: it is not."""
    first = tally.about.get("shift_from_ns")
    return first - time_ns if isinstance(first, int) else _LATE_NS


def _same_side(each: Compared, other: Compared) -> bool:
    """Whether another estimate says the same of the doser, if not as surely."""
    return each.z * other.z > 0.0 and abs(other.z) > _NEAR


_NEAR = 1.5


def _reading(room: _Room, each: Told, found: tuple[Share, ...]) -> Reading:
    """What the doser derives of a cycle: good where the cycle can tell, else uncertain."""
    names = {share.component: share for share in found}
    numbers: list[float | None] = []
    regrind: list[float] = []
    for component in room.row.components:
        share = names.get(component.name)
        numbers += [None, None] if share is None else [share.actual_pct, share.error]
        if component.kind == "regrind" and share is not None and share.error is not None:
            regrind.append(share.error)
    if len(numbers) < len(room.group.points):
        numbers.append(sum(regrind) if regrind else None)
    values = np.array([np.nan if number is None else number for number in numbers])
    known = np.uint8(Quality.UNCERTAIN if each.cycle.marks else Quality.GOOD)
    quality = np.where(np.isnan(values), np.uint8(Quality.BAD), known).astype(np.uint8)
    return Reading(room.group.id, each.at, 0, values, quality, np.zeros(room.words, dtype=np.uint16))
