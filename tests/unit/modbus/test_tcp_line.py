"""The TCP line on a loopback socket; deadlines on a virtual clock, so nothing waits."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from gateway.clock import VirtualClock
from gateway.lines.tcp import MOST_WAITING, TcpLine
from gateway.ports import LineDown, LineSilent

SECOND = 1_000_000_000


class Peer(asyncio.Protocol):
    """The other side: keeps what came, and says what the test says."""

    def __init__(self, here):
        self.here = here
        self.got = bytearray()

    def connection_made(self, transport):
        self.transport = transport
        self.here.peers.append(self)
        self.here.changed.set()

    def data_received(self, data):
        self.got += data
        self.here.changed.set()

    def connection_lost(self, exc):
        del exc
        self.here.lost += 1
        self.here.changed.set()


class Here:
    def __init__(self):
        self.peers, self.lost, self.changed = [], 0, asyncio.Event()

    async def until(self, condition):
        """Real bytes take a few turns of the loop, on a busy machine many; no more than two minutes of them."""
        async with asyncio.timeout(120):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@contextlib.asynccontextmanager
async def opened():
    here, clock = Here(), VirtualClock()
    server = await asyncio.get_running_loop().create_server(lambda: Peer(here), "127.0.0.1", 0)
    line = TcpLine("127.0.0.1", server.sockets[0].getsockname()[1], clock)
    try:
        yield line, here, clock, server
    finally:
        await line.close()
        server.close()
        for peer in here.peers:
            peer.transport.abort()


async def connected(line, here):
    await line.send(b"ask")
    await here.until(lambda: here.peers and here.peers[-1].got == b"ask")
    return here.peers[-1]


def deadline(clock, seconds=1.0):
    return clock.boottime_ns() + round(seconds * SECOND)


async def test_what_is_sent_arrives_and_what_comes_is_received():
    async with opened() as (line, here, clock, _):
        peer = await connected(line, here)
        for answer in (b"one", b"two"):
            receiving = asyncio.ensure_future(line.receive(deadline(clock)))
            await clock.advance(0)
            peer.transport.write(answer)
            assert await receiving == answer


async def test_what_came_before_it_was_waited_for_is_kept_or_thrown_away():
    async with opened() as (line, here, clock, _):
        peer = await connected(line, here)
        peer.transport.write(b"early")
        received = bytearray()
        while bytes(received) != b"early":
            received += await line.receive(deadline(clock))
        assert line.discard() == 0


async def test_silence_ends_at_the_deadline_and_not_before():
    async with opened() as (line, here, clock, _):
        await connected(line, here)
        receiving = asyncio.ensure_future(line.receive(deadline(clock)))
        await clock.advance(0.999)
        assert not receiving.done()
        await clock.advance(0.001)
        with pytest.raises(LineSilent):
            await receiving


async def test_one_watchdog_serves_later_and_earlier_deadlines():
    async with opened() as (line, here, clock, _):
        peer = await connected(line, here)
        for seconds in (1.0, 1.5, 0.2):  # later, later, earlier
            receiving = asyncio.ensure_future(line.receive(deadline(clock, seconds)))
            await clock.advance(0)
            peer.transport.write(b"x")
            assert await receiving == b"x"
            await clock.advance(0.1)
        receiving = asyncio.ensure_future(line.receive(deadline(clock, 0.3)))
        await clock.advance(0.299)
        assert not receiving.done()
        await clock.advance(0.001)
        with pytest.raises(LineSilent):
            await receiving


async def test_the_other_side_closes():
    async with opened() as (line, here, clock, _):
        peer = await connected(line, here)
        receiving = asyncio.ensure_future(line.receive(deadline(clock)))
        await clock.advance(0)
        peer.transport.close()
        with pytest.raises(LineDown, match="closed by the other side"):
            await receiving
        with pytest.raises(LineDown):
            await line.receive(deadline(clock))
        await line.send(b"again")  # opens it again
        await here.until(lambda: len(here.peers) == 2 and here.peers[1].got == b"again")


async def test_nobody_listens():
    async with opened() as (line, _, clock, server):
        server.close()
        await server.wait_closed()
        with pytest.raises(LineDown, match=r"127\.0\.0\.1"):
            await line.send(b"ask")
        with pytest.raises(LineDown, match="refused a moment ago"):
            await line.send(b"ask")  # without a new attempt
        await clock.advance(0.06)
        with pytest.raises(LineDown, match=r"127\.0\.0\.1.*Connect"):
            await line.send(b"ask")


async def test_receiving_before_anything_was_sent():
    async with opened() as (line, _, clock, _server):
        with pytest.raises(LineDown, match="not open"):
            await line.receive(deadline(clock))


async def test_a_flood_nobody_asked_for_is_cut_off():
    async with opened() as (line, here, _, _server):
        peer = await connected(line, here)
        peer.transport.write(b"\0" * (4 * MOST_WAITING))
        await here.until(lambda: here.lost == 1)


async def test_a_cancelled_wait_leaves_the_line_usable():
    async with opened() as (line, here, clock, _):
        peer = await connected(line, here)
        receiving = asyncio.ensure_future(line.receive(deadline(clock)))
        await clock.advance(0)
        receiving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await receiving
        receiving = asyncio.ensure_future(line.receive(deadline(clock)))
        await clock.advance(0)
        peer.transport.write(b"x")
        assert await receiving == b"x"


async def test_closing_ends_the_wait():
    async with opened() as (line, here, clock, _):
        await connected(line, here)
        receiving = asyncio.ensure_future(line.receive(deadline(clock)))
        await clock.advance(0)
        await line.close()
        with pytest.raises(LineDown, match="closed here"):
            await receiving
        await here.until(lambda: here.lost == 1)
