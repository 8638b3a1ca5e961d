"""A look at a box from outside: what would keep the daemon from doing its work, and how to mend it.

It sends one message to the broker, and nothing to any device; it may be run beside the daemon.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path

from gateway.doctor import broker, certificates, database, load, machine, ports
from gateway.doctor.found import Finding
from gateway.doctor.machine import Machine
from gateway.site import Site

__all__ = ["Finding", "Machine", "examine", "runs"]

_AT_ONCE = 16
_LOCK = "writer.lock"


def runs(data: Path) -> bool:
    """Whether a daemon writes the journal in that folder."""
    try:
        file = os.open(data / _LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def examine(site: Site, data: Path, config: str, now_ns: int, kernel: Machine | None = None) -> list[Finding]:
    """All findings, by code. What waits for others is asked at once."""
    kernel = kernel or Machine()
    running = runs(data)
    now = certificates.instant(now_ns)
    asked: list[Callable[[], Sequence[Finding]]] = [
        partial(machine.clock, now_ns, kernel),
        partial(machine.disk, data, kernel),
        partial(machine.folder, data, site.disk, kernel),
        partial(machine.key, data),
        partial(machine.wear, kernel),
    ]
    for row in site.buses:
        asked += [partial(ports.bus, row, running=running), partial(load.load, site, row, config)]
    if site.web_port and not running:
        asked.append(partial(ports.listening, "127.0.0.1", site.web_port))
    asked += _brokers(site, now)
    if site.database is not None:
        asked.append(partial(database.database, site.database, site.retention_days))
    asked += [partial(certificates.file, what, path, now) for what, path in certificates.named(site)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = [each for part in pool.map(_ask, asked) for each in part]
    return sorted(_once(found), key=lambda each: each.code)


def _ask(question: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
    return question()


def _brokers(site: Site, now: datetime) -> Iterator[Callable[[], Sequence[Finding]]]:
    if site.broker is not None:
        yield partial(broker.broker, site.broker, site.site)
    others = site.sparkplug.brokers if site.sparkplug else ()
    for link in others:  # every message there means something to a host: only whether it lets us in
        yield partial(broker.broker, link, None)
    for link in (*([site.broker] if site.broker else []), *others):
        if link.tls:
            yield partial(certificates.shown, link, now)


def _once(found: Sequence[Finding]) -> list[Finding]:
    known: dict[tuple[str, tuple[tuple[str, str], ...]], Finding] = {}
    for each in found:
        known.setdefault((each.code, tuple(sorted(each.facts.items()))), each)
    return list(known.values())
