"""Builds the ingest worker and runs it until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from gateway.clock import SystemClock
from gateway.ingest.database import DatabaseSink
from gateway.ingest.dead import DeadLetters
from gateway.ingest.inbox import MqttInbox
from gateway.ingest.replicas import Replicas
from gateway.ingest.worker import Counts, Worker
from gateway.journal.chunkfile import make_folder
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
) -> Counts:
    """Fill the replicas in `data` from the broker until `stop`, SIGTERM or SIGINT. Raises JournalError.

    `ready` is called whenever the subscriptions stand. `name` makes the client id, by which the broker knows our
    session: one worker a name and data folder.
    """
    clock = SystemClock()
    make_folder(data)
    dead = DeadLetters(data, clock)
    sink = None if database is None else DatabaseSink(database, data, clock)
    inbox = MqttInbox(broker, f"lotwatch-ingest-{name}", site, ready)
    replicas = Replicas(data)
    stopping = stop or threading.Event()
    worker = Worker(inbox, replicas, dead, clock, sink=sink, stopping=stopping)
    if stop is None:
        _on_signals(stopping)
    feeding = threading.Thread(target=sink.run, name="database", daemon=True) if sink else None
    inbox.open()
    try:
        if feeding is not None:
            feeding.start()
        worker.run()
    finally:
        if sink is not None and feeding is not None:
            sink.stop()
            feeding.join(timeout=10)
        inbox.close()
        replicas.close()
    return worker.counts


def _on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(each) is not signal.SIG_IGN:  # nohup: a lost terminal is nothing
            signal.signal(each, stop)
