"""Samples and charts of one poll group's characteristics, and the alarms they raise. Pure.

A column is one characteristic. While a tag of its key is not known (not read since the start, or its group fell
silent), a column makes no samples: nobody could say to which process they belong. It goes on as it was, once it is
known that the key still is what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gateway.alarms import Cause, Verdict
from gateway.bank.bank import Bank
from gateway.bank.drawing import Drawn
from gateway.bank.rows import width_of, words_of
from gateway.bank.slots import BankState
from gateway.charting.state import ChartingState, Shared, key_of
from gateway.charting.telling import Teller
from gateway.layout import Field
from gateway.lots import product_at
from gateway.model import Entry, Event, Instant, Plain
from gateway.plain import digest, to_plain
from gateway.sampling import Beside, Running, Sampler, Samples
from gateway.site import Characteristic, Line
from gateway.spc import load_chart
from gateway.spc.chart import WIDE


class Charting:
    """Sampler and banks, compiled for one poll group."""

    def __init__(
        self,
        group: str,
        rows: tuple[Characteristic, ...],
        places: Mapping[str, int],
        counters: Mapping[str, Field],
        uoms: Mapping[str, str],
    ) -> None:
        """`places` of the group's tags; `counters`: the field of each counter's tag; `uoms` by tag."""
        self.rows = rows
        self._places = np.array([places[row.tag] for row in rows], dtype=np.intp)
        self._teller = Teller(rows, tuple(uoms.get(row.tag, "") for row in rows))
        self._cells = tuple(row.tag.rpartition("/")[0] for row in rows)
        charts = [load_chart(row.method) for row in rows]
        members = frozenset(i for i, chart in enumerate(charts) if chart.TAKES == "subgroup")
        self._sampler = Sampler(group, rows, counters, members)
        sized = frozenset(i for i, chart in enumerate(charts) if chart.TAKES == "count_size")
        self._running, self._beside = Running(rows), Beside(rows, places, sized)
        self._awake = self._running.always and not any(row.key for row in rows)
        self._widths = tuple(
            width_of(chart, row) if chart.TAKES in WIDE else 0
            for chart, row in zip(charts, rows, strict=True)
        )
        kinds = [
            (row.method, words_of(row), row.design and row.design.parameter, width)
            for row, width in zip(rows, self._widths, strict=True)
        ]
        self._members = tuple(
            np.array([i for i, kind in enumerate(kinds) if kind == each]) for each in dict.fromkeys(kinds)
        )
        self._banks = tuple(self._bank(members) for members in self._members)

    def _bank(self, members: NDArray[np.intp]) -> Bank:
        rows = tuple(self.rows[i] for i in members)
        return Bank(rows, tuple(digest(_plain(row)) for row in rows))

    def start(self) -> ChartingState:
        banks = tuple(bank.start() for bank in self._banks)
        keys = (None,) * len(self.rows)
        known = np.zeros(len(self.rows), dtype=np.bool_)
        return ChartingState(
            -1, keys, known, self._running.start(), self._sampler.start(), self._beside.start(), banks
        )

    def restart(self, state: ChartingState, boottime_ns: int) -> ChartingState:
        """A run begins."""
        running = self._running.restart(state.running, boottime_ns)
        beside = self._beside.forget(state.beside, np.ones(len(self.rows), dtype=np.bool_))
        return replace(state, running=running, sampling=self._sampler.restart(state.sampling), beside=beside)

    def adopt(self, old: ChartingState, counts: Mapping[str, float]) -> ChartingState:
        """Out of the state for other rows: slots of unchanged characteristics go on, what was unfinished is dropped."""
        new = self.start()
        banks = tuple(bank.carry(held, old.banks) for bank, held in zip(self._banks, new.banks, strict=True))
        return replace(new, sampling=self._sampler.adopt(counts), banks=banks)

    def can_return(self, state: ChartingState) -> set[str]:
        """Names of the signal causes that the charts can still find gone."""
        names = set()
        for bank, members, held in zip(self._banks, self._members, state.banks, strict=True):
            names |= {
                self._teller.cause(int(members[column]), key).name
                for column, key in bank.out_of_control(held)
            }
        return names

    def settled(
        self, state: ChartingState, cause: Cause, time_ns: int, *, there: bool, pardoned: bool
    ) -> tuple[ChartingState, tuple[Event, ...]]:
        """Somebody answered for a signal: where its cause is `there`, the chart begins anew.

        `pardoned`: nothing was the matter; what led to the signal may be learnt from.
        """
        banks, events = list(state.banks), list[Event]()
        for b, (bank, members) in enumerate(zip(self._banks, self._members, strict=True)):
            for column, i in enumerate(members.tolist()):
                if self.rows[i].id != cause.subject:
                    continue
                banks[b], told = bank.settled(banks[b], column, cause.key, anew=there, pardoned=pardoned)
                events += [self._teller.frozen(i, each, time_ns) for each in told]
        return replace(state, banks=tuple(banks)), tuple(events)

    def drawn(self, state: ChartingState, characteristic: str) -> tuple[Drawn, ...]:
        """What its charts look like; none where it is not of this group."""
        for bank, members, held in zip(self._banks, self._members, state.banks, strict=True):
            for column, i in enumerate(members.tolist()):
                if self.rows[i].id == characteristic:
                    return bank.drawn(held, column)
        return ()

    def corrected(self, state: ChartingState, given: Entry) -> tuple[str, tuple[Verdict, ...] | str] | None:
        """What a corrected sample changes, with the name of its cause; None: the characteristic is not of this group.

        A text instead of verdicts says why it cannot be. The charts go on as they are.
        """
        subject, key = given.body.get("characteristic"), str(given.body.get("key", ""))
        time_ns, value = given.body.get("time_ns"), given.body.get("value")
        for bank, members, held in zip(self._banks, self._members, state.banks, strict=True):
            for column, i in enumerate(members.tolist()):
                if self.rows[i].id != subject:
                    continue
                name = self._teller.cause(i, key).name
                number = float(value) if isinstance(value, int | float) and value is not True else None
                if not isinstance(time_ns, int) or (number is None and value is not None):
                    return name, "time_ns must be a whole number of nanoseconds, value a number or null"
                try:
                    found = bank.rejudge(held, column, key, time_ns, number)
                except ValueError as error:
                    return name, str(error)
                if found is None:
                    return name, "no sample of that key and time is remembered: look up its time and its key"
                return name, tuple(Verdict(each.time_ns, each.before, each.after) for each in found)
        return None

    def run(
        self,
        state: ChartingState,
        shared: Shared,
        at: Instant,
        good: NDArray[np.float64],
        events: list[Event],
    ) -> tuple[ChartingState, Shared]:
        """Fold the good values (else nan) of one reading; what it tells is added to `events`."""
        version, keys, sampling, banks = state.version, state.keys, state.sampling, state.banks
        known, running, beside = state.known, state.running, state.beside
        if version != shared.watch.version:
            read = tuple(key_of(row, shared.watch.keys) for row in self.rows)
            known = np.array([key is not None for key in read], dtype=np.bool_)
            wanted = tuple(old if new is None else new for old, new in zip(keys, read, strict=True))
            changed = np.array([old != new for old, new in zip(keys, wanted, strict=True)])
            instant = at.time_ns, at.boottime_ns
            running, stopped, told = self._running.change(running, shared.watch.keys, changed, instant)
            events += told
            beside = self._beside.forget(beside, changed | stopped | ~known)
            if (changed | stopped).any():
                sampling, rest = self._sampler.close(sampling, changed | stopped)
                for samples in rest:
                    banks, shared = self._chart(banks, shared, at, samples, events)
                banks, shared = self._switch(banks, keys, wanted, shared, at, events)
            version, keys = shared.watch.version, wanted
        lots: tuple[str, ...] = ()
        if self._sampler.needs_lots:
            made = {cell: product_at(shared.lots, cell, at.time_ns) for cell in dict.fromkeys(self._cells)}
            lots = tuple(made[cell] for cell in self._cells)
        values = good[self._places]
        asleep = None
        if not self._awake:
            asleep = ~(known & self._running.mask(running, at.boottime_ns))
            values = np.where(asleep, np.nan, values)
        counts, instant = shared.watch.counts, (at.time_ns, at.boottime_ns)
        if not self._beside.none:
            beside = self._beside.missed(beside, values)
        sampling, rows, notes = self._sampler.run(sampling, instant, values, counts, lots, asleep)
        events += notes
        for samples in rows:
            whole = samples
            if not self._beside.none:
                beside, whole = self._beside.run(beside, samples, good, counts, at.boottime_ns)
            banks, shared = self._chart(banks, shared, at, whole, events)
        return ChartingState(version, keys, known, running, sampling, beside, banks), shared

    def _switch(
        self,
        banks: tuple[BankState, ...],
        old: tuple[str | None, ...],
        new: tuple[str | None, ...],
        shared: Shared,
        at: Instant,
        events: list[Event],
    ) -> tuple[tuple[BankState, ...], Shared]:
        switched = []
        for bank, members, held in zip(self._banks, self._members, banks, strict=True):
            for column, i in enumerate(members):
                key = new[i]
                if key is None or key == old[i]:
                    continue
                while (gone := bank.too_many(held, column, key)) is not None:
                    held = bank.forget(held, column, gone)  # noqa: PLW2901
                    shared = self._teller.forgotten(int(i), gone, shared, at, events)
                held = bank.switch(held, column, key)  # noqa: PLW2901
            switched.append(held)
        return tuple(switched), shared

    def _chart(
        self, banks: tuple[BankState, ...], shared: Shared, at: Instant, samples: Samples, events: list[Event]
    ) -> tuple[tuple[BankState, ...], Shared]:
        after = []
        for bank, members, held in zip(self._banks, self._members, banks, strict=True):
            new, found = bank.run(held, self._values(members, samples), samples.time_ns)
            after.append(new)
            if found is None:
                continue
            events += [
                self._teller.frozen(int(members[each.column]), each, samples.time_ns) for each in found.frozen
            ]
            for violation in found.violations:
                shared = self._teller.violated(
                    int(members[violation.column]), violation, shared, at, samples.time_ns, events
                )
            for column, key in found.returned:
                shared = self._teller.returned(int(members[column]), key, shared, at, events)
        return tuple(after), shared

    def _values(self, members: NDArray[np.intp], samples: Samples) -> NDArray[np.float64]:
        """The samples of a bank's columns: one number each, or [columns, width]."""
        width = self._widths[members[0]]
        if not width:
            return samples.values[members]
        block = np.full((len(members), width), np.nan)
        for column, i in enumerate(members.tolist()):
            if i in samples.wide:
                block[column] = samples.wide[i]
        return block


def _plain(row: Characteristic) -> dict[str, Plain]:
    """Of what an earlier version knew too, so that its charts go on."""
    return {name: part for name, part in to_plain(_process(row)).items() if name != "line"}


def _process(row: Characteristic) -> Characteristic:
    """What of a row its charts have learnt under. Its design may change: another row in the plan takes its share of
    the site's false alarms, and nobody wants all phases I to begin again for that.
    """
    return replace(row, design=None, reaction="", usl=None, lsl=None, target=None, line=Line())
