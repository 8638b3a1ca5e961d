"""Puts another config in force while the daemon runs, as a whole, or leaves everything as it is.

Rule 1: one at a time.  Rule 2: what takes long is done in a thread beside the loop: polls of other buses are not
delayed by it.  Rule 3: between the end of a bus and the begin of its next one nothing is awaited but the end itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.fold import Fold
from gateway.model import Block, Event, Input, Instant, Noted, Plain, Setting, Severity
from gateway.pipeline import BadPlan, Pipeline
from gateway.plain import digest, to_plain
from gateway.ports import Clock
from gateway.reloading.changes import Changes, changes
from gateway.reloading.reading import BadConfig, Source
from gateway.site import Site

FINDINGS, TRY_LATER, BAD_CONFIG = 1, 75, 78
COMMIT_NS = 15_000_000_000  # for a disk that is busy
_WORDS_MOST = 2_000  # of a reason, in an event

log = logging.getLogger(__name__)


class Recorded(Protocol):
    """The part of the recorder that is needed here."""

    def take(self, given: Input) -> None: ...

    def note(self, event: Noted) -> None: ...


class Polled(Protocol):
    """The buses: see `gateway.app_buses.Buses`."""

    def built(self, site: Site, names: Iterable[str]) -> Mapping[str, Any]:
        """Drivers of those; raises ValueError."""

    async def leave(self, names: Iterable[str]) -> None: ...

    def begin(self, site: Site, names: Iterable[str], made: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish for another config."""

    code: int  # that a command ends with: 0 in force, 1 needs a restart, 75 not known yet, 78 not good
    words: str  # why not; "" where it is in force
    changes: tuple[str, ...] = ()  # what is different now; none: it was in force
    seq: int = 0  # of the input that put it in force
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ready:
    """All that a config needs to be put in force."""

    plain: dict[str, Plain]
    hash: str
    before: str
    pipeline: Pipeline
    drivers: Mapping[str, Any]


class Reloader:
    """One for the daemon; `run` is its task, `committed` is to be called with every block."""

    def __init__(
        self,
        site: Site,
        fold: Fold,
        recorder: Recorded,
        clock: Clock,
        buses: Polled,
        source: Source | None,
        using: Sequence[Callable[[Site, str], None]],
    ) -> None:
        """`using` are told that a site of some hash is in force now. `source`: none where the config is no file."""
        self.site = site
        self._fold, self._recorder, self._clock, self._buses = fold, recorder, clock, buses
        self._source, self._using = source, using
        self._one = asyncio.Lock()
        self._asked = asyncio.Event()
        self.own: Callable[[Site], Awaitable[None]] | None = (
            None  # told when the config's own file is in force again
        )
        self._waiting: tuple[Setting, asyncio.Future[tuple[int, tuple[Event, ...]]]] | None = None

    def ask(self) -> None:
        """Somebody wants the config to be read again, by a signal."""
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            outcome = await self.reload("signal")
            if outcome.code:
                log.error("the config is not reloaded: %s", outcome.words)
            else:
                log.info("the config is reloaded: %s", ", ".join(outcome.changes) or "nothing changed")

    def committed(self, block: Block) -> None:
        """Somebody may wait for the config in it."""
        if self._waiting is None:
            return
        wanted, answered = self._waiting
        for seq, given in block.inputs:
            if given is wanted and not answered.done():
                answered.set_result((seq, tuple(event for _, cause, event in block.events if cause == seq)))

    async def reload(self, by: str, other: str = "") -> Outcome:
        """Read the config again, or another file, and put it in force."""
        if self._source is None:
            return Outcome(BAD_CONFIG, "this gateway was not started with a config file")
        try:
            site = await asyncio.to_thread(self._source.read, other)
        except BadConfig as error:
            return self._refused(by, str(error), BAD_CONFIG)
        outcome = await self.apply(site, by)
        if outcome.code in (0, TRY_LATER) and not other and self.own is not None:
            await self.own(site)
        return outcome

    async def apply(self, site: Site, by: str, more: Mapping[str, Plain] | None = None) -> Outcome:
        """Put a site in force: all of it, or nothing. `more`: facts of the event."""
        async with self._one:
            found = changes(self.site, site)
            if found.restart:
                words = f"only a restart can change {', '.join(found.restart)}: nothing was changed"
                return self._refused(by, words, FINDINGS)
            if found.none:
                return Outcome(0, "")
            now = self._clock.now()
            try:
                ready = await asyncio.to_thread(self._ready, site, found, now)
            except BadPlan as error:
                return self._refused(by, f"plans: {error}", BAD_CONFIG)
            except Exception as error:  # noqa: BLE001 # whatever it breaks on, here it has changed nothing
                return self._refused(by, str(error) or type(error).__name__, BAD_CONFIG)
            told: dict[str, Plain] = {
                "by": by,
                "before": ready.before,
                "hash": ready.hash,
                "changes": list(found.words),
                **(more or {}),
            }
            return await self._swap(site, found, ready, told)

    def _ready(self, site: Site, found: Changes, now: Instant) -> _Ready:
        """Everything that can fail, done on trial: the state is a frozen value, and this one is thrown away."""
        plain = to_plain(site)
        pipeline = Pipeline(site)
        pipeline.step(pipeline.adopt(self._fold.state), Setting("config", now, {}))
        drivers = self._buses.built(site, (*found.begun, *found.altered))
        return _Ready(plain, digest(plain), digest(to_plain(self.site)), pipeline, drivers)

    async def _swap(self, site: Site, found: Changes, ready: _Ready, told: dict[str, Plain]) -> Outcome:
        old = self.site
        await self._buses.leave((*found.ended, *found.altered))
        answer = self._put(ready.plain, ready.hash, ready.pipeline, told)
        if self._fold.pipeline is not ready.pipeline:
            # The fold said no, though it said yes on trial: the old config is in force, and is to be the newest one.
            back: dict[str, Plain] = {
                "by": "gateway",
                "before": ready.hash,
                "hash": ready.before,
                "changes": [],
            }
            self._put(to_plain(old), ready.before, self._fold.pipeline, back)
            self._buses.begin(old, (*found.ended, *found.altered), {})
            return self._refused(
                str(told["by"]), "it cannot be folded: see the event fold_failed", BAD_CONFIG
            )
        self._buses.begin(site, (*found.begun, *found.altered), ready.drivers)
        self.site = site
        for use in self._using:
            use(site, ready.hash)
        try:
            seq, events = await self._clock.within(answer, self._clock.boottime_ns() + COMMIT_NS)
        except TimeoutError:
            return Outcome(TRY_LATER, "it is in force, but the disk has not kept it yet", found.words)
        return Outcome(0, "", found.words, seq, events)

    def _put(
        self, plain: Mapping[str, Plain], hash_: str, pipeline: Pipeline, told: Mapping[str, Plain]
    ) -> Awaitable[tuple[int, tuple[Event, ...]]]:
        setting = Setting("config", self._clock.now(), {"site": plain, "hash": hash_, "reload": told})
        answered: asyncio.Future[tuple[int, tuple[Event, ...]]] = asyncio.get_running_loop().create_future()
        self._waiting = setting, answered
        self._fold.expect(hash_, pipeline)
        self._recorder.take(setting)
        return answered

    def _refused(self, by: str, words: str, code: int) -> Outcome:
        facts: dict[str, Plain] = {"by": by, "reason": words[:_WORDS_MOST]}
        self._recorder.note(
            Noted(self._clock.now().time_ns, "config_refused", self.site.gateway, Severity.WARNING, facts)
        )
        return Outcome(code, words)
