"""A bank: one chart method over the characteristics of one poll group, as arrays of slots. Pure.

A column is one characteristic; a slot is one (characteristic, key), for each recipe, material or tool is a process of
its own. Which slot of a column is in force changes at a changeover only, so a row of samples costs one gather, one
`run` of the chart and one scatter.

Limits: `center` and `sigma` of the plan are in force at once (`sigma` is that of single values: means of a subgroup of
n are charted with sigma / sqrt(n)). What the plan leaves out is estimated in phase I, by each slot for itself: from its
first `baseline` samples (25 unless told), center as their mean, sigma as mean moving range / d2(2). Then the limits are
frozen; samples of phase I are not charted. A baseline that does not vary moves on by a sample until it does.

A signal is fresh when a rule speaks that was silent at the slot's sample before: a lasting violation is one signal, not
one a second. A slot is back in control after `RETURN_AFTER` samples in a row without a rule. A row listens to the rules
it names; where it names none, to all of the chart's main panel (a moving range speaks only if "MR" is asked for: its
3 sigma limit alone is crossed by 0.9 % of good samples).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.bank.baseline import Frozen, learn
from gateway.bank.slots import (
    BankState,
    arrays_of,
    baseline_of,
    chart_params,
    number,
    rule_mask,
    state_of,
    with_item,
)
from gateway.site import Characteristic
from gateway.spc import load_chart
from gateway.spc.track import Floats, Track

RETURN_AFTER = 8
SLOTS_MOST = 256  # of a characteristic: keys may be anything, and the state must not grow for ever


@dataclass(frozen=True, slots=True)
class Violation:
    """A sample that violates rules."""

    column: int
    key: str
    fresh: bool
    rules: tuple[str, ...]
    value: float
    center: float
    lcl: float
    ucl: float
    size_sigma: float


@dataclass(frozen=True, slots=True)
class Found:
    """What one row of samples gave."""

    violations: tuple[Violation, ...] = ()
    returned: tuple[tuple[int, str], ...] = ()  # column, key
    frozen: tuple[Frozen, ...] = ()


@dataclass(frozen=True, slots=True)
class _Force:
    """What is in force, compiled: good for as long as these very arrays are in the state."""

    made_of: tuple[NDArray[np.int64], Floats, Floats]  # active, center, sigma
    columns: NDArray[np.intp]
    slots: NDArray[np.intp]
    every: bool  # the slots in force are all there are, in order: nothing to gather
    learning: NDArray[np.bool_] | None  # in phase I
    heard: NDArray[np.uint32]
    chart: Any
    like: Any  # a state of the chart


class Bank:
    """One chart method over some characteristics, the columns, whose word parameters are the same."""

    def __init__(self, rows: tuple[Characteristic, ...], about: tuple[str, ...]) -> None:
        """`about` has a digest of each row: a slot is carried to a new config where it is the same."""
        self._rows, self._about = rows, about
        self._kind = load_chart(rows[0].method)
        numbers, words = chart_params(self._kind, rows)
        self._numbers, self._words = numbers, dict[str, Any](words)
        width = np.sqrt([max(row.sampling.size, 1) for row in rows])
        self._center = np.array([number(row, "center") for row in rows])
        self._sigma = np.array([number(row, "sigma") for row in rows]) / width
        self._wanted = np.array([baseline_of(row) for row in rows], dtype=np.int64)
        spoken = tuple(self._kind.RULES)
        names = _rule_names(self._make(np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1)))
        self._heard = np.array([rule_mask(row, names, spoken) for row in rows], dtype=np.uint32)
        self._names = names
        if "rules" in self._kind.__dataclass_fields__:
            heard = int(np.bitwise_or.reduce(self._heard))
            self._words["rules"] = tuple(name for bit, name in enumerate(spoken) if heard >> bit & 1)
        self._last: _Force | None = None

    # --- slots ---

    def start(self) -> BankState:
        none, empty = np.zeros(0, dtype=np.int64), np.zeros(0)
        force = np.full(len(self._rows), -1, dtype=np.int64)
        baseline = np.zeros((0, int(self._wanted.max())))
        one = self._new_chart(np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))
        chart = {name: array[:0] for name, array in one.items()}
        return BankState(
            none, (), (), force, empty, empty, baseline, none, np.zeros(0, dtype=np.uint32), none, chart
        )

    def switch(self, state: BankState, column: int, key: str) -> BankState:
        """Put the slot of this key in force; make it, its first time."""
        for slot in np.flatnonzero(state.column == column):
            if state.key[slot] == key:
                return replace(state, active=with_item(state.active, column, int(slot)))
        one = np.array([column], dtype=np.int64)
        center, sigma = self._center[one], self._sigma[one]
        chart = self._new_chart(one, center, sigma)
        return BankState(
            np.append(state.column, one),
            (*state.key, key),
            (*state.about, self._about[column]),
            with_item(state.active, column, len(state.key)),
            np.append(state.center, center),
            np.append(state.sigma, sigma),
            np.concatenate([state.baseline, np.full((1, state.baseline.shape[1]), np.nan)]),
            np.append(state.collected, np.int64(0)),
            np.append(state.speaking, np.uint32(0)),
            np.append(state.quiet, np.int64(-1)),
            {name: np.concatenate([old, chart[name]]) for name, old in state.chart.items()},
        )

    def too_many(self, state: BankState, column: int, key: str) -> str | None:
        """The key whose slot has to go before this one gets its own: the oldest in control, or else the oldest."""
        mine = np.flatnonzero(state.column == column)
        if len(mine) < SLOTS_MOST or any(state.key[slot] == key for slot in mine):
            return None
        idle = mine[mine != state.active[column]]
        if len(idle) == 0:
            return None
        calm = idle[state.quiet[idle] < 0]
        return state.key[int((calm if len(calm) else idle)[0])]

    def forget(self, state: BankState, column: int, key: str) -> BankState:
        """The state without a slot that is not in force."""
        keep = np.array([c != column or k != key for c, k in zip(state.column, state.key, strict=True)])
        places = np.cumsum(keep) - 1
        return BankState(
            state.column[keep],
            tuple(k for k, kept in zip(state.key, keep, strict=True) if kept),
            tuple(a for a, kept in zip(state.about, keep, strict=True) if kept),
            np.where(state.active >= 0, places[state.active], state.active),
            state.center[keep],
            state.sigma[keep],
            state.baseline[keep],
            state.collected[keep],
            state.speaking[keep],
            state.quiet[keep],
            {name: array[keep] for name, array in state.chart.items()},
        )

    def carry(self, state: BankState, held: tuple[BankState, ...]) -> BankState:
        """Take over the slots of other banks whose row is one of ours, unchanged; none is in force yet."""
        for old in held:
            for slot, about in enumerate(old.about):
                if about in self._about and set(old.chart) == set(state.chart):
                    state = self._take(state, old, slot, self._about.index(about))
        return replace(state, active=np.full(len(self._rows), -1, dtype=np.int64))

    def _take(self, state: BankState, old: BankState, slot: int, column: int) -> BankState:
        state = self.switch(state, column, old.key[slot])
        mine = int(state.active[column])
        baseline = state.baseline.copy()
        width = min(baseline.shape[1], old.baseline.shape[1])
        baseline[mine, :width] = old.baseline[slot, :width]
        return replace(
            state,
            center=with_item(state.center, mine, old.center[slot]),
            sigma=with_item(state.sigma, mine, old.sigma[slot]),
            baseline=baseline,
            collected=with_item(state.collected, mine, old.collected[slot]),
            speaking=with_item(state.speaking, mine, old.speaking[slot]),
            quiet=with_item(state.quiet, mine, old.quiet[slot]),
            chart={
                name: with_item(array, mine, old.chart[name][slot]) for name, array in state.chart.items()
            },
        )

    def out_of_control(self, state: BankState) -> list[tuple[int, str]]:
        """Column and key of every slot whose return is awaited."""
        return [(int(state.column[slot]), state.key[slot]) for slot in np.flatnonzero(state.quiet >= 0)]

    def mended(self, state: BankState, column: int, key: str) -> BankState:
        """Somebody answered for the slot's signal: sums and runs begin anew (a CUSUM would run on for hours)."""
        for slot in np.flatnonzero(state.column == column):
            if state.key[slot] == key:
                return self._begin(state, np.array([slot]))
        return state

    def _begin(self, state: BankState, slots: NDArray[np.intp]) -> BankState:
        fresh = self._new_chart(state.column[slots], state.center[slots], state.sigma[slots])
        return replace(
            state, chart={name: _put(array, slots, fresh[name]) for name, array in state.chart.items()}
        )

    def _new_chart(
        self, columns: NDArray[np.int64], center: Floats, sigma: Floats
    ) -> dict[str, NDArray[np.generic]]:
        return arrays_of(self._make(columns, center, sigma).start())

    def _make(self, columns: NDArray[np.int64], center: Floats, sigma: Floats) -> Any:
        numbers = {name: values[columns] for name, values in self._numbers.items()}
        return self._kind(center=center, sigma=sigma, **numbers, **self._words)

    def _force(self, state: BankState) -> _Force:
        """The compiled view of the state. Kept for the next row: a cache by identity, it changes no result."""
        last, made_of = self._last, (state.active, state.center, state.sigma)
        if last is not None and all(
            ours is theirs for ours, theirs in zip(last.made_of, made_of, strict=True)
        ):
            return last
        columns = np.flatnonzero(state.active >= 0)
        slots = state.active[columns]
        center, sigma = state.center[slots], state.sigma[slots]
        learning = np.isnan(center) | np.isnan(sigma)
        chart = self._make(columns, center, sigma)
        every = len(slots) == len(state.key) and bool((slots == np.arange(len(slots))).all())
        known = learning if learning.any() else None
        self._last = _Force(made_of, columns, slots, every, known, self._heard[columns], chart, chart.start())
        return self._last

    # --- one row of samples ---

    def run(self, state: BankState, values: Floats) -> tuple[BankState, Found | None]:
        """Chart one row, ``values[column]``, nan where there is no sample. None: nothing to tell."""
        force = self._force(state)
        x = values[force.columns]
        there = ~np.isnan(x)
        if not there.any():
            return state, None
        frozen: tuple[Frozen, ...] = ()
        if force.learning is not None:
            members = there & force.learning
            if members.any():
                state, done, frozen = learn(state, force.slots[members], x[members], self._wanted)
                state = self._begin(state, np.array(done)) if done else state
            x, there = np.where(force.learning, np.nan, x), there & ~force.learning
        held = (
            state.chart if force.every else {name: array[force.slots] for name, array in state.chart.items()}
        )
        after, track = force.chart.run(state_of(force.like, held), x[None, :])
        chart: Mapping[str, NDArray[np.generic]] = arrays_of(after)
        if not force.every:
            chart = {name: _put(array, force.slots, chart[name]) for name, array in state.chart.items()}
        rules = _bits(track) & force.heard
        speaking, quiet = state.speaking[force.slots], state.quiet[force.slots]
        if not (rules.any() or (there & ((speaking != 0) | (quiet >= 0))).any()):
            return _charted(state, chart, state.speaking, state.quiet), Found(
                frozen=frozen
            ) if frozen else None
        quiet_now = np.where(rules != 0, 0, np.where(there & (quiet >= 0), quiet + 1, quiet))
        back = quiet_now >= RETURN_AFTER
        quiet_now[back] = -1
        violations = tuple(
            self._violation(
                state.key[force.slots[i]], force, int(i), (int(rules[i]), int(speaking[i])), track
            )
            for i in np.flatnonzero(rules)
        )
        returned = tuple((int(force.columns[i]), state.key[force.slots[i]]) for i in np.flatnonzero(back))
        speaking_now = np.where(there, rules, speaking).astype(np.uint32)
        state = _charted(
            state,
            chart,
            _put(state.speaking, force.slots, speaking_now),
            _put(state.quiet, force.slots, quiet_now),
        )
        return state, Found(violations, returned, frozen)

    def _violation(self, key: str, force: _Force, i: int, bits: tuple[int, int], track: Track) -> Violation:
        """One sample of one slot that violates `bits[0]`, where the sample before violated `bits[1]`."""
        panel = track if track.second is None or track.rules[0, i] & force.heard[i] else track.second
        value, center, lcl, ucl = (
            float(line[0, i]) for line in (panel.value, panel.center, panel.lcl, panel.ucl)
        )
        names = tuple(name for bit, name in enumerate(self._names) if bits[0] >> bit & 1)
        reach = getattr(force.chart, "L", getattr(force.chart, "h", 3.0))
        size = (value - center) / (ucl - center) * float(np.broadcast_to(reach, len(force.slots))[i])
        size = -size if panel.name == "lower" else size
        fresh = bool(bits[0] & ~bits[1])
        return Violation(int(force.columns[i]), key, fresh, names, value, center, lcl, ucl, size)


def _rule_names(chart: Any) -> tuple[str, ...]:
    """Every rule of every panel, once; found by charting one sample."""
    _, track = chart.run(chart.start(), np.zeros((1, 1)))
    return tuple(dict.fromkeys(name for panel in track.panels() for name in panel.names))


def _bits(track: Track) -> NDArray[np.uint32]:
    """Rules of all panels in one mask, bits by place in `_rule_names`; a name that panels share is one bit."""
    mask: NDArray[np.uint32] = track.rules[0]
    if track.second is not None:
        shift = np.uint32(0 if track.second.names == track.names else len(track.names))
        mask = mask | (track.second.rules[0] << shift)
    return mask


def _put(array: NDArray[Any], places: NDArray[np.intp], items: NDArray[Any]) -> NDArray[Any]:
    new = array.copy()
    new[places] = items
    return new


def _charted(
    state: BankState,
    chart: Mapping[str, NDArray[np.generic]],
    speaking: NDArray[np.uint32],
    quiet: NDArray[np.int64],
) -> BankState:
    return BankState(
        state.column, state.key, state.about, state.active, state.center, state.sigma, state.baseline, state.collected,
        speaking, quiet, chart,
    )  # fmt: skip
