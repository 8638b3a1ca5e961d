"""The live stream: one frame for all, nothing while nobody looks, and a viewer that cannot keep up loses its place."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from gateway.clock import VirtualClock
from gateway.model import AlarmChanged, Block, Instant, NumberedEvent, NumberedInput, Reading, Severity
from gateway.web.live import WAITING_MOST, Hub, tags_of, told
from tests.unit.journal.plant import T0, make_site

TAG = "hall/line1/press1/temp"


def alarm(seq):
    return NumberedEvent(
        seq, 1, AlarmChanged(T0, f"a{seq}", 1, "active", "signal", Severity.ALARM, TAG, "temp", "look")
    )


def reading(seq, value, quality=0):
    count = 5
    values = np.full(count, value)
    return NumberedInput(
        seq,
        Reading(
            "press1/fast", Instant(T0 + seq, seq, 1), 0, values, np.full(count, quality, dtype=np.uint8),
            np.zeros(9, dtype=np.uint16),
        ),
    )  # fmt: skip


def block(inputs=(), events=()):
    return Block(tuple(inputs), tuple(events))


@pytest.fixture
def hub():
    return Hub(make_site(), VirtualClock())


async def first(stream):
    """The stream's greeting, so that it is open."""
    greeting = await anext(stream)
    assert b"event: hello" in greeting
    return greeting


def data_of(frame):
    return json.loads(frame.decode().partition("data: ")[2].strip())


async def test_a_frame_has_the_events_and_the_newest_values_of_its_tags(hub):
    stream, other = hub.stream([TAG], None), hub.stream([], None)
    await first(stream)
    await first(other)
    hub.committed(block([reading(1, 20.0), reading(2, 21.5)], [alarm(1)]))
    hub.tick()
    frame = await anext(stream)
    assert frame.startswith(b"id: 1\n")
    assert data_of(frame)["values"] == {TAG: [T0 + 2, 21.5, 0]}
    assert data_of(frame)["events"] == [told(alarm(1))]
    assert data_of(await anext(other))["values"] == {}
    await stream.aclose()
    await other.aclose()
    assert hub.viewers == 0


async def test_a_bad_value_is_none_with_its_quality(hub):
    stream = hub.stream([TAG], None)
    await first(stream)
    hub.committed(block([reading(1, float("nan"), 0x81)]))
    hub.tick()
    assert data_of(await anext(stream))["values"][TAG] == [T0 + 1, None, 0x81]
    await stream.aclose()


async def test_nobody_looks_and_nothing_is_made(hub):
    hub.committed(block([reading(1, 20.0)], [alarm(1)]))
    hub.tick()
    stream = hub.stream([TAG], None)
    assert b"id: 1\n" in await first(stream)
    assert hub._events == []  # noqa: SLF001
    assert hub._values == {}  # noqa: SLF001
    await stream.aclose()


async def test_a_viewer_that_comes_back_too_late_reads_its_page_again(hub):
    hub.committed(block(events=[alarm(5)]))
    stream = hub.stream([], 3)
    await first(stream)
    assert await anext(stream) == b"event: reset\ndata: {}\n\n"
    await stream.aclose()


async def test_a_viewer_that_does_not_keep_up_is_told_so_and_holds_nobody_up(hub):
    slow, quick = hub.stream([], None), hub.stream([], None)
    await first(slow)
    await first(quick)
    for seq in range(1, WAITING_MOST + 20):
        hub.committed(block(events=[alarm(seq)]))
        hub.tick()
        assert data_of(await anext(quick))["events"][0]["seq"] == seq
    frames = [await anext(slow) for _ in range(WAITING_MOST)]
    assert frames[-1].endswith(b"event: reset\ndata: {}\n\n")
    await slow.aclose()
    await quick.aclose()


async def test_a_silent_stream_says_that_it_lives():
    clock = VirtualClock()
    hub = Hub(make_site(), clock)
    stream = hub.stream([], None)
    await first(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await clock.advance(16)
    assert await waiting == b": still here\n\n"
    await stream.aclose()


def test_tags_are_named_with_commas_and_not_too_many():
    assert tags_of("a,b,,a") == {"a", "b"}
    assert len(tags_of(",".join(map(str, range(9_999))))) == 500


async def test_who_may_not_see_this_site_hears_nothing_of_it(hub):
    assert hub.of(()) is hub
    assert hub.of((make_site().site, "elsewhere")) is hub
    deaf = hub.of(("elsewhere",))
    stream, theirs = deaf.stream([TAG], None), hub.stream([TAG], None)
    await first(stream)
    await first(theirs)
    hub.committed(block([reading(1, 20.0)], [alarm(5)]))
    hub.tick()
    deaf.tick()
    waiting = asyncio.ensure_future(anext(stream))
    assert b"alarm" in await anext(theirs)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})
    await theirs.aclose()
    await stream.aclose()
    assert hub.of(("elsewhere",)) is deaf  # so that viewers of it are counted
