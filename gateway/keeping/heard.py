"""Which devices a journal has values of: what an upgrade on probation is judged by."""

from __future__ import annotations

from gateway.journal import JournalReader
from gateway.model import BAD_FROM, Reading

WINDOW_NS = 600_000_000_000


def heard(reader: JournalReader, t0: int, t1: int) -> list[str]:
    """Devices of the config in force that gave at least one good value in [t0, t1)."""
    known, found = _devices(reader), set[str]()
    for group in reader.groups():
        device = group.partition("/")[0]
        if device not in known or device in found:
            continue
        if any((rows.quality < BAD_FROM).any() for rows, _ in reader.rows(group, t0, t1)):
            found.add(device)
    return sorted(found)


def heard_after(reader: JournalReader, seq: int) -> list[str]:
    """Those that did so in an input after number `seq`: what came before, a clock that is set back does not count."""
    silent, found, last = _devices(reader), set[str](), reader.last().input
    for numbered in reader.inputs(seq + 1, last) if silent else ():
        given = numbered.input
        if isinstance(given, Reading) and (given.quality < BAD_FROM).any():
            device = given.group.partition("/")[0]
            if device in silent:
                silent.discard(device)
                found.add(device)
                if not silent:
                    break
    return sorted(found)


def lately(reader: JournalReader, now_ns: int) -> list[str]:
    """Those heard in the last ten minutes, or in three periods of the slowest device where that is longer."""
    site = reader.site()
    slowest_ns = (
        max((group.period_ns for device in site.devices for group in device.groups), default=0) if site else 0
    )
    return heard(reader, now_ns - max(WINDOW_NS, 3 * slowest_ns), now_ns + 1)


def _devices(reader: JournalReader) -> set[str]:
    site = reader.site()
    return {device.name for device in site.devices} if site is not None else set()
