"""Commits blocks as fast as the disk lets it, prints what was acknowledged, seals now and then; made to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gateway.clock import SystemClock
from gateway.journal import Journal
from gateway.journal.seal import Sealer
from gateway.model import Block, Noted, NumberedEvent, NumberedInput, Severity
from tests.unit.journal.plant import Dice, Plant, config, make_site

BLOCK = 60


def tell(*words: object) -> None:
    """To whoever is going to kill this; at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def record(seq: int, plant: Plant) -> NumberedInput:
    """Input n, the same in every life: its time and words follow from its number."""
    if seq == 1:
        return NumberedInput(1, config(make_site(), "h1"))
    time_ns = 1_800_000_000_000_000_000 + seq * 1_000_000_000
    reading = plant.reading(time_ns)
    reading.raw[:] = seq % 65_536
    return NumberedInput(seq, reading)


async def live(folder: Path) -> None:
    clock = SystemClock()
    journal = await asyncio.to_thread(
        lambda: Journal.open(folder, site="plant", gateway="gw1", clock=clock, entropy=Dice())
    )
    plant, sealer = Plant(), Sealer(journal, clock)
    tell("opened", journal.last().input, journal.last().event)
    while True:
        first, event = journal.last().input + 1, journal.last().event + 1
        inputs = tuple(record(seq, plant) for seq in range(first, first + BLOCK))
        note = Noted(first, "block", "s", Severity.INFO, {"first": first})
        snapshot = str(first + BLOCK - 1).encode() if event % 5 == 0 else None
        await journal.commit(Block(inputs, (NumberedEvent(event, first, note),), snapshot))
        tell("committed", first + BLOCK - 1, event)
        if event % 25 == 0:
            await sealer.seal(inputs[-1].input.at.time_ns)
            tell("sealed", sealer.sealed, sealer.merged)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1])))
