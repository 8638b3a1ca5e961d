"""The demo from curtain to account: runs the stage, tells the story as the replica sees it, sums up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from gateway.demo.stage import Stage, Wishes, account, staged
from gateway.demo.story import line_of
from gateway.demo.summary import read_planted, summarise
from gateway.journal import JournalReader, open_readers
from gateway.journal.errors import JournalMissing
from gateway.model import Event
from gateway.ports import Clock

T = TypeVar("T")

_LOOK_NS = 250_000_000
_COUNT_NS = 5_000_000_000
_CATCH_UP_NS = 20_000_000_000


async def play(
    wishes: Wishes, clock: Clock, stop: asyncio.Event, say: Callable[[str], None]
) -> dict[str, Any]:
    """Run until `wishes.seconds` are over or `stop` is set; the summary. Raises ChildDied."""
    began = clock.boottime_ns()
    async with staged(wishes, clock) as stage:
        say(
            f"lotwatch demo: a moulding site on this machine; broker {stage.broker.words}; files in {stage.folder}"
        )
        audience = _Audience(stage, clock, say, began)
        end = None if wishes.seconds is None else began + round(wishes.seconds * 1e9)
        shown = False  # however short the play: there is something to count
        while not stop.is_set() and (end is None or (now := clock.boottime_ns()) < end or not shown):
            stage.check()
            audience.look()
            if end is not None and not shown:
                shown = audience.counts()["readings"] > 0 or now > end + _CATCH_UP_NS
            await clock.sleep_until(clock.boottime_ns() + _LOOK_NS)
        say("the curtain falls: stopping the gateway, then the devices, then counting")
        await stage.stop("gateway", clock)
        await stage.stop("simulators", clock)
        await caught_up(stage, clock)
        await stage.stop("ingest", clock)
        audience.look()
        accounted = await account(stage)
        summary = summarise(
            audience.counts(), audience.events, read_planted(stage.folder / "planted.jsonl"), accounted
        )
        summary["account"] = accounted
        summary["broker"] = stage.broker.words
        summary["seconds"] = round((clock.boottime_ns() - began) / 1e9, 1)
        return summary


async def caught_up(stage: Stage, clock: Clock) -> None:
    """Wait until the replica has what the journal has, or long enough to call the rest lost."""
    deadline = clock.boottime_ns() + _CATCH_UP_NS
    while clock.boottime_ns() < deadline:
        stage.check()
        ends = [_look(folder, JournalReader.last) for folder in (stage.journal, stage.replicas)]
        if ends[0] is not None and ends[0] == ends[1]:
            return
        await clock.sleep_until(clock.boottime_ns() + _LOOK_NS)


def _look(folder: Path, at: Callable[[JournalReader], T]) -> T | None:
    """What the first journal under a folder says; None before there is one."""
    try:
        readers = open_readers(folder)
    except JournalMissing:
        return None
    try:
        return at(readers[0])
    finally:
        for reader in readers:
            reader.close()


class _Audience:
    """Follows the replica and tells each new event once."""

    def __init__(self, stage: Stage, clock: Clock, say: Callable[[str], None], began_ns: int) -> None:
        self._stage, self._clock, self._say, self._began = stage, clock, say, began_ns
        self._seen = 0
        self._counted_at = began_ns
        self.events: list[Event] = []

    def look(self) -> None:
        """Tell what is new."""
        for event in _look(self._stage.replicas, self._new) or ():
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
        return _look(self._stage.replicas, JournalReader.counts) or {"readings": 0, "values": 0}

    def _new(self, reader: JournalReader) -> list[Event]:
        numbered = list(reader.events(self._seen + 1, reader.last().event))
        if numbered:
            self._seen = numbered[-1].seq
        return [event for _, _, event in numbered]

    def _tell(self, text: str) -> None:
        seconds = (self._clock.boottime_ns() - self._began) / 1e9
        self._say(f"{seconds:6.1f} s  {text}")
