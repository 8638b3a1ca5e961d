"""Signed heads: checkpoints, made and verified. Apart from `head`, for it takes a library for signatures. Pure."""

from __future__ import annotations

from gateway.proof.head import Head, head_of
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import PublicKey, SigningKey, opened, split


def signed(head: Head, key: SigningKey) -> str:
    """The head as a checkpoint."""
    return key.signed(head.text())


def verified(note: str, key: PublicKey) -> Head:
    """The head of a checkpoint that this key signed. Raises ProofWrong."""
    found = head_of(opened(note, key))
    if found.origin != key.name:
        raise ProofWrong(f"{key.name} signed a head of {found.origin}")
    return found


def claimed(note: str) -> Head:
    """The head that a checkpoint says to be of, unverified. Raises ProofWrong."""
    return head_of(split(note)[0])
