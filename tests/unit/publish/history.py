"""A journal in memory, for publishers."""

from __future__ import annotations

from gateway.model import Block, Identity, NumberedEvent, NumberedInput, Reading
from gateway.ports import Watermark
from gateway.rows import Stretch, rows_of
from tests.unit.wire import samples


class FakeHistory:
    """Holds what was committed to it."""

    def __init__(self, identity: Identity = samples.IDENTITY) -> None:
        self.identity = identity
        self.held_inputs: dict[int, NumberedInput] = {}
        self.held_events: dict[int, NumberedEvent] = {}
        self.cursors: dict[str, Watermark] = {}
        self.reads: list[tuple[int, int]] = []

    def commit(self, block: Block) -> Block:
        self.held_inputs.update({each.seq: each for each in block.inputs})
        self.held_events.update({each.seq: each for each in block.events})
        return block

    def readings(self, first: int, last: int) -> Block:
        """Commit a block of readings, the first of all being the config."""
        given = samples.inputs(first, last)
        if first == 1:
            given[0] = samples.config(1)
        return self.commit(Block(tuple(given), ()))

    def last(self) -> Watermark:
        return Watermark(max(self.held_inputs, default=0), max(self.held_events, default=0))

    async def inputs(self, first: int, last: int) -> list[NumberedInput]:
        self.reads.append((first, last))
        return [self.held_inputs[seq] for seq in range(first, last + 1) if seq in self.held_inputs]

    async def stretch(self, first: int, last: int) -> Stretch:
        found = await self.inputs(first, last)
        groups: dict[str, list[tuple[int, Reading]]] = {}
        for seq, given in found:
            if isinstance(given, Reading):
                groups.setdefault(given.group, []).append((seq, given))
        others = tuple(each for each in found if not isinstance(each.input, Reading))
        return Stretch(tuple((group, rows_of(run)) for group, run in groups.items()), others)

    async def events(self, first: int, last: int) -> list[NumberedEvent]:
        return [self.held_events[seq] for seq in range(first, last + 1) if seq in self.held_events]

    async def cursor(self, name: str) -> Watermark:
        return self.cursors.get(name, Watermark())

    async def set_cursor(self, name: str, at: Watermark) -> None:
        self.cursors[name] = at
