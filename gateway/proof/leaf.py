"""A leaf of the ledger: one committed block, as a few lines of text over three small Merkle trees. Pure.

    lotwatch/leaf/1
    8123
    input 40117 12
    event 977 2
    readings 5d41...
    inputs 7215...
    events 1f3a...

Leaf number; of each stream the last seq and how many; then the roots over the block's readings (one leaf of the small
tree for all rows of one group), its other inputs and its events, each a line where there are some. So one event can be
shown without its block, and readings that retention removed leave all others provable. Leaf 0 holds no records: it says
whose ledger it is, and which records were there before it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.proof.jsontext import json_bytes
from gateway.proof.merkle import HASH_BYTES, ProofWrong, leaf_hash, root_of

LEAF = "lotwatch/leaf/1"
BEGIN = "lotwatch/ledger/1"
TREES = ("readings", "inputs", "events")
"""The small trees of a leaf, in this order."""


class Span(NamedTuple):
    """Seqs of one stream: `size` of them up to `last`."""

    last: int
    size: int

    @property
    def first(self) -> int:
        return self.last - self.size + 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """One block in the ledger. An empty root: there are no such records."""

    n: int
    inputs: Span
    events: Span
    roots: tuple[bytes, bytes, bytes] = (b"", b"", b"")

    def data(self, origin: str) -> bytes:
        """The bytes that are hashed."""
        if self.n == 0:
            return f"{BEGIN}\n{origin}\ninput {self.inputs.last}\nevent {self.events.last}\n".encode()
        lines = [
            LEAF,
            str(self.n),
            f"input {self.inputs.last} {self.inputs.size}",
            f"event {self.events.last} {self.events.size}",
            *(f"{name} {root.hex()}" for name, root in zip(TREES, self.roots, strict=True) if root),
        ]
        return ("\n".join(lines) + "\n").encode()

    def hash(self, origin: str) -> bytes:
        return leaf_hash(self.data(origin))

    def row(self) -> tuple[int, int, int, int, int, int, bytes]:
        """Number; last input, how many; last event, how many; which roots there are (1, 2, 4), and those."""
        trees = sum(1 << place for place, root in enumerate(self.roots) if root)
        return (self.n, *self.inputs, *self.events, trees, b"".join(self.roots))

    @classmethod
    def of_row(cls, row: Sequence[object]) -> Leaf:
        """The leaf of such a row, whatever somebody wrote into it."""
        *numbers, roots = row
        n, last_input, inputs, last_event, events, trees = (
            each if isinstance(each, int) else -1 for each in numbers
        )
        data, found = roots if isinstance(roots, bytes) else b"", []
        for place in range(len(TREES)):
            size = HASH_BYTES if trees >> place & 1 else 0
            found.append(data[:size])
            data = data[size:]
        if data:
            found[2] += data  # too many bytes fit no hash, and must not go unseen
        return cls(n, Span(last_input, inputs), Span(last_event, events), (found[0], found[1], found[2]))

    def follows(self, before: Leaf) -> bool:
        """Whether it comes right after another, without a hole in either stream."""
        return (
            self.n == before.n + 1
            and self.inputs.first == before.inputs.last + 1
            and self.events.first == before.events.last + 1
        )


def leaf_of(data: bytes) -> Leaf:
    """The leaf of these bytes; of leaf 0 without its origin. Raises ProofWrong."""
    try:
        kind, *lines, end = data.decode("ascii").split("\n")
        if end:
            raise ProofWrong("a leaf's bytes do not end where they should")
        if kind == BEGIN:
            _, inputs, events = lines
            made = Leaf(0, Span(_number(inputs, "input"), 0), Span(_number(events, "event"), 0))
        elif kind == LEAF:
            number, inputs, events, *roots = lines
            made = Leaf(int(number), _span(inputs, "input"), _span(events, "event"), _roots(roots))
        else:
            raise ProofWrong("not a leaf of a ledger")
    except ValueError as error:
        raise ProofWrong(f"a leaf's bytes cannot be read: {error}") from None
    return made


def small_root(items: Sequence[bytes]) -> bytes:
    """Root of a small tree over canonical bytes; empty for none."""
    return root_of([leaf_hash(item) for item in items]) if items else b""


def readings_bytes(group: str, canonical: bytes) -> bytes:
    """Canonical bytes of the readings of one group in one block; `canonical` is `gateway.journal.pack.Rows`' own."""
    name = json_bytes(group.encode("utf-8", "replace").decode("utf-8"))
    return b"readings " + name + b"\n" + canonical


def _number(line: str, word: str) -> int:
    told, number = line.split(" ")
    if told != word:
        raise ValueError(f"{word} is wanted, not {told}")
    return int(number)


def _span(line: str, word: str) -> Span:
    line, count = line.rsplit(" ", 1)
    return Span(_number(line, word), int(count))


def _roots(lines: Sequence[str]) -> tuple[bytes, bytes, bytes]:
    found = {}
    for line in lines:
        name, root = line.split(" ")
        found[name] = bytes.fromhex(root)
        if len(found[name]) != HASH_BYTES:
            raise ValueError("a root is not a hash")
    if [name for name in TREES if name in found] != [line.split(" ")[0] for line in lines]:
        raise ValueError("the roots are not readings, inputs, events")
    readings, inputs, events = (found.get(name, b"") for name in TREES)
    return readings, inputs, events
