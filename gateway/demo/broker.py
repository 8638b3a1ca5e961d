"""The demo's broker: the one named, else mosquitto where it is installed, else amqtt, which pip brought."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.demo.process import Child, ChildDied
from gateway.ports import Clock

_SBIN = "/usr/sbin"  # Debian's place, off a user's PATH
_START_NS = 120_000_000_000
_PORTS = 3  # tried: between asking for a free one and listening there somebody else may take it


@dataclass(frozen=True)
class RunningBroker:
    """Where it listens, what it speaks, and its process where the demo started it."""

    host: str
    port: int
    version: str  # of MQTT
    words: str  # for people
    child: Child | None = None

    def settings(self) -> list[str]:
        """As overrides of a site's config."""
        return [f"broker.host={self.host}", f"broker.port={self.port}", f"broker.version={self.version}"]


async def start_broker(folder: Path, clock: Clock) -> RunningBroker:
    """A broker on a free loopback port. Raises ChildDied with its words where it does not come up."""
    for left in reversed(range(_PORTS)):
        try:
            return await _start_on(free_port(), folder, clock)
        except ChildDied:
            if not left:
                raise
    raise AssertionError  # the last one returns or raises


async def _start_on(port: int, folder: Path, clock: Clock) -> RunningBroker:
    binary = shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{_SBIN}")
    if binary is not None:
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n"
            f"max_inflight_messages 100\nlog_dest stderr\nlog_type error\nlog_type warning\n",
            "utf-8",
        )
        child = await Child.start("broker", [binary, "-c", str(config)], folder)
        broker = RunningBroker("127.0.0.1", port, "5", "mosquitto, MQTT 5", child)
    else:
        config = folder / "amqtt.yaml"
        config.write_text(
            f"listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:{port}\n"
            "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n",
            "utf-8",
        )
        child = await Child.start(
            "broker", [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(config)], folder
        )
        broker = RunningBroker("127.0.0.1", port, "3.1.1", "amqtt, MQTT 3.1.1 (no mosquitto found)", child)
    try:
        await _listening(broker, child, clock)
    except BaseException:
        await child.kill()
        raise
    return broker


async def given_broker(url: str) -> RunningBroker:
    """The broker at ``mqtt://host:port``. Raises ChildDied where nobody listens there."""
    parts = urlsplit(url if "//" in url else f"mqtt://{url}")
    host, port = parts.hostname or "127.0.0.1", parts.port or 1883
    if not await _listens(host, port):
        raise ChildDied(f"no broker listens on {host}:{port}: start one there, or leave --broker out")
    return RunningBroker(host, port, "5", f"{host}:{port}")


async def _listening(broker: RunningBroker, child: Child, clock: Clock) -> None:
    deadline = clock.boottime_ns() + _START_NS
    while clock.boottime_ns() < deadline:
        listens = await _listens(broker.host, broker.port)
        child.check()  # after it: else it may be somebody else who listens there
        if listens:
            return
        await clock.sleep_until(clock.boottime_ns() + 50_000_000)
    raise ChildDied(f"the broker does not listen on port {broker.port}:\n{child.last_words()}")


async def _listens(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


def free_port() -> int:
    """A loopback port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
