"""Nobody subscribed (0x10): an alarm when it lasts, once, and its end. The alarm itself, in the fold and in words."""

from __future__ import annotations

import pytest

from gateway.fold import Fold
from gateway.folding import linkalarms
from gateway.model import AlarmChanged, Instant, Setting
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from gateway.ports import Watermark
from gateway.publish.fake import FakeBroker
from gateway.publish.hearing import PATIENCE_NS, Hearing
from gateway.publish.mqtt import MqttPublisher, Wires
from gateway.site import Broker
from gateway.wire import Stored, stored
from tests.unit.publish.test_mqtt import Dice, Stage
from tests.unit.wire import samples

WHERE = "10.0.0.5:1883"


def test_a_worker_that_is_away_for_a_moment_is_no_alarm():
    hearing = Hearing()
    assert hearing.answered("reading", heard=False, now_ns=0) is None
    assert hearing.answered("reading", heard=False, now_ns=PATIENCE_NS - 1) is None
    assert hearing.answered("reading", heard=True, now_ns=PATIENCE_NS) is None
    assert hearing.answered("reading", heard=False, now_ns=PATIENCE_NS + 1) is None, "counted anew"


def test_it_is_raised_once_and_returns_once_when_all_is_heard():
    hearing = Hearing()
    for kind in ("reading", "event"):
        hearing.answered(kind, heard=False, now_ns=0)
    assert hearing.answered("reading", heard=False, now_ns=PATIENCE_NS) is True
    assert hearing.kinds() == ["event", "reading"]
    assert hearing.answered("reading", heard=False, now_ns=2 * PATIENCE_NS) is None
    assert hearing.answered("reading", heard=True, now_ns=2 * PATIENCE_NS) is None, "events are not heard yet"
    assert hearing.answered("event", heard=True, now_ns=2 * PATIENCE_NS) is False
    assert hearing.answered("event", heard=True, now_ns=2 * PATIENCE_NS) is None


def test_one_that_stood_before_this_run_returns():
    hearing = Hearing(standing=True)
    assert hearing.answered("reading", heard=False, now_ns=PATIENCE_NS * 9) is None
    assert hearing.answered("reading", heard=True, now_ns=PATIENCE_NS * 9) is False


class Heard(Stage):
    """A stage whose publisher is listened to."""

    def __init__(self) -> None:
        super().__init__(broker=FakeBroker(answer=lambda _: 0x10))
        self.linked: list[list[str]] = []
        self.publisher = MqttPublisher(
            self.history, samples.site(), self.clock, Dice(), dialer=self.broker, note=self.notes.append,
            wires=Wires(linked=self.linked.append),
        )  # fmt: skip


async def test_the_publisher_tells_when_nobody_hears_for_a_minute_and_keeps_the_records():
    async with Heard() as stage:
        for block in range(14):
            await stage.live(block * 10 + 1, block * 10 + 10)
            await stage.clock.advance(6)
        assert len(stage.linked) == 1
        assert "reading" in stage.linked[0]
        before = len(stage.broker.sent)
        stage.broker.answer = lambda _: 0
        missing = samples.IDENTITY, {"input": ((1, 140),)}
        stage.broker.tell("lotwatch/v1/north/stored", _lacks(*missing))
        await stage.clock.advance(5)
        assert set(stage.seqs(before)) == set(range(1, 141)), "all of them, once somebody is there"
        assert stage.linked[1:] == [[]]


def _lacks(identity, missing):
    return stored(Stored(identity, Watermark(), Watermark(140), missing), 7)


def link(second: int, unheard: list[str]) -> Setting:
    at = Instant(samples.T0 + second * 10**9, second * 10**9, 1)
    return Setting(linkalarms.LINK, at, {"broker": WHERE, "unheard": list(unheard)})


def test_the_alarm_is_raised_once_in_both_languages_and_returns():
    fold = Fold(Pipeline(samples.site(Broker("10.0.0.5"))))
    [raised] = fold.take(link(1, ["event", "reading"])).events
    assert isinstance(raised, AlarmChanged)
    assert (raised.kind, raised.subject, raised.state) == ("unheard", WHERE, "active")
    facts = raised.facts or {}
    assert facts["topics"] == ["event", "reading"]
    assert "nobody is subscribed to it" in str(facts["sentence"])
    assert "无人订阅" in str(facts["sentence_zh"])
    assert fold.take(link(2, ["event", "reading"])).events == ()
    [over] = fold.take(link(3, [])).events
    assert isinstance(over, AlarmChanged)
    assert over.state == "returned"
    assert fold.take(link(4, [])).events == ()


@pytest.mark.parametrize(("host", "left"), [("10.0.0.5", 0), ("10.0.0.6", 1)])
def test_it_goes_with_the_broker_of_the_config(host, left):
    site = samples.site(Broker("10.0.0.5"))
    fold = Fold(Pipeline(site))
    fold.take(link(1, ["reading"]))
    config = Setting("config", link(2, []).at, {"site": to_plain(samples.site(Broker(host))), "hash": "h2"})
    told = [event for event in fold.take(config).events if isinstance(event, AlarmChanged)]
    assert [each.state for each in told] == ["returned"] * left
