"""A press whose readings are folded as the daemon folds them, and kept in a journal with the events they caused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from gateway.clock import VirtualClock
from gateway.fold import Fold
from gateway.journal import Journal, JournalReader
from gateway.model import Block, Event, Input, NumberedEvent, NumberedInput
from gateway.pipeline import Pipeline
from gateway.site import Site
from tests.unit.fold.line import config, start
from tests.unit.journal.plant import Dice


def kept(folder: Path, site: Site, inputs: Iterable[Input]) -> tuple[Fold, JournalReader, list[Event]]:
    """The fold as it stands after the inputs, its journal, and every event."""
    fold, numbered, told = Fold(Pipeline(site)), list[NumberedInput](), list[NumberedEvent]()
    for given in (config(0, site), start(0), *inputs):
        step = fold.take(given)
        if step.record is not None:
            numbered.append(NumberedInput(len(numbered) + 1, step.record))
        told += [
            NumberedEvent(len(told) + at, len(numbered), event) for at, event in enumerate(step.events, 1)
        ]

    async def write() -> None:
        journal = Journal.open(folder, site="plant", gateway="gw1", clock=VirtualClock(), entropy=Dice(1))
        await journal.commit(Block(tuple(numbered), tuple(told)))
        journal.close()

    asyncio.run(write())
    return fold, JournalReader(folder), [event for _, _, event in told]
