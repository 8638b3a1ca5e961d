"""Whether an audit holds together, for anybody who has the file: chain, signatures, two persons, one write each. Pure.

The keys are those of the "list" rows in it: compare them with the persons' own, or with the list, once. The journal of
the gateway has the hashes of rows, so a history that was written anew does not fit there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from gateway.proof.note import NoKey
from lotwatch_writer.allowed import same_person
from lotwatch_writer.audit import Row
from lotwatch_writer.book import Book, Kind, Proposal
from lotwatch_writer.notes import BadNote, heard, held_by
from lotwatch_writer.plainlist import people_of

_DOES = {Kind.PROPOSED: "propose", Kind.APPROVED: "approve", Kind.WITHDRAWN: "withdraw"}
_SAME = {"proposed": ("tag", "value", "uom", "reason"), "approved": ("tag",), "withdrawn": ()}


def findings(rows: Sequence[Row]) -> list[str]:
    """What is wrong with rows whose chain is whole, a line each; nothing where all is well."""
    return _Proof().of(rows)


class _Proof:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.book = Book()
        self.list: Mapping[str, Any] = {"people": {}, "setpoints": {}}
        self.approved: dict[str, tuple[Proposal, str]] = {}  # by id, not written yet: and who approved

    def of(self, rows: Sequence[Row]) -> list[str]:
        for row in rows:
            try:
                why = self._row(row)
            except (KeyError, TypeError, ValueError, AttributeError, BadNote, NoKey) as error:
                why = f"it is no such row: {error!r}"
            if why:
                self.said.append(f"row {row.n}, {row.kind}: {why}")
            else:
                self.book.take(row)
        return self.said

    def _row(self, row: Row) -> str:
        facts = row.facts
        match row.kind:
            case Kind.LIST:
                people_of(facts)
                self.list = facts
            case Kind.PROPOSED | Kind.WITHDRAWN | Kind.REFUSED:
                return self._signed(row)
            case Kind.APPROVED:
                return self._signed(row) or self._approved(row)
            case Kind.WRITING:
                return self._written(row)
            case Kind.READ_BACK if facts["tag"] not in self.book.unsettled:
                return "nothing was written before it"
        return ""

    def _signed(self, row: Row) -> str:
        facts, note = row.facts, row.facts["note"]
        key = people_of(self.list).get(facts["by"])
        said = heard(note)
        if key is None or not held_by(note, said.operator, key):
            return f"its note is not signed by operator {facts['by']} of the list in force"
        if (wanted := _DOES.get(Kind(row.kind))) and said.do != wanted:
            return f"its note says to {said.do}"
        if any(getattr(said, name) != facts[name] for name in _SAME.get(row.kind, ())):
            return "its note says something else"
        if row.kind == Kind.PROPOSED and facts["id"] != sha256(note.encode()).hexdigest():
            return "its id is not that of its note"
        if row.kind in {Kind.APPROVED, Kind.WITHDRAWN} and said.proposal != facts["id"]:
            return "its note is for another proposal"
        return ""

    def _approved(self, row: Row) -> str:
        proposal, by = self.book.open.get(row.facts["id"]), row.facts["by"]
        if proposal is None:
            return "no such proposal waits"
        said = heard(row.facts["note"])
        if (said.tag, said.value, said.uom) != (proposal.tag, proposal.value, proposal.uom):
            return "it approves another value than was proposed"
        if same_person(by, proposal.by, people_of(self.list)):
            return "proposed and approved by one person"
        bounds = self.list["setpoints"][proposal.tag]
        if by not in bounds["approve"] or proposal.by not in bounds["propose"]:
            return "by persons who may not"
        if not bounds["low"] <= proposal.value <= bounds["high"]:
            return "beyond the range of the list in force"
        self.approved[proposal.id] = proposal, by
        return ""

    def _written(self, row: Row) -> str:
        proposal, by = self.approved.pop(row.facts["id"], (None, ""))
        if proposal is None:
            return "written without an approval, or twice with one"
        if (row.facts["tag"], row.facts["value"]) != (proposal.tag, proposal.value):
            return "another value than was approved"
        if (row.facts["by"], row.facts["proposer"]) != (by, proposal.by):
            return "it names other persons than those who signed"
        return ""
