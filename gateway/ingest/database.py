"""Records on to an InfluxDB v2 API: synchronous writes of ready line protocol, with our own retry.

A thread of its own reads the replica from where the database is; so an outage of the database delays nobody, and is
made up for out of the replica. influxdb-client's batching mode is not used: it drops data when its retries run out.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from gateway.ingest.dead import DeadLetters
from gateway.ingest.feed import Feed
from gateway.ingest.influx import InfluxWriter, WriteFailed
from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Lines
from gateway.ingest.replicas import replica_folder
from gateway.journal.reader import JournalReader
from gateway.model import EVENT_STREAM, INPUT_STREAM, Identity, NumberedEvent, NumberedInput, Setting
from gateway.ports import Clock, Watermark
from gateway.site import Database
from gateway.wire import Eras

CHUNK = 500  # records read and written in one go
BACKOFF_S = (0.5, 30.0)
IDLE_S = 0.5

log = logging.getLogger(__name__)


class Writer(Protocol):
    """Takes line protocol."""

    def write(self, lines: list[str], precision: str) -> None:
        """Return when it was accepted. Raises WriteFailed."""

    def run(self) -> str:
        """Names this run of the database: another word after it was started anew; "" where it cannot say."""


@dataclass
class _Source:
    """One replica, and how far the database is with it."""

    folder: Path
    lines: Lines
    feeds: dict[str, Feed]
    reader: JournalReader | None = None


class DatabaseSink:
    """Feeds one database from all replicas of a data folder. `run` in a thread of its own."""

    def __init__(
        self, database: Database, data: Path, clock: Clock, dead: DeadLetters, writer: Writer | None = None
    ) -> None:
        self._database, self._data, self._clock, self._dead = database, data, clock, dead
        self._kind = KINDS[database.kind]
        self._writer = writer or InfluxWriter(database)
        self._sources: dict[Identity, _Source] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._backoff_s = 0.0
        self._chunk = CHUNK
        self.points = 0
        self.unconfirmed = 0  # inputs that were not sent, since their time is not sure
        self.failing = ""  # why, while it does
        self._run: str | None = None  # which run of the database has what is young

    def begin(self, identity: Identity, at: Watermark) -> None:
        """A replica was opened; the database was that far with it."""
        folder = replica_folder(self._data, identity)
        with JournalReader(folder) as reader:
            held = reader.held()
        feeds = {
            INPUT_STREAM: Feed(self._kind.durable_after_s, held[INPUT_STREAM], at.input),
            EVENT_STREAM: Feed(self._kind.durable_after_s, held[EVENT_STREAM], at.event),
        }
        lines = Lines(identity.site, identity.gateway, self._kind, self._database.precision)
        with self._lock:
            self._sources[identity] = _Source(folder, lines, feeds)
        self._wake.set()

    def offer(self, identity: Identity, inputs: list[NumberedInput], events: list[NumberedEvent]) -> None:
        """These are committed to the replica."""
        with self._lock:
            feeds = self._sources[identity].feeds
            for seq, *_ in inputs:
                feeds[INPUT_STREAM].add(seq, seq)
            for seq, *_ in events:
                feeds[EVENT_STREAM].add(seq, seq)
        self._wake.set()

    def accepted(self, identity: Identity) -> Watermark:
        """Per stream the contiguous prefix that the database durably holds."""
        with self._lock:
            source = self._sources.get(identity)
            if source is None:
                return Watermark()
            return Watermark(*(source.feeds[stream].durable() for stream in (INPUT_STREAM, EVENT_STREAM)))

    def stop(self) -> None:
        """End `run`."""
        self._stopping = True
        self._wake.set()

    def run(self) -> None:
        """Write until `stop`."""
        while not self._stopping:
            if not self.turn():
                self._wake.wait(max(self._backoff_s, IDLE_S))
                self._wake.clear()
        for source in self._sources.values():
            if source.reader is not None:
                source.reader.close()

    def turn(self) -> bool:
        """One chunk; False when there was none, or the database would not have it."""
        self._settle()
        work = self._next()
        if work is None:
            return False
        source, stream, first, last = work
        lines = self._lines(source, stream, first, last)
        try:
            if self._run is None:
                self._run = self._writer.run()
            if lines:
                self._writer.write(lines, source.lines.precision)
        except WriteFailed as error:
            return self._failed(error, source, stream, first, last)
        self._accept(source, stream, first, last, len(lines))
        return True

    def _settle(self) -> None:
        """What is old enough is on the database's disk, unless it was started anew meanwhile: then it is owed again."""
        now = self._now_s()
        with self._lock:
            feeds = [feed for source in self._sources.values() for feed in source.feeds.values()]
            ripe = any(feed.ripe(now) for feed in feeds)
        if not ripe:
            return
        try:
            run = self._writer.run()
        except WriteFailed:
            return  # asked again when it answers
        with self._lock:
            for feed in feeds:
                if run == self._run:
                    feed.ripen(now)
                else:
                    feed.fell()
        if run != self._run:
            log.warning("database %s was started anew: writing the last seconds again", self._database.url)
        self._run = run

    def _next(self) -> tuple[_Source, str, int, int] | None:
        with self._lock:
            now = self._now_s()
            for source in self._sources.values():
                for stream in (EVENT_STREAM, INPUT_STREAM):
                    run = source.feeds[stream].owed(self._chunk, now)
                    if run is not None:
                        return source, stream, *run
        return None

    def _lines(self, source: _Source, stream: str, first: int, last: int) -> list[str]:
        if source.reader is None:
            source.reader = JournalReader(source.folder)
        reader = source.reader
        if stream == EVENT_STREAM:
            return list(source.lines.events(reader.events(first, last)))
        inputs = self._confirmed(reader, list(islice(reader.inputs(first, last), self._chunk)))
        eras = Eras()
        site = reader.site(first)
        if site is not None:
            eras.begin(0, site.groups())
        eras.see(inputs)
        return list(source.lines.inputs(inputs, eras))

    def _confirmed(self, reader: JournalReader, inputs: list[NumberedInput]) -> list[NumberedInput]:
        """Without what a clock stamped that nobody vouches for: the replica has it, a time-keyed store must not."""
        unsure = reader.unsynchronised()
        if not unsure:
            return inputs
        kept = [
            each for each in inputs if each.input.at.clock_id not in unsure or isinstance(each.input, Setting)
        ]
        self.unconfirmed += len(inputs) - len(kept)
        return kept

    def _accept(self, source: _Source, stream: str, first: int, last: int, points: int) -> None:
        if self.failing:
            log.warning("database %s takes data again", self._database.url)
        self.failing, self._backoff_s, self._chunk = "", 0.0, CHUNK
        self.points += points
        with self._lock:
            source.feeds[stream].accept(first, last, self._now_s())

    def _failed(self, error: WriteFailed, source: _Source, stream: str, first: int, last: int) -> bool:
        if (error.size or error.permanent) and last > first:  # find the one that it will not have
            self._chunk = max((last - first + 1) // 2, 1)
            return True
        if error.permanent or error.size:
            what = f"{stream} {first}..{last}"
            log.error("database %s refuses %s for good: %s", self._database.url, what, error)
            self._dead.put(f"{self._database.url} {source.folder.name} {what}", b"", str(error))
            with self._lock:
                source.feeds[stream].accept(first, last, self._now_s())
            return True
        if str(error) != self.failing:
            log.error("database %s: %s; trying on", self._database.url, error)
        self.failing = str(error)
        if error.gone and self._backoff_s == 0:
            with self._lock:
                for each in self._sources.values():
                    for feed in each.feeds.values():
                        feed.fell()
        self._backoff_s = min(max(self._backoff_s * 2, BACKOFF_S[0]), BACKOFF_S[1])
        return False

    def _now_s(self) -> float:
        return self._clock.boottime_ns() / 1e9
