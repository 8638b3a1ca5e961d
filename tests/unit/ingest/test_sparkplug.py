"""The host application: its packets, what it writes, what it asks for."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gateway.clock import VirtualClock
from gateway.ingest import sparkplug
from gateway.ingest.foreign import foreign_line
from gateway.ingest.sparkplug import HostLink, SparkplugHost
from gateway.ingest.writer import WriteFailed
from gateway.site import Broker, Database
from gateway.sparkplug.host import REORDER_MS, Heard
from gateway.sparkplug.node import Message
from gateway.sparkplug.state import state
from gateway.sparkplug.types import DataType
from tests.unit.publish.mqtt_server import Connect, Server
from tests.unit.sparkplug.plant import NOW, node
from tests.unit.wire import samples

STATE = "spBv1.0/STATE/scada"
PATIENCE_S = 60


class FakeLink:
    def __init__(self) -> None:
        self.coming: list[tuple[str, bytes]] = []
        self.asked: list[Message] = []
        self.dropped = 0

    def give(self, messages: list[Message]) -> None:
        self.coming += [(each.topic, each.payload) for each in messages]

    def take(self, limit: int, wait_s: float) -> list[tuple[str, bytes]]:
        del wait_s
        out, self.coming = self.coming[:limit], self.coming[limit:]
        return out

    def publish(self, message: Message) -> None:
        self.asked.append(message)


class FakeWriter:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.failure: WriteFailed | None = None
        self.poison = "\0"

    def write(self, body: str, precision: str) -> None:
        assert precision == "ns"
        if self.failure is not None:
            raise self.failure
        if self.poison in body:
            raise WriteFailed("400: unable to parse", permanent=True)
        self.lines += body.splitlines()


class Stage:
    def __init__(self) -> None:
        self.clock, self.link, self.writer = VirtualClock(), FakeLink(), FakeWriter()
        self.host = SparkplugHost(self.link, Database("http://x"), self.clock, self.writer)
        self.node = node()
        self.node.reading(samples.reading(1), NOW)

    def turn(self, messages: list[Message]) -> None:
        self.link.give(messages)
        self.host.turn()


def test_what_is_heard_is_written():
    stage = Stage()
    stage.turn(stage.node.births(NOW))
    assert 'reading,device=press1,group=acme,node=north-gw1,point=mould text="M-001",quality=0i' in "\n".join(
        stage.writer.lines
    )
    assert stage.host.counts.values == len(stage.writer.lines)


async def test_a_lost_message_is_asked_for():
    stage = Stage()
    stage.turn(stage.node.births(NOW))
    stage.node.reading(samples.reading(2), NOW)
    stage.turn(stage.node.reading(samples.reading(3), NOW))
    await stage.clock.advance(REORDER_MS / 1000)
    stage.turn([])
    assert [each.topic for each in stage.link.asked] == ["spBv1.0/acme/NCMD/north-gw1"]
    assert stage.host.counts.asked == 1


async def test_lines_wait_for_a_database_that_is_away_and_are_bounded(monkeypatch):
    monkeypatch.setattr(sparkplug, "QUEUE", 40)
    stage = Stage()
    stage.writer.failure = WriteFailed("gone", gone=True)
    stage.turn(stage.node.births(NOW))
    for seq in range(2, 12):
        stage.turn(stage.node.reading(samples.reading(seq), NOW))
    stage.writer.failure = None
    await stage.clock.advance(5)
    stage.turn([])
    assert len(stage.writer.lines) == 40
    assert stage.host.counts.dropped == stage.host.counts.values - 40


def test_what_a_database_refuses_for_good_is_counted():
    stage = Stage()
    stage.writer.failure = WriteFailed("400", permanent=True)
    stage.turn(stage.node.births(NOW))
    assert stage.host.counts.dropped == stage.host.counts.values > 0


def test_one_line_that_is_refused_does_not_take_the_others_with_it():
    stage = Stage()
    stage.writer.poison = "point=cushion"
    stage.turn(stage.node.births(NOW))
    assert stage.host.counts.dropped == 1
    assert len(stage.writer.lines) == stage.host.counts.values - 1


async def test_messages_that_came_too_fast_are_told(caplog):
    stage = Stage()
    await stage.clock.advance(60)
    stage.link.dropped = 7
    stage.turn([])
    assert stage.host.counts.dropped == 7
    assert "7 messages" in caplog.text


@pytest.mark.parametrize(
    ("value", "kind", "quality", "line"),
    [
        (True, DataType.BOOLEAN, 192, "value=1.0,quality=0i"),
        (-5, DataType.INT8, 192, "value=-5.0,quality=0i"),
        (2**64 - 1, DataType.UINT64, 192, "value_i=-1i,quality=0i"),
        (None, DataType.FLOAT, 0, "quality=128i"),
        (None, DataType.FLOAT, 500, "quality=160i"),
        (b"x", DataType.BYTES, 192, "quality=0i"),
        (float("inf"), DataType.DOUBLE, 192, "quality=0i"),
    ],
)
def test_values_as_lines(value, kind, quality, line):
    said = foreign_line(Heard("g", "n", "", "p", kind, value, quality, 7), strings=True, precision="ms")
    assert said == f"reading,group=g,node=n,point=p {line} 7"


def test_texts_stay_out_of_a_database_without_strings():
    said = foreign_line(Heard("g", "n", "d", "p", 12, "x", 192, 7), strings=False, precision="ns")
    assert said == "reading,device=d,group=g,node=n,point=p quality=0i 7000000"


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_the_hosts_packets(version):
    server, clock = Server(), VirtualClock()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    broker = Broker("127.0.0.1", listening.sockets[0].getsockname()[1], version)
    link = await asyncio.to_thread(HostLink, broker, "acme", "scada", clock)  # paho blocks
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.to_thread(link.open)
            await _until(lambda: len(server.packets) >= 4)
            server.tell(STATE, state(online=False, timestamp=1))
            await _until(lambda: len(server.packets) >= 5)
            server.tell("spBv1.0/acme/NDATA/n1", b"data")
            heard = await asyncio.to_thread(link.take, 10, PATIENCE_S)
            await clock.advance(1)
            await asyncio.to_thread(link.close)
            await server.gone.wait()
    finally:
        listening.close()
        await listening.wait_closed()
    at = 1_800_000_000_000
    assert heard == [("spBv1.0/acme/NDATA/n1", b"data")]
    birth = ("publish", STATE, state(online=True, timestamp=at), 1, True)
    assert server.packets == [
        Connect(5 if version == "5" else 4, True, 1, True, STATE, state(online=False, timestamp=at), 0),
        ("subscribe", STATE, 1),
        ("subscribe", "spBv1.0/acme/#", 1),
        birth,
        birth,  # somebody said that we are gone
        ("publish", STATE, state(online=False, timestamp=at + 1000), 1, True),
        ("disconnect", b""),
    ]


async def _until(true) -> None:
    while not true():  # noqa: ASYNC110 # the other end is a thread
        await asyncio.sleep(0.01)  # noqa: TID251


def test_it_runs_until_it_is_stopped():
    stage = Stage()
    stage.link.give(stage.node.births(NOW))
    thread = threading.Thread(target=stage.host.run)
    thread.start()
    stage.host.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
