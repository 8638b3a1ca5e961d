"""The inbox: what it hands out at once, and which acknowledgements reach the broker."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from paho.mqtt.client import topic_matches_sub

from gateway.ingest.inbox import MqttInbox
from gateway.site import Broker
from gateway.wire import Eras, messages
from tests.unit.wire import samples

ACCEPTED = SimpleNamespace(is_failure=False)
REFUSED = SimpleNamespace(is_failure=True)
FLAGS = SimpleNamespace(session_present=True)


class Stage:
    """An inbox whose network is the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.inbox = MqttInbox(Broker("127.0.0.1"), "test")
        self.paho = self.inbox._client  # noqa: SLF001 # the other side of the seam
        self.acked: list[int] = []
        monkeypatch.setattr(self.paho, "ack", lambda mid, _qos: self.acked.append(mid))
        monkeypatch.setattr(self.paho, "subscribe", lambda _topics: None)

    def connect(self, code: SimpleNamespace = ACCEPTED) -> None:
        assert self.paho.on_connect is not None
        self.paho.on_connect(self.paho, None, FLAGS, code, None)  # type: ignore[arg-type,call-arg]

    def disconnect(self) -> None:
        assert self.paho.on_disconnect is not None
        self.paho.on_disconnect(self.paho, None, None, ACCEPTED, None)  # type: ignore[arg-type,call-arg]

    def deliver(self, mid: int) -> None:
        assert self.paho.on_message is not None
        message = SimpleNamespace(topic="t", payload=b"p", mid=mid)
        self.paho.on_message(self.paho, None, message)  # type: ignore[arg-type]


@pytest.fixture
def stage(monkeypatch):
    return Stage(monkeypatch)


def test_what_is_stored_is_acknowledged(stage):
    stage.connect()
    for mid in (1, 2, 3):
        stage.deliver(mid)
    stage.inbox.acknowledge(stage.inbox.take(2, 0, 0))
    assert stage.acked == [1, 2]
    stage.inbox.acknowledge(stage.inbox.take(9, 0, 0))
    assert stage.acked == [1, 2, 3]
    assert stage.inbox.take(9, 0, 0) == []


def test_an_acknowledgement_never_crosses_a_reconnect(stage):
    """After it packet identifier 7 may be another message's, which is not stored yet."""
    stage.connect()
    stage.deliver(7)
    stage.disconnect()
    stage.connect()
    stage.deliver(7)  # delivered again
    old, new = stage.inbox.take(9, 0, 0)
    stage.inbox.acknowledge([old])
    assert stage.acked == []
    stage.inbox.acknowledge([new])
    assert stage.acked == [7]


def test_nothing_is_acknowledged_or_said_while_there_is_no_connection(stage):
    stage.connect(REFUSED)
    assert not stage.inbox.connected
    stage.connect()
    stage.deliver(7)
    stage.disconnect()
    stage.inbox.acknowledge(stage.inbox.take(9, 0, 0))
    assert stage.acked == []
    assert not stage.inbox.publish("t", b"")


def test_a_broker_that_is_not_there_or_refuses_is_told_once_and_again_after_a_connection(stage, caplog):
    def fail() -> None:
        stage.paho.on_connect_fail(stage.paho, None)

    for _ in range(2):
        fail()
    for _ in range(2):
        stage.connect(REFUSED)
    told = [record.message for record in caplog.records]
    assert len(told) == 2
    assert "broker 127.0.0.1:1883 cannot be reached" in told[0]
    assert "refuses us" in told[1]
    stage.connect()
    fail()
    assert len(caplog.records) == 3


def test_it_is_ready_when_every_subscription_stands(stage, monkeypatch):
    ready: list[int] = []
    monkeypatch.setattr(stage.inbox, "_ready", lambda: ready.append(1))
    stage.paho.on_subscribe(stage.paho, None, 1, [ACCEPTED, REFUSED], None)
    assert ready == []
    stage.paho.on_subscribe(stage.paho, None, 1, [ACCEPTED, ACCEPTED], None)
    assert ready == [1]


def test_every_topic_that_a_gateway_publishes_is_subscribed() -> None:
    subscribed = MqttInbox(Broker("127.0.0.1"), "test")._topics  # noqa: SLF001 # what it will ask for
    for message in messages(samples.IDENTITY, samples.every_kind(), Eras.of(samples.site().groups())):
        wanted = any(topic_matches_sub(topic, message.topic) for topic in subscribed)
        assert wanted == bool(message.seqs), message.topic  # a layout is for those who have no config


def test_a_word_that_the_broker_does_not_take_from_us_is_told_once_and_again_after_it_took_one(
    stage, monkeypatch, caplog
):
    stage.connect()
    kept: list[bool] = []

    def publish(topic: str, payload: bytes, *, qos: int, retain: bool) -> SimpleNamespace:
        del topic, payload, qos
        kept.append(retain)
        return SimpleNamespace(rc=0, mid=len(kept))

    monkeypatch.setattr(stage.paho, "publish", publish)

    def say(code: SimpleNamespace, kind: str = "request") -> None:
        assert stage.inbox.publish(f"lotwatch/v1/north/{kind}", b"", retain=kind == "stored")
        stage.paho.on_publish(stage.paho, None, len(kept), code, None)

    for code in (REFUSED, REFUSED):
        say(code)
    say(REFUSED, "stored")
    told = [record.message for record in caplog.records]
    assert ["under request" in told[0], "under stored" in told[1]] == [True, True]
    assert len(told) == 2
    say(ACCEPTED)
    say(REFUSED)
    assert len(caplog.records) == 3
    assert kept == [False, False, True, False, False]
