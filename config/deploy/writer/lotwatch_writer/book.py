"""What the audit comes to: proposals that wait, writes that count, one that nobody knows the end of. Pure.

State is only a cache: the rows rebuild it, so a restart knows what was known before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lotwatch_writer.audit import Row
from lotwatch_writer.bounds import At


class Kind(StrEnum):
    """Of a row."""

    BEGUN = "begun"  # the writer was started
    TORN = "torn"  # a power cut had torn the last line
    LIST = "list"  # another list is in force: its digest, its people's keys, its setpoints' bounds
    PROPOSED = "proposed"
    REFUSED = "refused"  # a person asked for what is not allowed
    FORGED = "forged"  # nobody known asked
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    APPROVED = "approved"
    WRITING = "writing"  # on the disk before the request leaves
    ANSWERED = "answered"  # what the device said to it
    READ_BACK = "read_back"  # what the device holds, and so the verdict


class Verdict(StrEnum):
    """What a write came to, by what the device holds afterwards."""

    WRITTEN = "written"
    DIFFERS = "differs"  # the device said yes, and holds something else
    NOT_SEEN = "not_seen"  # it said nothing, and holds something else: not known whether it still comes
    NOT_WRITTEN = "not_written"  # it said no, and holds something else
    UNKNOWN = "unknown"  # it could not be asked

    @classmethod
    def of(cls, answer: str, holds: bool | None) -> Verdict:  # noqa: FBT001 # none of three is the normal one
        """`answer`: "done", "exception N", or "none"; `holds`: whether it has the value, None where it was not read."""
        if holds is None:
            return cls.UNKNOWN
        if holds:
            return cls.WRITTEN
        return {"done": cls.DIFFERS, "none": cls.NOT_SEEN}.get(answer, cls.NOT_WRITTEN)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that somebody wants, and that waits for somebody else."""

    id: str  # SHA-256 of the signed note
    tag: str
    value: float
    uom: str
    reason: str
    by: str
    at: At
    digest: str  # of the list in force


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A write whose read-back is not in the audit."""

    id: str
    tag: str
    value: float
    by: str  # who approved
    proposer: str
    reason: str


class Book:
    """The rows so far."""

    def __init__(self) -> None:
        self.open: dict[str, Proposal] = {}
        self.seen: set[str] = set()  # every proposal and approval there ever was
        self.writes: dict[str, list[At]] = {}
        self.unsettled: dict[str, Unsettled] = {}  # by tag
        self.digest = ""

    def take(self, row: Row) -> None:
        """One more row."""
        facts = row.facts
        match row.kind:
            case Kind.LIST:
                self.digest = facts["digest"]
            case Kind.PROPOSED:
                self.seen.add(facts["id"])
                self.open[facts["id"]] = Proposal(
                    facts["id"], facts["tag"], facts["value"], facts["uom"], facts["reason"], facts["by"], row.at,
                    facts["list"],
                )  # fmt: skip
            case Kind.WITHDRAWN | Kind.EXPIRED | Kind.APPROVED:
                self.open.pop(facts["id"], None)
            case Kind.WRITING:
                self.writes.setdefault(facts["tag"], []).append(row.at)
                self.unsettled[facts["tag"]] = Unsettled(
                    facts["id"], facts["tag"], facts["value"], facts["by"], facts["proposer"], facts["reason"]
                )
            case Kind.READ_BACK if facts["verdict"] != Verdict.UNKNOWN:
                self.unsettled.pop(facts["tag"], None)

    def lapsed(self, now: At, within_ns: int) -> list[Proposal]:
        """Proposals whose time is over; none outlives the boot in which it was made."""
        return [
            each
            for each in self.open.values()
            if each.at.boot != now.boot or now.boottime_ns - each.at.boottime_ns > within_ns
        ]
