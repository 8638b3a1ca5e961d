"""What neither the journal nor the replica has: given up by a person, which is known, or by nobody, which is a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.journal.intervals import Interval, IntervalSet
from gateway.journal.reader import JournalReader
from gateway.model import EVENT_STREAM, INPUT_STREAM


@dataclass(frozen=True, slots=True)
class Lost:
    """Numbers that an operator has given up, and that never came."""

    stream: str
    first: int
    last: int
    operator: str
    reason: str
    time_ns: int
    here: bool  # the journal has some of them all the same: the worker may ask again

    def __str__(self) -> str:
        span = f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"
        here = "; the journal has them" if self.here else ""
        return f"replica: known lost: {self.stream} {span}: given up by operator {self.operator}: {self.reason}{here}"


def known_lost(journal: JournalReader, replica: JournalReader) -> list[Lost]:
    """What was given up in the replica, by decision and run."""
    held, there = replica.held(), _there(journal)
    return [
        Lost(
            each.stream, first, last, each.operator, each.reason, each.time_ns,
            here=there[each.stream].missing(first, last) != [(first, last)],
        )
        for each in replica.known_lost()
        for first, last in held[each.stream].missing(each.first, each.last)
    ]  # fmt: skip


def nowhere(journal: JournalReader, replica: JournalReader) -> Iterator[tuple[str, int, int]]:
    """Runs of a stream that neither has, and that nobody has given up."""
    there, settled = _there(journal), replica.held()
    ends = replica.last()
    for lost in replica.known_lost():
        settled[lost.stream].add(lost.first, lost.last)
    for stream, end in ((INPUT_STREAM, ends.input), (EVENT_STREAM, ends.event)):
        for first, last in settled[stream].missing(1, end):
            for run in there[stream].missing(first, last):
                yield stream, *run


def _there(journal: JournalReader) -> dict[str, IntervalSet]:
    """What the journal has: all up to its end, but what retention removed."""
    last = journal.last()
    removed = IntervalSet.of(_span(gap) for gap in journal.gaps())
    return {
        INPUT_STREAM: IntervalSet.of(removed.missing(1, last.input)),
        EVENT_STREAM: IntervalSet.of([(1, last.event)] if last.event else []),
    }


def _span(gap: dict[str, object]) -> Interval:
    first, last = gap["first_seq"], gap["last_seq"]
    assert isinstance(first, int)  # noqa: S101 # INTEGER columns
    assert isinstance(last, int)  # noqa: S101
    return first, last
