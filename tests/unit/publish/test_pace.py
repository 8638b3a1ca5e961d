"""The backlog's share of the daemon's time; and which messages a broker may forget."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import VirtualClock
from gateway.model import Block, Noted, NumberedEvent, NumberedInput, Setting, Severity
from gateway.plain import digest, to_plain
from gateway.ports import Watermark
from gateway.publish.fake import FakeBroker, Sent
from gateway.publish.mqtt import MqttPublisher
from gateway.publish.pace import REST, WORK_NS, Pace
from gateway.publish.session import LIVE_EXPIRY_S
from gateway.wire import parse
from tests.unit.publish.history import FakeHistory
from tests.unit.publish.test_mqtt import Dice, Stage
from tests.unit.wire import samples


@given(st.lists(st.integers(0, 20_000_000), max_size=200))
def test_a_fifth_of_any_stretch_is_free_of_it(spent):
    pace = Pace()
    rests = [pace.rest(each) for each in spent]
    owed = sum(spent) - sum(rests) * REST
    assert owed < WORK_NS + REST * len(spent), "what is still to rest for is less than one portion of work"
    assert all(rest == 0 or rest >= WORK_NS // REST for rest in rests), (
        "and a rest is one that a loop can sleep"
    )


class DearClock(VirtualClock):
    """A clock by which making a message of the backlog takes `COST_NS`; it keeps when its loop was free."""

    def __init__(self) -> None:
        super().__init__()
        self.cost_ns = 0

    def boottime_ns(self) -> int:
        return super().boottime_ns() + self.cost_ns


COST_NS = 3_000_000


async def test_a_poll_has_a_fifth_of_the_time_beside_any_backlog():
    """The backlog goes on its way by rests: its share of the loop is bounded, however much of it there is."""
    history = FakeHistory()
    told = Noted(1, "poll_overrun", "plc1", Severity.INFO, {})
    history.commit(Block((), tuple(NumberedEvent(seq, 0, told) for seq in range(1, 61))))
    stage = Stage(history)
    stage.clock = clock = DearClock()
    turns, sent = [0], list[int]()

    def answer(each: Sent) -> int:
        if each.topic.endswith("/event"):
            sent.append(turns[0])
            clock.cost_ns += COST_NS  # it was dear to make
        return 0

    stage.broker.answer = answer
    stage.publisher = MqttPublisher(history, samples.site(), clock, Dice(), dialer=stage.broker)

    async def polling() -> None:
        while True:
            await clock.sleep_until(clock.boottime_ns() - clock.cost_ns + 2_000_000)
            turns[0] += 1

    async with stage:
        poll = asyncio.create_task(polling())
        await clock.advance(0.49)  # then the backlog begins
        began_ns = clock.boottime_ns()
        while stage.publisher.behind():
            await clock.advance(0.002)
        rested_ns = clock.boottime_ns() - clock.cost_ns - began_ns
        poll.cancel()
    assert len(sent) == 60
    at_once = max(Counter(sent).values())
    assert at_once <= WORK_NS // COST_NS + 1, "then a rest, in which a poll is not late"
    assert rested_ns * REST >= (clock.cost_ns - WORK_NS - COST_NS)


async def test_live_values_may_be_forgotten_by_the_broker_and_nothing_else():
    """Whoever is away for longer gets them from the journal, where he asks; so the backlog never expires."""
    history = FakeHistory()
    history.readings(1, 50)
    async with Stage(history) as stage:
        await stage.clock.advance(2)
        backlog = [each.expiry_s for each in stage.broker.sent]
        before = len(stage.broker.sent)
        stage.publisher.offer(stage.history.commit(samples.every_kind()))
        await stage.live(51, 70)
        live = {each.topic.split("/")[3]: each.expiry_s for each in stage.broker.sent[before:]}
    assert not any(backlog)
    assert live.pop("reading") == live.pop("tick") == LIVE_EXPIRY_S
    assert {"alarm", "lot", "made", "signal", "event", "scan", "entry", "setting"} <= live.keys()
    assert not any(live.values())


async def test_a_broker_that_does_not_let_us_listen_is_told_once():
    stage = Stage(broker=FakeBroker(subscription=lambda topic: 0x87 if "request" in topic else 1))
    async with stage:
        await stage.live(1, 9)
        await stage.clock.advance(2)
        assert [(note.kind, note.subject, note.facts["code"]) for note in stage.notes] == [
            ("subscribe_refused", "request", 0x87)
        ]
        assert stage.publisher.behind() == 0
        stage.broker.cut()
        stage.broker.up = True
        await stage.clock.advance(5)
        assert len(stage.notes) == 1


async def test_the_config_in_force_is_not_read_anew_out_of_the_journal():
    """Reading a large one takes many ms, in which nothing is polled."""
    site = samples.site()
    known = NumberedInput(1, Setting("config", samples.at(1), {"site": None, "hash": digest(to_plain(site))}))
    history = FakeHistory()
    history.commit(Block((known, *samples.inputs(2, 9)), ()))
    history.cursors["mqtt"] = Watermark(input=1)
    history.cursors["mqtt-config"] = Watermark(input=1)
    async with Stage(history) as stage:
        await stage.clock.advance(2)
        [sent] = stage.broker.of("reading")
        [(group, _)] = parse(sent.topic, sent.payload).columns
        assert group == samples.GROUP.id
        assert stage.broker.of("layout"), "what its words mean is known"
