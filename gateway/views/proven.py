"""Whether what people entered is in the signed chain: each entry's bytes, up to the root that the box has signed.

Rule: nothing is believed that can be computed. `lotwatch verify` goes through everything; this, through the rows of a
page, as `gateway.recall.check` goes through a package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.journal import JournalReader
from gateway.journal.errors import JournalError
from gateway.journal.ledgerview import RecordProof
from gateway.model import INPUT_STREAM
from gateway.proof.checkpoint import verified
from gateway.proof.head import Head
from gateway.proof.leaf import TREES, leaf_of
from gateway.proof.merkle import ProofWrong, check_inclusion, leaf_hash

Row = Mapping[str, Any]


def proven(reader: JournalReader, rows: Iterable[Row]) -> dict[int, str]:
    """How each entry stands, by its number: ``proven``, ``waiting`` for a head that has it, or ``wrong``.

    `rows`: as `gateway.views.audit.acts` gives them, of this journal. Raises JournalError.
    """
    seqs = sorted(int(row["seq"]) for row in rows)
    ledger = reader.ledger
    ledger.refresh()  # the tree has grown since this process opened it
    newest = ledger.newest_head()
    if newest is None or not seqs:
        return dict.fromkeys(seqs, "waiting")
    head = _signed(reader, newest.note)
    if head is None:
        return dict.fromkeys(seqs, "wrong")
    proofs = ledger.prove_all(INPUT_STREAM, seqs, head.size)
    return {seq: _stands(reader, seq, proofs.get(seq), head) for seq in seqs}


def _signed(reader: JournalReader, note: str) -> Head | None:
    """The head that a checkpoint says, if the box has signed it."""
    try:
        key = reader.ledger.key()
        head = None if key is None else verified(note, key)
    except (JournalError, ProofWrong):
        return None
    return head if head is not None and head.origin == reader.ledger.origin else None


def _stands(reader: JournalReader, seq: int, proof: RecordProof | None, head: Head) -> str:
    if proof is None:
        leaf = reader.ledger.leaf_at(INPUT_STREAM, seq)
        return "waiting" if leaf is None or leaf.n >= head.size else "wrong"
    try:
        leaf = leaf_of(proof.leaf)
        root = leaf.roots[TREES.index(proof.tree)]
        check_inclusion(proof.index, proof.count, leaf_hash(proof.record), proof.inner, root)
        check_inclusion(leaf.n, head.size, leaf_hash(proof.leaf), proof.path, head.root)
    except ProofWrong:
        return "wrong"
    return "proven"
