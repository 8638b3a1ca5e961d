"""The demo from curtain to account: runs the stage, tells the story as the replica sees it, sums up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from gateway.demo.curtain import caught_up, look
from gateway.demo.reckoning import reckoned
from gateway.demo.stage import Stage, Stages, Wishes, account, staged
from gateway.demo.story import line_of
from gateway.demo.summary import read_planted, summarise
from gateway.journal import JournalReader
from gateway.model import EVENT_STREAM, Event
from gateway.ports import Clock, Watermark

_LOOK_NS = 250_000_000
_COUNT_NS = 5_000_000_000
_FIRST_NS = 120_000_000_000  # for the first reading to come round
NOTHING_READ = "it ended before the gateway had read anything: there is nothing to lose, and nothing is lost"


async def play(
    wishes: Wishes, clock: Clock, stop: asyncio.Event, say: Callable[[str], None], stages: Stages = staged
) -> dict[str, Any]:
    """Run until `wishes.seconds` are over or `stop` is set, be it before all is up; the summary. Raises ChildDied."""
    began = clock.boottime_ns()
    async with stages(wishes, clock, stop) as stage:
        say(
            f"lotwatch demo: a moulding site on this machine; broker {stage.broker.words}; files in {stage.folder}"
        )
        if stage.pages:
            say(f"the pages: {stage.pages}")
        audience = _Audience(stage, clock, say, began)
        await _watch(stage, audience, wishes.seconds, clock, stop)
        say("the curtain falls: stopping the gateway, then the devices, then counting")
        await stage.stop("gateway", clock)
        await stage.stop("simulators", clock)
        await caught_up(stage, clock, say)
        await stage.stop("ingest", clock)
        audience.look(whole=True)
        counts, accounted = audience.counts(), await _accounted(stage)
        if not counts["readings"]:
            say(NOTHING_READ)
        planted = read_planted(stage.folder / "planted.jsonl")
        summary = summarise(counts, audience.events, planted, accounted)
        summary["account"] = accounted
        summary |= await reckoned(stage, wishes)
        summary["broker"] = stage.broker.words
        summary["pages"] = stage.pages
        summary["seconds"] = round((clock.boottime_ns() - began) / 1e9, 1)
        return summary


async def _watch(
    stage: Stage, audience: _Audience, seconds: float | None, clock: Clock, stop: asyncio.Event
) -> None:
    """Tell the story until `stop`, or for so many seconds from the first reading on: a slow start costs none."""
    first_by = clock.boottime_ns() + _FIRST_NS
    end: int | None = None
    while not stop.is_set():
        stage.check()
        audience.look()
        now = clock.boottime_ns()
        if seconds is not None and end is None and (audience.counts()["readings"] or now >= first_by):
            end = now + round(seconds * 1e9)
        if end is not None and now >= end:
            return
        await clock.sleep_until(min(now + _LOOK_NS, end or now + _LOOK_NS))


async def _accounted(stage: Stage) -> dict[str, object]:
    if look(stage.journal, JournalReader.last) in (None, Watermark()):  # then there is no replica either
        return {"served": 0, "read": 0, "lost": 0, "duplicated": 0}
    return await account(stage)


class _Audience:
    """Follows the replica and tells each new event once."""

    def __init__(self, stage: Stage, clock: Clock, say: Callable[[str], None], began_ns: int) -> None:
        self._stage, self._clock, self._say, self._began = stage, clock, say, began_ns
        self._seen = 0
        self._counted_at = began_ns
        self.events: list[Event] = []

    def look(self, *, whole: bool = False) -> None:
        """Tell what is new, in order, up to the first that is still on its way; or all there is."""
        for event in look(self._stage.replicas, lambda reader: self._new(reader, whole)) or ():
            self.events.append(event)
            line = line_of(event)
            if line is not None:
                self._tell(line)
        now = self._clock.boottime_ns()
        if now - self._counted_at >= _COUNT_NS:
            self._counted_at = now
            counts = self.counts()
            self._tell(f"stored  {counts['readings']:,} readings, {counts['values']:,} values")

    def counts(self) -> dict[str, int]:
        """Readings and values in the replica."""
        return look(self._stage.replicas, JournalReader.counts) or {"readings": 0, "values": 0}

    def _new(self, reader: JournalReader, whole: bool) -> list[Event]:  # noqa: FBT001 # a part of `look`
        upto = reader.last().event if whole else reader.held()[EVENT_STREAM].prefix()
        numbered = list(reader.events(self._seen + 1, upto))
        if numbered:
            self._seen = numbered[-1].seq
        return [event for _, _, event in numbered]

    def _tell(self, text: str) -> None:
        seconds = (self._clock.boottime_ns() - self._began) / 1e9
        self._say(f"{seconds:6.1f} s  {text}")
