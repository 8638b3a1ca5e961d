"""The edge node's publisher against scripted brokers on a virtual clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Self

import orjson
import pytest

from gateway import tasks
from gateway.clock import VirtualClock
from gateway.journal.errors import JournalFull
from gateway.model import Block, NumberedEvent, NumberedInput
from gateway.ports import Watermark
from gateway.publish.sparkplug import SparkplugPublisher
from gateway.publish.sparkplug_fake import FakeServer
from gateway.site import Sparkplug
from gateway.sparkplug.decode import decode
from gateway.sparkplug.encode import encode
from gateway.sparkplug.node import REBIRTH, Message
from gateway.sparkplug.state import state
from gateway.sparkplug.types import DataType, Metric, Payload
from tests.unit.publish.history import FakeHistory
from tests.unit.sparkplug.plant import dead
from tests.unit.wire import samples

HOST = "spBv1.0/STATE/scada"
NCMD = "spBv1.0/acme/NCMD/n1"
ASK = encode(Payload((Metric(value=True, name=REBIRTH, datatype=DataType.BOOLEAN),), timestamp=1))
ONLINE, OFFLINE = (
    (lambda at: state(online=True, timestamp=at)),
    (lambda at: state(online=False, timestamp=at)),
)


class Dice:
    def token(self, nbytes: int) -> bytes:
        return bytes(nbytes)

    def uniform(self) -> float:
        return 0.999


class Journal(FakeHistory):
    full = False

    async def keep_cursor(self, name: str, at: Watermark) -> None:
        await self.set_cursor(name, at)
        if self.full:
            raise JournalFull("no space left")


class Stage:
    """Journal, brokers, publisher and clock; `async with` runs the publisher."""

    def __init__(
        self,
        settings: Sparkplug = Sparkplug("acme", "n1"),  # noqa: B008 # frozen
        servers: Sequence[FakeServer] | None = None,
        history: Journal | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.history = history or Journal()
        self.servers = list(servers or [FakeServer()])
        self.server = self.servers[0]
        self.publisher = SparkplugPublisher(
            self.history, samples.site(), settings, self.clock, Dice(), dialers=self.servers
        )

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.publisher.run())
        await self.clock.advance(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def live(self, first: int, last: int) -> None:
        self.publisher.offer(self.history.readings(first, last))
        await self.clock.advance(0)


def seqs(messages: Sequence[Message]) -> list[int | None]:
    return [decode(message.payload).seq for message in messages]


def bdseqs(server: FakeServer) -> list[object]:
    wills = [what for kind, what in server.log if kind == "connect" and isinstance(what, Message)]
    return [decode(will.payload).metrics[0].value for will in wills]


async def test_subscribed_before_born_and_data_after():
    async with Stage() as stage:
        await stage.live(1, 5)
        kinds = [kind for kind, _ in stage.server.log]
        assert kinds[:3] == ["connect", "subscribe", "publish"]
        assert stage.server.log[1] == ("subscribe", NCMD)
        assert stage.server.kinds() == ["NBIRTH", "DBIRTH", *["DDATA"] * 3]
        assert seqs(stage.server.sent()) == [0, 1, 2, 3, 4]
        assert {(message.qos, message.retain) for message in stage.server.sent()} == {(0, False)}


async def test_leaving_on_purpose_is_a_death_first():
    async with Stage() as stage:
        await stage.live(1, 3)
    assert [kind for kind, _ in stage.server.log[-2:]] == ["publish", "disconnect"]
    death = stage.server.sent()[-1]
    assert death.topic == "spBv1.0/acme/NDEATH/n1"
    assert decode(death.payload).metrics[0].value == 0


async def test_bdseq_grows_with_every_connection_and_over_restarts():
    history = Journal()
    async with Stage(history=history) as stage:
        for _ in range(3):
            stage.server.cut()
            await stage.clock.advance(40)
        assert bdseqs(stage.server) == [0, 1, 2, 3]
    async with Stage(history=history) as again:
        assert bdseqs(again.server) == [4]
    history.cursors["sparkplug-bdseq"] = Watermark(input=255)
    async with Stage(history=history) as wrapped:
        wrapped.server.cut()
        await wrapped.clock.advance(40)
        assert bdseqs(wrapped.server) == [255, 0]


async def test_a_broker_that_is_not_there_costs_no_bdseq():
    stage = Stage(servers=[FakeServer(up=False)])
    async with stage:
        await stage.clock.advance(300)
        stage.server.up = True
        await stage.clock.advance(40)
        assert bdseqs(stage.server) == [0]


async def test_a_full_disk_does_not_keep_the_node_away():
    history = Journal()
    history.full = True
    async with Stage(history=history) as stage:
        assert stage.server.kinds() == ["NBIRTH"]


async def test_a_rebirth_is_given_when_asked_for():
    async with Stage() as stage:
        await stage.live(1, 3)
        before = len(stage.server.sent())
        stage.server.tell(NCMD, ASK)
        await stage.clock.advance(0)
        births = stage.server.sent()[before:]
        assert [message.topic.split("/")[2] for message in births] == ["NBIRTH", "DBIRTH"]
        assert seqs(births) == [0, 1]
        assert bdseqs(stage.server) == [0]
        await stage.live(4, 4)
        assert seqs(stage.server.sent())[-1] == 2


async def test_what_is_no_command_is_left_alone():
    async with Stage() as stage:
        stage.server.tell(NCMD, b"\xff\xff")
        stage.server.tell(
            NCMD, encode(Payload((Metric(value=True, name="Node Control/Reboot", datatype=11),)))
        )
        await stage.clock.advance(1)
        assert stage.server.kinds() == ["NBIRTH"]


async def test_births_wait_for_the_primary_host():
    async with Stage(Sparkplug("acme", "n1", "scada")) as stage:
        await stage.live(1, 3)
        assert [what for kind, what in stage.server.log if kind == "subscribe"] == [HOST, NCMD]
        stage.server.tell("spBv1.0/STATE/other", ONLINE(5))
        stage.server.tell(HOST, b"ONLINE")
        stage.server.tell(HOST, OFFLINE(5))
        stage.server.tell(NCMD, ASK)
        await stage.clock.advance(60)
        assert stage.server.sent() == []
        stage.server.tell(HOST, ONLINE(4))
        await stage.clock.advance(0)
        assert stage.server.sent() == [], "older than what was heard"
        stage.server.tell(HOST, ONLINE(6))
        await stage.clock.advance(0)
        assert stage.server.kinds() == ["NBIRTH", "DBIRTH"]


async def test_when_the_host_goes_the_node_dies_and_begins_again():
    async with Stage(Sparkplug("acme", "n1", "scada")) as stage:
        stage.server.tell(HOST, ONLINE(10), retain=True)
        await stage.clock.advance(0)
        stage.server.tell(HOST, OFFLINE(9))
        await stage.clock.advance(1)
        assert stage.server.kinds() == ["NBIRTH"], "an older word ends nothing"
        stage.server.tell(HOST, OFFLINE(10), retain=True)
        await stage.clock.advance(0)
        assert stage.server.kinds() == ["NBIRTH", "NDEATH"]
        assert stage.server.log[-1] == ("disconnect", None)
        await stage.clock.advance(5)
        assert bdseqs(stage.server) == [0, 1]
        assert stage.server.kinds() == ["NBIRTH", "NDEATH"], "it waits where it is: there is no other broker"
        stage.server.tell(HOST, ONLINE(11), retain=True)
        await stage.clock.advance(0)
        assert stage.server.kinds() == ["NBIRTH", "NDEATH", "NBIRTH"]


async def test_the_node_walks_to_the_broker_where_the_host_is():
    servers = [FakeServer(), FakeServer(), FakeServer(up=False)]
    servers[0].retained[HOST] = OFFLINE(10)
    servers[1].retained[HOST] = ONLINE(10)
    async with Stage(Sparkplug("acme", "n1", "scada"), servers) as stage:
        await stage.clock.advance(5)
        assert (servers[0].open, servers[1].open) == (0, 1)
        assert servers[1].kinds() == ["NBIRTH"]
        servers[0].retained[HOST] = ONLINE(12)
        servers[1].tell(HOST, OFFLINE(10), retain=True)
        await stage.clock.advance(120)
        assert (servers[0].open, servers[1].open) == (1, 0)
        assert "NBIRTH" in servers[0].kinds()
        assert all(server.open <= 1 for server in servers)


async def test_a_broker_where_nobody_speaks_of_the_host_is_left():
    servers = [FakeServer(), FakeServer()]
    servers[1].retained[HOST] = ONLINE(10)
    async with Stage(Sparkplug("acme", "n1", "scada"), servers) as stage:
        await stage.clock.advance(30)
        assert servers[1].kinds() == ["NBIRTH"]


async def test_what_came_while_offline_is_told_as_history():
    async with Stage() as stage:
        await stage.live(1, 5)
        await stage.clock.advance(20)
        stage.server.up = False
        stage.server.cut()
        await stage.live(6, 300)
        await stage.clock.advance(60)
        before = len(stage.server.sent())
        stage.server.up = True
        await stage.clock.advance(60)
        sent = stage.server.sent()[before:]
        assert [message.topic.split("/")[2] for message in sent[:2]] == ["NBIRTH", "DBIRTH"]
        past = [decode(message.payload) for message in sent[2:]]
        assert all(metric.historical for said in past for metric in said.metrics)
        readings = [each for each in stage.history.held_inputs.values() if hasattr(each.input, "values")]
        assert len(past) == len([each for each in readings if each.seq > 5])
        assert seqs(sent) == [number % 256 for number in range(len(sent))]
    assert stage.history.cursors["sparkplug"] == Watermark(300, 0)


async def test_what_was_young_when_the_connection_broke_is_told_again():
    async with Stage() as stage:
        await stage.live(1, 5)
        stage.server.cut()
        await stage.clock.advance(10)
        past = [decode(message.payload) for message in stage.server.sent()[-3:]]
        assert all(said.metrics[0].historical for said in past)


async def test_without_history_the_past_is_left_out():
    async with Stage(Sparkplug("acme", "n1", history=False)) as stage:
        await stage.live(1, 5)
        stage.server.cut()
        await stage.live(6, 50)
        await stage.clock.advance(60)
        assert stage.server.kinds()[-2:] == ["NBIRTH", "DBIRTH"]


async def test_the_first_run_of_all_begins_with_now():
    history = Journal()
    history.readings(1, 400)
    async with Stage(history=history) as stage:
        await stage.clock.advance(30)
        assert stage.server.kinds() == ["NBIRTH"]


async def test_a_restart_tells_what_the_last_run_had_not():
    history = Journal()
    history.readings(1, 40)
    history.cursors = {"sparkplug": Watermark(30, 0), "sparkplug-config": Watermark(1, 0)}
    async with Stage(history=history) as stage:
        await stage.live(41, 41)
        await stage.clock.advance(5)
        assert stage.server.kinds().count("DDATA") == 9, "31 to 39; 40 is a tick"


async def test_blocks_beyond_the_queue_go_by_the_journal():
    stage = Stage()
    for block in range(100):
        stage.publisher.offer(stage.history.readings(block * 2 + 1, block * 2 + 2))
    async with stage:
        await stage.clock.advance(60)
    assert stage.history.cursors["sparkplug"] == Watermark(200, 0)


async def test_a_socket_that_takes_nothing_ends_the_session_and_no_seq_is_skipped():
    async with Stage() as stage:
        await stage.live(1, 5)
        stage.server.slow = True
        await stage.live(6, 9)
        stage.server.slow = False
        await stage.clock.advance(30)
        sent = stage.server.sent()
        at = [number for number, message in enumerate(sent) if "NBIRTH" in message.topic]
        assert len(at) == 2
        assert seqs(sent[at[1] :]) == list(range(len(sent) - at[1]))


async def test_events_and_deaths_go_out():
    async with Stage() as stage:
        await stage.live(1, 3)
        event = NumberedEvent(1, 0, dead())
        stage.publisher.offer(stage.history.commit(Block((), (event,))))
        await stage.clock.advance(0)
        assert stage.server.kinds()[-1] == "DDEATH"
        stage.publisher.offer(stage.history.commit(Block((), (samples.alarm(2, 1, "active"),))))
        await stage.clock.advance(0)
        assert stage.server.kinds()[-1] == "NDATA"
        await stage.publisher.drained()
    assert stage.history.cursors["sparkplug"] == Watermark(3, 2)


async def test_the_watermark_is_never_touched():
    async with Stage() as stage:
        await stage.live(1, 5)
        await stage.clock.advance(30)
    assert set(stage.history.cursors) <= {"sparkplug", "sparkplug-config", "sparkplug-bdseq"}


async def test_one_value_topics_for_people():
    settings = Sparkplug("acme", "n1", enterprise="acme", values_every_ns=1_000_000_000)
    async with Stage(settings) as stage:
        await stage.live(1, 2)
        await stage.clock.advance(0.5)
        values = [message for message in stage.server.sent() if message.retain]
        assert len(values) == len(samples.POINTS)
        said = {message.topic: orjson.loads(message.payload) for message in values}
        assert said[f"acme/north/{samples.CELL}/door"]["value"] is False
        assert said[f"acme/north/{samples.CELL}/mould"]["value"] == "M-002"
        assert said[f"acme/north/{samples.CELL}/melt_temp"]["quality"] == "good"
        for seq in range(3, 13):
            await stage.live(seq, seq)
            await stage.clock.advance(0.1)
        often = [message for message in stage.server.sent() if message.topic.endswith("/melt_temp")]
        assert len(often) == 2, "at most one a second"
        before = len(stage.server.sent())
        await stage.clock.advance(10)
        assert len(stage.server.sent()) - before <= len(samples.POINTS), (
            "what does not change is not said again"
        )


async def test_inputs_that_are_no_readings_say_nothing():
    async with Stage() as stage:
        given = [each for each in samples.every_kind().inputs if not hasattr(each.input, "values")]
        stage.publisher.offer(Block(tuple(NumberedInput(*each) for each in given), ()))
        await stage.clock.advance(1)
        assert stage.server.kinds() == ["NBIRTH"]


@pytest.mark.parametrize("steps", range(8))
async def test_it_ends_when_told_to_at_the_very_moment_its_host_goes(steps, monkeypatch):
    """`asyncio.TaskGroup` loses a cancellation that comes while one of its tasks fails."""
    monkeypatch.setattr(tasks, "AGAIN_S", 0.001)
    async with Stage(Sparkplug("acme", "n1", "scada")) as stage:
        stage.server.tell(HOST, ONLINE(10), retain=True)
        await stage.clock.advance(0)
        stage.server.tell(HOST, OFFLINE(10), retain=True)
        for _ in range(steps):
            await asyncio.sleep(0)  # noqa: TID251 # a turn of the loop
        stage.task.cancel()
        _, waiting = await asyncio.wait([stage.task], timeout=60)
        assert not waiting
        assert stage.server.kinds() == ["NBIRTH", "NDEATH"]
