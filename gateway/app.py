"""The daemon, put together. The only file that names concrete classes; everything else receives what it needs.

Order at start: journal (lock, recovery by folding), config and clock row if changed, "start"; then all tasks at once.
Order at stop: buses first, then the last commit, then a short time for the publisher, then the journal's lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.acts import Judge
from gateway.app_buses import Buses
from gateway.app_start import begin
from gateway.box.diskwatch import DiskWatch
from gateway.bundles.shelf import Shelf
from gateway.door import Door
from gateway.door.remote import Remote
from gateway.fold import Fold
from gateway.folding import diskalarms, linkalarms
from gateway.journal import Journal
from gateway.journal.ballast import Ballast
from gateway.journal.errors import JournalBusy, JournalError, JournalFull, JournalReadOnly
from gateway.journal.quota import Quota
from gateway.journal.seal import Sealer
from gateway.journal.signer import Signer, signer_of
from gateway.model import Block, ClockRow, Plain, Scan, Setting, Tick
from gateway.outside import HERE, Outside
from gateway.plain import digest, to_plain
from gateway.poll import BusPoller, PollStats
from gateway.ports import Clock, Entropy, Publisher, TalkingDriver
from gateway.recorder import Recorder
from gateway.reloading import Reloader, Source
from gateway.reloading.answering import answered
from gateway.restating.worker import Restater
from gateway.service.tidings import Tidings
from gateway.service.wellbeing import watchdog_of
from gateway.site import Site
from gateway.supervising import supervised
from gateway.tasks import ended

if TYPE_CHECKING:
    from gateway.box.standing import Forwards
    from gateway.bundles.trial import Trial
    from gateway.publish.mqtt import Wires
    from gateway.service import Notifier
    from gateway.web.live import Hub

TICK_NS = 1_000_000_000
LETTING_GO_NS = (
    5_000_000_000  # for buses to let go of their devices; the last commit does not wait for longer
)
FAREWELL_NS = 3_000_000_000  # for the publisher to send what was committed last

log = logging.getLogger(__name__)

_UNCONFIRMED = (
    "nobody keeps this machine's clock right: what is read is journalled as of unconfirmed time and stays out of "
    "databases; switch NTP on, or say --accept-clock"
)


class SystemEntropy:
    """The machine's chance."""

    def token(self, nbytes: int) -> bytes:
        return secrets.token_bytes(nbytes)

    def uniform(self) -> float:
        return secrets.randbelow(1 << 53) / (1 << 53)


class Daemon:
    """One gateway on one journal folder. Constructing it does nothing; `run` runs it until `stop`."""

    def __init__(
        self,
        site: Site,
        data: Path,
        *,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        accept_clock: bool = False,
        outside: Outside = HERE,
        manager: Notifier | None = None,
        source: Source | None = None,
    ) -> None:
        """`accept_clock`: a person vouches for the machine's wall clock, which nobody seems to keep right.

        `source`: where the config is read again while it runs.
        """
        self.site, self.data = site, data
        self.entropy: Entropy = entropy or SystemEntropy()
        self._clock, self._accept_clock, self._outside = clock, accept_clock, outside
        self._manager = manager  # of services, which hears how we are
        self._source = source
        self._trials: list[Trial] = []  # one, where configs may come from far away
        self._using: list[Callable[[Site, str], None]] = [self._use]  # who works by the site in force
        self._stop = asyncio.Event()
        self.recorder: Recorder | None = None
        self.reloader: Reloader | None = None
        self.pollers: dict[str, BusPoller] = {}  # by bus, the one that runs
        self.forwards: dict[str, Forwards] = {}  # publishers by what they publish to

    def stop(self) -> None:
        """End `run` in good order."""
        if self._manager is not None:
            self._manager.say(STOPPING="1", STATUS="committing, and sending what is left")
        self._stop.set()

    def reload(self) -> None:
        """Read the config again, and put it in force."""
        if self.reloader is not None:
            self.reloader.ask()

    def _use(self, site: Site, _: str) -> None:
        self.site = site

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Run until `stop`. Raises JournalError where the folder cannot be used, or could be no longer."""
        outside = self._outside
        opening = functools.partial(Journal.open, self.data, site=self.site.site, gateway=self.site.gateway)
        ballast = Ballast(self.data, self.site.disk.ballast_bytes, outside.room)
        journal = await asyncio.to_thread(
            opening,
            clock=self._clock or outside.clock(),
            entropy=self.entropy,
            hands=outside.hands,
            ballast=ballast,
        )
        try:
            start = await asyncio.to_thread(
                begin, journal, self.site, self._clock, accept_clock=self._accept_clock, outside=outside
            )
            clock = start.clock
            if not start.row.synchronised:
                log.warning(_UNCONFIRMED)
            signer = await asyncio.to_thread(signer_of, journal, clock, self.entropy)
            publishers: list[Publisher] = []
            talkers: dict[str, TalkingDriver] = {}
            acknowledging = _Background()
            hubs: list[Hub] = []

            def committed(block: Block) -> None:
                for publisher in publishers:
                    self._offer(publisher, block)
                acknowledging.scans(block, talkers)
                for tell in (
                    door.committed,
                    reloader.committed,
                    tidings.committed,
                    restater.committed,
                    *(hub.committed for hub in hubs),
                    *(trial.committed for trial in self._trials),
                ):
                    tell(block)

            recorder = Recorder(
                start.fold,
                journal,
                clock,
                last=start.last,
                profile=self.site.commit,
                committed=committed,
                busy=(JournalFull, JournalBusy, JournalReadOnly),  # nothing was written: try again
                owed_ns=start.owed_ns,
            )
            recorder.short = lambda: ballast.short
            self.recorder = recorder
            buses = Buses(self.site, clock, recorder, journal, outside, self.pollers, talkers)
            reloader = Reloader(self.site, start.fold, recorder, clock, buses, self._source, self._using)
            self.reloader = reloader
            door = Door(self.data, clock, recorder.take, functools.partial(answered, reloader))
            restater = Restater(self.data, clock, lambda: start.fold.state.holds, recorder.take)
            remote = Remote(Judge(journal.identity, self.site.users), clock, recorder, journal.acted)
            publishers += self._publishers(journal, clock, recorder, signer, start.fold, remote)
            for setting in start.settings:
                recorder.take(setting)
            tidings = await self._news(recorder)
            sealer = Sealer(
                journal,
                clock,
                retention_days=self.site.retention_days,
                forwarded=self.site.broker is not None,
                work=outside.sealing,
                quota=Quota(self.data, self.site.disk, outside.room, recorder.note),
            )
            sources = [
                supervised("buses", buses.run, clock, recorder),
                supervised("reloader", reloader.run, clock, recorder),
                *(supervised("bundles", trial.run, clock, recorder) for trial in self._trials),
                supervised("sealer", sealer.run, clock, recorder),
                supervised("disk", self._disk(journal, clock, recorder, start.fold), clock, recorder),
                supervised("signer", signer.run, clock, recorder),
                supervised("door", door.run, clock, recorder),
                supervised("restater", restater.run, clock, recorder),
                supervised("acts", remote.run, clock, recorder),
                *(
                    supervised("web", web, clock, recorder)
                    for web in self._web(clock, recorder, door, hubs, start.fold)
                ),
                _ticking(recorder, clock, start.row),
            ]
            self._using += [hub.use for hub in hubs]
            sources += self._watched(clock, recorder)
            sinks = [supervised("publisher", publisher.run, clock, recorder) for publisher in publishers]
            await asyncio.to_thread(door.open)
            try:
                await self._run_all(recorder, sources, sinks, publishers, clock, ready, signer.sign)
            finally:
                await asyncio.to_thread(door.close)
            acknowledging.cancel()
            self._say_how_it_went()
        except BaseExceptionGroup as group:
            raise _cause(group) from group
        finally:
            await asyncio.to_thread(journal.close)

    async def _news(self, recorder: Recorder) -> Tidings:
        """What happened while nothing ran, as events."""
        tidings = await asyncio.to_thread(Tidings, self.data, self.site.gateway)
        if tidings.found is not None:
            recorder.note(tidings.found)
        return tidings

    def _disk(
        self, journal: Journal, clock: Clock, recorder: Recorder, fold: Fold
    ) -> Callable[[], Coroutine[Any, Any, None]]:
        standing = any(map(fold.state.alarms.there, diskalarms.names(self.site.gateway)))
        return DiskWatch(
            self.data, clock, self._outside.room, recorder.take, journal.look_at_room, standing=standing
        ).run

    def _watched(self, clock: Clock, recorder: Recorder) -> list[Coroutine[Any, Any, None]]:
        if self._manager is None:
            return []
        watchdog = watchdog_of(self._manager, clock, lambda: self.site, recorder, self.pollers)
        return [supervised("watchdog", watchdog.run, clock, recorder)]

    async def _run_all(
        self,
        recorder: Recorder,
        sources: Sequence[Coroutine[Any, Any, None]],
        sinks: Sequence[Coroutine[Any, Any, None]],
        publishers: Sequence[Publisher],
        clock: Clock,
        ready: Callable[[], None],
        recorded: Callable[[], None],
    ) -> None:
        async with asyncio.TaskGroup() as group:
            recording = group.create_task(recorder.run(), name="recorder")
            coming = [group.create_task(source) for source in sources]
            going = [group.create_task(sink) for sink in sinks]
            ready()
            await self._stop.wait()
            for task in coming:
                task.cancel()
            try:
                await clock.within(asyncio.wait(coming), clock.boottime_ns() + LETTING_GO_NS)
            except TimeoutError:
                log.warning("a bus does not let go of its device; committing without it")
            recorder.stop()
            await recording
            recorded()
            farewell = asyncio.gather(*(publisher.drained() for publisher in publishers))
            with contextlib.suppress(TimeoutError):
                await clock.within(farewell, clock.boottime_ns() + FAREWELL_NS)
            await ended(*going, *coming)

    def _offer(self, publisher: Publisher, block: Block) -> None:
        """Nothing flows back: what a publisher cannot take now it reads from the journal, and the fold goes on."""
        try:
            publisher.offer(block)
        except Exception:  # as a supervisor: whatever a publisher breaks on, the record is in the journal
            log.exception("a publisher does not take a block")

    def _say_how_it_went(self) -> None:
        stats = PollStats()
        for poller in self.pollers.values():
            stats.add(poller.stats)
        if stats.polls:
            p99_ms, worst_ms = stats.quantile_ns(0.99) / 1e6, stats.worst_ns / 1e6
            words = "%d polls: p99 late %.1f ms, worst %.1f ms, overruns %d"
            log.info(words, stats.polls, p99_ms, worst_ms, stats.overruns)

    def _publishers(
        self,
        journal: Journal,
        clock: Clock,
        recorder: Recorder,
        signer: Signer,
        fold: Fold,
        remote: Remote,
    ) -> list[Publisher]:
        made: list[Publisher] = []
        if self.site.broker is not None:
            from gateway.publish.mqtt import MqttPublisher  # noqa: PLC0415 # a site without a broker never loads it

            self._begin_trial(recorder, clock)
            bundles = self._trials[0].hear if self._trials else None
            wires = replace(
                _wires(self.site, self.site.broker.where, recorder, clock, fold, remote), config=bundles
            )
            told, dialling = recorder.note, self._outside.dialer
            dialer = dialling(self.site.broker, self.site) if dialling else None
            mqtt = MqttPublisher(
                journal, self.site, clock, self.entropy, dialer=dialer, note=told, ledger=signer, wires=wires
            )
            made.append(mqtt)
            self._using.append(mqtt.know)
            self.forwards[f"mqtt {self.site.broker.host}:{self.site.broker.port}"] = mqtt
        if any(person.reached for person in self.site.alerts.people):
            from gateway.tell import Teller  # noqa: PLC0415 # the same

            made.append(Teller(journal, self.site, clock, recorder.note))
        settings = self.site.sparkplug
        if settings is not None:
            from gateway.publish.sparkplug import SparkplugPublisher  # noqa: PLC0415 # the same
            from gateway.publish.standing import standing_of  # noqa: PLC0415

            standing = standing_of(fold.state)
            made.append(
                SparkplugPublisher(journal, self.site, settings, clock, self.entropy, standing=standing)
            )
        return made

    def _begin_trial(self, recorder: Recorder, clock: Clock) -> None:
        """Configs from far away, where the site names who may send them."""
        if self.site.remote is None or self.reloader is None:
            return
        from gateway.bundles.trial import Trial  # noqa: PLC0415 # the same

        local = (self._source.hash if self._source else "") or digest(to_plain(self.site))
        trial = Trial(Shelf(self.data), self.reloader, recorder, clock, local, self._heard)
        self.reloader.own = trial.own
        self._trials.append(trial)

    def _heard(self) -> bool:
        return any(each.online for name, each in self.forwards.items() if name.startswith("mqtt "))

    def _web(
        self, clock: Clock, recorder: Recorder, door: Door, hubs: list[Hub], fold: Fold
    ) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        if not self.site.web_port:
            return []
        from gateway.app_web import Around, web  # noqa: PLC0415 # a site without HTTP never loads it

        return web(
            Around(lambda: self.site, self.data, clock, self.entropy, self.pollers, self.forwards),
            recorder,
            door,
            hubs,
            fold,
        )


def _wires(site: Site, where: str, recorder: Recorder, clock: Clock, fold: Fold, remote: Remote) -> Wires:
    """What the publisher hears of people, and tells of who hears it."""
    from gateway.publish.mqtt import Wires  # noqa: PLC0415 # a site without a broker never loads it

    def linked(unheard: list[str]) -> None:
        body: dict[str, Plain] = {"broker": where, "unheard": list(unheard)}
        recorder.take(Setting(linkalarms.LINK, clock.now(), body))

    standing = fold.state.alarms.there(linkalarms.cause(where).name)
    return Wires(remote.hear if site.users else None, linked, standing)


async def _ticking(recorder: Recorder, clock: Clock, row: ClockRow) -> None:
    """A tick a second, and a clock row when wall time was stepped or became synchronised; `row` was told."""
    due = clock.boottime_ns()
    while True:
        due = max(due + TICK_NS, clock.boottime_ns())
        await clock.sleep_until(due)
        if (now := clock.row()) != row:
            row = now
            recorder.take(Setting("clock", clock.now(), to_plain(row)))
        recorder.take(Tick(clock.now()))


def _cause(group: BaseExceptionGroup) -> BaseException:
    """What ended the run: the journal's own word where it has one, else the first thing that broke."""
    of_journal = group.subgroup(JournalError)
    found: BaseException = group if of_journal is None else of_journal
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


class _Background:
    """Short tasks that nobody waits for, held until they end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def scans(self, block: Block, talkers: Mapping[str, TalkingDriver]) -> None:
        """Acknowledge what scanners said, now that it is kept."""
        for _, given in block.inputs:
            if isinstance(given, Scan) and given.point in talkers:
                self.start(talkers[given.point].acknowledge(given))

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin one."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """End those that still run."""
        for task in self._tasks:
            task.cancel()
