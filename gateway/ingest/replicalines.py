"""Records of a replica as lines: what a database is to have of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.ingest.lines import Block, Lines
from gateway.ingest.ties import NEAR
from gateway.journal.intervals import Interval
from gateway.journal.reader import JournalReader
from gateway.model import EVENT_STREAM, GroupId, Setting
from gateway.rows import Rows, Stretch
from gateway.wire import Eras


def blocks_of(reader: JournalReader, lines: Lines, stream: str, run: Interval) -> tuple[Iterator[Block], int]:
    """The lines of a run of records, and how many inputs of it are not among them: nobody vouches for their time."""
    if stream == EVENT_STREAM:
        return lines.event_blocks(reader.events(*run), reader.events_between), 0
    stretch = reader.stretch(*run)
    columns, unsure = _confirmed(reader, stretch)
    eras = Eras()
    site = reader.site(run[0])
    if site is not None:
        eras.begin(0, lines.catalogue(site))
    eras.see(stretch.others)
    return lines.blocks(columns, eras, _just_before(reader, lines, run[0])), unsure


def _just_before(reader: JournalReader, lines: Lines, first: int) -> dict[GroupId, NDArray[np.int64]]:
    """Times of the readings that may share a millisecond with the first ones of a run, by group."""
    if lines.precision == "ns" or first <= 1:
        return {}
    near, _ = _confirmed(reader, reader.stretch(max(first - NEAR, 1), first - 1))
    return {group: rows.time_ns for group, rows in near}


def _confirmed(reader: JournalReader, stretch: Stretch) -> tuple[Sequence[tuple[GroupId, Rows]], int]:
    """Without what a clock stamped that nobody vouches for: the replica has it, a time-keyed store must not.

    And how many inputs those are, readings or not; settings have no time that a database keeps.
    """
    unsure = reader.unsynchronised()
    if not unsure:
        return stretch.columns, 0
    others = sum(each.at.clock_id in unsure and not isinstance(each, Setting) for _, each in stretch.others)
    kept: list[tuple[GroupId, Rows]] = []
    for group, rows in stretch.columns:
        sure = ~np.isin(rows.clock_id, list(unsure))
        others += int(len(rows) - sure.sum())
        if sure.any():
            kept.append((group, rows.take(sure)))
    return kept, others
