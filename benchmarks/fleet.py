"""What a site costs the centre: CPU at broker and ingest, bytes on the wire and on disk, memory; and a takeover.

``python -m benchmarks.fleet [--sites 40] [--partitions 2] [--seconds 15]``. Everything on loopback of this machine: a
mosquitto of its own with persistence, one `lotwatch ingest --partition` process a partition and one that stands by, and
the sites in one more process (`benchmarks._fleet_sites`: real journals, signers and publishers, 200 values a second a
site, committed once a second). CPU and memory come from /proc, bytes from the broker's own counters. After the window
one worker is killed (SIGKILL) under load; what is missing in the replicas at the end is lost.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks._fleet_replicas import SHARED, asked, make
from benchmarks._fleet_sites import GROUPS, POINTS
from benchmarks._table import Row, machine, print_table
from gateway.ingest.partitions import partition_of
from gateway.journal import JournalReader, open_readers
from gateway.wire import parse_stored

SETTLE_S = 6.0  # connecting, first records, the directories of the replicas
KILLED_S = 8.0  # load after the kill
DRAIN_S = 12.0
_TICKS = os.sysconf("SC_CLK_TCK")
CONF = """listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 60
max_queued_messages 0
max_queued_bytes 0
sys_interval 1
log_dest none
"""


@dataclass
class Ear:
    """What the broker says of itself, and the workers of what they stored."""

    counted: dict[str, float] = field(default_factory=dict)
    stored: dict[str, tuple[float, int]] = field(default_factory=dict)  # site: when its prefix moved last, to
    lock: threading.Lock = field(default_factory=threading.Lock)

    def inputs(self) -> int:
        """Stored of all sites."""
        with self.lock:
            return sum(prefix for _, prefix in self.stored.values())

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        with self.lock:
            if message.topic.startswith("$SYS/"):
                self.counted[message.topic.removeprefix("$SYS/broker/")] = float(message.payload)
                return
            site, prefix = message.topic.split("/")[2], parse_stored(bytes(message.payload)).replica.input
            if prefix > self.stored.get(site, (0.0, -1))[1]:
                self.stored[site] = (time.monotonic(), prefix)


@dataclass(frozen=True)
class Use:
    """Of one process since it started."""

    cpu_s: float
    rss_mb: float
    wrote: int  # bytes handed to the disk

    @classmethod
    def of(cls, pid: int) -> Use:
        parts = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        status = Path(f"/proc/{pid}/status").read_text("ascii").split("VmRSS:")[1].split()[0]
        wrote = 0
        with contextlib.suppress(OSError, IndexError):
            wrote = int(Path(f"/proc/{pid}/io").read_text("ascii").split("\nwrite_bytes: ")[1].split()[0])
        return cls((int(parts[11]) + int(parts[12])) / _TICKS, int(status) / 1024, wrote)


@contextlib.contextmanager
def child(command: list[str], log: Path, **more: int) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("ab") as out,
        subprocess.Popen(command, stdout=out, stderr=out, **more) as process,  # type: ignore[call-overload]
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            if process.poll() is None:
                process.kill()


def until(true: object, what: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def disk(folder: Path) -> int:
    """Bytes in the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def worker(port: int, data: Path, *more: str) -> list[str]:
    ingest = ["ingest", "--broker", f"mqtt://127.0.0.1:{port}", "--data", str(data)]
    return [sys.executable, "-m", "gateway", *ingest, *more]


def free_port() -> int:
    import socket  # noqa: PLC0415 # here only

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(sites: int, partitions: int, seconds: float, folder: Path) -> list[Row]:
    port, data, ear = free_port(), folder / "replicas", Ear()
    (folder / "broker").mkdir()
    conf = folder / "mosquitto.conf"
    user = "user root\n" if os.geteuid() == 0 else ""
    conf.write_text(CONF.format(port=port, folder=folder / "broker") + user, "ascii")
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    if program is None:
        raise SystemExit("no mosquitto on this machine")
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(child([program, "-c", str(conf)], folder / "broker.log"))
        listener = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        listener.on_message = ear.on_message
        until(lambda: _connected(listener, port), "the broker")
        listener.subscribe([("$SYS/broker/bytes/#", 0), ("$SYS/broker/messages/received", 0)])
        listener.subscribe("lotwatch/v1/+/stored", 0)
        listener.loop_start()
        stack.callback(listener.loop_stop)
        logs = [folder / f"worker{number}.log" for number in range(partitions)]
        workers = [
            stack.enter_context(child(worker(port, data, "--partition", f"{number}/{partitions}"), log))
            for number, log in enumerate(logs)
        ]
        other = folder / "standby.log"
        standby = stack.enter_context(
            child(worker(port, data, "--standby", f"0-{partitions - 1}/{partitions}"), other)
        )
        until(lambda: all(log.read_text("utf-8").count("has partition") for log in logs), "the workers")
        idle_rss = Use.of(standby.pid).rss_mb
        load_s = SETTLE_S + seconds + KILLED_S
        feed = [sys.executable, "-m", "benchmarks._fleet_sites", str(port), str(folder / "sites"), str(sites)]
        stack.enter_context(child([*feed, str(load_s)], folder / "sites.log", stdin=subprocess.PIPE))
        until(lambda: len(ear.stored) == sites, "every site is stored")
        time.sleep(SETTLE_S / 2)
        before = [Use.of(each.pid) for each in (broker, *workers)]
        held, counted, began, prefix = disk(data), dict(ear.counted), time.monotonic(), ear.inputs()
        time.sleep(seconds)
        span = time.monotonic() - began
        after = [Use.of(each.pid) for each in (broker, *workers)]
        grown, inputs = disk(data) - held, ear.inputs() - prefix
        moved = {name: ear.counted[name] - counted.get(name, 0.0) for name in ear.counted}
        first, takeover = killed(workers[0], partitions, ear)
        time.sleep(KILLED_S)
        lost, records = quiet(folder, data)
        restart = Use.of(standby.pid).rss_mb
    used = [late.cpu_s - early.cpu_s for early, late in zip(before, after, strict=True)]
    wrote = [late.wrote - early.wrote for early, late in zip(before, after, strict=True)]
    values = inputs * POINTS / span
    nominal = sites * GROUPS * POINTS
    worth = values / (
        GROUPS * POINTS
    )  # sites at their full rate; fewer where this machine is too slow for all
    broker_cpu, ingest_cpu = used[0] / span, sum(used[1:]) / span
    rss = [use.rss_mb for use in after]
    received, sent = moved.get("bytes/received", 0.0) / span, moved.get("bytes/sent", 0.0) / span
    return [
        Row(f"{sites} sites of {GROUPS * POINTS} values/s, {partitions} partitions: values/s stored", "-", "shown",
            f"{values:,.0f} of {nominal:,}"),
        Row("  broker, CPU a site at its full rate", "-", "shown",
            f"{broker_cpu / worth * 1e3:.2f} ms/s ({broker_cpu:.3f} cores)"),
        Row("  ingest, CPU a site", "-", "shown", f"{ingest_cpu / worth * 1e3:.2f} ms/s ({ingest_cpu:.3f} cores)"),
        Row("  messages a site into the broker", "-", "shown",
            f"{moved.get('messages/received', 0.0) / span / worth:.1f} /s, acknowledgements included"),
        Row("  wire a site: into the broker / out of it", "-", "shown",
            f"{received / worth / 1e3:.2f} / {sent / worth / 1e3:.2f} kB/s ({received / values:.1f} B a value)"),
        Row("  replica a site, unsealed: files grow / disk is written by ingest", "-", "shown",
            f"{grown / span / worth / 1e3:.2f} / {sum(wrote[1:]) / span / worth / 1e3:.1f} kB/s"),
        Row("  memory: broker, a worker, a standby before its first takeover", "-", "shown",
            f"{rss[0]:.0f}, {max(rss[1:]):.0f}, {idle_rss:.0f} MB"),
        Row("  memory of the standby that took over", "-", "shown", f"{restart:.0f} MB"),
        Row("worker killed under load: the first of its sites is stored again after", "-", "shown", f"{first:.2f} s"),
        Row("  the last one", "-", "<= 3 s", f"{takeover:.2f} s",
            reached=takeover <= 3.0),
        Row("  inputs lost", "-", "0", f"{lost} of {records}", reached=lost == 0),
    ]  # fmt: skip


def across(sites: int, batches: int, folder: Path) -> list[Row]:
    """Answers over replicas of many sites in one folder, as commands."""
    lots = make(folder, sites, batches)
    one, _ = asked(folder, "trace", f"B-{sites // 2:03d}-00007-1", "--json")
    many, out = asked(folder, "trace", SHARED, "--forward", "--json")
    boxes = out.count(b'"box"')
    return [
        Row(f"{sites} replicas, {lots} lots: trace of a box at one of them", "-", "shown", f"{one:.2f} s"),
        Row("  every box of a resin lot that all sites got", "-", "shown", f"{many:.2f} s, {boxes} boxes"),
    ]


def killed(process: subprocess.Popen[bytes], partitions: int, ear: Ear) -> tuple[float, float]:
    """Seconds from SIGKILL until the first and the last site of partition 0 is stored again."""
    theirs = [site for site in ear.stored if partition_of(site, partitions) == 0]
    process.send_signal(signal.SIGKILL)
    at = time.monotonic()
    process.wait()
    again: dict[str, float] = {}  # the first time each

    def all_again() -> bool:
        for site in theirs:
            if ear.stored[site][0] > at + 0.05:
                again.setdefault(site, ear.stored[site][0] - at)
        return len(again) == len(theirs)

    until(all_again, "the standby has taken over", 40.0)
    return min(again.values()), max(again.values())


def quiet(folder: Path, data: Path) -> tuple[int, int]:
    """What is missing when nothing more comes: lost, of so many."""
    end = time.monotonic() + DRAIN_S
    while (found := missing(folder, data))[0] and time.monotonic() < end:
        time.sleep(1.0)
    return found


def missing(folder: Path, data: Path) -> tuple[int, int]:
    """Inputs in the journals that no replica has, and all of them."""
    have = {}
    for reader in open_readers(data):
        with reader:
            have[reader.identity] = reader.held()["input"]
    lost = records = 0
    for place in sorted((folder / "sites").iterdir()):
        with JournalReader(place) as reader:
            last, held = reader.last().input, have.get(reader.identity)
            records += last
            lost += last if held is None else sum(b - a + 1 for a, b in held.missing(1, last))
    return lost, records


def _connected(listener: paho.Client, port: int) -> bool:
    with contextlib.suppress(OSError):
        listener.connect("127.0.0.1", port)
        return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet")
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--partitions", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=15.0)
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        rows = measure(given.sites, given.partitions, given.seconds, Path(place))
        print_table(rows + across(50, 40, Path(place) / "many"))


if __name__ == "__main__":
    main()
