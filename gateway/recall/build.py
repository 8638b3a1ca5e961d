"""A recall package out of journals or replicas: find who holds the lot, then prove the records that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from gateway.journal import JournalReader
from gateway.journal.exposure import Exposures
from gateway.journal.spread import Spread
from gateway.model import EVENT_STREAM, LotMade
from gateway.recall.answer import COMPOSITION, EDGES, Records, answer
from gateway.recall.package import FORMAT, hashes_text

KINDS = ("box", "pallet", "shipment")


class CannotRecall(Exception):  # named after what happened
    """There is no package to be made; the message says why."""


def build(
    readers: Sequence[JournalReader], lot: str, code: str, *, least: float, made_ns: int
) -> dict[str, Any]:
    """The package as JSON has it, without EPCIS events and summary. Raises CannotRecall, JournalError."""
    exposures = Exposures([reader.made for reader in readers])
    source = exposures.made(lot)
    if source is None and not exposures.children(lot):
        raise CannotRecall(
            f"no mass of {lot} is known here: `lotwatch trace` shows the links that were scanned"
        )
    if source is not None and source.inputs and not _taken_in(readers, lot):
        spread = Spread(exposures, lot, least)
        list(spread.holders())
        basis, names, cut = EDGES, spread.seen(), spread.cut
    else:
        held = [each.made.lot for each in exposures.holders(lot, least, KINDS)]
        basis, names, cut = COMPOSITION, [lot, *held, *_through(exposures, held)], 0.0
    journals = [_journal(reader) for reader in readers]
    records, leaves, known = _proven(readers, journals, dict.fromkeys(names))
    try:
        answered = answer(lot, basis, cut, least, KINDS, known)
    except ValueError as error:
        raise CannotRecall(f"{lot}: {error}: mend the scans that say so, see `lotwatch amend`") from error
    return {
        "format": FORMAT,
        "code": code,
        "lot": lot,
        "made_ns": made_ns,
        "basis": basis,
        "cut": cut,
        "least": least,
        "kinds": list(KINDS),
        "answer": answered,
        "journals": [journal for journal, _ in journals],
        "leaves": leaves,
        "records": records,
    }


def _taken_in(readers: Sequence[JournalReader], lot: str) -> bool:
    """Whether a site took it in as a source: then compositions name it."""
    return any(
        event.event.lot == lot and not event.event.inputs
        for reader in readers
        for event in reader.made.versions(lot)
        if isinstance(event.event, LotMade)
    )


def _through(exposures: Exposures, held: Iterable[str]) -> list[str]:
    """Sources of the holders that another site made: their records are needed, too."""
    found: dict[str, None] = {}
    todo = list(held) if len(exposures.journals) > 1 else []
    while todo:
        made = exposures.made(todo.pop())
        for name in made.composition.sources if made else ():
            of = exposures.made(name)
            if name not in found and of is not None and of.inputs:
                found[name] = None
                todo.append(name)
    return list(found)


def _journal(reader: JournalReader) -> tuple[dict[str, Any], int]:
    """What a package says of a journal, and the size of its head."""
    head, key = reader.ledger.newest_head(), reader.ledger.key()
    if head is None or key is None:
        where = reader.folder
        raise CannotRecall(
            f"{where}: no signed head is here: run the daemon, or ingest, once with this version"
        )
    return {"origin": reader.ledger.origin, "key": key.line(), "checkpoint": head.note}, head.size


def _proven(
    readers: Sequence[JournalReader], journals: Sequence[tuple[dict[str, Any], int]], names: Iterable[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Records]:
    records: list[dict[str, Any]] = []
    leaves: list[dict[str, Any]] = []
    known = Records()
    wanted = list(names)
    for number, (reader, (_, size)) in enumerate(zip(readers, journals, strict=True)):
        newest = (reader.made.versions(name)[-1:] for name in wanted)
        seqs = sorted(event.seq for found in newest for event in found)
        proven = reader.ledger.prove_all(EVENT_STREAM, seqs, size)
        lacking = [seq for seq in seqs if seq not in proven]
        if lacking:
            raise CannotRecall(
                f"{reader.folder}: {len(lacking)} records, from event {lacking[0]} on, are not under a signed head "
                "yet, or the ledger began after them: wait a second, or see `lotwatch verify`"
            )
        place: dict[int, int] = {}
        for seq in seqs:
            proof = proven[seq]
            if proof.number not in place:
                place[proof.number] = len(leaves)
                data = {"journal": number, "data": proof.leaf.decode(), "path": hashes_text(proof.path)}
                leaves.append(data)
            known.add(number, orjson.loads(proof.record)["event"])
            told = {"leaf": place[proof.number], "index": proof.index, "path": hashes_text(proof.inner)}
            records.append({**told, "record": proof.record.decode()})
    return records, leaves, known
