"""A recall package out of journals or replicas: find who holds the lot, then prove the records that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.journal import JournalReader
from gateway.journal.exposure import Exposures
from gateway.journal.ledgerview import LedgerView
from gateway.journal.lottexts import ManyLots
from gateway.journal.spread import Spread
from gateway.model import LotMade
from gateway.recall.answer import COMPOSITION, EDGES, Records, answer
from gateway.recall.package import FORMAT, hashes_text, opened_text

KINDS = ("box", "pallet", "shipment")


class CannotRecall(Exception):  # named after what happened
    """There is no package to be made; the message says why."""


@dataclass
class _Proven:
    """What a package has of records, each text in it once."""

    leaves: list[dict[str, Any]] = field(default_factory=list)
    compositions: list[str] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    known: Records = field(default_factory=Records)


def build(
    readers: Sequence[JournalReader], lot: str, code: str, *, least: float, made_ns: int
) -> dict[str, Any]:
    """The package as JSON has it, without EPCIS events and summary. Raises CannotRecall, JournalError."""
    lots = [reader.many_lots() for reader in readers]
    exposures = Exposures(lots)
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
    proven = _proven(readers, lots, journals, basis, dict.fromkeys(names))
    try:
        answered = answer(lot, basis, cut, least, KINDS, proven.known)
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
        "leaves": proven.leaves,
        "compositions": proven.compositions,
        "records": proven.records,
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
    readers: Sequence[JournalReader],
    lots: Sequence[ManyLots],
    journals: Sequence[tuple[dict[str, Any], int]],
    basis: str,
    names: Iterable[str],
) -> _Proven:
    made = _Proven()
    wanted = list(names)
    for number, (reader, many, (_, size)) in enumerate(zip(readers, lots, journals, strict=True)):
        newest = (many.newest_seq(name) for name in wanted)
        seqs = sorted(seq for seq in newest if seq is not None)
        proven = _put(made, number, reader.ledger, many, basis, seqs, size)
        lacking = [seq for seq in seqs if seq not in proven]
        if lacking:
            raise CannotRecall(
                f"{reader.folder}: {len(lacking)} records, from event {lacking[0]} on, are not under a signed head "
                "yet, or the ledger began after them: wait a second, or see `lotwatch verify`"
            )
    return made


def _put(
    made: _Proven,
    number: int,
    ledger: LedgerView,
    lots: ManyLots,
    basis: str,
    seqs: Sequence[int],
    size: int,
) -> set[int]:
    """Records of one journal; their seqs."""
    places: dict[bytes, int] = {}
    leaf, put = -1, set()
    shared: list[Any] = [None] * len(made.compositions)
    for proof in ledger.prove_lots(seqs, size, lots):
        if proof.leaf.n != leaf:
            leaf = proof.leaf.n
            path = hashes_text(ledger.inclusion(leaf, size))
            made.leaves.append(
                {"journal": number, "data": proof.leaf.data(ledger.origin).decode(), "path": path}
            )
        told = {
            "leaf": len(made.leaves) - 1,
            "index": proof.index,
            "path": hashes_text(proof.inner),
            "record": proof.lot.text.decode(),
        }
        digest = proof.lot.digest
        if digest not in places:
            places[digest] = len(made.compositions)
            composition = lots.composition_text(digest)
            made.compositions.append(composition.decode())
            shared.append(orjson.loads(composition) if basis == COMPOSITION else None)
        told["composition"] = places[digest]
        made.known.add(number, opened_text(proof.lot.text.decode(), shared[places[digest]])["event"])
        made.records.append(told)
        put.add(proof.seq)
    return put
