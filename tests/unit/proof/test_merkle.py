"""RFC 6962/9162 trees and proofs against the vectors that certificate-transparency implementations share."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.merkle import (
    EMPTY,
    ProofWrong,
    check_consistency,
    check_inclusion,
    consistency,
    inclusion,
    leaf_hash,
    levels_of,
    path_in,
    root_of,
    subtree_of,
)
from gateway.proof.tiles import HEIGHT, Growing, Tiles

VECTORS = Path(__file__).parents[2] / "vectors" / "merkle"
TREES: dict[str, Any] = json.loads((VECTORS / "trees.json").read_text())
PROOFS: dict[str, Any] = json.loads((VECTORS / "proofs.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(each)) for each in TREES["leaves"]]


def test_the_published_tree() -> None:
    assert [each.hex() for each in LEAVES] == TREES["leaf_hashes"]
    assert [root_of(LEAVES[:size]).hex() for size in range(9)] == TREES["roots"]
    assert EMPTY.hex() == TREES["roots"][0]


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


@pytest.mark.parametrize("row", PROOFS["inclusion"], ids=lambda row: row[0])
def test_published_inclusion_proofs(row: list[Any]) -> None:
    _, index, size, root, leaf, path, wrong = row
    hashes = [_bytes(each) for each in path]
    if wrong:
        with pytest.raises(ProofWrong):
            check_inclusion(index, size, _bytes(leaf), hashes, _bytes(root))
    else:
        check_inclusion(index, size, _bytes(leaf), hashes, _bytes(root))


@pytest.mark.parametrize("row", PROOFS["consistency"], ids=lambda row: row[0])
def test_published_consistency_proofs(row: list[Any]) -> None:
    _, older, size, older_root, root, path, wrong = row
    hashes = [_bytes(each) for each in path]
    if wrong:
        with pytest.raises(ProofWrong):
            check_consistency(older, size, _bytes(older_root), _bytes(root), hashes)
    else:
        check_consistency(older, size, _bytes(older_root), _bytes(root), hashes)


def test_a_right_proof_is_the_published_one() -> None:
    """Proofs that the vectors call good over the published tree are the ones that we make."""
    roots = {base64.b64encode(bytes.fromhex(root)).decode(): size for size, root in enumerate(TREES["roots"])}
    made = 0
    for _, index, size, root, _, path, wrong in PROOFS["inclusion"]:
        if not wrong and roots.get(root) == size:
            assert inclusion(index, size, subtree_of(LEAVES)) == [_bytes(each) for each in path]
            made += 1
    for _, older, size, _, root, path, wrong in PROOFS["consistency"]:
        if not wrong and roots.get(root) == size:
            assert consistency(older, size, subtree_of(LEAVES)) == [_bytes(each) for each in path]
            made += 1
    assert made >= 8


SOME = [leaf_hash(str(number).encode()) for number in range(200)]


def grown(count: int) -> tuple[Growing, dict[tuple[int, int], bytes]]:
    tree, kept = Growing(), {}
    for index, leaf in enumerate(SOME[:count]):
        kept[0, index] = leaf
        kept |= {(level, place): made for level, place, made in tree.append(leaf)}
    return tree, kept


def tiles(kept: dict[tuple[int, int], bytes]) -> Tiles:
    def fetch(level: int, first: int, end: int) -> list[bytes]:
        return [kept[level, index] for index in range(first, end) if (level, index) in kept]

    return Tiles(fetch)


@pytest.mark.long
@given(st.integers(1, len(SOME)), st.data())
def test_a_tree_out_of_kept_hashes_is_the_tree(size: int, data: st.DataObject) -> None:
    tree, kept = grown(size)
    assert tree.root() == root_of(SOME[:size])
    assert {level for level, _ in kept} <= set(range(size.bit_length() // HEIGHT + 1))
    from_kept = tiles(kept)
    assert from_kept.growing(size).root() == tree.root()
    index = data.draw(st.integers(0, size - 1))
    path = inclusion(index, size, from_kept.subtree)
    check_inclusion(index, size, SOME[index], path, tree.root())
    assert path_in(levels_of(SOME[:size]), index) == tuple(path)
    older = data.draw(st.integers(1, size))
    proof = consistency(older, size, from_kept.subtree)
    check_consistency(older, size, root_of(SOME[:older]), tree.root(), proof)
    with pytest.raises(ProofWrong):
        check_consistency(older, size, root_of(SOME[1 : older + 1]), tree.root(), proof)


def test_a_tree_is_appended_to_after_a_restart() -> None:
    whole, _ = grown(150)
    _, kept = grown(77)
    resumed = tiles(kept).growing(77)
    for leaf in SOME[77:150]:
        resumed.append(leaf)
    assert resumed.root() == whole.root()


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 2)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion(index, size, subtree_of(SOME))


@pytest.mark.parametrize(("older", "size"), [(0, 3), (4, 3)])
def test_no_consistency_from_nothing_or_from_more(older: int, size: int) -> None:
    with pytest.raises(ValueError, match="no proof from"):
        consistency(older, size, subtree_of(SOME))
