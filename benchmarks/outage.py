"""An outage of the link to the broker: how soon the first message is out, and whether the backlog delays live ones.

``python -m benchmarks.outage [--seconds 40] [--how cut|dark|freeze]``; all three if none is named. A real mosquitto,
a journal on disk, the publisher as the daemon runs it, 10 groups of 100 registers at 10 Hz; a relay stands between
publisher and broker. "cut": connections break and are refused. "dark": the relay takes bytes and hands nothing on.
"freeze": the broker is stopped (SIGSTOP) and goes on later. A subscriber, connected to the broker directly, notes when
each reading arrives; latency is from commit to arrival, on one clock.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks._table import Row, machine, print_table
from gateway.clock import SystemClock
from gateway.demo.broker import start_broker
from gateway.journal import Journal
from gateway.layout import Field
from gateway.model import Block, NumberedInput, Reading, Setting
from gateway.plain import to_plain
from gateway.publish.mqtt import MqttPublisher
from gateway.site import Broker, Bus, Device, Group, Point, Site
from gateway.wire import parse

GROUPS, REGISTERS, PERIOD_S = 10, 100, 0.1
CALM_S = 5.0
DRAIN_LIMIT_S = 60.0
PEER = "ThingsBoard Gateway: first after 35 s"


class Chance:
    """The machine's."""

    def token(self, nbytes: int) -> bytes:
        return os.urandom(nbytes)

    def uniform(self) -> float:
        return int.from_bytes(os.urandom(4)) / 2**32


class Relay:
    """TCP from a port of its own to the broker; can break, or go dark."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Connections break, and new ones are refused."""
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def darken(self) -> None:
        self._open.clear()

    def lighten(self) -> None:
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._open.wait()
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
            finally:
                far_writer.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        writer.close()


@dataclass
class Seen:
    """When each seq was committed and when it first arrived, seconds of one clock."""

    committed: dict[int, float] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    order: list[tuple[float, int]] = field(default_factory=list)

    def on_message(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        now = time.monotonic()
        seqs = parse(message.topic, bytes(message.payload)).seqs()
        self.order.append((now, seqs[-1]))
        for seq in seqs:
            self.arrived.setdefault(seq, now)

    def latencies(self, since: float, until: float) -> list[float]:
        """Of what was committed in that time."""
        return [
            self.arrived[seq] - at
            for seq, at in self.committed.items()
            if since <= at < until and seq in self.arrived
        ]


@dataclass(frozen=True)
class Result:
    """One outage."""

    first_s: float
    first_live_s: float
    calm_ms: float
    drain_ms: float
    drain_s: float
    backlog: int
    lost: int


def plant(port: int) -> Site:
    devices = []
    for number in range(GROUPS):
        name, cell = f"dev{number}", f"hall/line/cell{number}"
        points = tuple(
            Point(f"r{index}", f"{cell}/r{index}", Field("uint16"), "holding", index)
            for index in range(REGISTERS)
        )
        devices.append(
            Device(name, "bus", "load", 1, cell, (Group(f"{name}/fast", name, 100_000_000, points, 10**9),))
        )
    bus = Bus("bus", "modbus.tcp", "127.0.0.1:502")
    return Site("bench", "box", (bus,), tuple(devices), broker=Broker("127.0.0.1", port))


async def load(
    journal: Journal, publisher: MqttPublisher, site: Site, seen: Seen, clock: SystemClock
) -> None:
    """A block every `PERIOD_S`: commit, then offer."""
    groups = list(site.groups())
    chance = np.random.default_rng(7)
    last = 1
    await journal.commit(
        Block((NumberedInput(1, Setting("config", clock.now(), {"site": to_plain(site), "hash": "b"})),), ())
    )
    due = clock.boottime_ns()
    while True:
        inputs = []
        for group in groups:
            last += 1
            raw = (1_000 + chance.integers(0, 50, REGISTERS)).astype(np.uint16)
            quality = np.zeros(REGISTERS, dtype=np.uint8)
            inputs.append(
                NumberedInput(last, Reading(group, clock.now(), 0, raw.astype(np.float64), quality, raw))
            )
        block = Block(tuple(inputs), ())
        await journal.commit(block)
        at = time.monotonic()
        seen.committed.update({seq: at for seq, _ in inputs})
        publisher.offer(block)
        due += round(PERIOD_S * 1e9)
        await clock.sleep_until(due)


async def outage(seconds: float, how: str) -> Result:
    clock, seen = SystemClock(), Seen()
    with tempfile.TemporaryDirectory(prefix="lotwatch-bench-") as place:
        folder = Path(place)
        broker = await start_broker(folder, clock)
        relay = Relay(broker.port)
        await relay.start()
        site = plant(relay.port)
        journal = Journal.open(folder / "journal", site="bench", gateway="box", clock=clock, entropy=Chance())
        publisher = MqttPublisher(journal, site, clock, Chance())
        ear = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        ear.on_message = seen.on_message
        ear.connect(broker.host, broker.port)
        ear.subscribe("lotwatch/v1/bench/reading", qos=1)
        ear.loop_start()
        tasks = [asyncio.create_task(publisher.run())]
        tasks.append(asyncio.create_task(load(journal, publisher, site, seen, clock)))
        try:
            return await _run(seconds, how, relay, broker.child.pid if broker.child else 0, seen, publisher)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            ear.disconnect()
            ear.loop_stop()
            await relay.cut()
            await asyncio.to_thread(journal.close)
            if broker.child is not None:
                await broker.child.kill()


async def _run(
    seconds: float, how: str, relay: Relay, pid: int, seen: Seen, publisher: MqttPublisher
) -> Result:
    await asyncio.sleep(2.0)
    calm = time.monotonic()
    await asyncio.sleep(CALM_S)
    gone = time.monotonic()
    if how == "cut":
        await relay.cut()
    elif how == "dark":
        relay.darken()
    else:
        os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    if how == "cut":
        await relay.start()
    elif how == "dark":
        relay.lighten()
    else:
        os.kill(pid, signal.SIGCONT)
    back = time.monotonic()
    missing = [seq for seq, at in seen.committed.items() if at < back and seq not in seen.arrived]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_LIMIT_S):
            while any(seq not in seen.arrived for seq in missing) or publisher.behind() > GROUPS * 3:  # noqa: ASYNC110 # a benchmark's own wait
                await asyncio.sleep(0.02)
    drained = time.monotonic()
    await asyncio.sleep(1.0)
    after = [(at - back, seq) for at, seq in seen.order if at >= back]
    live = [at for at, seq in after if seen.committed[seq] > back - 2 * PERIOD_S]
    return Result(
        first_s=after[0][0],
        first_live_s=live[0],
        calm_ms=_p99(seen.latencies(calm, gone)),
        drain_ms=_p99(seen.latencies(back + live[0], max(drained, back + live[0] + 1.0))),
        drain_s=drained - back,
        backlog=len(missing),
        lost=sum(seq not in seen.arrived for seq, at in seen.committed.items() if at < drained - 1),
    )


def _p99(latencies: list[float]) -> float:
    return float(np.percentile(latencies, 99)) * 1e3 if latencies else float("nan")


def rows(how: str, seconds: float, got: Result) -> list[Row]:
    return [
        Row(f"outage of {seconds:g} s ({how}): first message after it", PEER, "<= 1 s", f"{got.first_s:.2f} s",
            reached=got.first_s <= 1.0),
        Row("  first live message", "-", "<= 1 s", f"{got.first_live_s:.2f} s", reached=got.first_live_s <= 1.0),
        Row("  live p99 from then on, backlog draining", f"calm: {got.calm_ms:.0f} ms", "<= calm + 100 ms",
            f"{got.drain_ms:.0f} ms", reached=got.drain_ms <= got.calm_ms + 100),
        Row("  backlog drained after", "-", "-", f"{got.drain_s:.1f} s ({got.backlog} readings)"),
        Row("  readings lost", "-", "0", str(got.lost), reached=got.lost == 0),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outage")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--how", choices=["cut", "dark", "freeze"])
    given = parser.parse_args()
    print(machine())
    table: list[Row] = []
    for how in [given.how] if given.how else ["cut", "dark", "freeze"]:
        table += rows(how, given.seconds, asyncio.run(outage(given.seconds, how)))
    print_table(table)


if __name__ == "__main__":
    main()
