"""The scripted line keeps to its script; everything else is tested on it, so it is tested first."""

from __future__ import annotations

import asyncio

import pytest

from gateway.clock import VirtualClock
from gateway.lines import DOWN, TIMEOUT, Delay, FakeLine, SerialLine, Stray, TcpLine, open_line
from gateway.ports import LineDown, LineSilent
from gateway.site import Bus

S = 1_000_000_000


@pytest.fixture
def clock():
    return VirtualClock()


async def timed(clock, awaitable, seconds=10.0):
    task = asyncio.ensure_future(awaitable)
    begin = clock.boottime_ns()
    while not task.done() and clock.boottime_ns() - begin < seconds * S:
        await clock.advance(0.1)
    return await asyncio.wait_for(task, 0)


async def test_good_silent_torn():
    line = FakeLine([b"S S   12.50 kg\r\n", TIMEOUT, b"S S   12."])
    assert await line.receive(0) == b"S S   12.50 kg\r\n"
    with pytest.raises(LineSilent):
        await line.receive(0)
    assert await line.receive(0) == b"S S   12."
    with pytest.raises(LineSilent):
        await line.receive(0)
    assert line.left == 0


async def test_what_was_sent_is_kept():
    line = FakeLine()
    await line.send(b"a")
    await line.send(b"b")
    assert line.sent == [b"a", b"b"]


async def test_silence_takes_until_the_deadline(clock):
    line = FakeLine([TIMEOUT], clock)
    for _ in range(2):  # the script's silence, and that after it
        begin = clock.boottime_ns()
        with pytest.raises(LineSilent):
            await timed(clock, line.receive(begin + S))
        assert clock.boottime_ns() - begin == S


async def test_a_delay_may_outlast_a_receive(clock):
    line = FakeLine([Delay(1.5), b"late"], clock)
    begin = clock.boottime_ns()
    with pytest.raises(LineSilent):
        await timed(clock, line.receive(begin + S))
    assert await timed(clock, line.receive(begin + 5 * S)) == b"late"
    assert clock.boottime_ns() - begin == 1.5 * S


async def test_a_broken_line_breaks_what_is_next():
    line = FakeLine([DOWN, b"x", DOWN, b"y"])
    with pytest.raises(LineDown):
        await line.send(b"a")
    await line.send(b"b")
    assert await line.receive(0) == b"x"
    with pytest.raises(LineDown):
        await line.receive(0)
    assert await line.receive(0) == b"y"
    assert line.sent == [b"b"]


async def test_stray_bytes_are_there_before_the_question():
    line = FakeLine([Stray(b"old"), b"new"])
    assert line.discard() == 3
    assert await line.receive(0) == b"new"
    assert FakeLine([b"scripted"]).discard() == 0
    assert await FakeLine([Stray(b"old")]).receive(0) == b"old"


async def test_answers_may_be_made_of_questions(clock):
    line = FakeLine(clock=clock, respond=lambda sent: [Delay(0.5), sent.upper()] if sent else None)
    await line.send(b"abc")
    assert await timed(clock, line.receive(clock.boottime_ns() + S)) == b"ABC"


async def test_feeding_wakes_who_waits(clock):
    line = FakeLine(clock=clock)
    task = asyncio.ensure_future(line.receive(clock.boottime_ns() + S))
    await clock.advance(0.5)
    line.feed(b"here")
    await clock.advance(0)
    assert task.result() == b"here"


async def test_cutting_wakes_who_waits_and_lasts_until_mended(clock):
    line = FakeLine(clock=clock)
    task = asyncio.ensure_future(line.receive(clock.boottime_ns() + S))
    await clock.advance(0.5)
    line.cut()
    await clock.advance(0)
    with pytest.raises(LineDown):
        task.result()
    with pytest.raises(LineDown):
        await line.send(b"a")
    line.feed(b"lost")
    line.mend()
    line.feed(b"kept")
    assert await line.receive(0) == b"kept"


async def test_cancelling_takes_nothing(clock):
    line = FakeLine([Delay(1), b"kept"], clock)
    task = asyncio.ensure_future(line.receive(clock.boottime_ns() + 5 * S))
    await clock.advance(0.5)
    task.cancel()
    await asyncio.wait({task})
    assert await timed(clock, line.receive(clock.boottime_ns() + 5 * S)) == b"kept"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/dev/ttyUSB0", SerialLine),
        ("/dev/serial/by-id/usb-x:1", SerialLine),
        ("10.0.0.7:502", TcpLine),
        ("scale.local:4001", TcpLine),
        ("[::1]:502", TcpLine),
    ],
)
def test_the_address_says_what_line_it_is(address, kind, clock):
    assert isinstance(open_line(Bus("b", "serial.scale", address), clock), kind)
