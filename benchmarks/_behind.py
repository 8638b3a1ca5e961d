"""What stands behind a gateway's link, for benchmarks: mosquitto, `lotwatch ingest`, VictoriaMetrics, an ear."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gateway.ports import Watermark
from gateway.wire import Stored, parse_stored
from tests.system import servers

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Heard:
    """What a subscriber saw; seconds of the monotonic clock."""

    readings: list[tuple[float, bytes]] = field(default_factory=list)
    stored: list[tuple[float, Stored]] = field(default_factory=list)

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        now = time.monotonic()
        if message.topic.endswith("/reading"):  # understood later: it shares our processor
            self.readings.append((now, bytes(message.payload)))
        else:
            self.stored.append((now, parse_stored(bytes(message.payload))))

    def in_replica(self, seq: int) -> float | None:
        """When the watermark of the replica was said to be there."""
        return next((at for at, said in self.stored if said.replica.input >= seq), None)

    def in_database(self, seq: int) -> float | None:
        """When that of the database was."""
        marks = ((at, said.database or Watermark()) for at, said in self.stored)
        return next((at for at, mark in marks if mark.input >= seq), None)


class Behind:
    """Servers in a folder, for one site."""

    def __init__(self, folder: Path, site: str, *, database: bool, readings: bool = True) -> None:
        """`readings`: the ear takes those too."""
        self._folder, self._site, self._database, self._readings = folder, site, database, readings
        self._servers: dict[str, servers.Server] = {}
        self.heard = Heard()

    def __enter__(self) -> Self:
        folder = self._folder
        self.broker = self._start("mosquitto", servers.mosquitto)
        command = [sys.executable, "-m", "gateway", "ingest", "--data", str(folder / "replica")]
        command += ["--broker", f"mqtt://127.0.0.1:{self.broker.port}"]
        if self._database:
            port = self._start("victoria-metrics", servers.victoria).port
            command += ["--database", f"http://127.0.0.1:{port}", "--database-kind", "victoriametrics"]
            command += ["--database-writer", "direct"]
        self.ingest = subprocess.Popen(command)
        self._ear = ear = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        ear.on_message = self.heard.on_message
        ear.connect("127.0.0.1", self.broker.port)
        kinds = ["stored", "reading"] if self._readings else ["stored"]
        ear.subscribe([(f"lotwatch/v1/{self._site}/{kind}", 1) for kind in kinds])
        ear.loop_start()
        return self

    def pids(self) -> dict[str, int]:
        """By name."""
        return {"ingest": self.ingest.pid, **{name: server.pid for name, server in self._servers.items()}}

    def _start(self, name: str, made: Callable[[str, Path], servers.Server]) -> servers.Server:
        program = servers.find_program(name)
        if program is None:
            raise SystemExit(f"no {name} on this machine: .ci/debian.sh brings it")
        (self._folder / name).mkdir()
        server = made(program, self._folder / name)
        server.start()
        self._servers[name] = server
        return server

    def __exit__(self, *_: object) -> None:
        self.ingest.terminate()
        self.ingest.wait(120)
        self._ear.disconnect()
        self._ear.loop_stop()
        for server in self._servers.values():
            server.stop()


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
