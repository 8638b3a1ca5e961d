"""The publisher against a scripted broker on a virtual clock."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self

import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.model import Block, Identity, Noted
from gateway.ports import Watermark
from gateway.publish.fake import FakeBroker, Sent
from gateway.publish.mqtt import MqttPublisher
from gateway.publish.session import SILENT_NS
from gateway.site import Site
from gateway.wire import (
    Stored,
    head,
    parse,
    parse_gone,
    parse_head,
    parse_status,
    request,
    site_topic,
    stored,
)
from tests.unit.publish.history import FakeHistory
from tests.unit.wire import samples

STATUS = "lotwatch/v1/north/status"
STORED = site_topic("north", "stored")
REQUEST = site_topic("north", "request")


class Dice:
    def token(self, nbytes: int) -> bytes:
        return bytes(nbytes)

    def uniform(self) -> float:
        return 0.999


class Stage:
    """History, broker, publisher and clock; `async with` runs the publisher."""

    def __init__(
        self,
        history: FakeHistory | None = None,
        broker: FakeBroker | None = None,
        site: Site | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.history = history or FakeHistory()
        self.broker = broker or FakeBroker()
        self.notes: list[Noted] = []
        self.publisher = MqttPublisher(
            self.history,
            site or samples.site(),
            self.clock,
            Dice(),
            dialer=self.broker,
            note=self.notes.append,
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

    def seqs(self, since: int = 0) -> list[int]:
        """Input seqs that went out, in order."""
        out = []
        for sent in self.broker.sent[since:]:
            if sent.payload and sent.topic.split("/")[3] in ("reading", "tick", "setting"):
                out += parse(sent.topic, sent.payload).seqs()
        return out


async def test_a_committed_block_goes_out_at_once():
    async with Stage() as stage:
        await stage.live(1, 9)
        assert sorted(stage.seqs()) == list(range(1, 10))
        assert stage.publisher.behind() == 0


async def test_what_was_committed_before_the_start_goes_out_too():
    history = FakeHistory()
    history.readings(1, 300)
    async with Stage(history) as stage:
        await stage.clock.advance(2)
        assert sorted(stage.seqs()) == list(range(1, 301))
        await stage.clock.advance(6)
    assert history.cursors["mqtt"] == Watermark(300, 0)


async def test_a_restart_begins_at_the_cursor_and_knows_the_config_by_then():
    history = FakeHistory()
    history.readings(1, 300)
    history.cursors = {"mqtt": Watermark(200, 0), "mqtt-config": Watermark(1, 0)}
    async with Stage(history) as stage:
        await stage.clock.advance(2)
        assert sorted(stage.seqs()) == list(range(201, 301))
        points = orjson.loads(stage.broker.of("layout")[0].payload)["points"]
        assert points[0]["tag"] == f"{samples.CELL}/melt_temp"


async def test_status_is_retained_and_the_last_will_contradicts_it():
    async with Stage() as stage:
        assert parse_status(stage.broker.retained[STATUS]) == (samples.IDENTITY, True)
        stage.broker.cut()
        assert parse_status(stage.broker.retained[STATUS]) == (samples.IDENTITY, False)
        stage.broker.up = True
        await stage.clock.advance(1)
        assert parse_status(stage.broker.retained[STATUS])[1]
    assert not parse_status(stage.broker.retained[STATUS])[1]  # left in good order


async def test_after_an_outage_the_newest_goes_first_within_a_second_and_the_rest_follows():
    async with Stage() as stage:
        await stage.live(1, 10)
        stage.broker.cut()
        for block in range(1, 41):  # 40 s at one block a second
            await stage.live(block * 10 + 1, block * 10 + 10)
            await stage.clock.advance(1)
        before = len(stage.broker.sent)
        stage.broker.up = True
        await stage.clock.advance(0.6)
        first = stage.seqs(before)[0]
        assert first > 320, "live before backlog"
        await stage.clock.advance(5)
        assert sorted(set(stage.seqs())) == list(range(1, 411))
        assert sorted(stage.seqs(before)) == list(range(11, 411)), "each once"


async def test_dialling_goes_on_at_least_twice_a_second():
    stage = Stage(broker=FakeBroker(up=False))
    async with stage:
        await stage.clock.advance(60)
        assert 120 <= stage.broker.dialled <= 480


async def test_a_link_that_does_not_answer_is_dropped():
    async with Stage() as stage:
        stage.broker.answer = lambda sent: None if "/reading" in sent.topic else 0
        await stage.live(1, 9)
        await stage.clock.advance(SILENT_NS / 1e9)
        stage.broker.answer = lambda _: 0
        await stage.clock.advance(2)
        assert stage.broker.dialled == 2
        assert stage.publisher.behind() == 0


async def test_the_window_holds_and_live_is_not_behind_the_backlog():
    history = FakeHistory()
    history.readings(1, 3_000)
    broker = FakeBroker(window=12)
    stage = Stage(history, broker)
    async with stage:
        await stage.clock.advance(0)
        broker.answer = lambda sent: None if "/reading" in sent.topic or "/tick" in sent.topic else 0
        await stage.clock.advance(0.6)  # the backlog fills its share and waits
        waiting = len(broker.links[0].unanswered)
        assert 0 < waiting <= 5
        await stage.live(3_001, 3_009)
        assert any(3_001 in _seqs(sent) for sent, _ in broker.links[0].unanswered), (
            "live passes the waiting backlog"
        )


def _seqs(sent: Sent) -> set[int]:
    return set(parse(sent.topic, sent.payload).seqs())


async def test_a_refused_topic_is_told_once_and_its_records_are_kept():
    async with Stage() as stage:
        stage.broker.answer = lambda sent: 0x87 if "/reading" in sent.topic else 0
        await stage.live(1, 9)
        await stage.clock.advance(100)
        assert [(note.kind, note.subject, note.facts["code"]) for note in stage.notes] == [
            ("publish_refused", "reading", 0x87)
        ]
        assert stage.publisher.behind() == 8
        assert len(stage.broker.of("reading")) < 10, "not in a loop"
        stage.broker.answer = lambda _: 0
        await stage.clock.advance(31)
        assert stage.publisher.behind() == 0


async def test_nobody_subscribed_is_no_error():
    stage = Stage(broker=FakeBroker(answer=lambda _: 0x10))
    async with stage:
        await stage.live(1, 9)
        assert stage.publisher.behind() == 0
        assert not stage.notes


async def test_a_closed_alarm_is_cleared_after_its_last_version():
    async with Stage() as stage:
        for seq, state in enumerate(["active", "returned", "closed"], start=1):
            stage.publisher.offer(stage.history.commit(Block((), (samples.alarm(seq, seq, state),))))
        await stage.clock.advance(1)
        sent = stage.broker.of("alarm")
        assert [(bool(each.payload), each.retain) for each in sent] == [
            (True, True),
            (True, True),
            (True, False),
            (False, True),
        ]
        assert not [topic for topic in stage.broker.retained if "/alarm/" in topic]


async def test_an_older_version_from_the_backlog_never_replaces_a_newer_one():
    history = FakeHistory()
    history.commit(Block((), (samples.alarm(1, 1, "active"),)))
    async with Stage(history) as stage:
        stage.publisher.offer(history.commit(Block((), (samples.alarm(2, 2, "acknowledged"),))))
        await stage.clock.advance(2)
        versions = [(orjson.loads(each.payload)["version"], each.retain) for each in stage.broker.of("alarm")]
        assert versions == [(2, True), (1, False)]


async def test_head_says_what_is_committed():
    async with Stage() as stage:
        await stage.live(1, 25)
        await stage.clock.advance(2)
        said = stage.broker.retained["lotwatch/v1/north/head"]
        assert parse_head(said) == (samples.IDENTITY, Watermark(25, 0))
        assert said == head(samples.IDENTITY, Watermark(25, 0), orjson.loads(said)["time_ns"])


def _stored(upto: int, last: int, missing: tuple[tuple[int, int], ...] = ()) -> bytes:
    return stored(Stored(samples.IDENTITY, Watermark(upto), Watermark(last), {"input": missing}), 7)


async def test_what_is_stored_is_not_sent_again():
    history = FakeHistory()
    history.readings(1, 300)
    broker = FakeBroker(retained={STORED: _stored(250, 250)})
    async with Stage(history, broker) as stage:
        await stage.clock.advance(2)
        assert sorted(stage.seqs()) == list(range(251, 301))


async def test_another_epochs_watermark_is_nothing_to_us():
    history = FakeHistory()
    history.readings(1, 30)
    other = Identity("north", "gw1", "older")
    broker = FakeBroker(retained={STORED: stored(Stored(other, Watermark(250), Watermark(250), {}), 7)})
    async with Stage(history, broker) as stage:
        await stage.clock.advance(2)
        assert sorted(stage.seqs()) == list(range(1, 31))


def _request(*runs: tuple[int, int], identity: Identity = samples.IDENTITY) -> bytes:
    return request(identity, {"input": list(runs)}, 7)


async def test_what_the_worker_asks_for_is_sent_again_and_nothing_else():
    async with Stage() as stage:
        await stage.live(1, 100)
        await stage.clock.advance(1)
        before = len(stage.broker.sent)
        stage.broker.tell(STORED, _stored(40, 100, ((41, 60),)))
        await stage.clock.advance(60)
        assert stage.seqs(before) == [], "it says what it lacks, and has not asked"
        stage.broker.tell(REQUEST, _request((41, 60)))
        await stage.clock.advance(2)
        assert sorted(stage.seqs(before)) == list(range(41, 61))


async def test_what_is_still_on_its_way_is_not_sent_twice_for_a_request():
    async with Stage() as stage:
        stage.broker.answer = lambda sent: None if "/reading" in sent.topic else 0
        await stage.live(1, 9)
        await stage.clock.advance(1)
        before = len(stage.broker.sent)
        stage.broker.tell(REQUEST, _request((1, 9)))
        await stage.clock.advance(2)
        assert not [seq for seq in stage.seqs(before) if seq > 1], "readings; the config was acknowledged"


async def test_a_request_for_another_epoch_is_nothing_to_us():
    async with Stage() as stage:
        await stage.live(1, 30)
        await stage.clock.advance(1)
        before = len(stage.broker.sent)
        stage.broker.tell(REQUEST, _request((1, 30), identity=Identity("north", "gw1", "older")))
        await stage.clock.advance(2)
        assert stage.seqs(before) == []
        assert not stage.broker.of("gone")


async def test_what_the_journal_does_not_have_any_more_is_answered():
    """Retention, or an older copy of the journal put back: the worker hears of both, each time that it asks."""
    async with Stage() as stage:
        await stage.live(1, 100)
        await stage.clock.advance(1)
        for seq in range(20, 40):
            del stage.history.held_inputs[seq]
        for _ in range(2):
            stage.broker.sent.clear()
            stage.broker.tell(REQUEST, _request((10, 49), (90, 130)))
            await stage.clock.advance(2)
            said = [parse_gone(each.payload) for each in stage.broker.of("gone")]
            assert {(each.why, run) for each in said for run in each.runs["input"]} == {
                ("removed", (20, 39)),
                ("beyond", (101, 130)),
            }
            assert sorted(stage.seqs()) == [*range(10, 20), *range(40, 50), *range(90, 101)]
            assert not any(each.retain for each in stage.broker.of("gone"))


async def test_a_request_that_is_none_is_told_and_left(caplog):
    async with Stage() as stage:
        await stage.live(1, 9)
        await stage.clock.advance(1)
        before = len(stage.broker.sent)
        for payload in (b"{", _request((1, 9)).replace(b"[1,9]", b"[9,1]"), _stored(0, 9)):
            stage.broker.tell(REQUEST, payload)
        await stage.clock.advance(2)
        assert stage.seqs(before) == []
        assert len([each for each in caplog.records if REQUEST in each.message]) == 3


async def test_records_that_retention_removed_are_passed_over():
    history = FakeHistory()
    history.readings(1, 100)
    for seq in range(20, 40):
        del history.held_inputs[seq]
    async with Stage(history) as stage:
        await stage.clock.advance(2)
        assert stage.publisher.behind() == 0
        assert sorted(stage.seqs()) == [*range(1, 20), *range(40, 101)]


async def test_drained_returns_when_all_offered_is_acknowledged():
    async with Stage() as stage:
        stage.broker.answer = lambda sent: None if "/reading" in sent.topic else 0
        await stage.live(1, 9)
        drained = asyncio.create_task(stage.publisher.drained())
        await stage.clock.advance(1)
        assert not drained.done()
        stage.broker.answer = lambda _: 0
        for _, future in stage.broker.links[0].unanswered:
            future.set_result(0)
        await stage.clock.advance(1)
        assert drained.done()


@pytest.mark.parametrize("seconds", [0.3, 3, 7])
async def test_any_cut_at_any_time_loses_nothing(seconds):
    async with Stage() as stage:
        for block in range(30):
            await stage.live(block * 10 + 1, block * 10 + 10)
            if block % 7 == 3:
                stage.broker.cut()
            await stage.clock.advance(seconds)
            stage.broker.up = True
        await stage.clock.advance(10)
        assert sorted(set(stage.seqs())) == list(range(1, 301))
        assert stage.publisher.behind() == 0


async def test_told_to_end_in_the_moment_in_which_the_link_breaks_it_ends():
    async with Stage() as stage:
        stage.broker.cut()
        stage.task.cancel()
        await asyncio.wait({stage.task, asyncio.ensure_future(stage.clock.advance(60))})
        assert stage.task.cancelled()
