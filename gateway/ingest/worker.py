"""The ingest worker: messages to replicas, and what is stored back to the gateway.

Rule 1: a message is acknowledged after the commit that stored its records, never before.  Rule 2: what is not ours is
put aside with its reason and acknowledged; it never stops the rest.  Rule 3: a disk that cannot take a batch makes us
wait with it; the broker holds what comes meanwhile.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Protocol

from gateway.ingest.askings import Askings
from gateway.ingest.dead import DeadLetters
from gateway.ingest.handed import Handed
from gateway.ingest.inbox import Delivery, Inbox
from gateway.ingest.outbox import Outbox
from gateway.ingest.replicas import Replicas
from gateway.ingest.upkeep import Upkeep
from gateway.journal.arrivals import New
from gateway.journal.errors import (
    JournalFailed,
    JournalForeign,
    JournalFull,
    JournalReadOnly,
)
from gateway.journal.intervals import Interval
from gateway.model import GroupId, Identity, NumberedEvent, NumberedInput
from gateway.ports import Clock, Watermark
from gateway.proof.leaf import Leaf
from gateway.rows import Rows
from gateway.wire import (
    Checkpoint,
    NotOurs,
    Records,
    Stored,
    parse,
    parse_checkpoint,
    parse_gone,
    parse_head,
    parse_leaves,
    site_topic,
    stored,
)

LEDGER = ("/leaf", "/checkpoint")
LEVELS = 3  # and not of a lot with such a name
BATCH = 200  # messages in one transaction
BUSY = 50  # in one say that much comes in
WAIT_S = 0.5  # for the first message of a batch
GATHER_S = 0.02  # for one more
TELL_NS = 1_000_000_000  # how often `stored` is said
TELL_AGAIN_NS = 10_000_000_000  # ... while something is missing
RETRY_S = 1.0
ASIDE_EVERY_NS = 10_000_000_000  # how often a message that is not ours is told
RUNS_TOLD = 32  # missing runs named in `stored`

log = logging.getLogger(__name__)


class Sink(Protocol):
    """Where stored records go on to: a database."""

    def begin(self, identity: Identity, at: Watermark) -> None:
        """A replica was opened; it says how far the database was with it."""

    def offer(self, identity: Identity, inputs: list[Interval], events: list[Interval]) -> None:
        """Records with these numbers are committed to the replica."""

    def lose(self, identity: Identity, stream: str, first: int, last: int) -> None:
        """An operator has given these up."""

    def accepted(self, identity: Identity) -> Watermark:
        """Per stream the contiguous prefix that the database durably holds."""


@dataclass
class Counts:
    """What a worker did since it started."""

    messages: int = 0
    inputs: int = 0
    events: int = 0
    repeated: int = 0
    commits: int = 0


@dataclass
class _Batch:
    inputs: list[NumberedInput] = field(default_factory=list)
    events: list[NumberedEvent] = field(default_factory=list)
    columns: list[tuple[GroupId, Rows]] = field(default_factory=list)

    def add(self, records: Records) -> None:
        """What a message holds."""
        self.inputs += records.inputs
        self.events += records.events
        self.columns += records.columns

    def records(self) -> int:
        """How many."""
        return len(self.inputs) + len(self.events) + sum(len(rows) for _, rows in self.columns)


@dataclass(frozen=True, slots=True)
class _Leaves:
    identity: Identity
    leaves: list[Leaf]


def _ledger_part(delivery: Delivery) -> _Leaves | Checkpoint:
    """What a message of a ledger says. Raises NotOurs."""
    part: _Leaves | Checkpoint
    kind = delivery.topic.rsplit("/", 1)[1]
    if kind == "checkpoint":
        part = parse_checkpoint(delivery.payload)
    else:
        identity, rows = parse_leaves(delivery.payload)
        part = _Leaves(identity, [Leaf.of_row(row.row()) for row in rows])
    if site_topic(part.identity.site, kind) != delivery.topic:
        raise NotOurs("the topic's site is not the payload's")
    return part


class Worker:
    """One for a data folder. `run` in one thread; `stopping` is set from any."""

    def __init__(  # each a port
        self,
        inbox: Inbox,
        replicas: Replicas,
        dead: DeadLetters,
        clock: Clock,
        *,
        sink: Sink | None = None,
        stopping: threading.Event | None = None,
        retry_s: float = RETRY_S,
    ) -> None:
        self._inbox, self._replicas, self._dead, self._clock = inbox, replicas, dead, clock
        self._retry_s = retry_s
        self._sink, self._stopping = sink, stopping or threading.Event()
        self._heard: dict[Identity, bool] = {}  # whether there is something to say about it
        self._heads: dict[Identity, Watermark] = {}  # what the gateways say they have
        self._said_ns: dict[Identity, int] = {}
        self._told_ns = -TELL_NS
        self._aside, self._aside_ns = 0, 0
        self._upkeep = Upkeep(replicas, clock)
        self._written: dict[Identity, Watermark] = {}
        self._ledger: list[_Leaves | Checkpoint] = []  # of this batch, still to be kept
        self._asking = Askings(replicas, inbox, clock, self._end)
        self._handed = Handed(Outbox(replicas.data), replicas, inbox, clock, self._given_up)
        self.counts = Counts()

    def run(self) -> None:
        """Work until `stopping` is set."""
        self.begin()
        while not self._stopping.is_set():
            self.turn()
        self.end()

    def begin(self) -> None:
        """Before the first turn: the database hears of the replicas that are there."""
        if self._sink is not None:
            for identity in self._replicas.found():
                self._begin_with(identity)

    def end(self) -> None:
        """After the last turn: how far it is, is kept and told."""
        self._keep_cursors()
        self._tell(now=True)

    def turn(self) -> int:
        """One batch, or none within `WAIT_S`; how many messages."""
        deliveries = self._inbox.take(BATCH, WAIT_S, GATHER_S)
        if deliveries:
            self._store(deliveries)
            self._inbox.acknowledge(deliveries)
            self.counts.messages += len(deliveries)
        for identity in self._upkeep.turn(busy=len(deliveries) >= BUSY):
            self._heard[identity] = True
        self._handed.turn()
        self._asking.turn(quiet=len(deliveries) < BATCH)
        self._tell()
        return len(deliveries)

    def _store(self, deliveries: list[Delivery]) -> None:
        batches: dict[Identity, _Batch] = {}
        for each in deliveries:
            records = self._parse(each)
            if records is not None:
                batches.setdefault(records.identity, _Batch()).add(records)
        self._witness()
        for identity, batch in batches.items():
            if not self._commit(identity, batch):
                self._one_by_one(identity, deliveries)

    def _parse(self, delivery: Delivery, *, again: bool = False) -> Records | None:
        if not delivery.payload:
            return None  # a retained alarm was cleared
        try:
            if delivery.topic.endswith("/head") and delivery.topic.count("/") == LEVELS:
                identity, last = parse_head(delivery.payload)
                if site_topic(identity.site, "head") != delivery.topic:
                    raise NotOurs("the topic's site is not the payload's")
                self._head(identity, last)
                return None
            if delivery.topic.endswith("/gone") and delivery.topic.count("/") == LEVELS:
                said = parse_gone(delivery.payload)
                if site_topic(said.identity.site, "gone") != delivery.topic:
                    raise NotOurs("the topic's site is not the payload's")
                if not again:
                    self._asking.hear(said)
                return None
            if delivery.topic.endswith(LEDGER) and delivery.topic.count("/") == LEVELS:
                if not again:
                    self._ledger.append(_ledger_part(delivery))
                return None
            return parse(delivery.topic, delivery.payload)
        except (NotOurs, JournalForeign) as error:
            if not again:
                self._put_aside(delivery, str(error))
            return None

    def _witness(self) -> None:
        """Leaves and checkpoints of this batch: kept, or an alarm. Waits for a disk that is full."""
        while self._ledger:
            part = self._ledger[0]
            try:
                witness = self._replicas.of(part.identity).witness
                now_ns = self._clock.now().time_ns
                if isinstance(part, Checkpoint):
                    witness.take_head(part.note, part.key, part.time_ns, now_ns)
                else:
                    witness.take_leaves(part.leaves, now_ns)
            except (JournalFull, JournalFailed, JournalReadOnly) as error:
                log.error("%s; the broker holds what comes meanwhile", error)  # noqa: TRY400 # its text says it all
                if self._stopping.wait(self._retry_s):
                    raise
                continue
            except JournalForeign as error:
                log.warning("%s", error)
            del self._ledger[0]
            self._heard[part.identity] = True

    def _given_up(self, identity: Identity, stream: str, first: int, last: int) -> None:
        self._heard[identity] = True
        if self._sink is not None:
            self._begin(identity)
            self._sink.lose(identity, stream, first, last)

    def _end(self, identity: Identity) -> Watermark:
        """Per stream the greatest number that is known to be there, here or at the gateway."""
        last, head = self._replicas.of(identity).last(), self._heads.get(identity, Watermark())
        return Watermark(max(last.input, head.input), max(last.event, head.event))

    def _head(self, identity: Identity, last: Watermark) -> None:
        """A gateway says what it has: if we lack some of it, it must hear so."""
        self._heads[identity] = last
        try:
            whole = self._whole(identity)
        except JournalFull as error:  # no room for a replica that is not there yet: the head comes again
            log.warning("%s", error)
            return
        if not whole:
            self._heard.setdefault(identity, True)

    def _whole(self, identity: Identity) -> bool:
        at, last = self._replicas.of(identity).watermark(), self._heads.get(identity, Watermark())
        return at.input >= last.input and at.event >= last.event

    def _put_aside(self, delivery: Delivery, reason: str) -> None:
        at = self._clock.boottime_ns()
        self._aside += 1
        if at >= self._aside_ns:  # whoever floods us does not flood the log
            self._aside_ns = at + ASIDE_EVERY_NS
            log.warning(
                "put aside %d messages so far, now one of %s: %s", self._aside, delivery.topic, reason
            )
        self._dead.put(delivery.topic, delivery.payload, reason)

    def _one_by_one(self, identity: Identity, deliveries: list[Delivery]) -> None:
        """Something in the batch cannot be stored: find it, store the rest."""
        for each in deliveries:
            records = self._parse(each, again=True)
            if records is None or records.identity != identity:
                continue
            alone = _Batch()
            alone.add(records)
            if not self._commit(identity, alone):
                self._put_aside(each, "the replica cannot hold it")

    def _begin(self, identity: Identity) -> None:
        if self._sink is not None and identity not in self._written:
            at = self._written[identity] = self._replicas.of(identity).cursor("database")
            self._sink.begin(identity, at)

    def _begin_with(self, identity: Identity) -> None:
        """Before anything is taken. Waits for a disk that is full: even opening a file may need room."""
        while True:
            try:
                self._begin(identity)
                return
            except JournalFull as error:
                log.error("%s; the broker holds what comes meanwhile", error)  # noqa: TRY400 # its text says it all
                if self._stopping.wait(self._retry_s):
                    raise

    def _commit(self, identity: Identity, batch: _Batch) -> bool:
        """Store durably, waiting for a disk that is full; False for what no replica can hold."""
        new = New([], [], [])
        while True:
            try:
                self._begin(identity)
                new = self._replicas.of(identity).store(batch.inputs, batch.events, batch.columns)
                break
            except (JournalFull, JournalFailed, JournalReadOnly) as error:
                log.error("%s; the broker holds what comes meanwhile", error)  # noqa: TRY400 # its text says it all
                if self._stopping.wait(self._retry_s):
                    raise
            except JournalForeign as error:
                log.warning("%s", error)
                return False
            except (ValueError, TypeError, OverflowError) as error:
                log.warning("cannot be stored: %s", error)
                return False
        counts, (inputs, events) = self.counts, new.records()
        counts.inputs += inputs
        counts.events += events
        counts.repeated += batch.records() - inputs - events
        counts.commits += 1
        self._heard[identity] = True
        self._handed.heard(new.told)
        if self._sink is not None and (inputs or events):
            self._sink.offer(identity, new.inputs, new.events)
        return True

    def _tell(self, *, now: bool = False) -> None:
        """Say what is stored, at most once a `TELL_NS`; also when everything was stored before: we are heard."""
        at = self._clock.boottime_ns()
        if not now and at - self._told_ns < TELL_NS:
            return
        self._told_ns = at
        if self._sink is not None:
            self._keep_cursors()
        for identity, due in self._heard.items():
            if not due and at - self._said_ns.get(identity, at) >= TELL_AGAIN_NS:
                due = not self._whole(identity)  # noqa: PLW2901 # due after all
            if due and self._inbox.publish(
                site_topic(identity.site, "stored"), stored(self._said(identity), self._clock.now().time_ns)
            ):
                self._heard[identity] = False
                self._said_ns[identity] = at

    def _said(self, identity: Identity) -> Stored:
        replica = self._replicas.of(identity)
        missing, lost = replica.missing(self._end(identity)), replica.known_lost()
        database = None if self._sink is None else self._sink.accepted(identity)
        return Stored(
            identity,
            replica.watermark(),
            replica.last(),
            {stream: tuple(runs[:RUNS_TOLD]) for stream, runs in missing.items()},
            database,
            replica.witness.size,
            replica.witness.last_alarm(),
            {stream: tuple(runs[:RUNS_TOLD]) for stream, runs in lost.items()},
        )

    def _keep_cursors(self) -> None:
        """How far the database is goes into the replica, so that a restart goes on from there."""
        if self._sink is None:
            return
        for identity, written in self._written.items():
            at = self._sink.accepted(identity)
            if at != written:
                try:
                    self._replicas.of(identity).set_cursor("database", at)
                except (
                    JournalFull,
                    JournalFailed,
                    JournalReadOnly,
                ) as error:  # it saves work, and is tried again
                    log.warning("%s: how far the database is, is not kept yet: %s", identity.gateway, error)
                    continue
                self._written[identity] = at
                self._heard[identity] = True
