"""The processes of a round on their ports: killed, started again as a supervisor would, cut off from each other.

Nothing here knows what is being tested: a `System` says how its gateway and its worker are started.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.resources import config_dir
from tests.kills.disk import Disk
from tests.kills.faults import LINKS, VICTIMS, Fault
from tests.kills.plant import Plant
from tests.kills.proxy import Proxy
from tests.kills.starts import Starts
from tests.system import servers
from tests.system.servers import HOST, Server

PATIENCE_S = 180.0  # without progress; of a machine that is busy with something else
DISK_MB = 48
SITE = "kills"
_WATCH_S = 0.1


class NoServer(Exception):
    """A server that is needed is not on this machine."""


@dataclass(frozen=True)
class Wishes:
    """What a round is made of."""

    folder: Path
    database: str = "victoriametrics"  # or "influxdb1"
    broker: str = "ours"  # or "debian": the config that Debian's package brings
    units: int = 2
    readers: int = 2
    away_s: float = 0.0  # from the worker to the database, each way


@dataclass
class Stage:
    """Everything that runs; made by `staged`."""

    wishes: Wishes
    disk: Disk
    plant: Plant
    links: dict[str, Proxy] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)  # processes that ended by themselves
    down: set[str] = field(default_factory=set)  # they are meant to be
    starts: Starts = field(default_factory=Starts)  # of the gateway
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)  # one hand at a time on each process

    @property
    def folder(self) -> Path:
        """On the disk that may be full."""
        return self.disk.folder

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @property
    def replicas(self) -> Path:
        return self.folder / "replicas"

    def broker_port(self) -> int:
        """The broker itself, past the links."""
        return self.servers["broker"].port

    def database_url(self) -> str:
        """The database itself, past the link."""
        return f"http://{HOST}:{self.servers['database'].port}"

    def _lock(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())

    async def start(self, name: str) -> None:
        async with self._lock(name):
            server = self.servers[name]
            behind = await asyncio.to_thread(_size, server.log)
            await asyncio.to_thread(server.start)
            self.down.discard(name)
            if name == "gateway":
                self.starts.begun(server, behind)

    async def kill(self, name: str) -> None:
        async with self._lock(name):
            self.down.add(name)
            await asyncio.to_thread(self.servers[name].kill)

    async def stop(self, name: str) -> None:
        """In good order."""
        async with self._lock(name):
            self.down.add(name)
            await asyncio.to_thread(self.servers[name].stop)

    async def suffer(self, fault: Fault) -> None:
        """One fault, from its begin to its end."""
        match fault.kind:
            case "kill":
                names = fault.on.split("+")
                for name in names:
                    await self.kill(name)
                    await asyncio.sleep(fault.lasts_s)
                for name in reversed(names):
                    await self.start(name)
            case "cut" | "freeze":
                link = self.links[fault.on]
                link.cut() if fault.kind == "cut" else link.freeze()
                await asyncio.sleep(fault.lasts_s)
                link.mend()
            case "fill":
                await asyncio.to_thread(self.disk.fill)
                if fault.on in self.servers:
                    await self.kill(fault.on)
                    await self.start(fault.on)
                await asyncio.sleep(fault.lasts_s)
                self.disk.free()

    async def supervise(self) -> None:
        """Start again what ended by itself, and keep it in mind."""
        while True:
            await asyncio.sleep(_WATCH_S)
            for name, server in self.servers.items():
                if name not in self.down and (code := server.ended) is not None:
                    self.ended.append(f"{name} ended with code {code}: {_last_line(server.log)}")
                    await self.start(name)


class System(Protocol):
    """What is tested: how it is started."""

    @property
    def ready(self) -> str:
        """In the worker's words, the first time; the gateway is started then."""

    def commands(self, stage: Stage) -> dict[str, list[str]]:
        """At least "gateway" and "worker"; a further broker of the site's may be among them."""


@contextlib.asynccontextmanager
async def staged(wishes: Wishes, system: System) -> AsyncIterator[Stage]:
    """Everything started and left to itself; on leaving, all of it is killed. Raises NoServer."""
    wishes.folder.mkdir(parents=True, exist_ok=True)
    with Disk(wishes.folder / "disk", DISK_MB) as disk:
        stage = Stage(wishes, disk, Plant(wishes.folder, wishes.units, wishes.readers))
        stage.down |= {*VICTIMS}
        watching = None
        await stage.plant.open()
        try:
            await _raise(stage, system)
            watching = asyncio.create_task(stage.supervise())
            yield stage
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            for name in stage.servers:
                await stage.kill(name)
            for link in stage.links.values():
                await link.close()
            await stage.plant.close()


async def _raise(stage: Stage, system: System) -> None:
    broker = mosquitto(stage.wishes.broker, stage.folder / "broker")
    database = _database(stage.wishes.database, stage.wishes.folder / "database")
    stage.servers |= {"broker": broker, "database": database}
    for name in LINKS:
        end = name.partition("-")[2]
        away_s = stage.wishes.away_s if end == "database" else 0.0
        stage.links[name] = link = Proxy(name, stage.servers[end].port, away_s)
        await link.open()
    await asyncio.gather(stage.start("broker"), stage.start("database"))
    for name, command in system.commands(stage).items():
        log = stage.wishes.folder / f"{name}.log"  # not on the disk that may be full
        stage.servers[name] = Server(command, 0, log, lambda: True)
        await stage.start(name)
        if name == "worker":
            await until(functools.partial(_says, log, system.ready), "the worker is subscribed")


def mosquitto(kind: str, folder: Path, more: str = "") -> Server:
    """By our recommended config, but for TLS and passwords; or by what Debian's package brings, and `more`."""
    folder.mkdir()
    port, places = servers.free_port(), f"persistence_location {folder}/\n"
    if kind == "ours":
        shipped = (config_dir() / "deploy" / "mosquitto.conf").read_text("utf-8").splitlines()
        of_the_machine = ("listener", "cafile", "certfile", "keyfile", "crlfile", "tls_",
                          "require_", "use_identity", "password_", "acl_", "allow_",
                          "per_listener", "persistence_location", "log_dest")  # fmt: skip
        text = "\n".join(line for line in shipped if not line.startswith(of_the_machine)) + "\n"
    else:
        text = "persistence true\n"
    text += f"listener {port} {HOST}\nallow_anonymous true\nlog_dest stderr\n{places}{more}"
    text += "user root\n" if os.geteuid() == 0 else ""
    config = folder / "mosquitto.conf"
    config.write_text(text, "utf-8")
    command = [_program("mosquitto"), "-c", str(config)]
    log = folder.parent.parent / f"{folder.name}.log"
    return Server(command, port, log, lambda: servers.listens(port))


def _database(kind: str, folder: Path) -> Server:
    folder.mkdir()
    if kind == "influxdb1":
        return servers.influx1(_program("influxd"), folder)
    return servers.victoria(_program("victoria-metrics"), folder)


def _program(name: str) -> str:
    found = servers.find_program(name)
    if found is None:
        raise NoServer(f"no {name} on this machine: .ci/debian.sh brings it")
    return found


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _says(log: Path, words: str) -> bool:
    return words in log.read_text("utf-8", "replace")


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines()
    return lines[-1] if lines else "it said nothing"


async def until(
    true: Callable[[], bool],
    what: str,
    moved: Callable[[], object] = lambda: None,
    patience_s: float = PATIENCE_S,
) -> None:
    """Wait for a condition as long as `moved` changes. Raises TimeoutError where it did not for `patience_s`."""
    loop = asyncio.get_running_loop()
    last, since = await asyncio.to_thread(moved), loop.time()
    while not await asyncio.to_thread(true):
        now = await asyncio.to_thread(moved)
        if now != last:
            last, since = now, loop.time()
        if loop.time() - since > patience_s:
            raise TimeoutError(f"{what}: not within {patience_s:g} s without progress; at {last}")
        await asyncio.sleep(0.1)
