"""Holes in a stream: seen when they stand still, kept as rows, asked for, answered, filled or given up."""

from __future__ import annotations

import asyncio

import pytest

from gateway.clock import VirtualClock
from gateway.ingest.asking import AGAIN_NS, BUSY_PATIENCE_NS, GONE_AGAIN_NS, PATIENCE_NS
from gateway.ingest.dead import DeadLetters
from gateway.ingest.inbox import Delivery
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.worker import BATCH, Worker
from gateway.journal.holes import KnownLost
from gateway.journal.reader import JournalReader
from gateway.model import Block
from gateway.ports import Watermark
from gateway.wire import Gone, gone, head, parse_request, parse_stored
from tests.unit.ingest.test_worker import ScriptedInbox, deliveries, readings
from tests.unit.wire import samples

HEAD = "lotwatch/v1/north/head"
GONE = "lotwatch/v1/north/gone"


class Stage:
    """A worker on a virtual clock."""

    def __init__(self, data) -> None:
        self.data, self.inbox, self.clock = data, ScriptedInbox(), VirtualClock()
        self.begin()

    def begin(self) -> None:
        self.replicas = Replicas(self.data)
        self.worker = Worker(self.inbox, self.replicas, DeadLetters(self.data, self.clock), self.clock)

    def again(self) -> None:
        """The worker ends, and another one begins."""
        self.replicas.close()
        self.begin()

    def come(self, *given: Block | Delivery) -> None:
        for each in given:
            self.inbox.batches.append([each] if isinstance(each, Delivery) else deliveries(each))
        while self.inbox.batches:
            self.worker.turn()

    def pass_(self, ns: int) -> None:
        """It looks once a second."""
        step = 1 if ns < BUSY_PATIENCE_NS else 20
        for _ in range(ns // (step * 1_000_000_000) + 2):
            asyncio.run(self.clock.advance(step))
            self.worker.turn()

    def asked(self) -> list[list[tuple[int, int]]]:
        """Runs of inputs, request by request."""
        assert all(topic == "lotwatch/v1/north/request" for topic, _ in self.inbox.asked)
        found = [parse_request(payload) for _, payload in self.inbox.asked]
        assert all(identity == samples.IDENTITY for identity, _ in found)
        return [list(runs["input"]) for _, runs in found]

    def holes(self, *, closed: bool = False):
        with JournalReader(replica_folder(self.data, samples.IDENTITY)) as reader:
            return reader.holes(closed=closed)


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path)
    yield made
    made.replicas.close()


def last_is(last: int) -> Delivery:
    return Delivery(HEAD, head(samples.IDENTITY, Watermark(last), 7))


def not_there(why: str, *runs: tuple[int, int]) -> Delivery:
    return Delivery(GONE, gone(Gone(samples.IDENTITY, why, {"input": runs}), 7))


def test_a_hole_that_stands_still_is_a_row_and_is_asked_for(stage):
    stage.come(readings(1, 20), readings(31, 40))
    assert stage.asked() == []
    stage.pass_(PATIENCE_NS)
    assert stage.asked() == [[(21, 30)]]
    (hole,) = stage.holes()
    assert (hole.stream, hole.first, hole.last, hole.asked, hole.gone, hole.closed_ns) == (
        "input", 21, 30, 1, "", None,
    )  # fmt: skip
    stage.come(readings(21, 30))
    stage.pass_(PATIENCE_NS)
    assert stage.holes() == []
    assert [hole.closed_ns is not None for hole in stage.holes(closed=True)] == [True]
    assert stage.worker.counts.repeated == 0


def test_what_comes_out_of_order_is_no_hole(stage):
    for first in range(101, 1, -10):  # the backlog, the newest first
        stage.come(readings(first, first + 9), readings(1, 1))
        stage.pass_(PATIENCE_NS // 2)
    stage.come(readings(1, 10))
    stage.pass_(PATIENCE_NS)
    assert stage.asked() == []
    assert stage.holes(closed=True) == []


def test_a_busy_broker_may_have_it_still(stage):
    stage.come(readings(1, 20), readings(31, 40))
    many = [Delivery("lotwatch/v1/north/alarm/x", b"")] * BATCH
    for _ in range(PATIENCE_NS // 1_000_000_000 + 5):
        asyncio.run(stage.clock.advance(1))
        stage.inbox.batches.append(many)
        stage.worker.turn()
    assert stage.asked() == []
    for _ in range(BUSY_PATIENCE_NS // 1_000_000_000):
        asyncio.run(stage.clock.advance(1))
        stage.inbox.batches.append(many)
        stage.worker.turn()
    assert stage.asked() == [[(21, 30)]]


def test_an_end_that_never_comes_is_one_hole_that_grows(stage):
    """The gateway goes on, and nothing of it comes: what is old enough is asked for, later with what is old by then."""
    stage.come(readings(1, 20), last_is(25))
    for last in range(26, 60):
        stage.come(last_is(last))
        stage.pass_(0)
    assert len(stage.holes()) == 1
    first, *_, newest = stage.asked()
    assert 25 <= first[0][1] < newest[0][1]
    assert {runs[0][0] for runs in stage.asked()} == {21}
    assert 2 <= len(stage.asked()) <= 4


def test_an_empty_replica_asks_from_one(stage):
    """Its host was lost: the broker keeps the watermark of the one before, and the gateway its head."""
    stage.come(last_is(500))
    stage.pass_(PATIENCE_NS)
    assert stage.asked() == [[(1, 500)]]
    said = parse_stored(stage.inbox.said[-1][1])
    assert said.replica == Watermark(), "no more than what is here, whatever the one before said"


def test_nothing_is_asked_again_while_it_comes(stage):
    stage.come(last_is(500))
    stage.pass_(PATIENCE_NS)
    for first in range(1, 500, 50):
        stage.come(readings(first, first + 49))
        stage.pass_(AGAIN_NS // 2)
    assert stage.asked() == [[(1, 500)]]
    assert stage.holes() == []


def test_what_nothing_comes_of_is_asked_again_and_by_another_worker_at_once(stage):
    stage.come(readings(1, 20), readings(31, 40))
    stage.pass_(PATIENCE_NS + AGAIN_NS)
    assert stage.asked() == [[(21, 30)]] * 2
    stage.again()
    stage.come(readings(1, 1))
    stage.pass_(1_000_000_000)
    assert stage.asked() == [[(21, 30)]] * 3
    assert [hole.asked for hole in stage.holes()] == [3]


def test_a_gap_whose_records_are_gone_stays_open_and_is_shown(stage, caplog):
    stage.come(readings(1, 20), readings(31, 40))
    stage.pass_(PATIENCE_NS)
    stage.come(not_there("removed", (25, 60)))
    (hole,) = stage.holes()
    assert (hole.gone, hole.closed_ns) == ("removed", None)
    assert hole.gone_ns is not None
    assert "not in the gateway's journal any more (removed)" in caplog.text
    told = len(caplog.records)
    stage.come(not_there("removed", (25, 60)))
    assert len(caplog.records) == told, "once"
    said = parse_stored(stage.inbox.said[-1][1])
    assert said.replica == Watermark(20)
    assert said.missing["input"] == ((21, 30),)
    before = len(stage.asked())
    stage.pass_(GONE_AGAIN_NS)
    assert len(stage.asked()) == before + 1, "rarely, and not never"


@pytest.mark.parametrize("payload", [b"{", gone(Gone(samples.IDENTITY, "eaten", {}), 7)])
def test_an_answer_that_is_none_is_put_aside(stage, payload):
    stage.come(readings(1, 20), readings(31, 40), Delivery(GONE, payload))
    stage.come(Delivery("lotwatch/v1/south/gone", not_there("removed", (21, 30)).payload))
    stage.pass_(PATIENCE_NS)
    assert [hole.gone for hole in stage.holes()] == [""]


def test_many_holes_are_asked_for_bit_by_bit(stage):
    stage.come(*(readings(first, first) for first in range(1, 202, 2)))
    stage.pass_(PATIENCE_NS + AGAIN_NS)
    assert all(len(runs) <= 32 for runs in stage.asked())
    assert {run for runs in stage.asked() for run in runs} == {(seq, seq) for seq in range(2, 201, 2)}


def test_only_a_decision_moves_the_watermark_past_a_hole(stage):
    stage.come(readings(1, 20), readings(31, 40))
    stage.pass_(PATIENCE_NS)
    replica = stage.replicas.of(samples.IDENTITY)
    replica.lose(KnownLost("input", 21, 29, "17", "the disk is dead", 5))
    assert replica.watermark() == Watermark(29)
    replica.lose(KnownLost("input", 30, 30, "17", "the same", 6))
    assert replica.watermark() == Watermark(40)
    stage.come(readings(41, 50), readings(61, 70))
    stage.pass_(2_000_000_000)
    said = parse_stored(stage.inbox.said[-1][1])
    assert said.replica == Watermark(50)
    assert said.known_lost == {"input": ((21, 30),), "event": ()}
    assert said.missing["input"] == ((51, 60),)
    stage.again()
    assert stage.replicas.of(samples.IDENTITY).watermark() == Watermark(50)


@pytest.mark.parametrize(("first", "last"), [(15, 25), (21, 31), (1, 2), (25, 28), (41, 50), (30, 21)])
def test_what_is_held_or_given_up_already_cannot_be_given_up(stage, first, last):
    stage.come(readings(1, 20), readings(31, 40))
    stage.pass_(PATIENCE_NS)
    replica = stage.replicas.of(samples.IDENTITY)
    if first == 25:
        replica.lose(KnownLost("input", 28, 30, "17", "the disk is dead", 5))
    before = replica.watermark()
    with pytest.raises(ValueError, match="not all are missing"):
        replica.lose(KnownLost("input", first, last, "17", "the disk is dead", 5))
    assert replica.watermark() == before


def test_what_was_given_up_and_comes_after_all_is_stored(stage):
    stage.come(readings(1, 20), readings(31, 40))
    stage.pass_(PATIENCE_NS)
    replica = stage.replicas.of(samples.IDENTITY)
    replica.lose(KnownLost("input", 21, 30, "17", "the disk is dead", 5))
    stage.come(readings(21, 30))
    assert stage.worker.counts.inputs == 40
    assert replica.known_lost() == {"input": [], "event": []}
    assert replica.watermark() == Watermark(40)
