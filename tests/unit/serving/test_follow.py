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


async def test_each_hears_of_their_own(tmp_path):
    for name in ("acme", "beta"):
        await on(fill, tmp_path, name)
    following = Following(tmp_path, VirtualClock())
    streams = {sites: following.of(sites).stream((), None) for sites in ((), ("acme",), ("beta",))}
    hello = {sites: await anext(stream) for sites, stream in streams.items()}
    assert len(set(hello.values())) == 1
    await following.look()
    await on(comes, tmp_path, "acme")
    await following.look()
    for sites in ((), ("acme",)):
        frame = await anext(streams[sites])
        assert b"alarm-ZINNOBER" in frame
        assert frame.startswith(b"id: 1\n")
    await on(comes, tmp_path, "beta")
    await following.look()
    theirs = await anext(streams["beta",])
    assert (b"alarm-INDIGO" in theirs, theirs[:6]) == (True, b"id: 1\n")
    assert b"ZINNOBER" not in theirs
    await following.look(again=True)
    assert b"event: reset" in await anext(streams["acme",])
    for stream in streams.values():
        await stream.aclose()
    assert not any(following.of(sites).viewers for sites in streams)


async def test_it_looks_while_somebody_does(tmp_path):
    await on(fill, tmp_path, "beta")
    clock = VirtualClock()
    following = Following(tmp_path, clock)
    running = asyncio.create_task(following.run())
    await clock.advance(3)
    stream = following.of(("beta",)).stream((), None)
    await anext(stream)
    await following.look()
    await on(comes, tmp_path, "beta")
    coming = asyncio.create_task(anext(stream))
    while not coming.done():
        await clock.advance(1)
        await on(lambda: None)
    assert b"alarm-INDIGO" in coming.result()
    await stream.aclose()
    running.cancel()
    await asyncio.wait({running})
