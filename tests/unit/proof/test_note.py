"""Signed notes and checkpoints against the published ones (Go sumdb/note, C2SP)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.model import Identity
from gateway.proof.checkpoint import claimed, signed, verified
from gateway.proof.head import Head, head_of, origin_of
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import NoKey, PublicKey, SigningKey, opened

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "merkle" / "notes.json").read_text()
)
GOOD = VECTORS["good"]


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row["key"].split("+")[0])
def test_published_notes(row: dict[str, str]) -> None:
    key = PublicKey.of_line(row["key"])
    assert key.line() == row["key"]
    assert opened(row["note"], key) == row["text"]
    if "private" in row:
        signing = SigningKey.of_line(row["private"])
        assert signing.line() == row["private"]
        assert signing.signed(row["text"]) == row["note"]


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row["key"].split("+")[0])
def test_each_changed_letter_is_found(row: dict[str, str]) -> None:
    key, note = PublicKey.of_line(row["key"]), row["note"]
    for place, sign in enumerate(note):
        changed = note[:place] + ("x" if sign != "x" else "y") + note[place + 1 :]
        with pytest.raises(ProofWrong):
            opened(changed, key)
    with pytest.raises(ProofWrong):
        opened(note[:-1], key)


def test_another_signer_beside_ours_changes_nothing() -> None:
    first, second = GOOD
    other = SigningKey("witness.example", bytes(32))
    both = first["note"] + other.signed(first["text"]).rpartition("\n\n")[2]
    assert opened(both, PublicKey.of_line(first["key"])) == first["text"]
    assert opened(both, other.public) == first["text"]
    with pytest.raises(ProofWrong, match="no signature of"):
        opened(both, PublicKey.of_line(second["key"]))


@pytest.mark.parametrize("row", VECTORS["bad_keys"], ids=lambda row: row["why"])
def test_keys_that_are_none(row: dict[str, str]) -> None:
    with pytest.raises(NoKey):
        PublicKey.of_line(row["key"])


def test_a_signing_key_that_is_none() -> None:
    with pytest.raises(NoKey, match="not a signing key"):
        SigningKey.of_line(GOOD[0]["key"])
    with pytest.raises(NoKey, match="damaged"):
        SigningKey.of_line(GOOD[0]["private"].replace("c74f20a3", "c74f20a4"))
    with pytest.raises(NoKey, match="no spaces"):
        SigningKey("two words", bytes(32))
    with pytest.raises(ValueError, match="newline"):
        SigningKey("n", bytes(32)).signed("no end")


def test_the_published_checkpoint() -> None:
    told = VECTORS["checkpoint"]
    head = head_of(told["text"])
    assert (head.origin, head.size, head.root.hex()) == (told["origin"], told["size"], told["root"])
    assert head.text() == told["text"]
    assert head_of(told["text"] + "an extension line\n") == head


@pytest.mark.parametrize("row", VECTORS["bad_checkpoints"], ids=lambda row: row["why"])
def test_texts_that_are_no_checkpoint(row: dict[str, str]) -> None:
    with pytest.raises(ProofWrong):
        head_of(row["text"])


def test_a_head_signed_and_read_back() -> None:
    origin = origin_of(Identity("north hall", "box+1", "9f"))
    assert origin == "lotwatch/v1/north%20hall/box%2B1/9f"
    key = SigningKey(origin, bytes(range(32)))
    head = Head(origin, 7, bytes(32))
    assert verified(signed(head, key), key.public) == head == claimed(signed(head, key))
    with pytest.raises(ProofWrong, match="signed a head of"):
        verified(signed(Head("elsewhere", 7, bytes(32)), key), key.public)
