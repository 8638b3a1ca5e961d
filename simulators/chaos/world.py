"""Everything of a run: devices, lines, gateway, broker, worker, database, disks and clocks, and the script on them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import eq
from pathlib import Path
from typing import TextIO

from gateway.ports import Watermark
from gateway.site import Database as DatabaseRow
from gateway.site import Site
from simulators.chaos.broker import Broker
from simulators.chaos.database import Database
from simulators.chaos.devices import Scale, Units
from simulators.chaos.gatewaylife import Life
from simulators.chaos.loop import VirtualLoop, pause
from simulators.chaos.machine import SECOND, Box
from simulators.chaos.memory import Memory
from simulators.chaos.port import Port, Socket, Speaker
from simulators.chaos.scanner import Scanner
from simulators.chaos.script import Fault
from simulators.chaos.trace import Trace
from simulators.chaos.truth import Process, Truth
from simulators.chaos.vfs import Disk, FaultyFiles
from simulators.chaos.workerlife import WorkerLife

BEGINS_NS = (
    1_793_491_200 * SECOND
)  # Sunday, 2026-11-01, midnight UTC: in New York the hour before last of summer time
BOOTED_NS = 100 * SECOND
REST_S = 1_800.0  # in which everything has to come to rest at the end
QUIET_S = 30.0  # without a fault before the end
SCANS_S = 60.0  # between two codes, about
_PORTS = {"ethernet": (1, 2), "serial": (3, 4)}
_NAMES = {1: "a", 2: "b", 3: "c", 4: "d"}


@dataclass
class Wishes:
    """What to run."""

    seed: int
    seconds: float
    script: Sequence[Fault]
    out: TextIO | None = None
    memory: Memory | None = None


@dataclass
class Found:
    """Something that is not as it must be; virtual nanoseconds, 0 where it has no instant."""

    at_ns: int
    what: str

    def __str__(self) -> str:
        return f"at {self.at_ns / 1e9:.3f} s: {self.what}" if self.at_ns else self.what


@dataclass
class World:
    """Made inside its loop; `run` runs it to its end."""

    loop: VirtualLoop
    site: Site
    folder: Path
    wishes: Wishes
    files: FaultyFiles
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        seed, loop = self.wishes.seed, self.loop
        self.began_ns = loop.now_ns
        self.trace = Trace(self.wishes.out)
        self.trace.at = lambda: loop.now_ns - self.began_ns
        self.truth = truth = Truth(loop, Process(seed))
        self.box = Box(loop, BEGINS_NS, seed)
        self.broker = Broker(loop, self._chance("broker"), self.trace)
        self.database = Database(self._chance("database"), self.trace)
        self.scanner = Scanner(truth, self._chance("scanner"), SCANS_S)
        self.units = {
            bus: Units(truth, {unit: _NAMES[unit] for unit in units}, serial=bus == "serial")
            for bus, units in _PORTS.items()
        }
        self.scale = Scale(truth, "scale1")
        speakers: dict[str, Speaker] = {**self.units, "scale": self.scale, "scanner": self.scanner}
        self.ports = {
            bus: Port(truth, speaker, self._chance(f"line {bus}"), checked=bus == "serial")
            for bus, speaker in speakers.items()
        }
        self.scanner.port = self.ports["scanner"]
        loop.connect = self._connect
        disks = {name: Disk(self.folder / name, now_ns=lambda: loop.now_ns) for name in ("gateway", "worker")}
        for disk in disks.values():
            disk.folder.mkdir()
            self.files.add(disk)
        self.disks = disks
        self.gateway = Life(
            self.site, disks["gateway"].folder / "journal", truth, self.box, self.ports, self.broker,
            disks["gateway"], self._chance("gateway"), self.trace,
        )  # fmt: skip
        assert self.site.database is not None  # noqa: S101 # of our own site
        row: DatabaseRow = self.site.database
        self.worker = WorkerLife(
            loop, disks["worker"].folder, row, Box(loop, BEGINS_NS, seed), self.broker, self.database,
            disks["worker"], self._chance("worker"), self.trace,
        )  # fmt: skip

    def _chance(self, what: str) -> random.Random:
        return random.Random(f"{self.wishes.seed}/{what}")

    async def _connect(self, protocol: asyncio.BaseProtocol, host: str, port: int) -> asyncio.Transport:
        del host, port
        await pause(0.001)
        assert isinstance(protocol, asyncio.BufferedProtocol)  # noqa: S101 # a TcpLine's
        return Socket(self.loop, protocol, self.ports["ethernet"])  # type: ignore[return-value] # as much as is used

    async def run(self) -> None:
        """Live through the script, then come to rest."""
        end_ns = self.began_ns + round(self.wishes.seconds * SECOND)
        living = self.loop.create_task(self.gateway.run())
        others = [
            self.loop.create_task(work)
            for work in (self.worker.run(), self.scanner.run(end_ns), self._play())
        ]
        if self.wishes.memory is not None:
            others.append(self.loop.create_task(self.wishes.memory.watch(self.loop)))
        await pause(self.wishes.seconds)
        for disk in self.disks.values():
            disk.spare()
        await pause(QUIET_S)
        await self._until("the codes that were shown are not taken", self._codes_taken)
        # What a broker forgot is asked for of a gateway that is there, by a worker that may look once a minute only.
        filled = await self._until(
            "the worker does not get what it lacks", self._arrived(self._last(), _reaches)
        )
        await self.gateway.end()
        await living
        if filled:
            await self._until("the worker does not get everything", self._arrived(self._last(), eq))
        self.worker.end()
        await others[0]
        for task in others[1:]:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for life in (self.gateway, self.worker):
            self.found += [Found(at_ns - self.began_ns, what) for at_ns, what in life.broke]

    def _codes_taken(self) -> bool:
        return len(self.truth.taken) == self.truth.shown

    def _arrived(self, last: Watermark, there: Callable[[Watermark, Watermark], bool]) -> Callable[[], bool]:
        """Whether the replica has all up to the last, without a hole, and the database too."""

        def done() -> bool:
            replicas, sink = self.worker.replicas, self.worker.sink
            return (
                replicas is not None
                and sink is not None
                and any(
                    there(replica.watermark(), last) and there(sink.accepted(identity), last)
                    for identity, replica in replicas.opened()
                )
            )

        return done

    def _last(self) -> Watermark:
        """What the gateway's journal had last."""
        from gateway.journal.reader import JournalReader  # noqa: PLC0415 # only at the end

        with JournalReader(self.gateway.data) as reader:
            return reader.last()

    async def _until(self, otherwise: str, done: Callable[[], bool]) -> bool:
        limit_ns = self.loop.now_ns + round(REST_S * SECOND)
        while not done():
            if self.loop.now_ns > limit_ns:
                self.found.append(Found(self.loop.now_ns - self.began_ns, f"not at rest: {otherwise}"))
                return False
            await pause(1.0)
        return True

    # --- the script ------------------------------------------------------------------------------------------------

    async def _play(self) -> None:
        async with asyncio.TaskGroup() as group:
            for fault in self.wishes.script:
                at_ns = self.began_ns + round(fault.at_s * SECOND)
                await pause(max((at_ns - self.loop.now_ns) / 1e9, 0.0))
                self.trace.say(str(fault))
                lasts_s = min(fault.lasts_s, max(self.wishes.seconds - fault.at_s, 0.001))
                group.create_task(self._happen(fault, lasts_s))

    async def _happen(self, fault: Fault, lasts_s: float) -> None:
        at_once = getattr(self, f"_{fault.kind}", None)
        if at_once is not None:
            await at_once(fault, lasts_s)
            return
        owner, knob = self._knob(fault)
        setattr(owner, knob, getattr(owner, knob) + 1)
        try:
            await pause(lasts_s)
        finally:
            setattr(owner, knob, getattr(owner, knob) - 1)

    def _knob(self, fault: Fault) -> tuple[object, str]:
        """What a fault turns for as long as it lasts."""
        if fault.kind in {"full", "broken", "unsynced"}:
            return self.disks[fault.on], fault.kind
        if fault.on == "broker":
            return self.broker, {
                "lost_acks": "losing_acks",
                "repeated": "repeating",
                "reordered": "reordering",
            }[fault.kind]
        if fault.on == "database":
            return self.database, {"slow": "slow", "lost_answers": "losing_answers", "restart": "down"}[
                fault.kind
            ]
        return self.ports[fault.on], fault.kind

    async def _silent(self, fault: Fault, lasts_s: float) -> None:
        silent = [*(units.silent for units in self.units.values()), self.scale.silent]
        for names in silent:
            names.add(fault.on)
        await pause(lasts_s)
        for names in silent:
            names.discard(fault.on)

    async def _busy(self, fault: Fault, lasts_s: float) -> None:
        for speaker in self.units.values():
            speaker.busy.add(fault.on)
        await pause(lasts_s)
        for speaker in self.units.values():
            speaker.busy.discard(fault.on)

    async def _cut(self, fault: Fault, lasts_s: float) -> None:
        port = self.ports[fault.on]
        port.down += 1
        port.cut()
        await pause(lasts_s)
        port.down -= 1

    async def _unlinked(self, fault: Fault, lasts_s: float) -> None:
        broker, knob = self.broker, f"cut_{fault.on}"
        setattr(broker, knob, getattr(broker, knob) + 1)
        if fault.on == "gateway":
            for link in list(broker.links):
                link.cut()
        elif broker.inbox is not None:
            broker.inbox.cut()
        await pause(lasts_s)
        setattr(broker, knob, getattr(broker, knob) - 1)

    async def _restart(self, fault: Fault, lasts_s: float, *, forgets: bool = False) -> None:
        if fault.on == "database":
            self.database.down += 1
            await pause(lasts_s)
            self.database.down -= 1
            return
        self.broker.down += 1
        self.broker.restart(forgets=forgets)
        await pause(lasts_s)
        self.broker.down -= 1

    async def _amnesia(self, fault: Fault, lasts_s: float) -> None:
        await self._restart(fault, lasts_s, forgets=True)

    async def _short(self, fault: Fault, _: float) -> None:
        self.disks[fault.on].short = int(fault.size)

    async def _kill(self, fault: Fault, lasts_s: float) -> None:
        (self.gateway if fault.on == "gateway" else self.worker).kill(lasts_s)

    async def _kill_writing(self, fault: Fault, lasts_s: float) -> None:
        del lasts_s
        self.disks[fault.on].fuse = int(fault.size)

    async def _stop(self, _: Fault, lasts_s: float) -> None:
        self.gateway.stop(lasts_s)

    async def _step(self, fault: Fault, _: float) -> None:
        self.box.step(fault.size)

    async def _power(self, _: Fault, lasts_s: float) -> None:
        self.gateway.kill(lasts_s, self.box.boot)

    async def _boot_1970(self, _: Fault, lasts_s: float) -> None:
        self.gateway.kill(5.0, self.box.boot, self.box.forget)
        await pause(lasts_s + 5.0)
        self.box.right()


def _reaches(at: Watermark, last: Watermark) -> bool:
    """Of a gateway that goes on meanwhile."""
    return at.input >= last.input and at.event >= last.event
