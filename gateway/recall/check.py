"""A recall package verified offline: the file is whole, records are under signed heads, the answer follows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.proof.checkpoint import verified
from gateway.proof.leaf import TREES, leaf_of
from gateway.proof.merkle import ProofWrong, check_inclusion, leaf_hash
from gateway.proof.note import NoKey, PublicKey
from gateway.recall.answer import COMPOSITION, Records, answer
from gateway.recall.package import hashes_of, opened_text, package_of, whole_text


@dataclass(frozen=True, slots=True)
class Checked:
    """What a package that holds says."""

    lot: str
    answer: dict[str, Any]
    records: int
    keys: tuple[str, ...]  # lines: whose word it is
    trusted: bool  # whether the keys were given from outside


def check(data: bytes, keys: Sequence[PublicKey] = ()) -> Checked:
    """What a package says. `keys`: of the boxes, from elsewhere; without them the package's own. Raises ProofWrong."""
    plain = package_of(data)
    try:
        return _checked(plain, keys)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        if isinstance(error, ProofWrong):
            raise
        raise ProofWrong(f"not a recall package: {type(error).__name__}: {error}") from None


def _checked(plain: dict[str, Any], keys: Sequence[PublicKey]) -> Checked:
    heads = []
    for journal in plain["journals"]:
        told = _key(journal["key"])
        if keys and told not in keys:
            raise ProofWrong(
                f"signed with the key {told.id.hex()} of {told.name}, which is not one of those given"
            )
        heads.append(verified(journal["checkpoint"], told))
    leaves = []
    for each in plain["leaves"]:
        head, data = heads[each["journal"]], each["data"].encode()
        leaf = leaf_of(data)
        check_inclusion(leaf.n, head.size, leaf_hash(data), hashes_of(each["path"]), head.root)
        leaves.append((each["journal"], leaf))
    known = Records()
    texts = plain["compositions"]
    shared = [orjson.loads(text) if plain["basis"] == COMPOSITION else None for text in texts]
    for each in plain["records"]:
        journal, leaf = leaves[each["leaf"]]
        record = whole_text(each["record"], texts[each["composition"]])
        said = opened_text(each["record"], shared[each["composition"]])
        root = leaf.roots[TREES.index("events")]
        check_inclusion(each["index"], leaf.events.size, leaf_hash(record), hashes_of(each["path"]), root)
        if not leaf.events.first <= said["seq"] <= leaf.events.last or said["event"]["is"] != "LotMade":
            raise ProofWrong(f"record {said['seq']} is not a lot's of that leaf")
        known.add(journal, said["event"])
    lot, asked = plain["lot"], (plain["basis"], plain["cut"], plain["least"], plain["kinds"])
    if answer(lot, *asked, known) != plain["answer"]:
        raise ProofWrong("the answer does not follow from the records")
    lines = tuple(journal["key"] for journal in plain["journals"])
    return Checked(lot, plain["answer"], len(plain["records"]), lines, bool(keys))


def _key(line: str) -> PublicKey:
    try:
        return PublicKey.of_line(line)
    except NoKey as error:
        raise ProofWrong(str(error)) from None
