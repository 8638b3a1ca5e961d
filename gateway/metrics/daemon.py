"""The numbers of a daemon that runs.

Read in another thread than the loop's, which may add a bus meanwhile: so each mapping is copied first.

The law: labels are bounded by the config. A bus, a device, a broker, a severity is a label; a lot, a scan, a tag or an
operator never is, so that a year of production makes no more series than its first minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway import __version__
from gateway.alarms.values import ACKNOWLEDGED, ACTIVE, RETURNED, SHELVED, Alarm
from gateway.box.standing import Forwards
from gateway.journal.stands import stands
from gateway.metrics.families import Family, Sample, buckets, counted, text
from gateway.metrics.lag import LoopLag
from gateway.metrics.process import taken
from gateway.model import Severity
from gateway.poll import BusPoller, predict_load
from gateway.poll.outcome import Outcome
from gateway.poll.stats import EDGES_NS
from gateway.ports import Clock
from gateway.site import Site

STATES = (ACTIVE, ACKNOWLEDGED, RETURNED, SHELVED)
FAILURES = (Outcome.SILENT, Outcome.DOWN, Outcome.UNKNOWN)


class Records(Protocol):
    """What is read of the recorder."""

    values: int
    blocks: int
    refused: int
    committed_ns: int | None

    @property
    def waiting(self) -> int: ...

    def still_ns(self, now_ns: int) -> int: ...


@dataclass(frozen=True)
class Parts:
    """What the numbers are read off."""

    site: Site
    data: Path
    clock: Clock
    recorder: Records
    pollers: Mapping[str, BusPoller]
    forwards: Mapping[str, Forwards]
    alarms: Callable[[], Iterable[Alarm]]
    lag: LoopLag


def page(parts: Parts) -> bytes:
    """All of it. Asks the disk for its room: not in a loop."""
    return text([*_buses(parts), *_devices(parts), *_journal(parts), *_box(parts)])


def _buses(parts: Parts) -> Iterable[Family]:
    now_ns = parts.clock.boottime_ns()
    stats = [({"bus": name}, poller.stats) for name, poller in list(parts.pollers.items())]
    edges = [edge / 1e9 for edge in EDGES_NS]
    yield Family(
        "lotwatch_bus_polls",
        "counter",
        "Polls that were sent.",
        [counted(s.polls, **bus) for bus, s in stats],
    )
    yield Family(
        "lotwatch_bus_overruns", "counter", "Deadlines that passed unserved because the bus was busy.",
        [counted(s.overruns, **bus) for bus, s in stats],
    )  # fmt: skip
    yield Family(
        "lotwatch_bus_probes", "counter", "Questions to units that do not answer.",
        [counted(s.probes, **bus) for bus, s in stats],
    )  # fmt: skip
    yield Family(
        "lotwatch_bus_lateness_seconds", "histogram", "From a poll's deadline until its request was sent.",
        [each for bus, s in stats for each in buckets(edges, s.late, s.late_ns / 1e9, bus)], "seconds",
    )  # fmt: skip
    yield Family(
        "lotwatch_bus_busy_seconds", "counter", "Time that polls have taken; its rate is the measured load.",
        [counted(s.busy_ns / 1e9, **bus) for bus, s in stats], "seconds",
    )  # fmt: skip
    yield Family(
        "lotwatch_bus_load_planned_ratio", "gauge", "Share of the bus's time that the schedule asks for, as predicted.",
        [Sample(predict_load(bus, parts.site.devices), {"bus": bus.name}) for bus in parts.site.buses], "ratio",
    )  # fmt: skip
    yield Family(
        "lotwatch_bus_still_seconds", "gauge", "For how long the bus has done nothing that was to be done.",
        [Sample(each.still_ns(now_ns) / 1e9, {"bus": name}) for name, each in list(parts.pollers.items())], "seconds",
    )  # fmt: skip


def _devices(parts: Parts) -> Iterable[Family]:
    up, failed = [], []
    for name, poller in list(parts.pollers.items()):
        dead = set(poller.dead())
        for device in poller.devices():
            labels = {"bus": name, "device": device}
            up.append(Sample(float(device not in dead), labels))
            failed += [
                counted(poller.stats.failed[device, why.name.lower()], **labels, reason=why.name.lower())
                for why in FAILURES
            ]
    yield Family(
        "lotwatch_device_up", "gauge", "1 where the device answers, 0 where it is given up for now.", up
    )
    yield Family(
        "lotwatch_device_failed_polls", "counter", "Polls of a device that brought nothing, by why.", failed
    )


def _journal(parts: Parts) -> Iterable[Family]:
    recorder, now_ns = parts.recorder, parts.clock.boottime_ns()
    age_ns = now_ns - recorder.committed_ns if recorder.committed_ns is not None else 0
    yield Family("lotwatch_values", "counter", "Values that were read.", [counted(recorder.values)])
    yield Family("lotwatch_blocks", "counter", "Blocks that were committed.", [counted(recorder.blocks)])
    yield Family(
        "lotwatch_readings_refused", "counter", "Readings that were not taken, as the disk is full; each is in a gap.",
        [counted(recorder.refused)],
    )  # fmt: skip
    yield Family(
        "lotwatch_buffer_records", "gauge", "Records that are folded and not committed yet.",
        [Sample(recorder.waiting)], "records",
    )  # fmt: skip
    yield Family(
        "lotwatch_commit_age_seconds", "gauge", "Since the newest block was committed.",
        [Sample(age_ns / 1e9)], "seconds",
    )  # fmt: skip
    yield Family(
        "lotwatch_commit_still_seconds", "gauge", "For how long the disk has had a block without a word.",
        [Sample(recorder.still_ns(now_ns) / 1e9)], "seconds",
    )  # fmt: skip
    forwards = [({"to": name}, each) for name, each in list(parts.forwards.items())]
    yield Family(
        "lotwatch_forward_online", "gauge", "1 where there is a connection.",
        [Sample(float(each.online), to) for to, each in forwards],
    )  # fmt: skip
    yield Family(
        "lotwatch_forward_lag_records", "gauge", "Records that are committed and not acknowledged there.",
        [Sample(each.behind(), to) for to, each in forwards], "records",
    )  # fmt: skip


def _box(parts: Parts) -> Iterable[Family]:
    used, disk, row = taken(), stands(parts.data, parts.site.disk), parts.clock.row()
    count = {(severity, state): 0 for severity in Severity for state in STATES}
    for alarm in parts.alarms():
        state = SHELVED if alarm.shelf is not None else alarm.state
        if (alarm.cause.severity, state) in count:
            count[alarm.cause.severity, state] += 1
    yield Family(
        "lotwatch_alarms", "gauge", "Alarms that are not closed.",
        [Sample(n, {"severity": s.name.lower(), "state": state}) for (s, state), n in count.items()],
    )  # fmt: skip
    yield Family(
        "lotwatch_loop_lag_seconds", "gauge", "How late the loop turned at worst in the last minute.",
        [Sample(parts.lag.worst_ns / 1e9)], "seconds",
    )  # fmt: skip
    yield Family(
        "lotwatch_clock_synchronised",
        "gauge",
        "1 where wall time is confirmed.",
        [Sample(float(row.synchronised))],
    )
    yield Family(
        "lotwatch_clock_rows",
        "gauge",
        "Number of the clock row in force; it grows when wall time is stepped.",
        [Sample(row.clock_id)],
    )
    yield Family(
        "lotwatch_disk_size_bytes", "gauge", "The disk under the journal.", [Sample(disk.whole)], "bytes"
    )
    yield Family("lotwatch_disk_free_bytes", "gauge", "Free there.", [Sample(disk.free)], "bytes")
    yield Family(
        "lotwatch_folder_size_bytes", "gauge", "What the data folder takes of the disk.", [Sample(disk.taken)], "bytes"
    )  # fmt: skip
    yield Family("lotwatch_folder_quota_bytes", "gauge", "What it may take.", [Sample(disk.quota)], "bytes")
    yield Family(
        "lotwatch_ballast_spent", "gauge", "1 where the ballast was let go of, as the disk was full, and is not back.",
        [Sample(float(disk.spent))],
    )  # fmt: skip
    yield Family(
        "lotwatch_process_cpu_seconds",
        "counter",
        "Processor time of the daemon.",
        [counted(used.cpu_s)],
        "seconds",
    )
    yield Family(
        "lotwatch_process_memory_bytes",
        "gauge",
        "Resident memory of the daemon.",
        [Sample(used.memory_bytes)],
        "bytes",
    )
    yield Family("lotwatch_process_files", "gauge", "Files that the daemon has open.", [Sample(used.files)])
    labels = {"version": __version__, "site": parts.site.site, "gateway": parts.site.gateway}
    yield Family("lotwatch_build", "info", "What runs here.", [Sample(1, labels, "_info")])
