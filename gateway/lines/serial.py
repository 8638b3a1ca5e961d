"""A serial port as a `Line`: pyserial opens and sets it up, the event loop does the rest.

The port is taken for us alone. A port that vanished (unplugged, EIO) raises LineDown; the next use opens it
again, and after a failed attempt not before a growing pause has passed, in which every use fails at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import termios
from typing import TYPE_CHECKING

from gateway.ports import Clock, LineDown, LineSilent
from gateway.site import Bus

if TYPE_CHECKING:
    import serial

FIRST_PAUSE_NS = 100_000_000
LONGEST_PAUSE_NS = 1_000_000_000
_STUCK_NS = 1_000_000_000
_CHUNK = 4096  # the kernel's line buffer holds no more
_BACKLOG = 65_536  # bytes nobody has received: then the kernel keeps the rest


class SerialLine:
    """One serial port, by the settings of its bus."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus, self._clock = bus, clock
        self._port: serial.Serial | None = None
        self._fd = -1
        self._buffer = bytearray()
        self._reading = False
        self._change: asyncio.Future[None] | None = None  # who waits in receive
        self._room: asyncio.Future[None] | None = None  # who waits in send
        self._broken = ""
        self._pause_ns = 0
        self._retry_at_ns = 0
        self._opening = asyncio.Lock()

    async def send(self, data: bytes) -> None:
        await self._opened()
        rest = memoryview(data)
        wire_ns = len(data) * 12_000_000_000 // self._bus.baud
        deadline_ns = self._clock.boottime_ns() + wire_ns + _STUCK_NS
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                await self._writable(deadline_ns)
            except OSError as error:
                self._break(error)
                raise LineDown(self._broken) from error

    async def receive(self, deadline_ns: int) -> bytes:
        if not self._buffer:
            await self._opened()
            if not self._buffer:
                await self._came(deadline_ns)
        data = bytes(self._buffer)
        self._buffer.clear()
        self._resume()
        return data

    def discard(self) -> int:
        thrown = 0
        while True:
            thrown += len(self._buffer)
            self._buffer.clear()
            if self._port is None or not self._read():
                break
        self._resume()
        return thrown

    async def close(self) -> None:
        self._let_go()
        self._buffer.clear()
        self._pause_ns = self._retry_at_ns = 0
        self._wake()

    # --- opening --------------------------------------------------------------------------------------------

    async def _opened(self) -> None:
        if self._port is not None:
            return
        async with self._opening:
            if self._port is not None:
                return
            if self._clock.boottime_ns() < self._retry_at_ns:
                raise LineDown(self._broken)
            # In a thread: the driver of a sick USB adapter can hold an open() for seconds.
            attempt = asyncio.ensure_future(asyncio.to_thread(_open, self._bus))
            try:
                port = await asyncio.shield(attempt)
            except asyncio.CancelledError:
                attempt.add_done_callback(_close_unwanted)
                raise
            except (OSError, ValueError, termios.error) as error:  # serial.SerialException is an OSError
                self._pause_after(error)
                raise LineDown(self._broken) from error
        self._port, self._fd = port, port.fileno()
        self._pause_ns = 0
        self._buffer.clear()
        self._resume()

    def _pause_after(self, error: Exception) -> None:
        self._broken = f"{self._bus.address}: {error}"
        self._pause_ns = min(max(2 * self._pause_ns, FIRST_PAUSE_NS), LONGEST_PAUSE_NS)
        self._retry_at_ns = self._clock.boottime_ns() + self._pause_ns

    def _break(self, error: Exception) -> None:
        self._let_go()
        self._pause_after(error)
        self._wake()

    def _let_go(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._fd)
        loop.remove_writer(self._fd)
        self._reading = False
        self._fd = -1
        _close(port)

    # --- bytes ----------------------------------------------------------------------------------------------

    def _resume(self) -> None:
        if self._port is not None and not self._reading and len(self._buffer) < _BACKLOG:
            asyncio.get_running_loop().add_reader(self._fd, self._read)
            self._reading = True

    def _read(self) -> bool:
        """Take what the kernel has, at most a chunk of it; whether there was anything."""
        try:
            data = os.read(self._fd, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:  # EIO: unplugged
            self._break(error)
            return False
        if not data:
            # pyserial sets VMIN to 0, so that an empty read is also what "nothing there" looks like; poll()
            # knows.
            if _hung_up(self._fd):
                self._break(OSError("hung up"))
            return False
        self._buffer += data
        if len(self._buffer) >= _BACKLOG and self._reading:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._reading = False
        self._wake()
        return True

    async def _came(self, deadline_ns: int) -> None:
        self._change = asyncio.get_running_loop().create_future()
        try:
            await self._clock.within(self._change, deadline_ns)
        except TimeoutError:
            raise LineSilent(f"{self._bus.address}: nothing came") from None
        finally:
            self._change = None
        if not self._buffer:
            raise LineDown(self._broken or f"{self._bus.address}: closed")

    async def _writable(self, deadline_ns: int) -> None:
        """Until the kernel takes more. A port that takes nothing for a second (flow control) is down."""
        loop, fd = asyncio.get_running_loop(), self._fd
        self._room = loop.create_future()
        loop.add_writer(fd, self._wake)
        try:
            await self._clock.within(self._room, deadline_ns)
        except TimeoutError as error:
            self._break(OSError("takes no bytes"))
            raise LineDown(self._broken) from error
        finally:
            self._room = None
            if fd == self._fd:
                loop.remove_writer(fd)
        if self._port is None:
            raise LineDown(self._broken)

    def _wake(self) -> None:
        for waiter in (self._change, self._room):
            if waiter is not None and not waiter.done():
                waiter.set_result(None)


def _open(bus: Bus) -> serial.Serial:
    import serial  # noqa: PLC0415 # a site without serial ports does not pay for it

    port = serial.Serial(
        bus.address,
        baudrate=bus.baud,
        bytesize=bus.data_bits,
        parity=bus.parity,
        stopbits=bus.stop_bits,
        timeout=0,
        write_timeout=0,
        exclusive=True,
    )
    # USB adapters collect bytes for 16 ms unless told otherwise; ports that cannot be told need not be.
    with contextlib.suppress(OSError, ValueError, AttributeError, NotImplementedError):
        port.set_low_latency_mode(True)
    return port


def _close(port: serial.Serial) -> None:
    with contextlib.suppress(OSError, ValueError, termios.error):
        port.reset_output_buffer()  # closing a port waits for what it could not send
    with contextlib.suppress(OSError, termios.error):
        port.close()


def _close_unwanted(attempt: asyncio.Task[serial.Serial]) -> None:
    """Opening was cancelled and came to an end after all."""
    if not attempt.cancelled() and attempt.exception() is None:
        _close(attempt.result())


def _hung_up(fd: int) -> bool:
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    return any(flags & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, flags in poller.poll(0))
