"""`SerialLine` on real pseudo-terminals: a pty's slave is a serial port with everything but the voltage."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import tty
from dataclasses import replace
from pathlib import Path

import pytest

from drivers import load_driver
from gateway.clock import SystemClock
from gateway.layout import Field
from gateway.lines import SerialLine, open_line
from gateway.model import Noted, Quality, Scan
from gateway.ports import LineDown, LineSilent
from gateway.site import Bus, Device, Group, Point

pytestmark = pytest.mark.system

MS = 1_000_000
S = 1_000_000_000
PATIENCE = 120  # seconds, on a machine that is busy with something else


class Plug:
    """A port that can be pulled out and put in again: its path is a link to the slave of the day."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ttyTEST"
        self.master = -1
        self.plug_in()

    def plug_in(self) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        self._slave = slave

    def device_closes_its_slave(self) -> None:
        os.close(self._slave)

    def unplug(self) -> None:
        os.close(self.master)
        with contextlib.suppress(OSError):
            os.close(self._slave)
        self.path.unlink()

    def say(self, data: bytes) -> None:
        os.write(self.master, data)

    async def heard(self, count: int) -> bytes:
        loop, data = asyncio.get_running_loop(), b""
        while len(data) < count:
            ready = asyncio.Event()
            loop.add_reader(self.master, ready.set)
            try:
                await asyncio.wait_for(ready.wait(), PATIENCE)
            finally:
                loop.remove_reader(self.master)
            data += os.read(self.master, 4096)
        return data


@pytest.fixture
def plug(tmp_path):
    made = Plug(tmp_path)
    yield made
    with contextlib.suppress(OSError):
        made.unplug()


@pytest.fixture
async def line(plug):
    made = SerialLine(Bus("line1", "serial.scale", str(plug.path), baud=115_200), SystemClock())
    yield made
    await made.close()


def soon(ms: int = 1000 * PATIENCE) -> int:
    return SystemClock().boottime_ns() + ms * MS


async def received(line: SerialLine, count: int) -> bytes:
    """So many bytes, in however many parts they come."""
    data = b""
    while len(data) < count:
        data += await line.receive(soon())
    return data


async def test_bytes_go_both_ways(plug, line):
    await line.send(b"SI\r\n")
    assert await plug.heard(4) == b"SI\r\n"
    plug.say(b"S S     12.50 kg\r\n")
    assert await received(line, 18) == b"S S     12.50 kg\r\n"


async def test_every_byte_passes_unchanged(plug, line):
    everything = bytes(range(256))  # no echo, no CR for LF, no XON and XOFF, no signals
    await line.send(everything)
    assert await plug.heard(256) == everything
    plug.say(everything)
    assert await received(line, 256) == everything
    with pytest.raises(LineSilent):
        await line.receive(soon(30))


async def test_half_a_frame_comes_as_soon_as_it_is_there(plug, line):
    await line.send(b"S\r\n")
    plug.say(b"S S   12.")
    assert await received(line, 9) == b"S S   12."
    with pytest.raises(LineSilent):
        await line.receive(soon(20))
    plug.say(b"50 kg\r\n")
    assert await received(line, 7) == b"50 kg\r\n"


async def test_silence_ends_at_the_deadline(line):
    clock = SystemClock()
    begin = clock.boottime_ns()
    with pytest.raises(LineSilent):
        await line.receive(begin + 50 * MS)
    assert 50 * MS <= clock.boottime_ns() - begin < PATIENCE * S


async def test_discard_throws_away_what_nobody_received(plug, line):
    await line.send(b"x")
    plug.say(b"late answer")
    await received(line, 11)  # it is there for sure
    plug.say(b"stale" * 500)
    thrown = 0
    while thrown < 2500:
        thrown += line.discard()
        await asyncio.sleep(0.001)
    assert thrown == 2500
    plug.say(b"fresh")
    assert await received(line, 5) == b"fresh"


async def test_an_unplugged_port_is_down_and_found_again(plug, line):
    await line.send(b"1")
    waiting = asyncio.ensure_future(line.receive(soon()))
    await asyncio.sleep(0.05)
    plug.unplug()
    with pytest.raises(LineDown):
        await asyncio.wait_for(waiting, PATIENCE)
    with pytest.raises(LineDown):
        await line.send(b"2")
    with pytest.raises(LineDown):
        await line.receive(soon())
    plug.plug_in()
    deadline = soon()
    while True:  # the pause after a failed attempt
        try:
            await line.send(b"3")
            break
        except LineDown:
            assert SystemClock().boottime_ns() < deadline
            await asyncio.sleep(0.02)
    assert await plug.heard(1) == b"3"
    plug.say(b"back")
    assert await received(line, 4) == b"back"


async def test_a_port_that_is_not_there_fails_at_once_and_not_too_often(tmp_path):
    line = SerialLine(Bus("line1", "serial.scale", str(tmp_path / "ttyNONE")), SystemClock())
    for _ in range(5):
        with pytest.raises(LineDown, match="ttyNONE"):
            await asyncio.wait_for(line.send(b"x"), PATIENCE)
    with pytest.raises(LineDown):
        await line.receive(soon())
    assert line.discard() == 0
    await line.close()


async def test_a_port_is_taken_for_one_alone(plug, line):
    await line.send(b"1")
    other = SerialLine(Bus("line2", "serial.scale", str(plug.path)), SystemClock())
    with pytest.raises(LineDown):
        await other.send(b"2")
    await line.close()
    await asyncio.sleep(0.15)  # its pause
    await other.send(b"2")
    await other.close()


async def test_a_closed_line_opens_again_on_the_next_use(plug, line):
    await line.send(b"1")
    assert await plug.heard(1) == b"1"
    plug.say(b"left over")
    await line.close()
    await line.send(b"2")
    assert await plug.heard(1) == b"2"
    plug.say(b"new")
    got = b""  # what was left over may be flushed, or not
    while not got.endswith(b"new"):
        got += await line.receive(soon())
    assert got in (b"new", b"left overnew")


async def test_closing_wakes_who_waits(line):
    await line.send(b"1")
    waiting = asyncio.ensure_future(line.receive(soon()))
    await asyncio.sleep(0.02)
    await line.close()
    with pytest.raises(LineDown):
        await asyncio.wait_for(waiting, PATIENCE)


async def test_a_cancelled_receive_loses_nothing(plug, line):
    await line.send(b"1")
    waiting = asyncio.ensure_future(line.receive(soon()))
    await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.wait({waiting})
    plug.say(b"kept")
    assert await received(line, 4) == b"kept"


async def test_more_than_the_kernel_takes_is_sent_whole(plug, line):
    data = os.urandom(100_000)
    sending = asyncio.ensure_future(line.send(data))
    assert await plug.heard(len(data)) == data
    await sending


async def test_a_port_that_takes_nothing_is_down_not_stuck(plug):
    line = SerialLine(Bus("line1", "serial.scale", str(plug.path), baud=10_000_000), SystemClock())
    with pytest.raises(LineDown, match="takes no bytes"):
        await asyncio.wait_for(line.send(bytes(1_000_000)), PATIENCE)
    await line.close()


async def test_what_nobody_receives_is_kept_within_bounds(plug, line):
    await line.send(b"1")
    sent = 0
    for _ in range(200):
        with contextlib.suppress(BlockingIOError):
            sent += os.write(plug.master, bytes(4096))
        await asyncio.sleep(0.001)
    assert sent < 400_000  # the kernel was not emptied for ever
    assert len(await received(line, sent)) == sent
    with pytest.raises(LineSilent):
        await line.receive(soon(100))


class Server:
    """A device server: a socket instead of a port, with the same handles as `Plug`."""

    def __init__(self) -> None:
        self.connected: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        self.path = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            lambda _, writer: self.connected.put_nowait(writer), "127.0.0.1", 0
        )
        self.path = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def plug_in(self) -> None:
        self._writer = await asyncio.wait_for(self.connected.get(), PATIENCE)

    async def unplug(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def stop(self) -> None:
        await self.unplug()
        self._server.close()
        await self._server.wait_closed()


class Scanning:
    """A scanner's driver on a line, listening."""

    def __init__(self, address: str) -> None:
        bus, clock = Bus("s", "serial.barcode", address, baud=115_200), SystemClock()
        device = Device("scanner", "s", "barcode_scanner", 0, "a/b/c", ())
        line = open_line(bus, clock)
        self.driver = load_driver("serial.barcode").build(bus=bus, devices=[device], line=line, clock=clock)
        self._heard: asyncio.Queue[Scan | Noted] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        async for told in self.driver.listen():
            self._heard.put_nowait(told)

    async def next(self) -> str:
        told = await asyncio.wait_for(self._heard.get(), PATIENCE)
        return told.code if isinstance(told, Scan) else told.kind

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        await self.driver.close()


async def test_a_scanner_nobody_asks_is_heard_and_again_after_it_was_unplugged(plug):
    scanning = Scanning(str(plug.path))
    first = asyncio.ensure_future(scanning.next())
    while not first.done():  # what was sent before the port was open is flushed; a scanner sends it again
        plug.say(b"\x02LOT-1\x03")
        await asyncio.wait({first}, timeout=0.05)
    assert first.result() == "LOT-1"
    plug.unplug()
    assert await scanning.next() == "bus_down"
    plug.plug_in()
    assert await scanning.next() == "bus_up"
    plug.say(b"\x02LOT-2\x03")
    assert await scanning.next() == "LOT-2"
    await scanning.stop()


def keepalive_is_on(port: int) -> bool:
    """Whether our end of the connection to that port has a keepalive timer: /proc/net/tcp, column tr, value 02."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return any(row[2].endswith(f":{port:04X}") and row[5].startswith("02:") for row in rows)


async def test_a_scanner_behind_a_device_server_is_heard_and_again_after_that_hung_up():
    server = Server()
    await server.start()
    scanning = Scanning(server.path)
    await server.plug_in()
    server.say(b"\x02LOT-1\x03")
    assert await scanning.next() == "LOT-1"
    assert keepalive_is_on(
        int(server.path.rpartition(":")[2])
    )  # else a power cut at the far end goes unnoticed
    await server.unplug()
    assert await scanning.next() == "bus_down"
    await server.plug_in()
    server.say(b"\x02LOT-2\x03")
    assert await scanning.next() == "bus_up"
    assert await scanning.next() == "LOT-2"
    await scanning.stop()
    await server.stop()


async def test_a_scale_behind_a_pty(plug):
    point = Point("mass", "a/b/c/mass", Field("float64"), uom="kg")
    device = Device(
        "scale1", "s", "floor_scale", 0, "a/b/c", (Group("scale1/normal", "scale1", S, (point,), 5 * S),)
    )
    device = replace(device, timeout_ns=PATIENCE * S)
    bus = Bus("s", "serial.scale", str(plug.path), baud=115_200)
    clock = SystemClock()
    driver = load_driver("serial.scale").build(
        bus=bus, devices=[device], line=SerialLine(bus, clock), clock=clock
    )

    async def answer(text: bytes, count: int = 4) -> bytes:
        asked: bytes = await plug.heard(count)
        plug.say(text)
        return asked

    asked, reading = await asyncio.gather(
        answer(b"S D    -0.125 kg\r\n"), driver.poll(device, device.groups[0])
    )
    assert asked == b"SI\r\n"
    assert reading.values.tolist() == [-0.125]
    assert reading.quality.tolist() == [Quality.UNSTABLE]
    reading = await driver.poll(replace(device, timeout_ns=300 * MS), device.groups[0])
    assert reading.quality.tolist() == [Quality.NO_ANSWER]
    plug.unplug()
    reading = await driver.poll(device, device.groups[0])
    assert reading.quality.tolist() == [Quality.LINE_DOWN]
    await driver.close()
