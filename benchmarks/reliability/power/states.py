"""States that a power loss may leave of a trace: all prefixes and torn ends, then any part of what was not synced."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.reliability.power.disk import Disk, Files, torn_at_every_sector
from benchmarks.reliability.power.trace import Trace, Write


@dataclass(frozen=True, slots=True)
class State:
    """What is on the disk, and how it came to be so."""

    files: Files
    step: int  # so many steps were done
    how: str  # prefix, torn, any


def ordered(trace: Trace, begun: Files | None = None) -> Iterator[State]:
    """After every step, and with every beginning of the next write."""
    disk = Disk(begun)
    for number, step in enumerate(trace.steps):
        yield State(disk.all_of_it(), number, "prefix")
        if isinstance(step, Write):
            for torn in torn_at_every_sector(step):
                yield State(disk.all_of_it(torn), number, "torn")
        disk.do(step)
    yield State(disk.all_of_it(), len(trace.steps), "prefix")


def disordered(
    trace: Trace, chance: random.Random, count: int, begun: Files | None = None
) -> Iterator[State]:
    """So many, wherever something was not synced."""
    disk, open_at = Disk(begun), []
    for number, step in enumerate(trace.steps):
        if disk.unsynced:
            open_at.append(number)
        disk.do(step)
    wanted = sorted(chance.choices(open_at, k=count))
    disk, done = Disk(begun), 0
    for number in wanted:
        while done < number:
            disk.do(trace.steps[done])
            done += 1
        yield State(disk.some_of_it(chance), number, "any")
