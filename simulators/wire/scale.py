"""Scales on a serial line: one that answers commands (MT-SICS level 0), one that talks all the time.

MT-SICS reference manual: `SI` gives ``S S`` (stable) or ``S D`` (dynamic), the value in ten characters, the unit;
``S +`` and ``S -`` are over- and underload; an unknown command gives ``ES``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from simulators.plant.machine import Value
from simulators.wire.port import SerialPort, World

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


class ScalePort(SerialPort):
    """A scale on a pty. `every_s` makes it talk by itself, as after the command `SIR`; `words` is the format."""

    def __init__(
        self,
        name: str,
        weighing: Weighing,
        zero: Callable[[], None],
        world: World,
        every_s: float = 0.0,
        words: str = "sics",
    ) -> None:
        super().__init__(name, world)
        self._weighing, self._zero = weighing, zero
        self._every_s, self._format = every_s, FORMATS[words]
        self._buffer = b""
        self._talking: asyncio.Task[None] | None = None

    def plugged_in(self) -> None:
        if self._every_s:
            self._repeat(self._every_s)

    def data_received(self, data: bytes) -> None:
        *commands, self._buffer = (
            (self._buffer + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        )
        for command in commands:
            self.say(self._answer(command.strip().upper()))

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
        self.world.plant_time()
        shown = self._weighing()
        return self._format(float(shown["mass"]), stable=bool(shown["stable"]))

    def _repeat(self, every_s: float) -> None:
        self._quiet()
        self._talking = asyncio.get_running_loop().create_task(self._talk(round(every_s * 1e9)))
        self._tasks.add(self._talking)

    def _quiet(self) -> None:
        if self._talking is not None:
            self._talking.cancel()
            self._tasks.discard(self._talking)
            self._talking = None

    async def _talk(self, period_ns: int) -> None:
        due = self.clock.boottime_ns()
        while True:
            due += period_ns
            await self.clock.sleep_until(due)
            self.say(self._mass())
