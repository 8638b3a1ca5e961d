"""The worker with a scripted inbox: stored, then acknowledged; what is not ours is put aside."""

from __future__ import annotations

import asyncio
import base64
import errno
import threading
from collections.abc import Sequence

import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.ingest.dead import NAME, DeadLetters
from gateway.ingest.inbox import Delivery
from gateway.ingest.replicas import Replicas, replica_folder
from gateway.ingest.worker import Worker
from gateway.journal.database import NAME as JOURNAL
from gateway.journal.errors import JournalFull
from gateway.journal.reader import JournalReader
from gateway.model import Block, Identity
from gateway.ports import Watermark
from gateway.wire import Eras, Message, head, messages, parse_stored, site_topic
from tests.unit.wire import samples

ERAS = Eras.of(samples.site().groups())


class ScriptedInbox:
    """Gives the batches of a script; remembers what was acknowledged and said."""

    def __init__(self, *batches: Sequence[Delivery]) -> None:
        self.batches = [list(batch) for batch in batches]
        self.acknowledged: list[Delivery] = []
        self.said: list[tuple[str, bytes]] = []  # retained
        self.asked: list[tuple[str, bytes]] = []  # not retained
        self.connected = True

    def take(self, limit: int, wait_s: float, gather_s: float) -> list[Delivery]:
        del limit, wait_s, gather_s
        return self.batches.pop(0) if self.batches else []

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        self.acknowledged += deliveries

    def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> bool:
        if self.connected:
            (self.said if retain else self.asked).append((topic, payload))
        return self.connected


def deliveries(block: Block, identity: Identity = samples.IDENTITY) -> list[Delivery]:
    made: list[Message] = [
        each for each in messages(identity, block, ERAS) if each.seqs
    ]  # a layout is not kept
    return [Delivery(each.topic, each.payload, 1, number) for number, each in enumerate(made)]


def readings(first: int, last: int) -> Block:
    given = samples.inputs(first, last)
    if first == 1:
        given[0] = samples.config(1)
    return Block(tuple(given), ())


class Stage:
    def __init__(self, data, inbox: ScriptedInbox) -> None:
        self.data, self.inbox, self.clock = data, inbox, VirtualClock()
        self.replicas = Replicas(data)
        self.dead = DeadLetters(data, self.clock)
        self.worker = Worker(inbox, self.replicas, self.dead, self.clock, retry_s=0)

    def turns(self) -> None:
        while self.inbox.batches:
            self.worker.turn()

    def advance(self, seconds: float) -> None:
        asyncio.run(self.clock.advance(seconds))

    def held(self) -> Watermark:
        return self.replicas.of(samples.IDENTITY).watermark()


@pytest.fixture
def stage(tmp_path):
    made: list[Stage] = []

    def build(*batches: Sequence[Delivery]) -> Stage:
        made.append(Stage(tmp_path, ScriptedInbox(*batches)))
        return made[-1]

    yield build
    for each in made:
        each.replicas.close()


def test_every_kind_of_record_is_stored_then_acknowledged_then_said(stage):
    given = deliveries(samples.every_kind())
    here = stage(given)
    here.turns()
    assert here.held() == Watermark(9, 5)
    assert here.inbox.acknowledged == given
    topic, payload = here.inbox.said[-1]
    assert topic == "lotwatch/v1/north/stored"
    assert parse_stored(payload).replica == Watermark(9, 5)


def test_any_order_and_repeats_make_one_record_each(stage):
    blocks = [deliveries(readings(first, first + 9)) for first in (41, 1, 21, 1, 11, 41, 31)]
    here = stage(*blocks)
    here.turns()
    assert here.held() == Watermark(50, 0)
    assert here.worker.counts.inputs == 50
    assert here.worker.counts.repeated == 20


def test_two_journals_have_two_replicas(stage):
    other = Identity("north", "gw1", "another")
    here = stage([*deliveries(readings(1, 10)), *deliveries(readings(1, 20), other)])
    here.turns()
    assert here.held().input == 10
    with JournalReader(replica_folder(here.data, other)) as reader:
        assert reader.last().input == 20


def test_a_worker_that_was_killed_while_it_made_a_replica_starts_again(stage):
    half_made = replica_folder(stage().data, samples.IDENTITY)
    half_made.mkdir(parents=True)
    (half_made / JOURNAL).touch()
    here = stage(deliveries(readings(1, 10)))
    assert here.replicas.found() == []
    here.turns()
    assert here.replicas.found() == [samples.IDENTITY]


@pytest.mark.parametrize("name", ["..", ".", "../../x", "a/b", ".hidden", "x" * 300])
def test_no_name_leaves_the_data_folder(tmp_path, name):
    folder = replica_folder(tmp_path / "data", Identity(name, name, "e")).resolve()
    assert folder.is_relative_to(tmp_path / "data")
    assert len(folder.relative_to(tmp_path / "data").parts) == 2


def test_what_is_not_ours_is_put_aside_with_the_reason_and_acknowledged(stage):
    good = deliveries(readings(1, 10))
    torn = Delivery(good[0].topic, good[0].payload[:50], 1, 77)
    noise = Delivery("lotwatch/v1/north/reading", b"\xff\x00", 1, 78)
    cleared = Delivery("lotwatch/v1/north/alarm/x", b"", 1, 79)
    here = stage([torn, *good, noise, cleared])
    here.turns()
    assert here.held().input == 10
    assert len(here.inbox.acknowledged) == len(good) + 3
    letters = [orjson.loads(line) for line in (here.data / NAME).read_bytes().splitlines()]
    assert [letter["topic"] for letter in letters] == [good[0].topic, "lotwatch/v1/north/reading"]
    assert base64.b64decode(letters[1]["payload"]) == b"\xff\x00"
    assert letters[0]["reason"] == "not JSON: unexpected end of data: line 1 column 51 (char 50)"
    assert letters[1]["reason"].startswith("not JSON: ")


def test_nothing_is_acknowledged_while_the_disk_is_full(stage, monkeypatch):
    given = deliveries(readings(1, 10))
    here = stage(given)
    replica = here.replicas.of(samples.IDENTITY)
    store, tries = replica.store, []

    def full(inputs, events, columns):
        tries.append(len(here.inbox.acknowledged))
        if len(tries) < 4:
            raise JournalFull(str(errno.ENOSPC))
        return store(inputs, events, columns)

    monkeypatch.setattr(replica, "store", full)
    here.turns()
    assert tries == [0, 0, 0, 0]
    assert here.inbox.acknowledged == given
    assert here.held().input == 10


class Database:
    """A sink that has what it was given."""

    def __init__(self) -> None:
        self.began: list[Identity] = []

    def begin(self, identity: Identity, at: Watermark) -> None:
        del at
        self.began.append(identity)

    def offer(self, identity, inputs, events) -> None:
        pass

    def accepted(self, identity: Identity) -> Watermark:
        return Watermark(7 if identity in self.began else 0, 0)

    def lose(self, identity, stream, first, last) -> None:
        pass


def test_a_disk_that_is_full_does_not_end_the_worker_between_batches(stage, monkeypatch):
    """It ended with code 75 when it was to keep how far the database is, and when it was started."""
    here = stage(deliveries(readings(1, 10)), [])
    here.worker = Worker(here.inbox, here.replicas, here.dead, here.clock, sink=Database(), retry_s=0)
    replica = here.replicas.of(samples.IDENTITY)
    keep, tries = replica.set_cursor, []

    def full(name, at):
        tries.append(name)
        if len(tries) < 3:
            raise JournalFull(str(errno.ENOSPC))
        keep(name, at)

    monkeypatch.setattr(replica, "set_cursor", full)
    for _ in range(4):
        here.inbox.batches.append([])
        here.turns()
        here.advance(2)
    assert tries == ["database"] * 3
    assert replica.cursor("database") == Watermark(7, 0)


def test_a_disk_that_is_full_at_the_start_is_waited_for(stage, monkeypatch):
    here = stage([])
    here.replicas.of(samples.IDENTITY).store(samples.inputs(1, 5), ())
    here.replicas.close()
    sink, stopping, tries = Database(), threading.Event(), []
    opened = here.replicas.of

    def full(identity):
        tries.append(identity)
        if len(tries) < 3:
            raise JournalFull(str(errno.ENOSPC))
        stopping.set()
        return opened(identity)

    monkeypatch.setattr(here.replicas, "of", full)
    Worker(here.inbox, here.replicas, here.dead, here.clock, sink=sink, stopping=stopping, retry_s=0).run()
    assert sink.began == [samples.IDENTITY]


def test_a_head_of_a_journal_that_there_is_no_room_for_is_heard_later(stage, monkeypatch):
    topic = site_topic(samples.IDENTITY.site, "head")
    here = stage([Delivery(topic, head(samples.IDENTITY, Watermark(9, 0), 1))])

    def full(_identity):
        raise JournalFull(str(errno.ENOSPC))

    with monkeypatch.context() as while_full:
        while_full.setattr(here.replicas, "of", full)
        here.turns()
    assert len(here.inbox.acknowledged) == 1


def test_one_message_that_cannot_be_stored_does_not_stop_the_rest(stage, monkeypatch):
    given = [each for first in (1, 11, 21) for each in deliveries(readings(first, first + 9))]
    here = stage(given)
    replica = here.replicas.of(samples.IDENTITY)
    store = replica.store

    def picky(inputs, events, columns):
        if any(15 in rows.seq for _, rows in columns):
            raise ValueError("15 is odd")
        return store(inputs, events, columns)

    monkeypatch.setattr(replica, "store", picky)
    here.turns()
    assert here.inbox.acknowledged == given
    assert here.dead.count == 1
    assert replica.watermark().input == 10
    assert replica.last().input == 30


def test_holes_are_named_to_the_gateway(stage):
    here = stage(deliveries(readings(1, 10)), deliveries(readings(21, 30)))
    here.worker.turn()
    here.advance(2)
    here.worker.turn()
    said = parse_stored(here.inbox.said[-1][1])
    assert said.replica == Watermark(10, 0)
    assert said.last == Watermark(30, 0)
    assert said.missing["input"] == ((11, 20),)


def test_a_head_beyond_what_is_held_is_answered_now_and_again(tmp_path):
    payload = head(samples.IDENTITY, Watermark(40, 3), 7)
    given = Delivery(site_topic("north", "head"), payload, 1, 1)
    here = Stage(tmp_path, ScriptedInbox([given]))
    here.turns()
    assert parse_stored(here.inbox.said[-1][1]).missing == {"input": ((1, 40),), "event": ((1, 3),)}
    for _ in range(25):
        here.advance(1)
        here.worker.turn()
    assert len(here.inbox.said) == 3
    here.replicas.close()


def test_a_head_under_another_sites_topic_makes_no_replica(tmp_path):
    """A broker's access list is by topic: who may write to one site's may not make another's replica."""
    payload = head(samples.IDENTITY, Watermark(40, 3), 7)
    here = Stage(tmp_path, ScriptedInbox([Delivery(site_topic("other", "head"), payload, 1, 1)]))
    here.turns()
    assert here.inbox.said == []
    assert not list(tmp_path.rglob("journal.sqlite"))
    here.replicas.close()


def test_what_could_not_be_said_is_said_later(tmp_path):
    here = Stage(tmp_path, ScriptedInbox(deliveries(readings(1, 10))))
    here.inbox.connected = False
    here.turns()
    assert here.inbox.said == []
    here.inbox.connected = True
    here.advance(2)
    here.worker.turn()
    assert parse_stored(here.inbox.said[-1][1]).replica.input == 10
    here.replicas.close()


def test_old_readings_are_sealed_and_what_comes_late_for_them_is_kept_too(stage):
    here = stage(deliveries(readings(1, 10)), deliveries(readings(21, 30)))
    here.turns()
    here.advance(61)
    here.inbox.batches = [deliveries(readings(11, 20))]
    here.turns()
    folder = replica_folder(here.data, samples.IDENTITY)
    assert list(folder.glob("*.chunks"))
    with JournalReader(folder) as reader:
        assert [seq for seq, _ in reader.inputs(1, 30)] == list(range(1, 31))
    here.advance(61)
    here.inbox.batches = [[]]
    here.turns()
    with JournalReader(folder) as reader:
        assert [seq for seq, _ in reader.inputs(1, 30)] == list(range(1, 31))
