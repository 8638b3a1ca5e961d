"""What scales, scanners and readers share: a pty, and what the script does to their words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from gateway.ports import Clock
from simulators.faults import Faults
from simulators.served import Shown
from simulators.wire.pty import Pty, PtyTransport
from simulators.wire.station import PlantTime


@dataclass(frozen=True)
class World:
    """What every port needs: time, trouble, and who keeps the log of codes."""

    clock: Clock
    plant_time: PlantTime
    faults: Faults
    shown: Callable[[Shown], None]


class SerialPort(asyncio.Protocol):
    """A device on a serial line. Tasks it starts end with it."""

    def __init__(self, name: str, world: World) -> None:
        self.name, self.world, self.clock = name, world, world.clock
        self._transport: asyncio.WriteTransport | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> str:
        """Plugged in; the path of the serial port."""
        line = Pty()
        PtyTransport(line, self)
        return line.path

    def stop(self) -> None:
        """Unplugged."""
        for task in self._tasks:
            task.cancel()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self.plugged_in()

    def plugged_in(self) -> None:
        """The line is there: what talks by itself begins."""

    def say(self, data: bytes) -> None:
        """Send it, unless the script has it otherwise: silent, or corrupt, which tears it in two."""
        wrong = {fault.kind for fault in self.world.faults.now(self.name, self.world.plant_time())}
        if not data or self._transport is None or wrong & {"silent", "drop"}:
            return
        self._transport.write(data[: len(data) // 2] if "corrupt" in wrong else data)
