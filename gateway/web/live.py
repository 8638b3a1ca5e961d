"""What is committed, told at once to whoever has a page open: server-sent events (WHATWG HTML, 9.2).

Rule 1: nothing flows back; a viewer that does not keep up loses its place and is told to read its page again.  Rule 2:
a frame is made once, for all viewers with the same tags, and at most ten times a second.  Rule 3: with nobody looking,
nothing is made.  Rule 4: no viewer has a task that wakes for a frame: one loop writes to all, some at a time.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from gateway.web.line import Frame, Line, frame_of

FRAME_NS = 100_000_000
HEARTBEAT_NS = 15_000_000_000
BEHIND_MOST = 64 << 10  # bytes that a viewer's connection has not taken: then it has lost its place
AT_A_TIME = 25  # viewers; writing to them takes half a millisecond, and then polls have their turn
VIEWERS_MOST = 200
_RESET = frame_of(b"event: reset\ndata: {}\n\n")
_HEARTBEAT = frame_of(b": still here\n\n")


@dataclass(eq=False, slots=True)
class Viewer:
    """One open stream. `may`: whether they may hear more; `over`: they hear no more."""

    tags: frozenset[str]
    line: Line
    may: Callable[[], bool]
    said_ns: int
    lost: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)


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
        for viewer in list(self._viewers):
            self._tell(viewer, _RESET)

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
            for _ in self._turn():
                await self._clock.sleep_until(due)  # which is past: others have the loop for a turn

    def tick(self) -> None:
        """Hand what came since the last frame to everybody."""
        for _ in self._turn():
            pass

    def _turn(self) -> Iterator[None]:
        """The same, with a pause after some viewers."""
        events, self._events = [told(event) for event in self._events], []
        values, self._values = self._values, {}
        last = self._last
        made: dict[frozenset[str], Frame | None] = {}
        for number, viewer in enumerate(list(self._viewers), 1):
            if viewer.tags not in made:
                made[viewer.tags] = _frame(last, viewer.tags, events, values)
            self._tell(viewer, made[viewer.tags])
            if number % AT_A_TIME == 0:
                yield
        if self._deaf is not None:
            self._deaf.tick()

    def _tell(self, viewer: Viewer, frame: Frame | None) -> None:
        """Hand over a frame; else a sign of life where it is time for one; to who had lost their place, a reset."""
        if viewer.over.is_set():
            return
        if not viewer.may():
            self.leave(viewer)
            return
        behind, now_ns = viewer.line.behind(), self._clock.boottime_ns()
        if viewer.lost:
            if behind:
                return
            viewer.lost, frame = False, _RESET
        elif frame is None:
            if now_ns - viewer.said_ns < HEARTBEAT_NS:
                return
            frame = _HEARTBEAT
        elif behind > BEHIND_MOST:
            viewer.lost = True
            return
        viewer.said_ns = now_ns
        viewer.line.write(frame)

    def join(
        self, tags: frozenset[str], seen: int | None, line: Line, may: Callable[[], bool] = lambda: True
    ) -> Viewer:
        """A viewer from now on; `seen`: the id of the last frame that they had, before the line broke."""
        viewer = Viewer(tags, line, may, self._clock.boottime_ns())
        self._viewers.add(viewer)
        line.write(frame_of(b"retry: 1000\nid: %d\nevent: hello\ndata: {}\n\n" % self._last))
        if seen is not None and seen != self._last:
            line.write(_RESET)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """They hear no more."""
        self._viewers.discard(viewer)
        viewer.over.set()


def _frame(
    last: int,
    tags: frozenset[str],
    events: list[dict[str, Any]],
    values: Mapping[str, tuple[int, float | None, int]],
) -> Frame | None:
    seen = {tag: values[tag] for tag in tags if tag in values} if values else {}
    if not events and not seen:
        return None
    body = orjson.dumps({"events": events, "values": seen})
    return frame_of(b"id: %d\ndata: %s\n\n" % (last, body))


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
