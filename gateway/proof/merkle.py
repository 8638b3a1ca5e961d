"""The Merkle tree of RFC 9162, section 2.1: hashes, roots, proofs and their verification. Pure.

A tree over leaves 0..n-1 is told by its size and root. Proofs are lists of 32-byte hashes in the order of the RFC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NoReturn

HASH_BYTES = 32
EMPTY = sha256(b"").digest()
"""Root of the tree without leaves."""

Subtree = Callable[[int, int], bytes]
"""(first, end) to the hash of the subtree over leaves first..end-1."""


class ProofWrong(ValueError):
    """What was to be proven is not; the message says which part of it does not fit."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf over its bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


def levels_of(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """The tree over these leaf hashes, one at least: leaves, the nodes above them, and so on to the root.

    What has no neighbour goes up as it is.
    """
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        odd = below[-1:] if len(below) % 2 else []
        levels.append([node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)] + odd)
    return levels


def path_in(levels: Sequence[Sequence[bytes]], index: int) -> tuple[bytes, ...]:
    """The path of a leaf in such a tree: what `inclusion` gives."""
    path = []
    for level in levels[:-1]:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return tuple(path)


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root of the tree over these leaf hashes."""
    return levels_of(hashes)[-1][0] if hashes else EMPTY


def subtree_of(hashes: Sequence[bytes]) -> Subtree:
    """Subtrees over leaf hashes that are all at hand."""
    return lambda first, end: root_of(hashes[first:end])


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path of leaf `index` in the tree of `size` leaves (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    first, end, path = 0, size, []
    while end - first > 1:
        half = first + _half(end - first)
        if index < half:
            path.append(subtree(half, end))
            end = half
        else:
            path.append(subtree(first, half))
            first = half
    return path[::-1]


def consistency(older: int, size: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of `size` leaves continues the one of `older` (RFC 9162, 2.1.4.1)."""
    if not 0 < older <= size:
        raise ValueError(f"no proof from a tree of {older} to one of {size}")
    first, end, path, whole = 0, size, [], True
    while end != older:
        half = first + _half(end - first)
        if older <= half:
            path.append(subtree(half, end))
            end = half
        else:
            path.append(subtree(first, half))
            first, whole = half, False
    if not whole:
        path.append(subtree(first, end))
    return path[::-1]


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Raise ProofWrong unless the leaf with this hash is in the tree there (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        _wrong(f"leaf {index} is not in a tree of {size}")
    _check_hashes(leaf, root, *path)
    at, last, made = index, size - 1, leaf
    for other in path:
        if last == 0:
            _wrong("the path is too long")
        if at & 1 or at == last:
            made = node_hash(other, made)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(made, other)
        at, last = at >> 1, last >> 1
    if last:
        _wrong("the path is too short")
    if made != root:
        _wrong(f"leaf {index} is not the one that the tree of {size} has there")


def check_consistency(older: int, size: int, older_root: bytes, root: bytes, path: Sequence[bytes]) -> None:
    """Raise ProofWrong unless the tree of `size` continues the one of `older` (RFC 9162, 2.1.4.2)."""
    if not 0 < older <= size:
        _wrong(f"no proof from a tree of {older} to one of {size}")
    if older == size:
        if path or older_root != root:
            _wrong(f"two different trees of {size}")
        return
    _check_hashes(older_root, root, *path)
    parts = [older_root, *path] if older & (older - 1) == 0 else list(path)
    if not parts:
        _wrong("the proof is empty")
    at, last = older - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = parts[0]
    for part in parts[1:]:
        if last == 0:
            _wrong("the proof is too long")
        if at & 1 or at == last:
            before, after = node_hash(part, before), node_hash(part, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, part)
        at, last = at >> 1, last >> 1
    if last:
        _wrong("the proof is too short")
    if before != older_root or after != root:
        _wrong(f"the tree of {size} does not continue the one of {older}")


def _half(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        _wrong(f"a hash is not of {HASH_BYTES} bytes")


def _wrong(why: str) -> NoReturn:
    raise ProofWrong(why)
