"""A worker that holds partitions: a unit of inbox, replicas and database for each that is its own at the moment.

Rule 1: one partition is worked on by whoever has its session at the broker, and by nobody else.  Rule 2: what was lost
to another worker is let go of (its replicas' locks too) before it is asked for again.  Rule 3: a unit that breaks ends
the process: somebody who stands by is better than half a worker.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path

from gateway.clock import SystemClock
from gateway.ingest.partition_inbox import PartitionInbox
from gateway.ingest.partitions import Wanted, partition_of
from gateway.ingest.replicas import Replicas
from gateway.ingest.roster import Roster
from gateway.ingest.run import on_signals, work
from gateway.ingest.tenure import BEAT_NS, Tenure
from gateway.ingest.worker import Counts
from gateway.journal.chunkfile import make_folder
from gateway.journal.errors import JournalBusy
from gateway.ports import Clock, Entropy
from gateway.site import Broker, Database

TURN_S = 0.05
WAIT_S = 0.05  # for a lock that another worker is about to let go of
SAY_NS = 1_000_000_000  # that we hold it, when the roster says otherwise

log = logging.getLogger(__name__)


class Unit:
    """The work on one partition while it is ours, in a thread of its own."""

    def __init__(
        self, inbox: PartitionInbox, count: int, data: Path, database: Database | None, clock: Clock
    ) -> None:
        self.inbox = inbox
        self.counts = Counts()
        self.error: BaseException | None = None
        self._stopping = threading.Event()
        self._replicas = Replicas(data, lambda site: partition_of(site, count) == inbox.number, self._wait)
        self._database, self._clock = database, clock
        self._thread = threading.Thread(target=self._run, name=f"partition-{inbox.number}", daemon=True)
        self._thread.start()

    def _wait(self) -> bool:
        return self._stopping.wait(WAIT_S)

    def _run(self) -> None:
        try:
            self.counts = work(
                self.inbox, self._replicas, self._clock, self._stopping, database=self._database
            )
        except JournalBusy as error:
            if not self._stopping.is_set():  # else somebody else has it, as he should
                self.error = error
        except BaseException as error:  # noqa: BLE001 # handed to the thread that waits
            self.error = error

    def stop(self) -> None:
        """Begin to end."""
        self._stopping.set()

    def join(self) -> Counts:
        """Wait for its end."""
        self._thread.join()
        return self.counts

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()


class Seat:
    """One partition, and what this worker does about it."""

    def __init__(
        self, number: int, tenure: Tenure, roster: Roster, clock: Clock, take: Callable[[int], Unit]
    ) -> None:
        self.number = number
        self._tenure, self._roster, self._clock, self._take = tenure, roster, clock, take
        self._unit: Unit | None = None
        self._said_ns = 0
        self.done: list[Counts] = []

    def turn(self) -> None:
        """Look at it: take it, keep it, let it go. Raises what broke a unit."""
        now = self._clock.boottime_ns()
        holder = self._roster.holder(self.number)
        unit = self._unit
        if unit is None:
            if self._tenure.due(now, holder, known=self._roster.known()):
                log.info("partition %d: taking it", self.number)
                self._unit = self._take(self.number)
            return
        if unit.ended:
            self.leave()
            return
        if unit.stopping:
            return
        inbox = unit.inbox
        if inbox.taken_over or (inbox.down and self._tenure.elsewhere(now, holder)):
            wait_ns = self._tenure.lost(now)
            unit.stop()
            who = holder.worker if holder is not None and holder.online else "another connection"
            log.warning(
                "partition %d was taken over by %s; it is left alone while that lives, %d s at least",
                self.number, who, wait_ns // 1_000_000_000,
            )  # fmt: skip
        elif inbox.connected:
            self._tenure.took(now)
            wrong = self._roster.known() and (holder is None or not holder.online)
            if now - self._said_ns >= (SAY_NS if wrong else BEAT_NS):
                self._said_ns = now
                inbox.say()
        elif inbox.down:
            self._tenure.dropped(now)
            if self._tenure.due(now, holder, known=self._roster.known()):
                inbox.dial()

    @property
    def working(self) -> bool:
        """It is ours and connected."""
        return self._unit is not None and self._unit.inbox.connected and not self._unit.stopping

    def stop(self) -> None:
        """Begin to leave."""
        if self._unit is not None:
            self._unit.stop()

    def leave(self) -> None:
        """Let go of it, and wait until that is done. Raises what broke the unit."""
        unit, self._unit = self._unit, None
        if unit is None:
            return
        unit.stop()
        self.done.append(unit.join())
        if unit.error is not None:
            raise unit.error


def ingest_wanted(  # what a worker is made of
    data: Path,
    broker: Broker,
    wanted: Wanted,
    *,
    name: str,
    entropy: Entropy,
    database: Database | None = None,
    ready: Callable[[int], None] = lambda _: None,
    ready_file: Path | None = None,
) -> Counts:
    """Work on one's own partitions, and on those stood by for while they are free, until a signal says stop.

    `ready` is told the partition whenever one is subscribed; `ready_file` is touched every 5 s while all of one's own
    are connected. Raises JournalError; OSError, ValueError where the config is
    wrong.
    """
    clock = SystemClock()
    make_folder(data)
    me = f"{socket.gethostname()}-{os.getpid()}-{entropy.token(2).hex()}"
    stopping = threading.Event()
    on_signals(stopping)

    def take(number: int) -> Unit:
        inbox = PartitionInbox(broker, name, number, wanted.count, me, lambda: ready(number))
        return Unit(inbox, wanted.count, data, database, clock)

    roster = Roster(broker, name, me, clock)
    seats = [
        Seat(number, Tenure(me, entropy, owner=number in wanted.own), roster, clock, take)
        for number in (*wanted.own, *wanted.standby)
    ]
    mine = len(wanted.own)
    roster.open()
    try:
        touch_ns = 0
        while not stopping.wait(TURN_S):
            for seat in seats:
                seat.turn()
            now = clock.boottime_ns()
            if ready_file is not None and now >= touch_ns and all(each.working for each in seats[:mine]):
                ready_file.touch()
                touch_ns = now + BEAT_NS
    finally:
        for seat in seats:
            seat.stop()
        try:
            for seat in seats:
                seat.leave()
        finally:
            roster.close()
    return _sum(each for seat in seats for each in seat.done)


def _sum(parts: Iterable[Counts]) -> Counts:
    total = Counts()
    for part in parts:
        for each in fields(Counts):
            setattr(total, each.name, getattr(total, each.name) + getattr(part, each.name))
    return total
