"""Rows of the audit as entries of the gateway's journal, so that the Audit page and the signed chain have them too.

Rule 1: this runs as the gateway's user and cannot write to a device; the writer cannot write to the journal.  Rule 2: a
row is told once: where to go on is looked up in the journal itself, also after an answer that did not come.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.alarms import TEXT_MOST
from gateway.door import ask, request
from gateway.journal import JournalReader
from gateway.model import Entry, Plain
from lotwatch_writer.audit import Row
from lotwatch_writer.book import Kind

ENTRY = "setpoint"
TOLD = {Kind.PROPOSED, Kind.APPROVED, Kind.REFUSED, Kind.WITHDRAWN, Kind.EXPIRED, Kind.READ_BACK}
_PAGE = 500


class Told(NamedTuple):
    """The row that the journal had last, by number and hash; 0 where it has none."""

    n: int = 0
    hash: str = ""


class OtherAudit(Exception):
    """What the journal was told is not in this audit."""


def told(data: Path) -> Iterator[Told]:
    """Rows that a journal has, the newest first."""
    with JournalReader(data) as reader:
        before = 2**62
        while page := reader.entries(before, _PAGE):
            for numbered in page:
                given = numbered.input
                if isinstance(given, Entry) and given.kind == ENTRY:
                    yield Told(int(str(given.body["row"])), str(given.body["hash"]))
            before = page[-1].seq


def newest(data: Path) -> Told:
    """The row that the journal had last."""
    return next(told(data), Told())


def left(rows: list[Row], last: Told) -> list[Row]:
    """Rows to tell, the oldest first. Raises OtherAudit."""
    if last.n and (last.n > len(rows) or rows[last.n - 1].hash != last.hash):
        raise OtherAudit(f"row {last.n} of the audit is not the one that the journal was told")
    return [row for row in rows[last.n :] if row.kind in TOLD]


def line_of(row: Row) -> bytes:
    """The request at the daemon's door."""
    facts = row.facts
    step = str(facts["verdict"]) if row.kind == Kind.READ_BACK else row.kind
    body: dict[str, Plain] = {"tag": facts.get("tag", "none"), "step": step, "row": row.n, "hash": row.hash}
    why = "; ".join(filter(None, (facts.get("reason"), facts.get("why"))))
    more: dict[str, Plain] = {
        "proposal": facts.get("id"), "value": facts.get("value"), "uom": facts.get("uom"),
        "reason": "".join(sign if sign.isprintable() else " " for sign in why)[:TEXT_MOST],
        "read": facts.get("read"), "proposer": facts.get("proposer"),
    }  # fmt: skip
    return request(
        ENTRY, facts["by"], body | {name: value for name, value in more.items() if value not in {None, ""}}
    )


def tell(rows: list[Row], data: Path, last: Told | None = None) -> Told:
    """Hand in what is left, a row at a time; the last one that is committed. `last`: as it was before, if it is known.

    Raises OtherAudit, and what `gateway.door.ask` does: then the journal is asked where to go on.
    """
    last = newest(data) if last is None else last
    for row in left(rows, last):
        ask(data, line_of(row))
        last = Told(row.n, row.hash)
    return last
