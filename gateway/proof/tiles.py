"""A tree that is too large for memory: which node hashes are kept, and how the others come from them. Pure.

Kept are the leaf hashes and every complete node at a height that is a multiple of `HEIGHT`: one more hash in 31. Any
other node comes from at most `WIDTH` kept ones, so a proof in a tree of n leaves reads some log32(n) runs of 32 hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.proof.merkle import EMPTY, node_hash

HEIGHT = 5
WIDTH = 1 << HEIGHT

Fetch = Callable[[int, int, int], Sequence[bytes]]
"""(level, first, end) to the kept hashes at height level * HEIGHT with index first..end-1, as many as there are."""


class Growing:
    """The right edge of a tree (a compact range): what it takes to append and to tell the root."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        """`edge`: hashes of the complete subtrees that make up `size`, the largest first."""
        self.size = size
        self._edge = list(edge)
        if len(self._edge) != size.bit_count():
            raise ValueError(f"a tree of {size} has no edge of {len(self._edge)}")

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; the nodes to be kept that are complete now, as (level, index, hash), level from 1 on."""
        kept = []
        made, height = leaf, 0
        while self.size >> height & 1:
            made = node_hash(self._edge.pop(), made)
            height += 1
            if height % HEIGHT == 0:
                kept.append((height // HEIGHT, self.size >> height, made))
        self._edge.append(made)
        self.size += 1
        return kept

    def root(self) -> bytes:
        return folded(self._edge)

    def copy(self) -> Growing:
        return Growing(self.size, self._edge)


class Tiles:
    """Nodes and subtrees of a tree of which `fetch` reads the kept hashes. Remembers what it read: of one moment."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._runs: dict[tuple[int, int], list[list[bytes]]] = {}

    def node(self, height: int, index: int) -> bytes:
        """The hash of a complete node: over leaves index << height and the 2**height - 1 after it."""
        level, above = divmod(height, HEIGHT)
        place, inside = divmod(index << above, WIDTH)
        return self._run(level, place)[above][inside >> above]

    def subtree(self, first: int, end: int) -> bytes:
        """The hash over leaves first..end-1; first is a multiple of the power of two that end - first needs."""
        return folded(self.edge(first, end))

    def edge(self, first: int, end: int) -> list[bytes]:
        """The complete subtrees of it, the largest first."""
        found = []
        while first < end:
            height = (end - first).bit_length() - 1
            found.append(self.node(height, first >> height))
            first += 1 << height
        return found

    def growing(self, size: int) -> Growing:
        """The tree of its first `size` leaves, to be appended to."""
        return Growing(size, self.edge(0, size))

    def _run(self, level: int, place: int) -> list[list[bytes]]:
        key = (level, place)
        if key not in self._runs:
            rows = [list(self._fetch(level, place * WIDTH, (place + 1) * WIDTH))]
            while len(rows[-1]) > 1:
                below = rows[-1]
                rows.append([node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)])
            self._runs[key] = rows
        return self._runs[key]


def folded(edge: Sequence[bytes]) -> bytes:
    """The root above the complete subtrees of a tree, the largest first."""
    if not edge:
        return EMPTY
    made = edge[-1]
    for left in edge[-2::-1]:
        made = node_hash(left, made)
    return made
