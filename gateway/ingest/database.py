"""Records on to a time-series database: ready line protocol, written until it is accepted, with our own retry.

A thread of its own reads the replica from where the database is; so an outage of the database delays nobody, and is
made up for out of the replica. influxdb-client's batching mode is not used: it drops data when its retries run out.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.ingest.durable import Barriers, Verdict
from gateway.ingest.feed import Feed
from gateway.ingest.kinds import KINDS
from gateway.ingest.lines import Block, Lines, numbered
from gateway.ingest.refused import RefusedPoints
from gateway.ingest.replicalines import blocks_of
from gateway.ingest.replicas import replica_folder
from gateway.ingest.sift import Found, sift
from gateway.ingest.trials import Point, Trials
from gateway.ingest.writer import WriteFailed, Writer
from gateway.ingest.writers import writer_of
from gateway.journal.errors import JournalError
from gateway.journal.intervals import Interval
from gateway.journal.reader import JournalReader
from gateway.model import EVENT_STREAM, INPUT_STREAM, Identity
from gateway.ports import Clock, Watermark
from gateway.site import Database

CHUNK = 2_500  # records read and written in one go
POINTS = 50_000  # and that many lines, about
BACKOFF_S = (0.5, 30.0)
IDLE_S = 0.5
TOLD = 3  # refusals of a chunk that are told one by one

log = logging.getLogger(__name__)


def _chance() -> float:
    """From 0 to 1."""
    return int.from_bytes(os.urandom(4)) / 2**32


@dataclass
class _Source:
    """One replica, and how far the database is with it."""

    folder: Path
    lines: Lines
    feeds: dict[str, Feed]
    refused: RefusedPoints
    reader: JournalReader | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """A run of records."""

    source: _Source
    stream: str
    first: int
    last: int


class DatabaseSink:
    """Feeds one database from all replicas of a data folder. `run` in a thread of its own."""

    def __init__(  # each a port
        self,
        database: Database,
        data: Path,
        clock: Clock,
        writer: Writer | None = None,
        *,
        jitter: Callable[[], float] = _chance,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._database, self._data, self._clock = database, data, clock
        self._kind = KINDS[database.kind]
        self._writer = writer or writer_of(database)
        self._jitter = jitter
        self._sources: dict[Identity, _Source] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._barriers = Barriers(self._kind)
        self._trials = Trials(self._writer, self._kind, pause or self._stopping.wait)
        self._backoff_s = self._after_s = 0.0
        self._chunk = CHUNK
        self._per_record = 1.0  # lines a record made lately
        self.points = 0
        self.refused = 0  # points that the database will not have: dead letters
        self.unconfirmed = 0  # inputs that were not sent, since their time is not sure
        self.failing = ""  # why, while it does

    def begin(self, identity: Identity, at: Watermark) -> None:
        """A replica was opened; the database was that far with it."""
        folder = replica_folder(self._data, identity)
        with JournalReader(folder) as reader:
            held, lost = reader.held(), reader.known_lost()
        feeds = {
            INPUT_STREAM: Feed(self._kind.durable_after_s, held[INPUT_STREAM], at.input),
            EVENT_STREAM: Feed(self._kind.durable_after_s, held[EVENT_STREAM], at.event),
        }
        for each in lost:
            feeds[each.stream].lose(each.first, each.last)
        lines = Lines(identity.site, identity.gateway, self._kind, self._database.precision)
        with self._lock:
            self._sources[identity] = _Source(folder, lines, feeds, RefusedPoints(folder))
        self._wake.set()

    def offer(self, identity: Identity, inputs: list[Interval], events: list[Interval]) -> None:
        """Records with these numbers are committed to the replica."""
        with self._lock:
            feeds = self._sources[identity].feeds
            for stream, runs in ((INPUT_STREAM, inputs), (EVENT_STREAM, events)):
                for run in runs:
                    feeds[stream].add(*run)
        self._wake.set()

    def lose(self, identity: Identity, stream: str, first: int, last: int) -> None:
        """An operator has given these up: nobody waits for them."""
        with self._lock:
            self._sources[identity].feeds[stream].lose(first, last)
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
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Write until `stop`."""
        while not self._stopping.is_set():
            if not self.turn():
                if self.failing:  # what comes in meanwhile is no reason to ask sooner
                    self._stopping.wait(self.pause_s())
                else:
                    self._wake.wait(IDLE_S)
                self._wake.clear()
        self._let_go()
        self._writer.close()
        if self.refused:
            log.error("%d points were refused: lotwatch dead-letters shows them", self.refused)

    def _let_go(self) -> None:
        """Of the replicas' files; they are opened again when they are wanted."""
        for source in self._sources.values():
            if source.reader is not None:
                source.reader.close()
                source.reader = None

    def pause_s(self) -> float:
        """Until it is tried again: not all workers of a fleet at once, and not before the database wants it."""
        return max(self._backoff_s * (0.5 + self._jitter() / 2), self._after_s)

    def turn(self) -> bool:
        """One chunk; False when there was none, or the database would not have it."""
        try:
            self._settle()
            work = self._next()
            if work is None:
                return False
            self._barriers.begin(self._writer.state)
            self._send(work)
        except WriteFailed as error:
            return self._failed(error)
        except sqlite3.Error as error:
            return self._failed(WriteFailed(f"a dead letter cannot be kept: {error}"))
        except (
            JournalError
        ) as error:  # this thread goes on, or nobody would hear that the database gets nothing
            self._let_go()  # what a reader remembers may be what is wrong
            return self._failed(WriteFailed(f"the replica cannot be read: {error}"))
        return True

    # --- writing ------------------------------------------------------------------------------------------------------

    def _next(self) -> _Work | None:
        with self._lock:
            now = self._now_s()
            limit = max(1, min(self._chunk, int(POINTS / self._per_record)))
            for source in self._sources.values():
                for stream in (EVENT_STREAM, INPUT_STREAM):
                    run = source.feeds[stream].owed(limit, now)
                    if run is not None:
                        return _Work(source, stream, *run)
        return None

    def _send(self, work: _Work) -> None:
        """One chunk, whole or what the database will have of it. Raises WriteFailed, sqlite3.Error."""
        blocks = list(self._blocks(work))
        points = sum(len(block.seqs) for block in blocks)
        if blocks:
            try:
                self._writer.write("\n".join(block.text for block in blocks), work.source.lines.precision)
            except WriteFailed as error:
                if error.size and work.last > work.first:
                    self._chunk = max((work.last - work.first + 1) // 2, 1)
                    return
                if not (error.permanent or error.size):
                    raise
                points -= self._by_halves(work, list(numbered(blocks)), error)
        if work.stream == INPUT_STREAM:
            self._per_record = max(1.0, points / (work.last - work.first + 1))
        self._accept(work, points)

    def _by_halves(self, work: _Work, points: list[Point], whole: WriteFailed) -> int:
        """Find the points that it will not have and put them aside; how many. Raises WriteFailed where it has none."""
        self._trials.about_points = whole.points or whole.size
        sifted = sift(points, lambda part: self._trials.write(part, work.source.lines.precision))
        if not (sifted.taken or self._trials.about_points):  # it refuses everything
            raise WriteFailed(str(whole))
        return self._put_aside(work, sifted.found)

    def _put_aside(self, work: _Work, found: Sequence[Found[Point]]) -> int:
        """Dead letters, on the disk before the watermark moves; how many points."""
        count = 0
        for each in found:
            reason = each.reason if each.exact else f"some of these: {each.reason}"
            now_ns = self._clock.now().time_ns
            work.source.refused.put(self._database.url, work.stream, each.items, reason, now_ns)
            count += len(each.items)
        for each in found[:TOLD]:
            log.error("database %s refuses %s", self._database.url, _told(work, each))
        if len(found) > TOLD:
            log.error("database %s refuses %d points of these records in all", self._database.url, count)
        self.refused += count
        return count

    def _accept(self, work: _Work, points: int) -> None:
        self._well()
        self._chunk = CHUNK
        self.points += points
        with self._lock:
            work.source.feeds[work.stream].accept(work.first, work.last, self._now_s())

    def _well(self) -> None:
        if self.failing:
            log.warning("database %s answers again", self._database.url)
        self.failing, self._backoff_s = "", 0.0

    def _failed(self, error: WriteFailed) -> bool:
        if str(error) != self.failing:
            log.error("database %s: %s; trying on", self._database.url, error)
        self.failing = str(error)
        if error.gone and self._backoff_s == 0:
            self._fell()
        self._backoff_s = min(max(self._backoff_s * 2, BACKOFF_S[0]), BACKOFF_S[1])
        self._after_s = error.after_s
        return False

    # --- what is durable ----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """What is on the database's disk moves the watermark; what it lost is owed again. Raises WriteFailed."""
        with self._lock:
            ages = [at for feed in self._feeds() if (at := feed.oldest()) is not None]
            idle = self._idle()
        verdict = self._barriers.turn(self._now_s(), min(ages, default=None), self._writer, idle=idle)
        if verdict is None:
            return
        if verdict.fell:
            log.warning("database %s was started anew: writing the last seconds again", self._database.url)
            self._fell()
        elif verdict.left_out:
            self._find(verdict)
        self._well()
        with self._lock:
            for feed in self._feeds():
                feed.ripen(verdict.upto_s + self._kind.durable_after_s)

    def _idle(self) -> bool:
        now = self._now_s()
        return all(feed.owed(1, now) is None for feed in self._feeds())

    def _feeds(self) -> Iterator[Feed]:
        return (feed for source in self._sources.values() for feed in source.feeds.values())

    def _fell(self) -> None:
        self._barriers.fell()
        with self._lock:
            for feed in self._feeds():
                feed.fell()

    def _find(self, verdict: Verdict) -> None:
        """It said 204 and left something out: write what is young again, in parts, and see which part it is."""
        log.warning("database %s left out %d lines or samples inside a 204: finding them",
                    self._database.url, verdict.left_out)  # fmt: skip
        with self._lock:
            young = [
                _Work(source, stream, first, last)
                for source in self._sources.values()
                for stream, feed in source.feeds.items()
                for first, last in feed.young()
            ]
        self._trials.begin()
        precision = self._precision()
        guilty = sift(
            young,
            lambda part: self._trials.counted([p for work in part for p in self._points(work)], precision),
        )
        for each in guilty.found:
            for work in each.items:
                self.points -= self._put_aside(work, self._trials.left_out(self._points(work), precision))
        self._barriers.found(self._trials.state())

    def _precision(self) -> str:
        return next(iter(self._sources.values())).lines.precision

    # --- out of the replica -------------------------------------------------------------------------------------------

    def _points(self, work: _Work) -> list[Point]:
        return list(numbered(self._blocks(work)))

    def _blocks(self, work: _Work) -> Iterator[Block]:
        source = work.source
        if source.reader is None:
            source.reader = JournalReader(source.folder)
        blocks, unsure = blocks_of(source.reader, source.lines, work.stream, (work.first, work.last))
        self.unconfirmed += unsure
        return blocks

    def _now_s(self) -> float:
        return self._clock.boottime_ns() / 1e9


def _told(work: _Work, found: Found[Point]) -> str:
    seqs = [seq for seq, _ in found.items]
    span = f"{seqs[0]}" if len(set(seqs)) == 1 else f"{min(seqs)}..{max(seqs)}"
    points = "a point" if len(seqs) == 1 else f"{len(seqs)} points"
    return f"{points} of {work.stream} {span}, put aside: {found.reason}: {found.items[0][1][:200]}"
