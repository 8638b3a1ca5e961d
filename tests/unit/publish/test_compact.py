"""How compact readings go out: their layout first, once a connection; JSON where wanted; at the worker's pace."""

from __future__ import annotations

from dataclasses import replace

import orjson

from gateway.ports import Watermark
from gateway.publish import session
from gateway.site import Broker
from gateway.wire import Stored, site_topic, stored
from tests.unit.publish.history import FakeHistory
from tests.unit.publish.test_mqtt import Stage
from tests.unit.wire import samples

STORED = site_topic("north", "stored")


def kinds(stage: Stage, since: int = 0) -> list[str]:
    """What went out, by kind, but for small talk."""
    names = [each.topic.split("/")[3] for each in stage.broker.sent[since:]]
    return [name for name in names if name in ("layout", "reading", "tick", "setting")]


async def test_a_layout_goes_out_before_the_first_reading_of_each_connection():
    async with Stage() as stage:
        await stage.live(1, 5)
        await stage.live(6, 9)
        assert kinds(stage) == ["setting", "layout", "reading", "reading"]
        (layout,) = stage.broker.of("layout")
        assert layout.retain
        assert not any(each.retain for each in stage.broker.of("reading"))
        assert orjson.loads(layout.payload)["group"] == samples.GROUP.id
        sent = len(stage.broker.sent)
        stage.broker.cut()
        stage.broker.up = True
        await stage.clock.advance(2)
        await stage.live(11, 14)
        assert kinds(stage, sent) == ["layout", "reading"]


async def test_the_backlog_has_its_layouts_too_and_thousands_of_values_a_message():
    history = FakeHistory()
    history.readings(1, 3_000)
    async with Stage(history) as stage:
        await stage.clock.advance(3)
        assert sorted(stage.seqs()) == list(range(1, 3_001))
        assert kinds(stage) == ["setting", "layout", "reading", "reading", "tick"]
        assert stage.publisher.behind() == 0


async def test_in_json_where_the_site_wants_it():
    site = samples.site(Broker("127.0.0.1", in_json=("reading",)))
    async with Stage(site=site) as stage:
        await stage.live(1, 12)
        assert not stage.broker.of("layout")
        assert orjson.loads(stage.broker.of("reading")[0].payload)["group"] == samples.GROUP.id
        assert stage.broker.of("tick")[0].payload[:1] == b"\x01"


async def test_the_backlog_waits_for_a_worker_who_is_heard_and_has_much_to_do(monkeypatch):
    monkeypatch.setattr(session, "STRETCH", 64)
    monkeypatch.setattr(session, "AHEAD", 3)
    history = FakeHistory()
    history.readings(1, 1_000)
    async with Stage(history) as stage:
        said = Stored(samples.IDENTITY, Watermark(1, 0), Watermark(1, 0), {})
        stage.broker.tell(STORED, stored(said, 0))
        await stage.clock.advance(1)
        sent = len(stage.broker.of("reading"))
        assert 0 < sent <= 4
        stage.broker.tell(STORED, stored(replace(said, replica=Watermark(128, 0)), 0))
        await stage.clock.advance(0.5)
        more = len(stage.broker.of("reading"))
        assert sent < more <= sent + 4
        await stage.clock.advance(30)  # he says nothing new: nobody waits for one who may be dead
        assert stage.publisher.behind() == 0
