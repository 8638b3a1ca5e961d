"""The search, from a line that nobody knows to units with their values.

Rule 1: what was found is kept in `found` as it is found, so that a search that is stopped has all of it. Rule 2: it is
stopped between two questions, never inside one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from drivers.modbus.exchange import Exchange
from gateway.ports import Clock, LineDown
from gateway.probe import sweep
from gateway.probe.asking import MOST, survey
from gateway.probe.found import BIT_TABLES, TABLES, Area, Unit, Words
from gateway.probe.guess import guess
from gateway.probing.asker import Asker, There

SUSPECTS = 10  # units asked before a late answer that it may have come from
PATIENCE_NS = 60_000_000_000  # for asking those once more, in the whole search
_SAME = 0.9  # of the words that are not zero, at two units that are one


@dataclass(frozen=True)
class Places:
    """What to look through. `settings`: none on a line that has none."""

    ids: Sequence[int]
    settings: Sequence[sweep.Setting] = ()
    tables: Sequence[str] = TABLES
    ranges: Iterable[int] | None = None  # addresses to decide; None: the first, and likely ones beyond
    reads: int = 5
    every_ns: int = 1_000_000_000


@dataclass
class Found:
    """What a search has found so far."""

    units: list[Unit] = field(default_factory=list)
    asked: int = 0
    trouble: str = ""  # why the line was given up
    stopped: bool = False


class Search:
    """One search. `make` opens the line at a setting; `say` is told how it goes; `stop` says whether to end."""

    def __init__(
        self,
        make: Callable[[sweep.Setting | None], Exchange],
        clock: Clock,
        say: Callable[[str], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.found = Found()
        self._make, self._clock, self._say, self._stop = make, clock, say, stop
        self._patience_ns = PATIENCE_NS

    async def run(self, places: Places) -> Found:
        """All of it. What a line or device does is in what it gives; raises nothing for that."""
        lines: Sequence[sweep.Setting | None] = places.settings or (None,)
        refused = []  # settings that the port does not take, such as a parity: the others are tried
        for setting in lines:
            try:
                units = await self._at(setting, places)
            except LineDown as down:
                refused.append(str(down) or "the line broke")
                units = list(self.found.units)
            if units or self._stop():
                break
        if len(refused) == len(lines) or (refused and self.found.units):
            self.found.trouble = refused[-1]
        self.found.stopped = self._stop()
        return self.found

    async def _at(self, setting: sweep.Setting | None, places: Places) -> list[Unit]:
        """Who is there at one setting of the line, and what they have. Raises LineDown; what was found is kept."""
        asker = Asker(self._make(setting))
        try:
            units = await self._units(asker, places.ids, setting)
            self.found.units += units
            for unit in units:
                await self._look(asker, unit, places)
            await self._read(asker, units, places)
        finally:
            self.found.asked += asker.asked
            for unit in self.found.units:
                unit.guesses = guess(unit.words)
            await asker.exchange.close()
        return units

    # --- units ----------------------------------------------------------------------------------------------

    async def _units(self, asker: Asker, ids: Sequence[int], setting: sweep.Setting | None) -> list[Unit]:
        wait_ns = sweep.TCP_WAIT_NS if setting is None else setting.wait_ns
        where = f"{setting.baud} {setting.parity}: " if setting else ""
        there: dict[int, int] = {}
        suspects: list[int] = []
        for at, number in enumerate(ids):
            if self._stop():
                break
            self._say(f"{where}unit {number}, {len(there)} found")
            answer = await asker.there(number, wait_ns)
            if answer is There.YES:
                there[number] = wait_ns
            elif answer is There.HEARD:
                suspects += ids[max(at - SUSPECTS + 1, 0) : at + 1]
        for number in dict.fromkeys(suspects):
            if number not in there and self._patience_ns > 0 and not self._stop():
                self._say(f"{where}unit {number} once more, patiently")
                began_ns = self._clock.boottime_ns()
                if await asker.there(number, sweep.PATIENT_NS) is There.YES:
                    there[number] = sweep.PATIENT_NS
                self._patience_ns -= self._clock.boottime_ns() - began_ns
        return [_unit(number, setting, there[number]) for number in ids if number in there]

    # --- registers ------------------------------------------------------------------------------------------

    async def _look(self, asker: Asker, unit: Unit, places: Places) -> None:
        unit.whole = False
        if self._stop():
            return
        unit.identity = await asker.identity(unit.unit, self._wait_ns(unit, 64))
        for other in self.found.units:
            if other.unit != unit.unit and other.whole and await self._same(asker, unit, other):
                unit.same_as, unit.whole = other.unit, True
                self._say(f"unit {unit.unit} is unit {other.unit}")
                return
        steps = survey(places.tables, places.ranges)
        ask = next(steps)
        while not self._stop():
            self._say(f"unit {unit.unit}: {ask.table} {ask.address}")
            outcome = await asker.outcome(unit.unit, ask, self._wait_ns(unit, ask.count))
            try:
                ask = steps.send(outcome)
            except StopIteration as end:
                unit.tables, unit.whole = end.value, True
                return

    async def _same(self, asker: Asker, unit: Unit, other: Unit) -> bool:
        """Whether two unit ids of a socket are one device: the same identity, and nearly the same words twice."""
        areas = [area for area in other.tables.areas if area.table not in BIT_TABLES][:2]
        if unit.baud or unit.identity != other.identity or not areas:
            return False
        alike = told = 0
        for area in areas:
            count = min(area.count, other.tables.max_words)
            wait_ns = self._wait_ns(unit, count)
            ours = await asker.words(unit.unit, area.table, area.first, count, wait_ns)
            theirs = await asker.words(other.unit, area.table, area.first, count, wait_ns)
            if ours is None or theirs is None:
                return False
            busy = (ours != 0) | (theirs != 0)
            told += int(busy.sum())
            alike += int((busy & (ours == theirs)).sum())
        return told > 0 and alike >= _SAME * told

    async def _read(self, asker: Asker, units: Sequence[Unit], places: Places) -> None:
        """Every area of every unit, some times over, at instants of one grid."""
        if not any(unit.tables.areas for unit in units):
            return
        began_ns = self._clock.boottime_ns()
        for turn in range(places.reads):
            await self._clock.sleep_until(began_ns + turn * places.every_ns)
            for unit in units:
                if self._stop():
                    return
                self._say(f"unit {unit.unit}: reading, {turn + 1} of {places.reads}")
                for area in unit.tables.areas:
                    await self._read_area(asker, unit, area)

    async def _read_area(self, asker: Asker, unit: Unit, area: Area) -> None:
        most = MOST[area.table] if area.table in BIT_TABLES else max(unit.tables.max_words // 2 * 2, 1)
        parts = []
        for first in range(area.first, area.end, most):
            count = min(most, area.end - first)
            words = await asker.words(unit.unit, area.table, first, count, self._wait_ns(unit, count))
            if words is None:
                return  # this read tells nothing; the others do
            parts.append(words)
        row, now_ns = np.concatenate(parts)[None, :], self._clock.boottime_ns()
        known = next((number for number, each in enumerate(unit.words) if each.area == area), None)
        if known is None:
            unit.words.append(Words(area, (now_ns,), row))
        else:
            before = unit.words[known]
            unit.words[known] = Words(area, (*before.times_ns, now_ns), np.vstack([before.words, row]))

    def _wait_ns(self, unit: Unit, words: int) -> int:
        """For a longer answer."""
        if not unit.baud:
            return max(unit.timeout_ns, sweep.TCP_WAIT_NS)
        return 3 * unit.timeout_ns + 2 * words * sweep.Setting(unit.baud, unit.parity).char_ns


def _unit(number: int, setting: sweep.Setting | None, took_ns: int) -> Unit:
    if setting is None:
        return Unit(number, timeout_ns=took_ns)
    return Unit(number, setting.baud, setting.parity, took_ns)
