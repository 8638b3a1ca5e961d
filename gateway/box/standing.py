"""How a box stands, as plain data: buses and their dead units, what is not forwarded yet, clock, disk, version.

Numbers of the process that asks, not of the journal: of a daemon that runs. Rule: reading them costs it microseconds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from gateway import __version__
from gateway.box.wear import budget
from gateway.poll import BusPoller, predict_load
from gateway.ports import Clock
from gateway.site import Site


class Forwards(Protocol):
    """A publisher, as far as people ask."""

    online: bool

    def behind(self) -> int:
        """Records that it has not got rid of."""


def buses(site: Site, pollers: Mapping[str, BusPoller]) -> list[dict[str, Any]]:
    """Each bus, with how late its polls were and which of its units do not answer."""
    found = []
    for bus in site.buses:
        devices = [device for device in site.devices if device.bus == bus.name]
        row: dict[str, Any] = {
            "bus": bus.name, "driver": bus.driver, "address": bus.address,
            "load": round(predict_load(bus, devices), 4), "devices": [device.name for device in devices],
        }  # fmt: skip
        poller = pollers.get(bus.name)
        if poller is not None:
            stats = poller.stats
            row |= {
                "polls": stats.polls, "overruns": stats.overruns, "dead": poller.dead(),
                "late_p99_ms": stats.quantile_ns(0.99) / 1e6 if stats.polls else None,
                "late_worst_ms": stats.worst_ns / 1e6 if stats.polls else None,
            }  # fmt: skip
        found.append(row)
    return found


def disk(folder: Path) -> dict[str, Any]:
    """Room on the disk of a folder. Blocks."""
    found = os.statvfs(folder)
    whole, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
    return {"bytes": whole, "free": free, "free_share": round(free / whole, 4) if whole else 0.0}


def forwarding(publishers: Mapping[str, Forwards]) -> list[dict[str, Any]]:
    """What is committed here and not yet at the brokers."""
    return [{"to": name, "online": each.online, "behind": each.behind()} for name, each in publishers.items()]


def standing(
    site: Site, clock: Clock, pollers: Mapping[str, BusPoller], publishers: Mapping[str, Forwards]
) -> dict[str, Any]:
    """All of it that costs no disk."""
    row = clock.row()
    return {
        "budget": budget(site),
        "site": site.site, "gateway": site.gateway, "version": __version__, "commit": site.commit,
        "clock": {"clock_id": row.clock_id, "boot_id": row.boot_id, "synchronised": row.synchronised},
        "buses": buses(site, pollers), "forwarding": forwarding(publishers),
    }  # fmt: skip
