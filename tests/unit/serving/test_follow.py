"""Replicas told live: each viewer hears of what they may see, and their stream does not even move for others."""

from __future__ import annotations

import asyncio

from gateway.clock import VirtualClock
from gateway.model import NumberedEvent
from gateway.serving.follow import Following
from tests.unit.serving.sites import events_of, fill, replica

on = asyncio.to_thread


def comes(folder, name):
    """One more alarm of a site."""
    with replica(folder, name) as made:
        alarm = events_of(name)[1]
        made.store([], [NumberedEvent(made.last().event + 1, 2, alarm)])


class Connection:
    """A viewer's line, that keeps what it was given."""

    def __init__(self, hub):
        self.frames = []
        self.viewer, self.hub = hub.join(frozenset(), None, self), hub

    def write(self, frame):
        self.frames.append(frame.plain)

    def behind(self):
        return 0


async def test_each_hears_of_their_own(tmp_path):
    for name in ("acme", "beta"):
        await on(fill, tmp_path, name)
    following = Following(tmp_path, VirtualClock())
    lines = {sites: Connection(following.of(sites)) for sites in ((), ("acme",), ("beta",))}
    assert len({line.frames.pop(0) for line in lines.values()}) == 1  # the greeting
    await following.look()
    await on(comes, tmp_path, "acme")
    await following.look()
    for sites in ((), ("acme",)):
        (frame,) = lines[sites].frames
        assert b"alarm-ZINNOBER" in frame
        assert frame.startswith(b"id: 1\n")
    await on(comes, tmp_path, "beta")
    await following.look()
    (theirs,) = lines["beta",].frames
    assert (b"alarm-INDIGO" in theirs, theirs[:6]) == (True, b"id: 1\n")
    assert b"ZINNOBER" not in theirs
    await following.look(again=True)
    assert b"event: reset" in lines["acme",].frames[-1]
    for line in lines.values():
        line.hub.leave(line.viewer)
    assert not any(following.of(sites).viewers for sites in lines)


async def test_it_looks_while_somebody_does(tmp_path):
    await on(fill, tmp_path, "beta")
    clock = VirtualClock()
    following = Following(tmp_path, clock)
    running = asyncio.create_task(following.run())
    await clock.advance(3)
    line = Connection(following.of(("beta",)))
    await following.look()
    await on(comes, tmp_path, "beta")
    while len(line.frames) < 2:
        await clock.advance(1)
        await on(lambda: None)
    assert b"alarm-INDIGO" in line.frames[1]
    running.cancel()
    await asyncio.wait({running})
