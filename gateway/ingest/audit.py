"""Is anything missing? A journal and its replica, which share only the broker, record by record; then the database.

Compared with the replica: every input and event, number by number, content by canonical equality: times to the
nanosecond, values, qualities and raw words bit for bit. Compared with a database: per tag the times, values and
qualities, at the precision that its kind declares; the report says which.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from gateway.ingest.audit_database import PointSource, compare_database
from gateway.ingest.audit_lost import Lost, known_lost, nowhere
from gateway.ingest.refused import RefusedPoints
from gateway.journal.errors import JournalCorrupt, JournalMissing
from gateway.journal.intervals import Interval, IntervalSet
from gateway.journal.reader import JournalReader, open_readers
from gateway.model import EVENT_STREAM, INPUT_STREAM, Event, Identity, Input, Reading
from gateway.plain import to_plain

PAGE = 2_000
FOREVER = (-(2**63), 2**63 - 1)
READABLE = 1_000  # findings that are named one by one; the rest is counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    kind: str  # "gap", "duplicate", "differs", "extra", "refused"
    where: str  # "replica" or "database"
    what: str  # stream, or tag and field
    first: int  # seq, or time in nanoseconds
    last: int
    detail: str = ""

    def __str__(self) -> str:
        span = str(self.first) if self.first == self.last else f"{self.first}..{self.last}"
        return f"{self.where}: {self.kind}: {self.what} {span}" + (f": {self.detail}" if self.detail else "")


@dataclass
class AuditReport:
    """What was compared, how precisely, and everything that was found."""

    identity: Identity
    t0: int
    t1: int
    compared: dict[str, int] = field(default_factory=dict)
    precision: dict[str, str] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)  # by a person's decision: known, and no finding
    unnamed: int = 0  # findings beyond `READABLE`

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(self.found)

    @property
    def clean(self) -> bool:
        return not self.found

    def add(self, findings: Iterable[Finding]) -> None:
        """Take findings in, naming at most `READABLE`."""
        for finding in findings:
            if len(self.found) < READABLE:
                self.found.append(finding)
            else:
                self.unnamed += 1

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        plain: dict[str, Any] = to_plain(self)
        del plain["is"]
        plain["findings"] = plain.pop("found")
        plain["known_lost"] = plain.pop("lost")
        return {**plain, "clean": self.clean}


def audit(
    journal: Path,
    replica: Path,
    t0: int | None = None,
    t1: int | None = None,
    database: PointSource | None = None,
    paced: Callable[[range, str], Iterable[int]] = lambda pages, _: pages,
) -> AuditReport:
    """Compare records of [t0, t1). Raises JournalError where a folder cannot be read, DatabaseDown.

    `paced` goes through the pages of a stream, and may show how far it is.
    """
    span = (FOREVER[0] if t0 is None else t0, FOREVER[1] if t1 is None else t1)
    with JournalReader(journal) as left:
        report = AuditReport(left.identity, *span)
        right = _replica_of(replica, left.identity)
        if right is None:
            report.add(
                [Finding("gap", "replica", "journal", 1, left.last().input, f"no replica of it in {replica}")]
            )
        else:
            with right:
                report.precision["replica"] = "bit for bit, nanoseconds"
                for stream in (INPUT_STREAM, EVENT_STREAM):
                    report.add(_compare(left, right, stream, span, report, paced))
                report.lost += known_lost(left, right)
                report.add(
                    Finding("gap", "replica", stream, first, last, f"{last - first + 1} that nobody has")
                    for stream, first, last in nowhere(left, right)
                )
                report.add(_refused(right.folder))
        if database is not None:
            unsure = "; readings of unconfirmed time are not sent there" if left.unsynchronised() else ""
            report.precision["database"] = database.precision + unsure
            points, findings = compare_database(left, database, *span)
            report.compared["database"] = points
            report.add(Finding(kind, "database", what, at, at, detail) for kind, what, at, detail in findings)
    return report


def _refused(replica: Path) -> Iterator[Finding]:
    """Dead letters: what a database would not have. Raises JournalCorrupt where they cannot be read."""
    try:
        rows = RefusedPoints(replica).rows()
    except sqlite3.Error as error:
        raise JournalCorrupt(f"{replica}: dead letters cannot be read: {error}") from error
    for row in rows:
        detail = f"{row.points} points of {row.series}: {row.reason}"
        yield Finding("refused", "database", row.stream, row.first, row.last, detail)


def _replica_of(folder: Path, identity: Identity) -> JournalReader | None:
    try:
        readers = open_readers(folder)
    except JournalMissing:
        return None
    found = None
    for reader in readers:
        if reader.identity == identity and found is None:
            found = reader
        else:
            reader.close()
    return found


def _compare(
    left: JournalReader,
    right: JournalReader,
    stream: str,
    span: Interval,
    report: AuditReport,
    paced: Callable[[range, str], Iterable[int]],
) -> Iterator[Finding]:
    """Findings of one stream, in order."""
    removed = IntervalSet()
    if stream == INPUT_STREAM:
        removed = IntervalSet.of((_int(gap["first_seq"]), _int(gap["last_seq"])) for gap in left.gaps())
    end = max(getattr(left.last(), stream), getattr(right.last(), stream))
    missing, extra = IntervalSet(), IntervalSet()
    differs: list[Finding] = []
    report.compared[stream] = 0
    for start in paced(range(1, end + 1, PAGE), f"{stream}s"):
        ours, _ = _page(left, stream, start, span)
        theirs, twice = _page(right, stream, start, span)
        report.compared[stream] += len(ours)
        differs += [Finding("duplicate", "replica", stream, seq, seq, "held more than once") for seq in twice]
        for seq in ours.keys() - theirs.keys():
            missing.add(seq, seq)
        for seq in theirs.keys() - ours.keys():
            if seq not in removed:
                extra.add(seq, seq)
        differs += [
            Finding("differs", "replica", stream, seq, seq, _difference(ours[seq], theirs[seq]))
            for seq in sorted(ours.keys() & theirs.keys())
            if ours[seq] != theirs[seq]
        ]
    # a record whose time differs is outside the span on one side only: it is named as differing all the same
    for first, last in missing.intervals():
        yield Finding("gap", "replica", stream, first, last, f"{last - first + 1} missing")
    copies = _copies(left, right, stream, extra)
    for seq, original in copies.items():
        yield Finding("duplicate", "replica", stream, seq, seq, f"{stream} {original} once more")
    for first, last in IntervalSet.of(
        run for each in extra.intervals() for run in _without(copies, *each)
    ).intervals():
        yield Finding(
            "extra", "replica", stream, first, last, f"{last - first + 1} that the journal does not have"
        )
    yield from differs


def _copies(left: JournalReader, right: JournalReader, stream: str, extra: IntervalSet) -> dict[int, int]:
    """Which of the replica's extra records the journal has under another number: theirs to ours."""
    wanted: dict[Canonical, list[int]] = {}
    for first, last in extra.intervals():
        for start in range(first, min(last, first + READABLE) + 1, PAGE):
            for seq, _, record in _records(right, stream, start):
                if seq in extra:
                    wanted.setdefault(record, []).append(seq)
    copies: dict[int, int] = {}
    for start in range(1, getattr(left.last(), stream) + 1, PAGE) if wanted else ():
        for seq, _, record in _records(left, stream, start):
            copies |= dict.fromkeys(wanted.get(record, ()), seq)
    return dict(sorted(copies.items()))


def _without(copies: Mapping[int, int], first: int, last: int) -> list[Interval]:
    """Runs of first..last that are no copies."""
    return IntervalSet.of((seq, seq) for seq in copies).missing(first, last)


Canonical = tuple[tuple[str, bytes], ...]


def _page(
    reader: JournalReader, stream: str, start: int, span: Interval
) -> tuple[dict[int, Canonical], list[int]]:
    """Canonical records of a page by seq, and seqs that were there more than once."""
    held: dict[int, Canonical] = {}
    twice = []
    for seq, time_ns, record in _records(reader, stream, start):
        if span[0] <= time_ns < span[1]:
            if seq in held:
                twice.append(seq)
            held[seq] = record
    return held, twice


def _records(reader: JournalReader, stream: str, start: int) -> Iterator[tuple[int, int, Canonical]]:
    if stream == INPUT_STREAM:
        for seq, given in reader.inputs(start, start + PAGE - 1):
            yield seq, given.at.time_ns, canonical(given)
    else:
        for seq, cause, event in reader.events(start, start + PAGE - 1):
            yield seq, event.time_ns, (("cause", str(cause).encode()), *canonical(event))


def canonical(record: Input | Event) -> Canonical:
    """A record as names and bytes: equal exactly when the records are; one nan is as good as another."""
    if isinstance(record, Reading):
        values = record.values.copy()
        values[np.isnan(values)] = np.nan
        return (
            ("kind", b"Reading"),
            ("group", record.group.encode()),
            ("at", repr(tuple(record.at)).encode()),
            ("spread_ns", str(record.spread_ns).encode()),
            ("values", values.astype("<f8").tobytes()),
            ("quality", record.quality.astype("u1").tobytes()),
            ("raw", record.raw.astype("<u2").tobytes()),
        )
    plain = to_plain(record)
    kind = plain.pop("is")
    fields = (
        (name, orjson.dumps(value, option=orjson.OPT_SORT_KEYS)) for name, value in sorted(plain.items())
    )
    return ("kind", kind.encode()), *fields


def _difference(ours: Canonical, theirs: Canonical) -> str:
    """Which fields differ."""
    left, right = dict(ours), dict(theirs)
    return "differs in " + ", ".join(
        sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    )


def _int(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 # an INTEGER column
    return value
