"""Real servers on loopback ports of their own: a test starts, kills and restarts them, by pid."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

HOST = "127.0.0.1"
START_TIMEOUT = 180.0  # seconds, on a machine that is busy with something else
STOP_TIMEOUT = 180.0
ROOT = Path(__file__).parents[2]
DIES_WITH_US = (
    "setpriv",
    "--pdeathsig",
    "KILL",
)  # of util-linux; a run that is cut short leaves no server behind
UNPACKED = ROOT / ".cache" / "debian" / "root" / "usr" / "bin"  # by .ci/debian.sh


def find_program(name: str) -> str | None:
    """Path of a server, also where Debian keeps daemons and where .ci/debian.sh unpacks them."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", str(UNPACKED)]
    return shutil.which(name, path=os.pathsep.join(places))


def free_port() -> int:
    """A port that stays free until its server listens there, also while that is killed and started again.

    Below the ones that the kernel gives to connections (32768 and up, ip(7)): of those any client may have one by
    then, one that dials the dead server even by itself. No other free_port of this process gives it again.
    """
    for port in _ports:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise RuntimeError("no free port below 32768")


_LOWEST, _COUNT = 20_000, 12_000
_ports = (_LOWEST + (os.getpid() * 97 + place) % _COUNT for place in range(_COUNT))


class Server:
    """One server process. After `kill` or `stop`, `start` brings it back on the same port and data."""

    host = HOST

    def __init__(self, command: Sequence[str], port: int, log: Path, ready: Callable[[], bool]) -> None:
        self.port = port
        self.log = log
        self.command = command
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not running"
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """Its code, where it ended by itself."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*DIES_WITH_US, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(
                    f"{self.command[0]} did not start:\n{self.log.read_text('utf-8', 'replace')}"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask it to end and wait; does nothing when it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would end it."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT)


def mosquitto(program: str, folder: Path) -> Server:
    """A broker that keeps every message for a session that is away, on disk too, and lets anybody in."""
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} {HOST}\n"
        "allow_anonymous true\n"
        "persistence true\n"
        f"persistence_location {folder}/\n"
        "autosave_interval 1\n"
        "max_queued_messages 0\n"  # mosquitto.conf(5): 0 is no limit
        "max_queued_bytes 0\n"
        + (
            "user root\n" if os.geteuid() == 0 else ""
        )  # else root becomes "mosquitto", who may not write here
    )
    return Server([program, "-c", str(config)], port, folder / "mosquitto.log", lambda: listens(port))


def victoria(program: str, folder: Path) -> Server:
    """A time-series database that takes recordings of any year and shows at once what it took."""
    port = free_port()
    command = [
        program,
        f"-httpListenAddr={HOST}:{port}",
        f"-storageDataPath={folder / 'data'}",
        "-dedup.minScrapeInterval=1ms",  # a repeated write overwrites itself
        "-retentionPeriod=100y",
        "-search.latencyOffset=0s",
        "-search.disableCache",
        "-memory.allowedBytes=256MB",
        "-loggerLevel=WARN",
    ]
    return Server(command, port, folder / "victoria.log", lambda: _answers(port, "/health"))


def influx1(program: str, folder: Path) -> Server:
    """InfluxDB 1.x, whose index is on the disk and which asks nobody who they are."""
    port = free_port()
    config = folder / "influxdb.conf"
    config.write_text(
        "reporting-disabled = true\n"
        f'bind-address = "{HOST}:{free_port()}"\n'
        f'[meta]\ndir = "{folder}/meta"\n'
        f'[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\nquery-log-enabled = false\n'
        f'[http]\nbind-address = "{HOST}:{port}"\nlog-enabled = false\n'
        '[monitor]\nstore-enabled = false\n[logging]\nlevel = "warn"\nsuppress-logo = true\n'
    )
    return Server(
        [program, "-config", str(config)], port, folder / "influx.log", lambda: _answers(port, "/ping", 204)
    )


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _answers(port: int, path: str, status: int = 200) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=10) as answer:
            return bool(answer.status == status)
    except OSError:
        return False
