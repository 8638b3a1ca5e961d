"""The live stream: one frame for all, nothing while nobody looks, and a viewer that cannot keep up loses its place."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from gateway.clock import VirtualClock
from gateway.model import AlarmChanged, Block, Instant, NumberedEvent, NumberedInput, Reading, Severity
from gateway.web.line import frame_of, lent, line_of
from gateway.web.live import AT_A_TIME, BEHIND_MOST, HEARTBEAT_NS, Hub, tags_of, told
from tests.unit.journal.plant import T0, make_site

TAG = "hall/line1/press1/temp"
RESET = b"event: reset\ndata: {}\n\n"


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


class Connection:
    """A line that keeps what it was given; `held`: bytes that it has not taken."""

    def __init__(self):
        self.held, self.frames = 0, []

    def write(self, frame):
        self.frames.append(frame.plain)

    def behind(self):
        return self.held


def looking(hub, *tags, seen=None, may=lambda: True):
    """A viewer's line, after the greeting."""
    line = Connection()
    hub.join(frozenset(tags), seen, line, may)
    assert b"event: hello" in line.frames.pop(0)
    return line


def data_of(frame):
    return json.loads(frame.decode().partition("data: ")[2].strip())


def test_a_frame_has_the_events_and_the_newest_values_of_its_tags(hub):
    one, other = looking(hub, TAG), looking(hub)
    hub.committed(block([reading(1, 20.0), reading(2, 21.5)], [alarm(1)]))
    hub.tick()
    (frame,) = one.frames
    assert frame.startswith(b"id: 1\n")
    assert data_of(frame)["values"] == {TAG: [T0 + 2, 21.5, 0]}
    assert data_of(frame)["events"] == [told(alarm(1))]
    assert data_of(other.frames[0])["values"] == {}


def test_a_frame_is_made_once_for_all_with_the_same_tags(hub):
    lines = [looking(hub, TAG) for _ in range(3)]
    hub.committed(block([reading(1, 20.0)]))
    hub.tick()
    assert lines[0].frames[0] is lines[1].frames[0] is lines[2].frames[0]


def test_a_bad_value_is_none_with_its_quality(hub):
    line = looking(hub, TAG)
    hub.committed(block([reading(1, float("nan"), 0x81)]))
    hub.tick()
    assert data_of(line.frames[0])["values"][TAG] == [T0 + 1, None, 0x81]


def test_nobody_looks_and_nothing_is_made(hub):
    hub.committed(block([reading(1, 20.0)], [alarm(1)]))
    hub.tick()
    line = Connection()
    hub.leave(hub.join(frozenset({TAG}), None, line))
    assert b"id: 1\n" in line.frames[0]
    assert hub.viewers == 0
    assert hub._events == []  # noqa: SLF001
    assert hub._values == {}  # noqa: SLF001


def test_a_viewer_that_comes_back_too_late_reads_its_page_again(hub):
    hub.committed(block(events=[alarm(5)]))
    assert looking(hub, seen=3).frames == [RESET]
    assert looking(hub, seen=5).frames == []


def test_a_viewer_that_does_not_keep_up_is_told_so_and_holds_nobody_up(hub):
    slow, quick = looking(hub), looking(hub)
    for seq, held in enumerate((BEHIND_MOST, BEHIND_MOST + 1, 1, 0, 0), 1):
        slow.held = held
        hub.committed(block(events=[alarm(seq)]))
        hub.tick()
        assert data_of(quick.frames[-1])["events"][0]["seq"] == seq
    first, reset, last = slow.frames  # of the second, and of what came before it caught up, it never hears
    assert (data_of(first)["events"][0]["seq"], reset) == (1, RESET)
    assert data_of(last)["events"][0]["seq"] == 5
    slow.held = 2 * BEHIND_MOST
    hub.committed(block(events=[alarm(6)]))
    hub.tick()
    slow.held = 0
    hub.tick()  # nothing is new, and still it hears that it has missed some
    assert slow.frames[3:] == [RESET]


async def test_a_silent_stream_says_that_it_lives():
    clock = VirtualClock()
    hub = Hub(make_site(), clock)
    line = looking(hub)
    hub.tick()
    assert line.frames == []
    await clock.advance(HEARTBEAT_NS / 1e9)
    hub.tick()
    hub.tick()
    assert line.frames == [b": still here\n\n"]


def test_who_may_hear_no_more_hears_no_more(hub):
    may = [True, False]
    line = Connection()
    viewer = hub.join(frozenset(), None, line, lambda: may.pop(0))
    hub.committed(block(events=[alarm(1)]))
    hub.tick()
    assert (len(line.frames), viewer.over.is_set()) == (2, False)
    hub.committed(block(events=[alarm(2)]))
    hub.tick()
    hub.tick()
    assert (len(line.frames), viewer.over.is_set(), hub.viewers) == (2, True, 0)


def test_between_some_viewers_others_have_their_turn(hub):
    """And who leaves in between is not written to."""
    lines = [Connection() for _ in range(2 * AT_A_TIME + 1)]
    viewers = {id(line): hub.join(frozenset(), None, line) for line in lines}
    hub.committed(block(events=[alarm(1)]))
    turn = hub._turn()  # noqa: SLF001
    next(turn)
    assert sum(len(line.frames) == 2 for line in lines) == AT_A_TIME
    unheard = [line for line in lines if len(line.frames) == 1]
    hub.leave(viewers[id(unheard[0])])
    hub.committed(block(events=[alarm(2)]))  # is for the next turn, and so is its number
    list(turn)
    assert [len(line.frames) for line in unheard] == [1] + [2] * AT_A_TIME
    assert all(b"id: 1\n" in line.frames[1] for line in lines if line is not unheard[0])


def test_tags_are_named_with_commas_and_not_too_many():
    assert tags_of("a,b,,a") == {"a", "b"}
    assert len(tags_of(",".join(map(str, range(9_999))))) == 500


def test_who_may_not_see_this_site_hears_nothing_of_it(hub):
    assert hub.of(()) is hub
    assert hub.of((make_site().site, "elsewhere")) is hub
    deaf = hub.of(("elsewhere",))
    line, theirs = looking(deaf, TAG), looking(hub, TAG)
    hub.committed(block([reading(1, 20.0)], [alarm(5)]))
    hub.tick()
    assert b"alarm" in theirs.frames[0]
    assert line.frames == []
    assert hub.of(("elsewhere",)) is deaf  # so that viewers of it are counted


async def test_who_hears_nothing_of_this_site_hears_that_the_line_stands():
    clock = VirtualClock()
    hub = Hub(make_site(), clock)
    line = looking(hub.of(("elsewhere",)))
    await clock.advance(HEARTBEAT_NS / 1e9)
    hub.tick()
    assert line.frames == [b": still here\n\n"]


@pytest.mark.parametrize(
    ("version", "sent"), [("1.1", b"9\r\ndata: x\n\n\r\n"), ("1.0", b"data: x\n\n")], ids=["chunk", "plain"]
)
def test_bytes_are_framed_as_the_version_of_http_wants_them(version, sent):
    wrote: list[bytes] = []

    class Transport(asyncio.Transport):
        def is_closing(self):
            return len(wrote) > 0

        def write(self, data):
            wrote.append(data)

    scope = {"type": "http", "http_version": version}
    lent(scope, Transport())
    for _ in range(2):  # the second finds the connection closed
        line_of(scope).write(frame_of(b"data: x\n\n"))
    assert wrote == [sent]
