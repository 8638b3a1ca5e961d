"""The host application beside the ingest worker: its connection, its thread, its end."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

from gateway.ingest.sparkplug import HostCounts, HostLink, SparkplugHost
from gateway.ingest.writers import writer_of
from gateway.ports import Clock
from gateway.site import Broker, Database

_ENDING_S = 10

log = logging.getLogger(__name__)


@contextlib.contextmanager
def hosting(broker: Broker, database: Database, clock: Clock, group: str, host: str) -> Iterator[HostCounts]:
    """Hear a group's edge nodes, `+` for all, while the block runs. Raises OSError, ValueError."""
    link = HostLink(broker, group, host, clock)
    writer = writer_of(database)
    worker = SparkplugHost(link, database, clock, writer)
    thread = threading.Thread(target=worker.run, name="sparkplug", daemon=True)
    link.open()
    thread.start()
    try:
        yield worker.counts
    finally:
        worker.stop()
        thread.join(timeout=_ENDING_S)
        link.close()
        writer.close()
        log.info("sparkplug host %s: %s", host, worker.counts)
