"""After the gateway has stopped: wait until the replica holds what the journal has, however slow the machine.

Rule 1: the deadline is one of progress: as long as the replica gains on the journal, it is waited for.  Rule 2: what
the gateway had no time to send goes from its journal, as at its next start; no device is asked for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gateway.demo.process import ChildDied
from gateway.demo.stage import Stage
from gateway.journal import JournalReader, open_readers
from gateway.journal.errors import JournalBusy, JournalMissing
from gateway.journal.intervals import Interval
from gateway.model import EVENT_STREAM, INPUT_STREAM
from gateway.ports import Clock, Watermark

T = TypeVar("T")

FORWARDER = "forwarder"
_LOOK_NS = 250_000_000
_STUCK_NS = 2_000_000_000  # without progress: then the rest is sent from the journal
_PATIENCE_NS = 60_000_000_000  # without progress: then it is lost, or the account says what is


async def caught_up(stage: Stage, clock: Clock, say: Callable[[str], None] = lambda _: None) -> None:
    """Wait until the replica holds what the journal has, or gains nothing for long. Raises ChildDied.

    The gateway has stopped. It says in words what goes on where that takes its time.
    """
    wanted = look(stage.journal, JournalReader.last) or Watermark()
    held, moved_ns, forwarding = None, clock.boottime_ns(), False
    try:
        while wanted != Watermark():
            stage.check()
            now, before = clock.boottime_ns(), held
            held = look(stage.replicas, _held)
            if held is not None and _prefix(held[0]) >= wanted.input and _prefix(held[1]) >= wanted.event:
                break
            if held != before:
                moved_ns = now
            if now - moved_ns > _PATIENCE_NS:
                if held is None:
                    words = "nothing of the journal reached a replica"
                    raise ChildDied(f"{words}:\n{stage.last_words('ingest')}")
                break
            if now - moved_ns > _STUCK_NS and not forwarding:
                forwarding = True
                say("the gateway had no time to send all it has: sending the rest from its journal")
                await stage.start(
                    FORWARDER, [sys.executable, "-m", "gateway.demo.forward", str(stage.journal)]
                )
            await clock.sleep_until(now + _LOOK_NS)
    finally:
        await stage.stop(FORWARDER, clock)


def _held(reader: JournalReader) -> tuple[list[Interval], list[Interval]]:
    held = reader.held()
    return held[INPUT_STREAM].intervals(), held[EVENT_STREAM].intervals()


def _prefix(held: list[Interval]) -> int:
    """The n for which 1..n are all there."""
    return held[0][1] if held and held[0][0] == 1 else 0


def look(folder: Path, at: Callable[[JournalReader], T]) -> T | None:
    """What the first journal under a folder says; None before there is one."""
    try:
        readers = open_readers(folder)
        try:
            return at(readers[0])
        finally:
            for reader in readers:
                reader.close()
    except (JournalMissing, JournalBusy):  # not yet, or not now
        return None
