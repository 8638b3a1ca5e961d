"""Puts the demo on stage: broker, simulators, gateway, ingest, each a process; and takes it off in the right order.

The gateway stops before the simulators and the ingest worker after it, so that what was served last is accounted for:
an answer the gateway never had is not lost, one it had and the replica does not is.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from gateway.demo.broker import RunningBroker, given_broker, start_broker
from gateway.demo.process import Child, ChildDied
from gateway.ports import Clock
from gateway.resources import config_dir

_PORTS = "ports.json"  # written by the simulators when they listen
_PORTS_NS = 20_000_000_000
_DRAIN_NS = 20_000_000_000


@dataclass(frozen=True)
class Wishes:
    """What the person asked for."""

    folder: Path
    seconds: float | None = None
    speed: float = 1.0
    seed: int = 1
    faults: bool = True
    broker: str = ""  # mqtt://host:port
    database: str = ""
    database_kind: str = "influxdb"


@dataclass
class Stage:
    """The running processes and where their files are."""

    folder: Path
    broker: RunningBroker
    children: dict[str, Child] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @property
    def replicas(self) -> Path:
        return self.folder / "replicas"

    def check(self) -> None:
        """Raise ChildDied where one of them ended."""
        for child in self.children.values():
            child.check()

    async def start(self, name: str, command: list[str]) -> None:
        """Start a process under a name."""
        self.commands[name] = command
        self.children[name] = await Child.start(name, command, self.folder)

    async def kill_and_start_again(self, name: str) -> None:
        """SIGKILL a process and run its command anew; its log starts anew too."""
        await self.children[name].kill()
        await self.start(name, self.commands[name])

    async def stop(self, name: str, clock: Clock) -> None:
        """End one process in good order."""
        child = self.children.pop(name, None)
        if child is not None:
            await child.stop(clock)


@contextlib.asynccontextmanager
async def staged(wishes: Wishes, clock: Clock) -> AsyncIterator[Stage]:
    """Everything running; on leaving, whatever still runs is killed. Raises ChildDied."""
    wishes.folder.mkdir(parents=True, exist_ok=True)
    broker = await given_broker(wishes.broker) if wishes.broker else await start_broker(wishes.folder, clock)
    stage = Stage(wishes.folder, broker)
    if broker.child is not None:
        stage.children["broker"] = broker.child
    try:
        await _raise_curtain(stage, wishes, clock)
        yield stage
    finally:
        for child in stage.children.values():
            await child.kill()


async def _raise_curtain(stage: Stage, wishes: Wishes, clock: Clock) -> None:
    python, folder = sys.executable, str(wishes.folder)
    simulate = [
        python,
        "-m",
        "simulators",
        "demo",
        "--run-dir",
        folder,
        "--speed",
        str(wishes.speed),
        "--seed",
        str(wishes.seed),
    ]
    if not wishes.faults:
        simulate.append("--no-faults")
    (stage.folder / _PORTS).unlink(missing_ok=True)  # of an earlier run in this folder: nobody listens there
    await stage.start("simulators", simulate)
    ports = await _ports(stage, clock)
    config = str(config_dir() / "demo" / "site.yaml")
    settings = [f"buses.{bus}.address={address}" for bus, address in ports.items()]
    settings += [*stage.broker.settings(), "commit=ssd"]
    given = [part for setting in settings for part in ("--set", setting)]
    ingest = [python, "-m", "gateway", "ingest", config, *given, "--data", str(stage.replicas)]
    if wishes.database:
        ingest += ["--database", wishes.database, "--database-kind", wishes.database_kind]
    await stage.start("ingest", ingest)
    await _said(stage, "ingest", "ingest is subscribed", clock)
    run = [python, "-m", "gateway", "run", config, *given, "--accept-clock", "--data", str(stage.journal)]
    await stage.start("gateway", run)


async def _ports(stage: Stage, clock: Clock) -> dict[str, str]:
    """Where the simulated devices listen, as soon as they say so."""
    file, deadline = stage.folder / _PORTS, clock.boottime_ns() + _PORTS_NS
    while not file.exists():
        stage.check()
        if clock.boottime_ns() > deadline:
            raise ChildDied(f"the simulators do not come up:\n{stage.children['simulators'].last_words()}")
        await clock.sleep_until(clock.boottime_ns() + 50_000_000)
    ports: dict[str, str] = orjson.loads(file.read_bytes())
    return ports


async def _said(stage: Stage, name: str, words: str, clock: Clock) -> None:
    """Wait for a process to say so."""
    deadline = clock.boottime_ns() + _PORTS_NS
    while words not in stage.children[name].last_words():
        stage.check()
        if clock.boottime_ns() > deadline:
            raise ChildDied(f"{name} does not come up:\n{stage.children[name].last_words()}")
        await clock.sleep_until(clock.boottime_ns() + 50_000_000)


async def account(stage: Stage) -> dict[str, object]:
    """The simulator's own log of what it served against the replica: ``{"lost", "duplicated", ...}``."""
    command = [
        sys.executable,
        "-m",
        "simulators",
        "account",
        "--run-dir",
        str(stage.folder),
        "--replica",
        str(stage.replicas),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode not in (0, 1):
        raise ChildDied(f"the account could not be made:\n{err.decode('utf-8', 'replace')[-2000:]}")
    counted: dict[str, object] = orjson.loads(out.splitlines()[-1])
    return counted
