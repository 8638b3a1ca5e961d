"""A bank: one chart method over the characteristics of one poll group, as arrays of slots. Pure.

A column is one characteristic; a slot is one (characteristic, key), for each recipe, material or tool is a process of
its own. Which slot of a column is in force changes at a changeover only, so a row of samples costs one gather, one
`run` of the chart and one scatter.

Limits: what the plan gives (`center`, `sigma`, or a version of `limits` somebody approved) is in force at once; `sigma`
is that of single values: means of a subgroup of n are charted with sigma / sqrt(n). What the plan leaves out is
estimated in phase I, by each slot for itself, from its first `baseline` samples (25 unless told). Then the limits are
frozen; samples of phase I are not charted. Where the plan asks for a designed chart, its limit is that for as many
samples as its parameters come from.

A signal is fresh when a rule speaks that was silent at the slot's sample before: a lasting violation is one signal, not
one a second. A slot is back in control after `RETURN_AFTER` samples in a row without a rule. Then its chart begins
anew, which makes its alarms a renewal process: the budget of false alarms counts on it (gateway/design/budget.py).

A row listens to the rules it names; where it names none, to those that the chart looks at unless told (a moving range
speaks only if "MR" is asked for: its 3 sigma limit alone is crossed by 0.9 % of good samples).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.bank.drawing import Drawn, drawn
from gateway.bank.kit import Kit
from gateway.bank.memory import begun, empty, push, recall
from gateway.bank.phase1 import Frozen
from gateway.bank.slots import (
    BankState,
    arrays_of,
    charted,
    cut,
    join,
    same_shape,
    slot_of,
    state_of,
    with_item,
    with_items,
    with_slot,
)
from gateway.bank.verdict import Found, Rejudged, Violation, bits_of, names_of, reach_of, size_of
from gateway.site import Characteristic
from gateway.spc.track import Floats, Track

RETURN_AFTER = 8
SLOTS_MOST = 256  # of a characteristic: keys may be anything, and the state must not grow for ever


@dataclass(frozen=True, slots=True)
class _Force:
    """What is in force, compiled: good for as long as these very objects are in the state."""

    made_of: tuple[NDArray[np.int64], Mapping[str, Floats]]  # active, limits
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
        self._about = about
        self._kit = Kit(rows)
        self._last: _Force | None = None

    # --- slots ---

    def start(self) -> BankState:
        kit = self._kit
        chart = kit.begin(np.zeros(1, dtype=np.int64), kit.neutral(1))
        none = np.zeros(0, dtype=np.int64)
        one = self._slot(0, "")
        return replace(
            cut(one, none), active=np.full(len(self._about), -1, dtype=np.int64), memory=empty(0, kit.width, {
                name: array[:0] for name, array in chart.items()
            }),
        )  # fmt: skip

    def _slot(self, column: int, key: str) -> BankState:
        """A state of one slot: the column's, fresh."""
        kit, columns = self._kit, np.array([column], dtype=np.int64)
        limits = kit.given(columns)
        chart = kit.begin(columns, limits)
        zero = np.zeros(1, dtype=np.int64)
        return BankState(
            columns, (key,), (self._about[column],), zero, limits, zero, zero, ("",),
            np.full((1, kit.longest, kit.width), np.nan), zero, np.zeros(1, dtype=np.uint32), zero - 1, chart,
            empty(1, kit.width, chart), kit.tightening.start(1),
        )  # fmt: skip

    def switch(self, state: BankState, column: int, key: str) -> BankState:
        """Put the slot of this key in force; make it, its first time."""
        slot = slot_of(state, column, key)
        if slot is None:
            slot = len(state.key)
            state = join(state, self._slot(column, key))
        return replace(state, active=with_item(state.active, column, slot))

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
        gone = slot_of(state, column, key)
        keep = np.array([slot for slot in range(len(state.key)) if slot != gone], dtype=np.intp)
        places = np.searchsorted(keep, state.active)
        return replace(cut(state, keep), active=np.where(state.active >= 0, places, state.active))

    def carry(self, state: BankState, held: tuple[BankState, ...]) -> BankState:
        """Take over the slots of other banks whose row is one of ours; none is in force yet.

        A chart whose designed limit is another one now begins anew, with what it has learnt.
        """
        for old in held:
            for slot, about in enumerate(old.about):
                if about in self._about and same_shape(state, old):
                    taken = cut(old, np.array([slot]))
                    column = np.array([self._about.index(about)], dtype=np.int64)
                    state = self._redesigned(join(state, replace(taken, column=column)))
        return replace(state, active=np.full(len(self._about), -1, dtype=np.int64))

    def _redesigned(self, state: BankState) -> BankState:
        """With the designed limit of the newest slot as the plan has it now."""
        slot = len(state.key) - 1
        new = self._kit.designed(state, (slot,))
        same = all((new.limits[name][slot] == part[slot]).all() for name, part in state.limits.items())
        known = not self._kit.unknown(state.limits, len(state.key))[slot]
        return self._begin(new, np.array([slot])) if known and not same else state

    def out_of_control(self, state: BankState) -> list[tuple[int, str]]:
        """Column and key of every slot whose return is awaited."""
        return [(int(state.column[slot]), state.key[slot]) for slot in np.flatnonzero(state.quiet >= 0)]

    def settled(
        self, state: BankState, column: int, key: str, *, anew: bool, pardoned: bool
    ) -> tuple[BankState, tuple[Frozen, ...]]:
        """Somebody answered for the slot's signal, and the slot may learn again.

        `anew`: sums and runs begin anew (a CUSUM would run on for hours); `pardoned`: nothing was the matter, and what
        led to the signal is learnt from too.
        """
        slot = slot_of(state, column, key)
        if slot is None:
            return state, ()
        state, told = self._kit.tightening.answered(state, slot, pardoned=pardoned)
        return self._begin(state, np.array([slot])) if anew else state, told

    def _begin(self, state: BankState, slots: NDArray[np.intp]) -> BankState:
        limits = {name: array[slots] for name, array in state.limits.items()}
        fresh = self._kit.begin(state.column[slots], limits)
        chart = {name: with_items(array, slots, fresh[name]) for name, array in state.chart.items()}
        return replace(state, chart=chart, memory=begun(state.memory, slots, fresh))

    def _force(self, state: BankState) -> _Force:
        """The compiled view of the state. Kept for the next row: a cache by identity, it changes no result."""
        last = self._last
        if last is not None and last.made_of[0] is state.active and last.made_of[1] is state.limits:
            return last
        columns = np.flatnonzero(state.active >= 0)
        slots = state.active[columns]
        limits = {name: array[slots] for name, array in state.limits.items()}
        learning = self._kit.unknown(limits, len(slots))
        chart = self._kit.make(columns, limits)
        every = len(slots) == len(state.key) and bool((slots == np.arange(len(slots))).all())
        known = learning if learning.any() else None
        heard = self._kit.heard[columns]
        self._last = _Force(
            (state.active, state.limits), columns, slots, every, known, heard, chart, chart.start()
        )
        return self._last

    # --- one row of samples ---

    def run(self, state: BankState, values: Floats, time_ns: int) -> tuple[BankState, Found | None]:
        """Chart one row, ``values[column]`` or ``values[column, width]``, nan where there is no sample.

        None: nothing to tell.
        """
        frozen: tuple[Frozen, ...] = ()
        if self._kit.versions.due(state, time_ns):
            state, frozen = self._approved(state, time_ns)
        force = self._force(state)
        x = values[force.columns]
        wide = x.ndim == 2
        there: NDArray[np.bool_] = ~np.isnan(x)
        if wide:
            there = np.logical_or.reduce(there, axis=1)
        if not there.any():
            return state, Found(frozen=frozen) if frozen else None
        if force.learning is not None:
            young = there & force.learning
            if young.any():
                state, done, new = self._kit.learner.learn(
                    state, force.slots[young], x[young] if wide else x[young, None]
                )
                frozen = (*frozen, *new)
                if done:
                    state = self._kit.tightening.begin(self._kit.designed(state, done), done)
                    state = self._begin(state, np.array(done))
            there &= ~force.learning
            x = np.where(there[:, None] if wide else there, x, np.nan)
        held = state.chart if force.every else {name: a[force.slots] for name, a in state.chart.items()}
        after, track = force.chart.run(state_of(force.like, held), x[None])
        chart: Mapping[str, NDArray[Any]] = arrays_of(after)
        if not force.every:
            chart = {name: with_items(array, force.slots, chart[name]) for name, array in state.chart.items()}
        memory = state.memory
        if there.any():
            members = force.slots if there.all() else force.slots[there]
            kept = x if there.all() else x[there]
            memory = push(memory, members, kept if wide else kept[:, None], time_ns, chart)
        state = charted(state, chart, memory)
        if not self._kit.tightening.none:
            spoke = (bits_of(track) & force.heard) != 0
            state, tightened = self._kit.tightening.step(state, force.slots, x, spoke)
            frozen = (*frozen, *tightened)
        return self._verdicts(state, force, track, there, frozen)

    def _verdicts(
        self,
        state: BankState,
        force: _Force,
        track: Track,
        there: NDArray[np.bool_],
        frozen: tuple[Frozen, ...],
    ) -> tuple[BankState, Found | None]:
        rules = bits_of(track) & force.heard
        speaking, quiet = state.speaking[force.slots], state.quiet[force.slots]
        if not (rules.any() or (there & ((speaking != 0) | (quiet >= 0))).any()):
            return state, Found(frozen=frozen) if frozen else None
        quiet_now = np.where(rules != 0, 0, np.where(there & (quiet >= 0), quiet + 1, quiet))
        back = quiet_now >= RETURN_AFTER
        quiet_now[back] = -1
        violations = tuple(
            self._violation(state, force, int(i), (int(rules[i]), int(speaking[i])), track)
            for i in np.flatnonzero(rules)
        )
        returned = tuple((int(force.columns[i]), state.key[force.slots[i]]) for i in np.flatnonzero(back))
        speaking_now = np.where(there, rules, speaking).astype(np.uint32)
        state = replace(
            state,
            speaking=with_items(state.speaking, force.slots, speaking_now),
            quiet=with_items(state.quiet, force.slots, quiet_now),
        )
        if (
            back.any()
        ):  # a chart that has come back begins anew, so that its next alarm owes nothing to this one
            state = self._begin(state, force.slots[back])
        return state, Found(violations, returned, frozen)

    def _violation(
        self, state: BankState, force: _Force, i: int, bits: tuple[int, int], track: Track
    ) -> Violation:
        """One sample of one slot that violates `bits[0]`, where the sample before violated `bits[1]`."""
        slot, column = int(force.slots[i]), int(force.columns[i])
        panel = track if track.second is None or track.rules[0, i] & force.heard[i] else track.second
        value, center, lcl, ucl = (
            float(line[0, i]) for line in (panel.value, panel.center, panel.lcl, panel.ucl)
        )
        fresh = bool(bits[0] & ~bits[1])
        change = self._kit.change(state, slot) if fresh else None
        size = size_of(panel, i, reach_of(force.chart, len(force.slots), i))
        names, limits = names_of(bits[0], self._kit.names), self._kit.limits_of(state, slot)
        key = state.key[slot]
        shares = self._kit.contributions(state, slot) if fresh else ()
        return Violation(column, key, fresh, names, value, center, lcl, ucl, size, limits, change, shares)

    def drawn(self, state: BankState, column: int) -> tuple[Drawn, ...]:
        """The charts of a characteristic, a slot each; the one in force first."""
        return drawn(self._kit, state, column)

    # --- limits that somebody approved, samples that somebody corrected ---

    def _approved(self, state: BankState, time_ns: int) -> tuple[BankState, tuple[Frozen, ...]]:
        """Put the plan's versions of limits in force that hold from now on."""
        told = []
        for slot, version in self._kit.versions.now(state, time_ns):
            column = int(state.column[slot])
            limits = self._kit.approved(column, version)
            state = with_slot(
                state,
                slot,
                limits=limits,
                version=version.version,
                learnt_from=version.samples,
                source=version.baseline,
            )
            state = self._kit.tightening.approved(self._kit.designed(state, (slot,)), slot)
            state = self._begin(state, np.array([slot]))
            told.append(
                Frozen(column, state.key[slot], version.samples, limits, version.baseline, version.version)
            )
        return state, tuple(told)

    def rejudge(
        self, state: BankState, column: int, key: str, time_ns: int, value: float | None
    ) -> tuple[Rejudged, ...] | None:
        """What the slot's remembered samples would have said, had the one of this time been `value` (None: none).

        The state itself goes on as it is. None: the slot remembers no sample of that time. Raises ValueError where a
        sample is more than one number, and `value` is one.
        """
        slot = slot_of(state, column, key)
        if slot is None:
            return None
        known = recall(state.memory, slot)
        (places,) = np.nonzero(known.times == time_ns)
        if not places.size:
            return None
        if value is not None and known.samples.shape[1] > 1:
            raise ValueError(
                "its samples are several numbers: they can be excluded (null), not replaced by one"
            )
        corrected = known.samples.copy()
        corrected[places[0]] = np.nan if value is None else value
        before, after = (
            self._kit.judged(state, slot, known.before, each) for each in (known.samples, corrected)
        )
        changed = np.flatnonzero(before != after)
        return tuple(
            Rejudged(
                int(known.times[i]), None if np.isnan(corrected[i]).all() else float(corrected[i, 0]),
                names_of(int(before[i]), self._kit.names), names_of(int(after[i]), self._kit.names),
            )
            for i in changed
        )  # fmt: skip
