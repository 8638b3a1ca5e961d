"""Samples out of readings, as each characteristic says. Pure; one numpy path for all characteristics of a poll group.

A column is one characteristic of the group. What makes a sample:

- `reading`: every good value.
- `time`: the first good value in each cell of a grid of `period` laid over boottime (no wall-clock step moves it).
- `counter`: the value belonging to each new count: a latched register polled twice is one sample. The count may come
  from another group; then what counts is the newest good count folded before. A jump is told as "missed_shots". A
  counter cleared to 0 has counted nothing: what is latched beside it was sampled before. A shot made while the column
  sleeps (its machine idle or cold, its key unknown) is no sample, and does not become one when it wakes.
- `lot`: the mean of all good values while one product lot was at the cell, when the next reading finds it gone.

Samples fill subgroups of `size`; the chart gets their mean, or its members where it asks for them. A key change, or
another lot at the cell, closes a partial subgroup: "drop" forgets it, "keep" charts what there is, under the old key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Field
from gateway.model import Noted, Plain, Severity
from gateway.sampling.samples import Samples
from gateway.site import Characteristic

WRAP_WITHIN = 100
"""A count that went down is a wrap when the wrap explains it by fewer shots than this; else the counter was cleared."""

_BITS = {"int16": 16, "uint16": 16, "int32": 32, "uint32": 32, "int64": 64, "uint64": 64}


@dataclass(frozen=True, slots=True)
class SamplerState:
    """Arrays over the group's columns; empty where no column needs them."""

    cell: NDArray[np.int64]  # time: the grid cell that has its sample
    count: NDArray[np.float64]  # counter: the count whose value was sampled
    seen: NDArray[np.float64]  # [counters]: the newest count
    total: NDArray[np.float64]  # lot: sum of good values
    number: NDArray[np.int64]  # lot: how many
    filled: NDArray[np.int64]  # values in the subgroup
    subgroup: NDArray[np.float64]  # [columns, largest size]
    last_ns: NDArray[np.int64]  # wire time of the newest value in a partial subgroup or lot
    lots: tuple[str, ...]  # product lot per column at its last reading


class Sampler:
    """The sampling of one poll group's characteristics."""

    def __init__(
        self,
        group: str,
        rows: tuple[Characteristic, ...],
        fields: Mapping[str, Field],
        members: frozenset[int] = frozenset(),
    ) -> None:
        """`fields` has the field of every counter's tag: how far it counts before it wraps; `members` the columns whose
        chart takes the members of a subgroup.
        """
        self._members = members
        self._group = group
        self._width = len(rows)
        self._by_reading, self._by_time, self._by_counter, self._by_lot = (
            np.array([row.sampling.every == way for row in rows], dtype=np.bool_)
            for way in ("reading", "time", "counter", "lot")
        )
        self._period = np.array([max(row.sampling.period_ns, 1) for row in rows], dtype=np.int64)
        self._counters = tuple(
            dict.fromkeys(r.sampling.counter for r in rows if r.sampling.every == "counter")
        )
        names = [row.sampling.counter if row.sampling.every == "counter" else "" for row in rows]
        self._counter_of = np.array(
            [self._counters.index(name) if name else 0 for name in names], dtype=np.intp
        )
        self._span = tuple(_span(fields.get(counter)) for counter in self._counters)
        self._size = np.array([max(row.sampling.size, 1) for row in rows], dtype=np.int64)
        self._keep = np.array([row.sampling.on_change == "keep" for row in rows], dtype=np.bool_)
        self._grouped = (self._size > 1) | np.isin(np.arange(len(rows)), list(members))
        self.simple = bool((self._by_reading & ~self._grouped).all())
        self.needs_lots = bool((self._by_lot | self._grouped).any())

    def start(self) -> SamplerState:
        m = self._width
        none = np.zeros(0, dtype=np.int64)
        if self.simple:
            empty = np.zeros(0)
            return SamplerState(none, empty, empty, empty, none, none, np.zeros((0, 0)), none, ())
        zero = np.zeros(m, dtype=np.int64)
        subgroup = np.full((m, int(self._size.max())), np.nan)
        counts = np.full(m, np.nan), np.full(len(self._counters), np.nan)
        return SamplerState(zero - 1, *counts, np.zeros(m), zero, zero, subgroup, zero, ("",) * m)

    def restart(self, state: SamplerState) -> SamplerState:
        """A run begins: boottime may have started anew, so the grid has; counts and partial subgroups go on."""
        return replace(state, cell=np.full_like(state.cell, -1))

    def adopt(self, counts: Mapping[str, float]) -> SamplerState:
        """A state for a new config: the shot that is counted now was sampled before it."""
        state = self.start()
        if not self._counters:
            return state
        seen = np.array([counts.get(counter, np.nan) for counter in self._counters])
        return replace(state, count=np.where(self._by_counter, seen[self._counter_of], np.nan), seen=seen)

    def close(
        self, state: SamplerState, columns: NDArray[np.bool_]
    ) -> tuple[SamplerState, tuple[Samples, ...]]:
        """End what is unfinished in these columns, whose key changes: partial subgroups by policy, lots as they are."""
        if self.simple:
            return state, ()
        state, whole = self._end_lots(state, columns & self._by_lot)
        state, part = self._end_subgroups(state, columns)
        return state, (*whole, *part)

    def run(
        self,
        state: SamplerState,
        instant: tuple[int, int],
        values: NDArray[np.float64],
        counts: Mapping[str, float],
        lots: tuple[str, ...],
        asleep: NDArray[np.bool_] | None = None,
    ) -> tuple[SamplerState, tuple[Samples, ...], tuple[Noted, ...]]:
        """Samples of one reading at `instant` (wire time, boottime). `values[column]` is nan where it is not good or
        the column is `asleep` (None: none is); `counts` has the newest good count by tag, `lots` the product lot per
        column (if `needs_lots`).
        """
        time_ns, boottime_ns = instant
        if self.simple:
            return state, (Samples(time_ns, values),), ()
        ended: tuple[Samples, ...] = ()
        if self.needs_lots and lots != state.lots:
            state, ended = self._change_lots(state, lots)
        got = ~np.isnan(values)
        ready = self._by_reading & got
        if self._by_time.any():
            cell = boottime_ns // self._period
            due = self._by_time & got & (cell != state.cell)
            state = replace(state, cell=np.where(due, cell, state.cell)) if due.any() else state
            ready = ready | due
        notes: tuple[Noted, ...] = ()
        if self._counters:
            state, new, notes = self._count(state, time_ns, (got, asleep), counts)
            ready = ready | new
        if self._by_lot.any():
            state = self._gather_lots(state, time_ns, values, got)
        state, row = self._group_up(state, time_ns, np.where(ready, values, np.nan))
        return state, (*ended, row) if not np.isnan(row.values).all() else ended, notes

    # --- counters ---

    def _count(
        self,
        state: SamplerState,
        time_ns: int,
        has: tuple[NDArray[np.bool_], NDArray[np.bool_] | None],
        counts: Mapping[str, float],
    ) -> tuple[SamplerState, NDArray[np.bool_], tuple[Noted, ...]]:
        """`has`: which columns have a good value, and which sleep."""
        got, asleep = has
        now = np.array([counts.get(counter, np.nan) for counter in self._counters])
        mine = now[self._counter_of]
        other = self._by_counter & ~np.isnan(mine) & (mine != state.count)
        passed = other & (mine == 0) & (state.count > 0) & ~self._wrapped(state.count, mine)
        if asleep is not None:
            passed |= other & asleep
        new = other & got & ~passed
        moved = ~np.isnan(now) & (now != state.seen)
        if not moved.any() and not new.any() and not passed.any():
            return state, new, ()
        notes = []
        for i in np.flatnonzero(moved & ~np.isnan(state.seen)):
            note = self._jump(time_ns, int(i), float(state.seen[i]), float(now[i]))
            notes += [note] if note else []
        count = np.where(new | passed, mine, state.count)
        return replace(state, count=count, seen=np.where(moved, now, state.seen)), new, tuple(notes)

    def _wrapped(self, before: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Columns whose counter came round, and was not cleared."""
        span = np.array(self._span)[self._counter_of]
        came: NDArray[np.bool_] = (span > 0) & (now < before) & (now - before + span <= WRAP_WITHIN)
        return came

    def _jump(self, time_ns: int, counter: int, before: float, now: float) -> Noted | None:
        facts: dict[str, Plain] = {"group": self._group, "from": before, "to": now}
        step = now - before
        if step < 0 and self._span[counter]:
            wrapped = step + self._span[counter]
            step = wrapped if wrapped <= WRAP_WITHIN else step
        if step < 0:
            return Noted(time_ns, "counter_reset", self._counters[counter], Severity.INFO, facts)
        if step <= 1:
            return None
        missed: dict[str, Plain] = {"missed": round(step) - 1, **facts}
        return Noted(time_ns, "missed_shots", self._counters[counter], Severity.WARNING, missed)

    # --- lots and subgroups ---

    def _change_lots(
        self, state: SamplerState, lots: tuple[str, ...]
    ) -> tuple[SamplerState, tuple[Samples, ...]]:
        changed = np.array([old != new for old, new in zip(state.lots, lots, strict=True)])
        state, whole = self._end_lots(state, changed & self._by_lot)
        state, part = self._end_subgroups(state, changed & ~self._by_lot)  # a subgroup of lots spans lots
        return replace(state, lots=lots), (*whole, *part)

    def _gather_lots(
        self, state: SamplerState, time_ns: int, values: NDArray[np.float64], got: NDArray[np.bool_]
    ) -> SamplerState:
        mine = self._by_lot & got & np.array([bool(lot) for lot in state.lots])
        total = np.where(mine, state.total + values, state.total)
        last = np.where(mine, time_ns, state.last_ns)
        return replace(state, total=total, number=state.number + mine, last_ns=last)

    def _end_lots(
        self, state: SamplerState, columns: NDArray[np.bool_]
    ) -> tuple[SamplerState, tuple[Samples, ...]]:
        done = columns & (state.number > 0)
        if not done.any():
            return state, ()
        mean = np.where(done, state.total / np.maximum(state.number, 1), np.nan)
        rows, last = _by_time(mean, state.last_ns), state.last_ns
        zero = np.int64(0)
        state = replace(
            state,
            total=np.where(done, 0.0, state.total),
            number=np.where(done, zero, state.number),
            last_ns=last,
        )
        samples = []
        for time_ns, row in rows:
            state, grouped = self._group_up(state, time_ns, row)
            samples += [grouped] if not np.isnan(grouped.values).all() else []
        return state, tuple(samples)

    def _group_up(
        self, state: SamplerState, time_ns: int, row: NDArray[np.float64]
    ) -> tuple[SamplerState, Samples]:
        mine = self._grouped & ~np.isnan(row)
        means = np.where(self._grouped, np.nan, row)
        if not mine.any():
            return state, Samples(time_ns, means)
        columns = np.flatnonzero(mine)
        subgroup, filled = state.subgroup.copy(), state.filled + mine
        subgroup[columns, state.filled[columns]] = row[columns]
        done = np.flatnonzero((filled >= self._size) & mine)
        means[done] = [subgroup[i, : self._size[i]].mean() for i in done]
        wide = {i: subgroup[i, : self._size[i]].copy() for i in done.tolist() if i in self._members}
        filled[done] = 0
        last = np.where(mine, time_ns, state.last_ns)
        return replace(state, subgroup=subgroup, filled=filled, last_ns=last), Samples(time_ns, means, wide)

    def _end_subgroups(
        self, state: SamplerState, columns: NDArray[np.bool_]
    ) -> tuple[SamplerState, tuple[Samples, ...]]:
        partial = columns & (state.filled > 0)
        if not partial.any():
            return state, ()
        means, wide = np.full(self._width, np.nan), dict[int, NDArray[np.float64]]()
        for i in np.flatnonzero(partial & self._keep).tolist():
            kept = np.where(
                np.arange(self._size[i]) < state.filled[i], state.subgroup[i, : self._size[i]], np.nan
            )
            means[i] = np.nanmean(kept)
            if i in self._members:
                wide[i] = kept
        samples = tuple(
            Samples(time_ns, row, {i: part for i, part in wide.items() if row[i] == row[i]})  # no nan
            for time_ns, row in _by_time(means, state.last_ns)
        )
        return replace(state, filled=np.where(partial, np.int64(0), state.filled)), samples


def _span(field: Field | None) -> float:
    """After how many counts a counter starts over, in its own unit; 0: never, or not known."""
    if field is None or field.type not in _BITS:
        return 0.0
    bits = field.mask.bit_count() if field.mask else _BITS[field.type]
    return float(2**bits) * float(field.scale)


def _by_time(row: NDArray[np.float64], times: NDArray[np.int64]) -> Iterable[tuple[int, NDArray[np.float64]]]:
    there = ~np.isnan(row)
    for time_ns in np.unique(times[there]):
        yield int(time_ns), np.where(there & (times == time_ns), row, np.nan)
