"""The daemon with `sparkplug:`: it builds the edge node, which lives and dies with it and keeps its bdSeq."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.app import Daemon
from gateway.clock import VirtualClock
from gateway.journal import JournalReader
from gateway.model import Noted
from gateway.site import Broker, Site, Sparkplug
from gateway.sparkplug.decode import decode
from tests.unit.publish.mqtt_server import Connect, Server

SITE = Site("plant", "gw1", (), (), cells=("a/l/c",))
PATIENCE_S = 120


async def lived(folder: Path, broker: Broker, ready) -> None:
    """A run of the daemon that is stopped when `ready` is set."""
    clock = VirtualClock()
    site = replace(SITE, sparkplug=Sparkplug("acme", "n1", brokers=(broker,)))
    daemon = Daemon(site, folder, clock=clock)
    up = asyncio.Event()
    task = asyncio.create_task(daemon.run(up.set))
    async with asyncio.timeout(PATIENCE_S):
        await up.wait()
        while not ready():
            await asyncio.wait({task}, timeout=0.01)
            await clock.advance(0.05)
        daemon.stop()
        while not task.done():
            await asyncio.wait({task}, timeout=0.01)
            await clock.advance(0.5)
    await task


async def test_the_node_is_born_and_dies_with_the_daemon(tmp_path):
    for bdseq in (0, 1):
        server = Server()
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        broker = Broker("127.0.0.1", listening.sockets[0].getsockname()[1])
        try:
            await lived(tmp_path / "data", broker, lambda server=server: len(server.packets) >= 3)
            async with asyncio.timeout(PATIENCE_S):
                await server.gone.wait()
        finally:
            listening.close()
            await listening.wait_closed()
        connect, subscribe, birth, *_, death, end = server.packets
        assert isinstance(connect, Connect)
        assert decode(connect.will_payload).metrics[0].value == bdseq
        assert subscribe == ("subscribe", "spBv1.0/acme/NCMD/n1", 1)
        assert isinstance(birth, tuple)
        assert isinstance(death, tuple)
        assert (birth[1], death[1]) == ("spBv1.0/acme/NBIRTH/n1", "spBv1.0/acme/NDEATH/n1")
        assert end == ("disconnect", b"\x04")


@pytest.mark.long
async def test_a_broker_that_is_not_there_disturbs_nobody(tmp_path):
    ticks = iter(range(200))
    await lived(tmp_path / "data", Broker("127.0.0.1", 1), lambda: next(ticks) > 40)
    assert "task_restarted" not in await asyncio.to_thread(kinds, tmp_path / "data")


def kinds(folder: Path) -> list[str]:
    """Of the events."""
    with JournalReader(folder) as reader:
        return [each.event.kind for each in reader.events(1, 99) if isinstance(each.event, Noted)]
