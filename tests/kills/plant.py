"""Devices of the harness, never killed, that write a log of what they gave: Modbus units, and readers of codes.

A unit numbers its answers; a reader sends its next code when the one before was acknowledged, and the same one again
until then. So every code is there once, or something lost or doubled it; an answer is given once and never again.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from pathlib import Path

from gateway.clock import SystemClock
from simulators.load import LoadPort, word_of
from simulators.served import ServedLog, Shown
from simulators.wire.image import ANSWER_NUMBER
from simulators.writesite import SiteText, write_site
from tests.system.servers import HOST

REGISTERS = 12
READER_PACE_S = 0.1
AGAIN_S = 0.5  # a code that was not acknowledged is sent again
ACK, NAK = 0x06, 0x15
NO_READ = "NOREAD"  # refused at once: what was to be answered before it has been
_FLUSH_S = 0.1


def code_of(reader: int, number: int) -> str:
    """A reader's nth code, from 1."""
    return f"R{reader}-{number:06d}"


class Units:
    """Registers of Modbus units: the number of the answer, 32 bits, then words that say whose and which they are."""

    registers = REGISTERS

    def __init__(self, log: ServedLog) -> None:
        self._log = log
        self.answers: dict[int, int] = {}

    def read(self, unit: int, address: int, count: int) -> bytes:
        number = self.answers.get(unit, 0)
        if address == 0 and count >= 2:
            number = self.answers[unit] = number + 1
        words = (number >> 16, number & 0xFFFF, *(word_of(unit, at, number) for at in range(2, REGISTERS)))
        words = words[address : address + count]
        if address == 0 and count >= 2:
            self._log.answered(f"unit{unit}", number, "holding", 0, words, 0)
        return struct.pack(f">{count}H", *words)


class Reader:
    """A reader of codes behind a device server: it listens, the gateway dials, one line at a time."""

    def __init__(self, number: int, log: ServedLog, clock: SystemClock) -> None:
        self._number, self._log, self._clock = number, log, clock
        self.taken = 0  # codes 1..n were acknowledged
        self.shown = 0  # codes 1..n were sent at least once
        self._ended = False
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connected, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def end(self) -> None:
        """Show no further code; the one that is shown is sent until it is taken."""
        self._ended = True

    @property
    def done(self) -> bool:
        return self._ended and self.taken == self.shown

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._lines):
            task.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while not self.done:
                    await self._show(reader, writer)
                    await asyncio.sleep(READER_PACE_S)
        finally:
            writer.transport.abort()

    async def _show(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One code, until it is acknowledged. Raises OSError, IncompleteReadError where the line ends before."""
        number = self.shown = self.taken + 1
        code, first_ns, tries = code_of(self._number, number), self._clock.now().time_ns, 0
        while self.taken < number:
            tries += 1
            await _send(writer, code)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    await _until(reader, ACK)
                self.taken = number
        self._log.shown(Shown(f"reader{self._number}", code, first_ns, tries, taken=True))
        if tries > 1:  # a second ACK may be on its way, and would be taken for the next code's
            await _send(writer, NO_READ)
            await _until(reader, NAK)


async def _send(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(b"\x02" + text.encode() + b"\x03")
    await writer.drain()


async def _until(reader: asyncio.StreamReader, answer: int) -> None:
    while (await reader.readexactly(1))[0] != answer:
        pass


class Plant:
    """All devices on loopback ports; `write_site` says where."""

    def __init__(self, folder: Path, units: int, readers: int) -> None:
        clock = SystemClock()
        self._folder = folder
        self._log = ServedLog(folder / "served.db", clock)
        self._units = Units(self._log)
        self._numbers = range(1, units + 1)
        self.readers = [Reader(number, self._log, clock) for number in range(1, readers + 1)]
        self._server: asyncio.Server | None = None
        self._flushing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: LoadPort(self._units, self._numbers), HOST, 0)
        for reader in self.readers:
            await reader.open()
        self._flushing = asyncio.create_task(self._flush())

    async def close(self) -> None:
        assert self._server is not None
        assert self._flushing is not None
        self._server.close()
        for reader in self.readers:
            await reader.close()
        self._flushing.cancel()
        await asyncio.gather(self._flushing, return_exceptions=True)
        self._log.close()

    async def _flush(self) -> None:
        while True:
            self._log.flush()
            await asyncio.sleep(_FLUSH_S)

    def flush(self) -> None:
        """What was given until now is in the log."""
        self._log.flush()

    @property
    def answers(self) -> int:
        return sum(self._units.answers.values())

    def write_site(self, site: str) -> Path:
        """A config of lotwatch that reads it all; its path."""
        assert self._server is not None
        text = SiteText(site, "kill_unit", "100ms")
        text.point(ANSWER_NUMBER, 0, "uint32", "one")
        for at in range(2, REGISTERS):
            text.point(f"r{at:02d}", at, "uint16", "one")
        port = self._server.sockets[0].getsockname()[1]
        text.bus("units", f"{HOST}:{port}", [(f"unit{number}", number) for number in self._numbers])
        places = []
        for number, reader in enumerate(self.readers, 1):
            name, cell = f"reader{number}", f"desk{number}"
            text.buses.append(
                f"- {{name: {name}, driver: serial.barcode, address: '{HOST}:{reader.port}', "
                # on a machine that stalls the next try may be late
                f"options: {{resend_window: 600s, nak: NAK, no_read: {NO_READ}}}}}"
            )
            text.cells.append(cell)
            text.devices.append(
                f"- {{name: {name}, bus: {name}, map: barcode_scanner, cell: sim/line1/{cell}}}"
            )
            places.append(f"- {{name: {name}, device: {name}, cell: sim/line1/{cell}, action: open}}")
        file = write_site(self._folder, text)
        file.write_text(file.read_text("utf-8") + "\n".join(["scan_points:", *places, ""]), "utf-8")
        return file
