"""The task of one bus: polls what is due, probes what is dead, tells what went wrong.

Law 1: a deadline is an absolute instant of the group's grid; being late never moves the next one.  Law 2: one
request at a time on a bus, so at most one poll in flight per device.  Law 3: what was not read on its
deadline is an event or a bad reading, never silence: a poll that came too late is an overrun, a dead unit or
a broken line gives one bad reading per group when it is found and at each new attempt.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Callable, Sequence

from gateway.model import BAD_FROM, Noted, Plain, Quality, Reading, Severity
from gateway.poll.outcome import Outcome, outcome, unread
from gateway.poll.overruns import Overruns
from gateway.poll.schedule import Agenda, Slot, spread
from gateway.poll.stats import PollStats
from gateway.poll.units import BURST_NS, Budget, Unit
from gateway.ports import Clock, PollingDriver
from gateway.site import Bus, Device

FIRST_RETRY_NS = 100_000_000
LONGEST_RETRY_NS = 1_000_000_000


class BusPoller:
    """Polls the devices of one bus until cancelled. The driver stays the caller's to close."""

    def __init__(
        self,
        bus: Bus,
        devices: Sequence[Device],
        driver: PollingDriver,
        clock: Clock,
        sink: Callable[[Reading | Noted], None],
        *,
        before: BusPoller | None = None,
    ) -> None:
        """`before`: the one that has left this bus, whose deadlines and dead units go on where the rows allow it."""
        self.bus = bus
        self.stats: PollStats = PollStats() if before is None else before.stats
        self._devices = tuple(devices)
        self._driver, self._clock, self._sink = driver, clock, sink
        self._units = {device.name: Unit(device) for device in devices}
        self._away: dict[str, list[Slot]] = {}  # slots of dead units, by device
        self._down = False  # the line
        self._agenda = Agenda(())
        self._budget = Budget(0)
        self._overruns = Overruns(bus.name)
        self._turn_ns: int | None = None  # when it turned last, or will
        self._before = before
        self._idle = True  # nothing is under way: whoever cancels now cuts no poll short
        self._leaving: asyncio.Event | None = None

    async def run(self) -> None:
        """Poll for ever."""
        clock = self._clock
        start_ns = clock.boottime_ns()
        self._agenda = Agenda(self._slots(start_ns))
        self._budget = Budget(start_ns)
        fresh = False  # a poll has just ended: the gap to the next one is as large as it gets
        while (wake_ns := self._next_ns()) is not None:
            await self._parked()
            now_ns = clock.boottime_ns()
            unit = self._to_probe(now_ns, fresh=fresh)
            due_ns = self._agenda.next_ns()
            if unit is not None:
                await self._probe(unit)
                fresh = False
            elif due_ns is not None and due_ns <= now_ns:
                await self._poll(self._agenda.pop(), now_ns)
                fresh = True
            else:
                self._turn_ns = wake_ns
                await self._sleep(wake_ns)
                fresh = False
        self._turn_ns = None
        self._idle = True

    async def leave(self) -> None:
        """Begin no poll any more; return when the one under way is over. Then `run` may be cancelled."""
        self._leaving = asyncio.Event()
        if not self._idle:
            await self._leaving.wait()

    async def _parked(self) -> None:
        """Go on at once, or never again where the bus is to be left."""
        self._idle = False
        if self._leaving is not None:
            self._idle = True
            self._turn_ns = None
            self._leaving.set()
            await asyncio.get_running_loop().create_future()  # until cancelled

    async def _sleep(self, wake_ns: int) -> None:
        self._idle = True
        await self._clock.sleep_until(wake_ns)
        await self._parked()

    def _slots(self, start_ns: int) -> list[Slot]:
        """A slot for every group that is on the agenda; the rest of them is with its dead unit in `_away`."""
        slots, before = spread(self.bus.name, self._devices, start_ns), self._before
        self._before = None
        if before is None:
            return slots
        away = itertools.chain(*before._away.values())  # noqa: SLF001 # its own kind
        kept = {slot.group.id: slot for slot in (*before._agenda.slots(), *away)}  # noqa: SLF001
        for slot in slots:
            was = kept.get(slot.group.id)
            if was is not None and was.period_ns == slot.period_ns:
                slot.first_ns, slot.due_ns = was.first_ns, was.due_ns
        for device in self._devices:
            unit = before._units.get(device.name)  # noqa: SLF001
            if unit is None or unit.device != device:
                continue
            self._units[device.name] = unit
            if device.name in before._away:  # noqa: SLF001
                self._away[device.name] = [slot for slot in slots if slot.device.name == device.name]
        return [slot for slot in slots if slot.device.name not in self._away]

    def still_ns(self, now_ns: int) -> int:
        """For how long it has done nothing that was to be done; what waits for an answer turns after its timeout."""
        return 0 if self._turn_ns is None else max(now_ns - self._turn_ns, 0)

    def _next_ns(self) -> int | None:
        """When there is something to do; None: never, this bus has nothing to poll."""
        due_ns = self._agenda.next_ns()
        if not self._away:
            return due_ns
        now_ns, wakes = self._clock.boottime_ns(), [] if due_ns is None else [due_ns]
        for name in self._away:
            unit = self._units[name]
            at_ns = unit.probe_at_ns
            if due_ns is not None:  # others are polled: it has to fit the budget, and a gap
                at_ns = max(at_ns, self._budget.affordable_at(now_ns, self._wait_ns(unit)))
                at_ns = at_ns if at_ns > now_ns else due_ns
            wakes.append(at_ns)
        return min(wakes)

    # --- polls ----------------------------------------------------------------------------------------------

    async def _poll(self, slot: Slot, now_ns: int) -> None:
        late_ns = now_ns - slot.due_ns
        missed = slot.skip_to(now_ns)
        self.stats.sent(late_ns)
        if missed:
            self._missed(slot, missed, late_ns)
        elif self._overruns.pending and (told := self._overruns.due(self._clock.now())):
            self._sink(told)
        unit = self._units[slot.device.name]
        reading, what = await self._ask(unit, self._patient(unit), slot, now_ns)
        self._sink(reading)
        if what is Outcome.SILENT and unit.silent(self._clock.boottime_ns()):
            self._bury(unit, slot)
            return
        self._agenda.push(slot)
        if what is Outcome.DOWN:
            await self._wait_for_line(slot)

    async def _ask(self, unit: Unit, device: Device, slot: Slot, now_ns: int) -> tuple[Reading, Outcome]:
        """Poll now; `device` is the unit's with the timeout it gets."""
        self._turn_ns = now_ns
        reading = await self._driver.poll(device, slot.group)
        took_ns = self._clock.boottime_ns() - now_ns
        quality = reading.quality
        if (
            len(quality) and quality.item(0) < BAD_FROM
        ):  # by far the most common case, and the cheapest to know
            what = Outcome.ANSWERED
        else:
            what = outcome(quality, took_ns, self._driver.cost_ns(slot.device, slot.group))
        self.stats.busy_ns += took_ns
        if what is Outcome.ANSWERED:
            unit.answered(took_ns)
            return reading, what
        self.stats.failed[unit.device.name, what.name.lower()] += 1
        if what is Outcome.SILENT:
            # A long timeout of a unit that was well is paid in part, lest nobody is probed for minutes.
            self._charge(unit, min(took_ns, BURST_NS))
        return reading, what

    def _charge(self, unit: Unit, took_ns: int) -> None:
        """Bus time that waiting for the unit has cost the living; where there are none it cost nobody anything."""
        if any(not other.dead for other in self._units.values() if other is not unit):
            self._budget.spend(self._clock.boottime_ns(), took_ns)

    def _missed(self, slot: Slot, count: int, late_ns: int) -> None:
        self.stats.overruns += count
        told = self._overruns.missed(slot.group.id, count, late_ns, self._clock.now())
        if told is not None:
            self._sink(told)

    def _wait_ns(self, unit: Unit) -> int:
        others_ns = max((other.slowest_ns for other in self._units.values() if not other.dead), default=0)
        alone = len(self._away) == len(self._units)
        return unit.wait_ns(others_ns, in_debt=self._budget.in_debt and not alone)

    def _patient(self, unit: Unit) -> Device:
        """The device with the timeout it gets now."""
        if unit.slowest_ns and not unit.failures and not unit.misses:
            return unit.device
        wait_ns = self._wait_ns(unit)
        if wait_ns >= unit.device.timeout_ns:
            return unit.device
        return dataclasses.replace(unit.device, timeout_ns=wait_ns)

    # --- dead units -----------------------------------------------------------------------------------------

    def devices(self) -> list[str]:
        """All of its devices."""
        return list(self._units)

    def dead(self) -> list[str]:
        """Devices that do not answer, and are only asked now and then: all of them where the line is down."""
        return list(self._units if self._down else self._away)

    def _bury(self, unit: Unit, slot: Slot) -> None:
        name = unit.device.name
        others = self._agenda.take(name)
        self._away[name] = [slot, *others]
        self._note("unit_dead", name, Severity.WARNING, {"bus": self.bus.name, "unanswered": unit.failures})
        self._tell_unread(others, Quality.NO_ANSWER)

    def _to_probe(self, now_ns: int, *, fresh: bool) -> Unit | None:
        """The dead unit to ask now: its time has come, the budget covers it, and it delays the living
        least.
        """
        due = [unit for name in self._away if (unit := self._units[name]).probe_at_ns <= now_ns]
        if not due:
            return None
        unit = min(due, key=lambda each: each.probe_at_ns)
        next_ns = self._agenda.next_ns()
        if next_ns is None:
            return unit
        cost_ns = self._wait_ns(unit)
        if self._budget.affordable_at(now_ns, cost_ns) > now_ns:
            return None
        fits = next_ns - now_ns >= cost_ns or (fresh and next_ns > now_ns)
        overdue = now_ns - unit.probe_at_ns > 2 * unit.pause_ns  # a full bus has no gaps
        return unit if fits or overdue else None

    async def _probe(self, unit: Unit) -> None:
        began_ns = self._clock.boottime_ns()
        self.stats.probes += 1
        self._turn_ns = began_ns
        there = await self._driver.probe(self._patient(unit))
        now_ns = self._clock.boottime_ns()
        name = unit.device.name
        if not there:
            self._charge(unit, now_ns - began_ns)
            unit.probed_in_vain(now_ns)
            self._tell_unread(self._away[name], Quality.NO_ANSWER)
            return
        # A gateway may answer for a unit that is dead: only values count.
        slot, *others = self._away[name]
        reading, what = await self._ask(unit, unit.device, slot, now_ns)
        self._sink(reading)
        now_ns = self._clock.boottime_ns()
        if what is not Outcome.ANSWERED:
            unit.probed_in_vain(now_ns)
            self._tell_unread(others, Quality.NO_ANSWER)
            return
        away_ns = now_ns - (unit.dead_since_ns or now_ns)
        self._note(
            "unit_alive", name, Severity.INFO, {"bus": self.bus.name, "away_s": away_ns // 1_000_000_000}
        )
        if len(self._away) == len(self._units):  # all were away, so all are likely back
            self._budget = Budget(now_ns)
            for other in self._units.values():
                other.probe_at_ns = min(other.probe_at_ns, now_ns)
        unit.alive()
        del self._away[name]
        for each in (slot, *others):
            each.skip_to(now_ns)
            self._agenda.push(each)

    # --- broken line ----------------------------------------------------------------------------------------

    async def _wait_for_line(self, first: Slot) -> None:
        """The line is down: say so once, then try again with one group after another until one of them gets
        through.
        """
        clock = self._clock
        since_ns = clock.boottime_ns()
        why: dict[str, Plain] = {"address": self.bus.address, "why": self._driver.trouble}
        self._note("bus_down", self.bus.name, Severity.WARNING, why)
        self._down = True
        slots = self._agenda.slots()
        self._tell_unread([slot for slot in slots if slot is not first], Quality.LINE_DOWN)
        pause_ns, attempt = FIRST_RETRY_NS, 0
        while True:
            await self._sleep(clock.boottime_ns() + pause_ns)
            slot = slots[attempt % len(slots)]
            now_ns = clock.boottime_ns()
            reading, what = await self._ask(self._units[slot.device.name], slot.device, slot, now_ns)
            self._sink(reading)
            if what is not Outcome.DOWN:
                break
            pause_ns, attempt = min(2 * pause_ns, LONGEST_RETRY_NS), attempt + 1
        self._down = False
        now_ns = clock.boottime_ns()
        self._note("bus_up", self.bus.name, Severity.INFO, {"down_s": (now_ns - since_ns) // 1_000_000_000})
        for slot in slots:
            slot.skip_to(now_ns)
        self._agenda = Agenda(slots)

    # --- what is told ---------------------------------------------------------------------------------------

    def _tell_unread(self, slots: Sequence[Slot], why: Quality) -> None:
        at = self._clock.now()
        for slot in slots:
            self._sink(unread(slot.group, why, at))

    def _note(self, kind: str, subject: str, severity: Severity, facts: dict[str, Plain]) -> None:
        self._sink(Noted(self._clock.now().time_ns, kind, subject, severity, facts))
