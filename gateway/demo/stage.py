"""Puts the demo on stage: broker, simulators, gateway, ingest, each a process; and takes it off in the right order.

The gateway stops before the simulators and the ingest worker after it, so that what was served last is accounted for:
an answer the gateway never had is not lost, one it had and the replica does not is.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from gateway.demo.broker import RunningBroker, free_port, given_broker, start_broker
from gateway.demo.process import Child, ChildDied
from gateway.ports import Clock
from gateway.resources import config_dir

_PORTS = "ports.json"  # written by the simulators when they listen
_START_NS = 120_000_000_000  # for each of them to come up


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
    port: int = 0  # of the pages; 0: one that is free


@dataclass
class Stage:
    """The running processes and where their files are."""

    folder: Path
    broker: RunningBroker
    pages: str = ""  # where they are
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

    def last_words(self, name: str) -> str:
        """The end of what a process printed."""
        return self.children[name].last_words() if name in self.children else ""

    async def start(self, name: str, command: list[str]) -> None:
        """Start a process under a name."""
        self.commands[name] = command
        self.children[name] = await Child.start(name, command, self.folder)

    async def kill_and_start_again(self, name: str) -> None:
        """SIGKILL a process and run its command anew; its log starts anew too."""
        await self.children[name].kill()
        await self.start(name, self.commands[name])

    async def stop(self, name: str, clock: Clock) -> None:
        """End one process in good order, if it runs. Raises ChildDied where it ended otherwise, by itself."""
        child = self.children.pop(name, None)
        if child is not None and (code := await child.stop(clock)) > 0:  # less: of a signal, as ours
            raise ChildDied(f"{name} ended with code {code}:\n{child.last_words()}")


Stages = Callable[[Wishes, Clock, asyncio.Event], contextlib.AbstractAsyncContextManager[Stage]]
"""What puts a demo on stage: `staged`, or a fake."""


@contextlib.asynccontextmanager
async def staged(wishes: Wishes, clock: Clock, stop: asyncio.Event | None = None) -> AsyncIterator[Stage]:
    """Everything running, or what ran when `stop` was set; on leaving, whatever still runs is killed.

    Raises ChildDied.
    """
    wishes.folder.mkdir(parents=True, exist_ok=True)
    broker = await given_broker(wishes.broker) if wishes.broker else await start_broker(wishes.folder, clock)
    port = wishes.port or free_port()
    stage = Stage(wishes.folder, broker, f"http://127.0.0.1:{port}/")
    if broker.child is not None:
        stage.children["broker"] = broker.child
    try:
        await _raise_curtain(stage, wishes, port, clock, stop or asyncio.Event())
        yield stage
    finally:
        for child in stage.children.values():
            await child.kill()


async def _raise_curtain(stage: Stage, wishes: Wishes, port: int, clock: Clock, stop: asyncio.Event) -> None:
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
        "--waits",  # so that the gateway sees all that moves: its opening masses are those of the plant
    ]
    if not wishes.faults:
        simulate.append("--no-faults")
    (stage.folder / _PORTS).unlink(missing_ok=True)  # of an earlier run in this folder: nobody listens there
    await stage.start("simulators", simulate)
    file = stage.folder / _PORTS
    await _up(stage, "simulators", file.exists, clock, stop)
    if stop.is_set():
        return
    ports: dict[str, str] = orjson.loads(file.read_bytes())
    config = str(config_dir() / "demo" / "site.yaml")
    settings = [f"buses.{bus}.address={address}" for bus, address in ports.items()]
    settings += [*stage.broker.settings(), "commit=ssd"]
    given = [part for setting in settings for part in ("--set", setting)]
    ingest = [python, "-m", "gateway", "ingest", config, *given, "--data", str(stage.replicas)]
    if wishes.database:
        ingest += ["--database", wishes.database, "--database-kind", wishes.database_kind]
    await stage.start("ingest", ingest)
    worker = stage.children["ingest"]
    await _up(stage, "ingest", lambda: "ingest is subscribed" in worker.last_words(), clock, stop)
    if stop.is_set():
        return
    web = ["--set", f"web.port={port}", "--set", "web.open=true"]
    data = ["--accept-clock", "--data", str(stage.journal)]
    run = [python, "-m", "gateway", "run", config, *given, *web, *data]
    await stage.start("gateway", run)


async def _up(stage: Stage, name: str, up: Callable[[], bool], clock: Clock, stop: asyncio.Event) -> None:
    """Wait for a process to be up, or for `stop`. Raises ChildDied."""
    deadline = clock.boottime_ns() + _START_NS
    while not stop.is_set() and not up():
        stage.check()
        if clock.boottime_ns() > deadline:
            raise ChildDied(f"{name} does not come up:\n{stage.children[name].last_words()}")
        await clock.sleep_until(clock.boottime_ns() + 50_000_000)


async def account(stage: Stage) -> dict[str, object]:
    """The simulator's own log of what it served against the replica: ``{"lost", "duplicated", ...}``."""
    # Code 1: something is missing, and the account says what.
    code, out, err = await _simulators("account", stage)
    if code not in (0, 1) or not out.strip():
        raise ChildDied(f"the account could not be made:\n{err[-2000:]}")
    counted: dict[str, object] = orjson.loads(out.splitlines()[-1])
    return counted


async def declare(stage: Stage, wishes: Wishes, week: str) -> dict[str, object] | str:
    """The supplier's list of a week, out of the plant's own books: ``{"file", "rows", "mistake"}``; or why not."""
    options = ["--week", week, "--seed", str(wishes.seed), *([] if wishes.faults else ["--no-faults"])]
    code, out, err = await _simulators("declare", stage, *options)
    if code or not out.strip():
        return err.strip().splitlines()[-1] if err.strip() else f"ended with code {code}"
    told: dict[str, object] = orjson.loads(out.splitlines()[-1])
    return told


async def _simulators(what: str, stage: Stage, *options: str) -> tuple[int, str, str]:
    """Run one of their commands about this run to its end: code, stdout, stderr."""
    folders = ("--run-dir", str(stage.folder), "--replica", str(stage.replicas))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulators", what, *folders, *options),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
