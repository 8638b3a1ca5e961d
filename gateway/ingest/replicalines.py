"""Records of a replica as lines: what a database is to have of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from gateway.ingest.lines import Block, Lines
from gateway.journal.intervals import Interval
from gateway.journal.reader import JournalReader
from gateway.model import EVENT_STREAM, NumberedInput, Setting
from gateway.wire import Eras


def blocks_of(reader: JournalReader, lines: Lines, stream: str, run: Interval) -> tuple[Iterator[Block], int]:
    """The lines of a run of records, and how many inputs of it are not among them: nobody vouches for their time."""
    if stream == EVENT_STREAM:
        return lines.event_blocks(reader.events(*run), reader.events_between), 0
    inputs = list(islice(reader.inputs(*run), run[1] - run[0] + 1))
    confirmed = _confirmed(reader, inputs)
    eras = Eras()
    site = reader.site(run[0])
    if site is not None:
        eras.begin(0, site.groups())
    eras.see(confirmed)
    return lines.blocks(confirmed, eras), len(inputs) - len(confirmed)


def _confirmed(reader: JournalReader, inputs: list[NumberedInput]) -> list[NumberedInput]:
    """Without what a clock stamped that nobody vouches for: the replica has it, a time-keyed store must not."""
    unsure = reader.unsynchronised()
    if not unsure:
        return inputs
    return [
        each for each in inputs if each.input.at.clock_id not in unsure or isinstance(each.input, Setting)
    ]
