"""What is committed, told at once to whoever has a page open: server-sent events (WHATWG HTML, 9.2).

Rule 1: nothing flows back; a viewer that does not keep up loses its place and is told to read its page again.  Rule 2:
a frame is made once, for all viewers with the same tags, and at most ten times a second.  Rule 3: with nobody looking,
nothing is made.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from gateway.model import (
    BAD_FROM,
    AlarmChanged,
    Block,
    Event,
    LotChanged,
    LotMade,
    Noted,
    NumberedEvent,
    Reading,
    Signal,
)
from gateway.ports import Clock
from gateway.site import Site

FRAME_NS = 100_000_000
HEARTBEAT_NS = 15_000_000_000
WAITING_MOST = 50  # frames of a viewer, five seconds: then it has lost its place
VIEWERS_MOST = 200
_RESET = b"event: reset\ndata: {}\n\n"
_HEARTBEAT = b": still here\n\n"


@dataclass(eq=False)
class Viewer:
    """One open stream."""

    tags: frozenset[str]
    frames: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(WAITING_MOST))
    lost: bool = False


class Live(Protocol):
    """Streams, by what somebody may see."""

    def of(self, sites: tuple[str, ...]) -> Hub:
        """That of some sites; none: of all."""

    async def run(self) -> None:
        """Make frames until cancelled."""


class Hub:
    """Tells viewers what `committed` was called with. For one loop."""

    def __init__(self, site: Site | None, clock: Clock) -> None:
        """`site`: whose readings are told too; none: events alone."""
        self._clock = clock
        self._tags: dict[str, tuple[str, ...]] = {}
        self._site = ""
        self._deaf: Hub | None = None
        if site is not None:
            self.use(site)
        self._viewers: set[Viewer] = set()
        self._events: list[NumberedEvent] = []
        self._values: dict[str, tuple[int, float | None, int]] = {}
        self._last = 0

    def use(self, site: Site, _: str = "") -> None:
        """Its readings are told from now on."""
        self._site = site.site
        self._tags = {
            group.id: tuple(point.tag for point in group.points) for group in site.groups().values()
        }

    @property
    def viewers(self) -> int:
        """How many look."""
        return len(self._viewers)

    def of(self, sites: tuple[str, ...]) -> Hub:
        """For whoever may see some sites; who may not see this box's hears that the line stands, and no more."""
        if not sites or self._site in sites:
            return self
        self._deaf = self._deaf or Hub(None, self._clock)
        return self._deaf

    def heard(self, events: Sequence[NumberedEvent]) -> None:
        """Events of replicas, whose numbers are each one's own: frames are numbered by how many came."""
        self._last += len(events)
        self._events += events

    def reset(self) -> None:
        """Everybody reads their page again."""
        for viewer in self._viewers:
            self._put(viewer, _RESET)

    def committed(self, block: Block) -> None:
        """A block is on the disk. Costs nothing while nobody looks."""
        if block.events:
            self._last = block.events[-1].seq
        if not self._viewers:
            return
        self._events += block.events
        for _, given in block.inputs:
            if isinstance(given, Reading):
                self._read(given)

    def _read(self, reading: Reading) -> None:
        tags = self._tags.get(reading.group, ())
        for tag, value, quality in zip(tags, reading.values.tolist(), reading.quality.tolist(), strict=False):
            usable = quality < BAD_FROM and value == value  # noqa: PLR0124 # false for nan only
            self._values[tag] = (reading.at.time_ns, value if usable else None, quality)

    async def run(self) -> None:
        """Make frames until cancelled."""
        due = self._clock.boottime_ns()
        while True:
            due = max(due + FRAME_NS, self._clock.boottime_ns())
            await self._clock.sleep_until(due)
            self.tick()

    def tick(self) -> None:
        """Hand what came since the last frame to everybody."""
        if not self._events and not self._values:
            return
        events, self._events = [told(event) for event in self._events], []
        values, self._values = self._values, {}
        made: dict[frozenset[str], bytes] = {}
        for viewer in self._viewers:
            frame = made.get(viewer.tags)
            if frame is None:
                frame = made[viewer.tags] = self._frame(viewer.tags, events, values)
            if frame and not viewer.lost:
                self._put(viewer, frame)

    def _frame(
        self,
        tags: frozenset[str],
        events: list[dict[str, Any]],
        values: Mapping[str, tuple[int, float | None, int]],
    ) -> bytes:
        seen = {tag: values[tag] for tag in tags if tag in values}
        if not events and not seen:
            return b""
        body = orjson.dumps({"events": events, "values": seen})
        return b"id: %d\ndata: %s\n\n" % (self._last, body)

    @staticmethod
    def _put(viewer: Viewer, frame: bytes) -> None:
        try:
            viewer.frames.put_nowait(frame)
        except asyncio.QueueFull:
            viewer.lost = True

    async def stream(self, tags: Iterable[str], seen: int | None) -> AsyncGenerator[bytes, None]:
        """Frames for one viewer; `seen`: the id of the last one that it had, before the line broke."""
        viewer = Viewer(frozenset(tags))
        self._viewers.add(viewer)
        try:
            yield b"retry: 1000\nid: %d\nevent: hello\ndata: {}\n\n" % self._last
            if seen is not None and seen != self._last:
                yield _RESET
            while True:
                try:
                    frame = await self._clock.within(
                        viewer.frames.get(), self._clock.boottime_ns() + HEARTBEAT_NS
                    )
                except TimeoutError:
                    frame = _HEARTBEAT
                if viewer.lost and viewer.frames.empty():
                    viewer.lost = False
                    frame += _RESET
                yield frame
        finally:
            self._viewers.discard(viewer)


def told(numbered: NumberedEvent) -> dict[str, Any]:
    """As much of an event as a page needs to know whether it is about what it shows."""
    seq, _, event = numbered
    return {"seq": seq, **_about(event)}


def _about(event: Event) -> dict[str, Any]:
    match event:
        case AlarmChanged():
            return {"is": "alarm", "alarm": event.alarm, "state": event.state, "tag": event.tag}
        case Signal():
            return {"is": "signal", "characteristic": event.characteristic, "tag": event.tag}
        case LotChanged():
            return {"is": "lot", "lot": event.lot, "cell": event.cell}
        case LotMade():
            return {"is": "lot", "lot": event.lot, "cell": event.cell}
        case Noted():
            return {"is": event.kind, "subject": event.subject}


def tags_of(text: str, most: int = 500) -> frozenset[str]:
    """Tags that a page names, with commas between.

    >>> sorted(tags_of("a/b/c/d,,a/b/c/e"))
    ['a/b/c/d', 'a/b/c/e']
    """
    return frozenset(itertools.islice((tag for tag in text.split(",") if tag), most))
