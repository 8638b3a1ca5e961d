"""The inbox of a partition: which sites it follows, what it does with others', and how it leaves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gateway.ingest.inbox import KINDS
from gateway.ingest.partition_inbox import STATUS, TAKEN_OVER, PartitionInbox
from gateway.ingest.partitions import partition_of
from gateway.ingest.roster import parse_word
from gateway.site import Broker

ACCEPTED = SimpleNamespace(is_failure=False, value=0)
REFUSED = SimpleNamespace(is_failure=True, value=0x87)
FLAGS = SimpleNamespace(session_present=False)
OURS, THEIRS = "south", "north"  # of partition 1 of 4, and not


class Stage:
    """An inbox whose network is the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.was_ready = 0
        self.inbox = PartitionInbox(Broker("127.0.0.1"), "main", 1, 4, "box-1", self._ready)
        self.paho = self.inbox._client  # noqa: SLF001 # the other side of the seam
        self.acked: list[int] = []
        self.asked: list[list[str]] = []
        self.dropped: list[list[str]] = []
        self.published: list[tuple[str, bytes]] = []
        monkeypatch.setattr(self.paho, "ack", lambda mid, _qos: self.acked.append(mid))
        monkeypatch.setattr(self.paho, "subscribe", self._subscribe)
        monkeypatch.setattr(self.paho, "unsubscribe", self.dropped.append)
        monkeypatch.setattr(self.paho, "publish", self._publish)

    def _ready(self) -> None:
        self.was_ready += 1

    def _subscribe(self, topics: str | list[tuple[str, object]], options: object = None) -> tuple[int, int]:  # noqa: ARG002 # as paho calls it
        self.asked.append([topics] if isinstance(topics, str) else [each for each, _ in topics])
        return 0, len(self.asked)

    def _publish(self, topic: str, payload: bytes, **_: object) -> SimpleNamespace:
        self.published.append((topic, payload))
        return SimpleNamespace(rc=0, mid=len(self.published))

    def connect(self, code: SimpleNamespace = ACCEPTED) -> None:
        self.paho.on_connect(self.paho, None, FLAGS, code, None)  # type: ignore[arg-type,call-arg,misc]

    def hear(self, topic: str, mid: int = 0) -> None:
        message = SimpleNamespace(topic=topic, payload=b"p", mid=mid, qos=1)
        self.paho.on_message(self.paho, None, message)  # type: ignore[arg-type,misc]

    def answer(self, mid: int, *codes: SimpleNamespace) -> None:
        self.paho.on_subscribe(self.paho, None, mid, list(codes), None)  # type: ignore[arg-type,call-arg,misc]

    def disconnect(self, value: int) -> None:
        code = SimpleNamespace(is_failure=True, value=value)
        self.paho.on_disconnect(self.paho, None, None, code, None)  # type: ignore[arg-type,call-arg,misc]


@pytest.fixture
def stage(monkeypatch):
    assert partition_of(OURS, 4) == 1 != partition_of(THEIRS, 4)
    return Stage(monkeypatch)


def test_it_finds_its_sites_by_their_status_and_follows_them_once(stage):
    stage.connect()
    assert stage.asked == [[STATUS]]
    for _ in range(2):
        for site in (OURS, THEIRS):
            stage.hear(f"lotwatch/v1/{site}/status")
    assert stage.asked[1:] == [[f"lotwatch/v1/{OURS}/{kind}" for kind in KINDS]]
    assert stage.inbox.sites == 1
    assert stage.inbox.take(9, 0, 0) == []  # a status is no record


def test_it_follows_them_again_on_a_new_session(stage):
    stage.connect()
    stage.hear(f"lotwatch/v1/{OURS}/status")
    stage.disconnect(0x80)
    stage.asked.clear()
    stage.connect()
    assert [topics[0] for topics in stage.asked] == [STATUS, f"lotwatch/v1/{OURS}/reading"]


def test_what_is_another_partitions_is_acknowledged_unread_and_unsubscribed(stage):
    """As after the number of partitions grew: the session still has the subscription."""
    stage.connect()
    stage.hear(f"lotwatch/v1/{THEIRS}/reading", 7)
    assert stage.acked == [7]
    assert stage.dropped == [[f"lotwatch/v1/{THEIRS}/{kind}" for kind in KINDS]]
    stage.hear(f"lotwatch/v1/{OURS}/reading", 8)
    assert [each.mid for each in stage.inbox.take(9, 0, 0)] == [8]
    assert stage.acked == [7]


def test_it_is_ready_when_it_hears_who_there_is(stage):
    stage.connect()
    stage.answer(1, REFUSED)
    assert not stage.was_ready
    stage.connect()
    stage.answer(2, ACCEPTED)
    assert stage.was_ready == 1


def test_a_refused_subscription_of_a_site_is_told(stage, caplog):
    stage.connect()
    stage.hear(f"lotwatch/v1/{OURS}/status")
    stage.answer(2, REFUSED, *[ACCEPTED] * (len(KINDS) - 1))
    assert f"refuses the subscription to lotwatch/v1/{OURS}/reading" in caplog.text


def test_the_roster_hears_of_it_coming_and_going(stage):
    stage.connect()
    topic, payload = stage.published[-1]
    said = parse_word(payload, 0)
    assert topic == "lotwatch/ingest/main/1"
    assert said is not None
    assert (said.worker, said.online, said.count) == ("box-1", True, 4)
    stage.inbox.close()
    left = parse_word(stage.published[-1][1], 0)
    assert left is not None
    assert not left.online


def test_it_knows_when_it_was_taken_over_and_never_dials_by_itself(stage):
    stage.connect()
    stage.disconnect(0x80)
    assert stage.inbox.down
    assert not stage.inbox.taken_over
    stage.connect()
    stage.disconnect(TAKEN_OVER)
    assert stage.inbox.taken_over
    stage.paho.on_connect_fail(stage.paho, None)
    assert stage.inbox.down
    assert not stage.paho._reconnect_on_failure  # noqa: SLF001 # the library's own word for it


def test_a_partition_that_nobody_lets_in_is_told(stage, caplog):
    stage.connect(REFUSED)
    assert "refuses us" in caplog.text
    assert stage.published == []
