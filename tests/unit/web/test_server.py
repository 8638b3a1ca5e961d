"""HTTP in the daemon's loop: on its port, off again at once, and no reason to stop when the port is taken."""

from __future__ import annotations

import asyncio
import logging
import socket

import httpx
import pytest

from gateway.clock import SystemClock, VirtualClock
from gateway.web.server import AGAIN_NS, HOST, Web


def listening():
    """A socket that has a port."""
    made = socket.socket()
    made.bind((HOST, 0))
    made.listen()
    return made, made.getsockname()[1]


async def answered(port, path="/health/live"):
    """The answer, however long the server takes to come up."""
    async with httpx.AsyncClient(timeout=600) as client:
        while True:
            try:
                return await client.get(f"http://{HOST}:{port}{path}")
            except httpx.ConnectError:
                await asyncio.to_thread(lambda: None)


async def test_it_answers_until_it_is_cancelled(folder):
    free, port = listening()
    free.close()
    serving = asyncio.create_task(Web(folder, port, SystemClock()).run())
    assert (await answered(port)).json() == {"status": "live"}
    events = await answered(port, "/epcis/events?perPage=3")
    assert len(events.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 3
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://{HOST}:{port}/health/live")


async def test_a_port_that_is_taken_is_told_once_and_tried_again(folder, caplog):
    clock = VirtualClock()
    other, port = listening()
    with caplog.at_level(logging.WARNING):
        serving = asyncio.create_task(Web(folder, port, clock).run())
        for _ in range(3):
            await clock.advance(AGAIN_NS / 1e9)
    assert not serving.done()
    told = [record.getMessage() for record in caplog.records if record.name.startswith("gateway.web")]
    assert len(told) == 1
    assert f"port {port} of 127.0.0.1 cannot be had" in told[0]
    assert "web.port" in told[0]
    other.close()
    await clock.advance(AGAIN_NS / 1e9)
    assert (await answered(port)).status_code == 200
    serving.cancel()
    await asyncio.wait({serving})
