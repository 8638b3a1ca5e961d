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
from gateway.lines import SerialLine
from gateway.model import Quality
from gateway.ports import LineDown, LineSilent
from gateway.site import Bus, Device, Group, Point

pytestmark = pytest.mark.system

MS = 1_000_000
S = 1_000_000_000


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
                await asyncio.wait_for(ready.wait(), 5)
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


def soon(ms: int = 2000) -> int:
    return SystemClock().boottime_ns() + ms * MS


async def test_bytes_go_both_ways(plug, line):
    await line.send(b"SI\r\n")
    assert await plug.heard(4) == b"SI\r\n"
    plug.say(b"S S     12.50 kg\r\n")
    assert await line.receive(soon()) == b"S S     12.50 kg\r\n"


async def test_every_byte_passes_unchanged(plug, line):
    everything = bytes(range(256))  # no echo, no CR for LF, no XON and XOFF, no signals
    await line.send(everything)
    assert await plug.heard(256) == everything
    plug.say(everything)
    got = b""
    while len(got) < 256:
        got += await line.receive(soon())
    assert got == everything
    with pytest.raises(LineSilent):
        await line.receive(soon(30))


async def test_half_a_frame_comes_as_soon_as_it_is_there(plug, line):
    await line.send(b"S\r\n")
    plug.say(b"S S   12.")
    assert await line.receive(soon()) == b"S S   12."
    with pytest.raises(LineSilent):
        await line.receive(soon(20))
    plug.say(b"50 kg\r\n")
    assert await line.receive(soon()) == b"50 kg\r\n"


async def test_silence_ends_at_the_deadline(line):
    clock = SystemClock()
    begin = clock.boottime_ns()
    with pytest.raises(LineSilent):
        await line.receive(begin + 50 * MS)
    assert 50 * MS <= clock.boottime_ns() - begin < 1 * S


async def test_discard_throws_away_what_nobody_received(plug, line):
    await line.send(b"x")
    plug.say(b"late answer")
    await line.receive(soon())  # it is there for sure
    plug.say(b"stale" * 500)
    thrown = 0
    while thrown < 2500:
        thrown += line.discard()
        await asyncio.sleep(0.001)
    assert thrown == 2500
    plug.say(b"fresh")
    assert await line.receive(soon()) == b"fresh"


async def test_an_unplugged_port_is_down_and_found_again(plug, line):
    await line.send(b"1")
    waiting = asyncio.ensure_future(line.receive(soon(10_000)))
    await asyncio.sleep(0.05)
    plug.unplug()
    with pytest.raises(LineDown):
        await asyncio.wait_for(waiting, 5)
    with pytest.raises(LineDown):
        await line.send(b"2")
    with pytest.raises(LineDown):
        await line.receive(soon())
    plug.plug_in()
    deadline = soon(5_000)
    while True:  # the pause after a failed attempt
        try:
            await line.send(b"3")
            break
        except LineDown:
            assert SystemClock().boottime_ns() < deadline
            await asyncio.sleep(0.02)
    assert await plug.heard(1) == b"3"
    plug.say(b"back")
    assert await line.receive(soon()) == b"back"


async def test_a_port_that_is_not_there_fails_at_once_and_not_too_often(tmp_path):
    line = SerialLine(Bus("line1", "serial.scale", str(tmp_path / "ttyNONE")), SystemClock())
    for _ in range(5):
        with pytest.raises(LineDown, match="ttyNONE"):
            await asyncio.wait_for(line.send(b"x"), 1)
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
    plug.say(b"left over")
    await line.close()
    await line.send(b"2")
    assert (await plug.heard(2))[-1:] == b"2"
    plug.say(b"new")
    assert (await line.receive(soon())).endswith(b"new")


async def test_closing_wakes_who_waits(line):
    await line.send(b"1")
    waiting = asyncio.ensure_future(line.receive(soon(10_000)))
    await asyncio.sleep(0.02)
    await line.close()
    with pytest.raises(LineDown):
        await asyncio.wait_for(waiting, 2)


async def test_a_cancelled_receive_loses_nothing(plug, line):
    await line.send(b"1")
    waiting = asyncio.ensure_future(line.receive(soon(10_000)))
    await asyncio.sleep(0.02)
    waiting.cancel()
    await asyncio.wait({waiting})
    plug.say(b"kept")
    assert await line.receive(soon()) == b"kept"


async def test_more_than_the_kernel_takes_is_sent_whole(plug, line):
    data = os.urandom(100_000)
    sending = asyncio.ensure_future(line.send(data))
    assert await plug.heard(len(data)) == data
    await sending


async def test_a_port_that_takes_nothing_is_down_not_stuck(plug):
    line = SerialLine(Bus("line1", "serial.scale", str(plug.path), baud=10_000_000), SystemClock())
    with pytest.raises(LineDown, match="takes no bytes"):
        await asyncio.wait_for(line.send(bytes(1_000_000)), 10)
    await line.close()


async def test_what_nobody_receives_is_kept_within_bounds(plug, line):
    await line.send(b"1")
    sent = 0
    for _ in range(200):
        with contextlib.suppress(BlockingIOError):
            sent += os.write(plug.master, bytes(4096))
        await asyncio.sleep(0.001)
    assert sent < 400_000  # the kernel was not emptied for ever
    got = 0
    with contextlib.suppress(LineSilent):
        while True:
            got += len(await line.receive(soon(100)))
    assert got == sent


async def test_a_scale_behind_a_pty(plug):
    point = Point("mass", "a/b/c/mass", Field("float64"), uom="kg")
    device = Device(
        "scale1", "s", "floor_scale", 0, "a/b/c", (Group("scale1/normal", "scale1", S, (point,), 5 * S),)
    )
    device = replace(device, timeout_ns=300 * MS)
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
    reading = await driver.poll(device, device.groups[0])
    assert reading.quality.tolist() == [Quality.NO_ANSWER]
    plug.unplug()
    reading = await driver.poll(device, device.groups[0])
    assert reading.quality.tolist() == [Quality.LINE_DOWN]
    await driver.close()
