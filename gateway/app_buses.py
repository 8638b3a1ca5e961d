"""The buses of a daemon, a task each: begun, left and begun anew while the others go on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, cast

from drivers import load_driver
from gateway.journal import Journal
from gateway.journal.errors import JournalError
from gateway.model import Noted, Reading, Scan, Severity
from gateway.outside import Outside
from gateway.poll import BusPoller
from gateway.ports import Clock, PollingDriver, TalkingDriver
from gateway.recorder import Recorder
from gateway.site import Bus, Device, ScanPoint, Site
from gateway.supervising import supervised
from gateway.tasks import ended

LEAVING_NS = 5_000_000_000  # for a poll that is under way when its bus is left

log = logging.getLogger(__name__)

_LEVELS = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING, Severity.ALARM: logging.ERROR}


class Unbuilt(ValueError):
    """A driver that cannot be made for the rows of its bus; says which bus, its devices, and what does not fit."""


class Buses:
    """Of one daemon. `run` is its task."""

    def __init__(
        self,
        site: Site,
        clock: Clock,
        recorder: Recorder,
        journal: Journal,
        outside: Outside,
        pollers: dict[str, BusPoller],
        talkers: dict[str, TalkingDriver],
    ) -> None:
        """`pollers` and `talkers` are filled: by bus, the one that runs; by scan point, who acknowledges its scans."""
        self._site, self._clock, self._journal, self._outside = site, clock, journal, outside
        self._recorder, self._sink = recorder, _sink(recorder)
        self._pollers, self._talkers = pollers, talkers
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._left: dict[str, BusPoller] = {}  # who polled a bus that is to begin anew
        self._made: dict[str, PollingDriver | TalkingDriver] = {}  # built beforehand, by bus

    async def run(self) -> None:
        """Begin all of them; end them when cancelled."""
        self.begin(self._site, [bus.name for bus in self._site.buses], {})
        try:
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            await ended(*self._tasks.values())

    def built(self, site: Site, names: Iterable[str]) -> dict[str, PollingDriver | TalkingDriver]:
        """Drivers for buses of another site; no line is opened. Raises Unbuilt. Takes milliseconds."""
        wanted = set(names)
        made: dict[str, PollingDriver | TalkingDriver] = {}
        for bus in site.buses:
            if bus.name in wanted:
                try:
                    made[bus.name] = self._built(site, bus)
                except Exception as error:
                    devices = ", ".join(device.name for device in _devices(site, bus)) or "no device"
                    raise Unbuilt(f"bus {bus.name} ({devices}): {bus.driver}: {error}") from error
        return made

    async def leave(self, names: Iterable[str]) -> None:
        """End these, each between two polls, and let go of their lines."""
        await asyncio.gather(*(self._leave(name) for name in names))

    def begin(
        self, site: Site, names: Iterable[str], made: Mapping[str, PollingDriver | TalkingDriver]
    ) -> None:
        """Start these by a site, which is in force from now on."""
        self._site = site
        self._made.update(made)
        wanted = set(names)
        for bus in site.buses:
            if bus.name in wanted:
                work = self._task(bus)
                self._tasks[bus.name] = asyncio.ensure_future(
                    supervised(f"bus {bus.name}", work, self._clock, self._recorder)
                )
        self._left = {name: poller for name, poller in self._left.items() if name in wanted}

    async def _leave(self, name: str) -> None:
        task, poller = self._tasks.pop(name, None), self._pollers.get(name)
        if poller is not None:
            try:
                await self._clock.within(poller.leave(), self._clock.boottime_ns() + LEAVING_NS)
            except TimeoutError:
                log.warning("bus %s: its poll does not end; leaving it all the same", name)
            self._left[name] = poller
        if task is not None:
            task.cancel()
            with contextlib.suppress(TimeoutError):
                await self._clock.within(asyncio.wait({task}), self._clock.boottime_ns() + LEAVING_NS)
        self._pollers.pop(name, None)
        for bus in self._site.buses:
            if bus.name == name:
                for point in _points(self._site, _devices(self._site, bus)):
                    self._talkers.pop(point.name, None)

    def _built(self, site: Site, bus: Bus) -> PollingDriver | TalkingDriver:
        module, devices, clock = load_driver(bus.driver), _devices(site, bus), self._clock
        line = self._outside.line(bus, clock)
        more = {} if module.KIND == "polling" else {"scan_points": _points(site, devices)}
        driver: PollingDriver | TalkingDriver = module.build(
            bus=bus, devices=devices, line=line, clock=clock, **more
        )
        return driver

    def _driver(self, site: Site, bus: Bus) -> PollingDriver | TalkingDriver:
        return self._made.pop(bus.name) if bus.name in self._made else self._built(site, bus)

    def _task(self, bus: Bus) -> Callable[[], Coroutine[Any, Any, None]]:
        site, clock = self._site, self._clock
        devices = _devices(site, bus)

        async def polling() -> None:
            driver = cast(PollingDriver, self._driver(site, bus))
            before = self._left.pop(bus.name, None)
            poller = BusPoller(bus, devices, driver, clock, self._sink, before=before)
            self._pollers[bus.name] = poller
            async with _closing(driver):
                await poller.run()

        async def talking() -> None:
            points = _points(site, devices)
            driver = cast(TalkingDriver, self._driver(site, bus))
            self._talkers.update({point.name: driver for point in points})
            async with _closing(driver):
                await _remind(driver, points, self._journal)
                async for heard in driver.listen():
                    self._sink(heard)

        return polling if load_driver(bus.driver).KIND == "polling" else talking


def _devices(site: Site, bus: Bus) -> list[Device]:
    return [device for device in site.devices if device.bus == bus.name]


def _points(site: Site, devices: Sequence[Device]) -> list[ScanPoint]:
    names = {device.name for device in devices}
    return [point for point in site.scan_points if point.device in names]


def _sink(recorder: Recorder) -> Callable[[Reading | Scan | Noted], None]:
    def sink(given: Reading | Scan | Noted) -> None:
        if isinstance(given, Noted):
            words, level = (given.subject, given.kind, dict(given.facts)), _LEVELS[given.severity]
            log.log(
                level, "%s: %s %s", *words, extra={"fields": {"device": given.subject, "code": given.kind}}
            )
            recorder.note(given)
        else:
            recorder.take(given)

    return sink


async def _remind(driver: TalkingDriver, points: Sequence[ScanPoint], journal: Journal) -> None:
    """Tell a driver what its scan points gave last."""
    if not points:
        return
    try:
        last = await journal.last_scans()
    except JournalError as error:  # scanners work on; at worst one scan is there twice
        log.warning("no driver is told of its last scan: %s", error)
        return
    for point in points:
        if point.name in last:
            driver.remember(*last[point.name])


@contextlib.asynccontextmanager
async def _closing(driver: PollingDriver | TalkingDriver) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await driver.close()
