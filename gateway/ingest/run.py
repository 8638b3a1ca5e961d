"""Builds the ingest worker and runs it until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import FrameType

from gateway.clock import SystemClock
from gateway.ingest.database import DatabaseSink
from gateway.ingest.dead import DeadLetters
from gateway.ingest.hosting import hosting
from gateway.ingest.inbox import MqttInbox
from gateway.ingest.replicas import Replicas
from gateway.ingest.worker import Counts, Worker
from gateway.journal.chunkfile import make_folder
from gateway.ports import Clock
from gateway.site import Broker, Database

log = logging.getLogger(__name__)


def ingest(  # what a worker is made of
    data: Path,
    broker: Broker,
    *,
    site: str = "+",
    name: str = "main",
    database: Database | None = None,
    stop: threading.Event | None = None,
    ready: Callable[[], None] = lambda: None,
    foreign: tuple[str, str] | None = None,
) -> Counts:
    """Fill the replicas in `data` from the broker until `stop`, SIGTERM or SIGINT. Raises JournalError.

    `ready` is called whenever the subscriptions stand. `name` makes the client id, by which the broker knows our
    session: one worker a name and data folder. `foreign`: a Sparkplug group, and our id as its host application, whose
    edge nodes are written to the database too.
    """
    clock = SystemClock()
    make_folder(data)
    stopping = stop or threading.Event()
    if stop is None:
        on_signals(stopping)
    inbox = MqttInbox(broker, f"lotwatch-ingest-{name}", site, ready)
    beside: AbstractContextManager[object] = nullcontext()
    if foreign is not None and database is not None:
        beside = hosting(broker, database, clock, *foreign)
    return work(inbox, Replicas(data), clock, stopping, database=database, beside=beside)


def work(  # what a worker is made of
    inbox: MqttInbox,
    replicas: Replicas,
    clock: Clock,
    stopping: threading.Event,
    *,
    database: Database | None,
    beside: AbstractContextManager[object] | None = None,
) -> Counts:
    """Fill these replicas from this inbox until `stopping`; both are closed then. Raises JournalError."""
    data = replicas.data
    sink = None if database is None else DatabaseSink(database, data, clock)
    worker = Worker(inbox, replicas, DeadLetters(data, clock), clock, sink=sink, stopping=stopping)
    feeding = threading.Thread(target=sink.run, name="database", daemon=True) if sink else None
    inbox.open()
    try:
        if feeding is not None:
            feeding.start()
        with beside or nullcontext():
            worker.run()
    finally:
        if sink is not None and feeding is not None:
            sink.stop()
            feeding.join(timeout=10)
        inbox.close()
        replicas.close()
    return worker.counts


def on_signals(stopping: threading.Event) -> None:
    """SIGTERM, SIGINT and SIGHUP set it."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(each) is not signal.SIG_IGN:  # nohup: a lost terminal is nothing
            signal.signal(each, stop)
