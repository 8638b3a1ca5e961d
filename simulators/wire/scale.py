"""Scales on a serial line: one that answers commands (MT-SICS level 0), one that talks all the time.

MT-SICS reference manual: `SI` gives ``S S`` (stable) or ``S D`` (dynamic), the value in ten characters, the unit;
``S +`` and ``S -`` are over- and underload; an unknown command gives ``ES``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import cast

from gateway.ports import Clock
from simulators.faults import Faults
from simulators.plant.machine import Value
from simulators.wire.pty import Pty, PtyTransport
from simulators.wire.station import PlantTime

Weighing = Callable[[], Mapping[str, Value]]
MAX_KG, MIN_KG = 1500.0, -5.0


def sics(mass_kg: float, *, stable: bool) -> bytes:
    r"""The answer to `SI`.

    >>> sics(12.5, stable=True), sics(-0.004, stable=False), sics(1500.5, stable=True)
    (b'S S     12.500 kg\r\n', b'S D     -0.004 kg\r\n', b'S +\r\n')
    """
    if mass_kg > MAX_KG:
        return b"S +\r\n"
    if mass_kg < MIN_KG:
        return b"S -\r\n"
    return f"S {'S' if stable else 'D'} {mass_kg:10.3f} kg\r\n".encode("ascii")


def st(mass_kg: float, *, stable: bool) -> bytes:
    r"""A line of a display or printer port.

    >>> st(12.5, stable=True), st(-0.004, stable=False), st(1500.5, stable=True)
    (b'ST,GS,+0012.500kg\r\n', b'US,GS,-0000.004kg\r\n', b'OL,GS,+1500.500kg\r\n')
    """
    status = "OL" if mass_kg > MAX_KG else "ST" if stable else "US"
    return f"{status},GS,{mass_kg:+09.3f}kg\r\n".encode("ascii")


FORMATS = {"sics": sics, "st": st}


class ScalePort(asyncio.Protocol):
    """A scale on a pty. `every_s` makes it talk by itself, as after the command `SIR`."""

    def __init__(
        self,
        name: str,
        weighing: Weighing,
        zero: Callable[[], None],
        faults: Faults,
        plant_time: PlantTime,
        clock: Clock,
    ) -> None:
        self.name, self.pty = name, Pty()
        self._weighing, self._zero, self._faults, self._plant_time, self._clock = (
            weighing,
            zero,
            faults,
            plant_time,
            clock,
        )
        self._transport: PtyTransport | None = None
        self._buffer = b""
        self._format = sics
        self._repeating: asyncio.Task[None] | None = None

    def start(self, every_s: float = 0.0, words: str = "sics") -> str:
        """The path of the serial port; `words` names the format of what it says."""
        self._format = FORMATS[words]
        PtyTransport(self.pty, self)
        if every_s:
            self._repeat(every_s)
        return self.pty.path

    def stop(self) -> None:
        self._quiet()
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(PtyTransport, transport)

    def data_received(self, data: bytes) -> None:
        *commands, self._buffer = (
            (self._buffer + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        )
        for command in commands:
            self._say(self._answer(command.strip().upper()))

    def _answer(self, command: bytes) -> bytes:  # one line a command
        match command:
            case b"SI":
                return self._mass()
            case b"S":
                mass = self._mass()
                return b"S I\r\n" if mass.startswith(b"S D") else mass  # not stable in time
            case b"SIR":
                self._repeat(0.1)
                return b""
            case b"Z" | b"ZI":
                self._zero()
                return b"Z A\r\n" if command == b"Z" else b"ZI S\r\n"
            case b"@" | b"I4":
                self._quiet()
                return b'I4 A "SIM-SCALE-1"\r\n'
            case b"":
                return b""
            case _:
                return b"ES\r\n"

    def _mass(self) -> bytes:
        self._plant_time()
        shown = self._weighing()
        return self._format(float(shown["mass"]), stable=bool(shown["stable"]))

    def _say(self, data: bytes) -> None:
        wrong = {fault.kind for fault in self._faults.now(self.name, self._plant_time())}
        if not data or self._transport is None or wrong & {"silent", "drop"}:
            return
        if "corrupt" in wrong:
            data = data[: len(data) // 2]  # torn: the rest of the line never comes
        self._transport.write(data)

    def _repeat(self, every_s: float) -> None:
        self._quiet()
        self._repeating = asyncio.get_running_loop().create_task(self._talk(round(every_s * 1e9)))

    def _quiet(self) -> None:
        if self._repeating:
            self._repeating.cancel()
            self._repeating = None

    async def _talk(self, period_ns: int) -> None:
        due = self._clock.boottime_ns()
        while True:
            due += period_ns
            await self._clock.sleep_until(due)
            self._say(self._mass())
