"""The server of a folder of replicas, put together; it runs until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path

from gateway.model import Noted
from gateway.people import People, Told
from gateway.plain import to_plain
from gateway.ports import Clock, Entropy
from gateway.serving.away import Away
from gateway.serving.follow import Following
from gateway.site import ACTS, Beyond
from gateway.web.application import Pages
from gateway.web.helper import Helper
from gateway.web.house import House
from gateway.web.server import Web

log = logging.getLogger(__name__)


def pages_of(folder: Path, clock: Clock, entropy: Entropy) -> Pages:
    """What is served of a folder. Blocks, shortly."""
    people = People(folder)
    house = House(people, lambda: clock.now().time_ns, entropy.token, strict=True, acts=ACTS)

    def note(event: Noted) -> None:
        """There is no journal here to tell: the diary is what is left."""
        facts = {**dict(to_plain(event.facts)), "severity": int(event.severity)}
        people.later(_kept, house, Told(event.time_ns, event.kind, event.subject, facts))

    away = Away(folder, house, clock, entropy.token)
    hub = Following(folder, clock)
    return Pages(
        house, clock.boottime_ns, note, hub, away.enter, helper=Helper(folder, clock, hub.looked),
        more={"/acts.json": away.sent, "/diary.json": away.diary}, closing=(away.close,),
    )  # fmt: skip


def _kept(house: House, row: Told) -> None:
    try:
        house.diary.write(row, told=True)
    except Exception:  # nobody waits for this: the act stands, and the log says what its diary lacks
        log.exception("what happened cannot be kept: %s", row.kind)


async def serve(
    folder: Path,
    port: int,
    clock: Clock,
    entropy: Entropy,
    beyond: Beyond | None,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Until `stop`."""
    web = Web(folder, port, clock, lambda: pages_of(folder, clock, entropy), beyond)
    serving = asyncio.create_task(web.run(), name="web")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    ready()
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
