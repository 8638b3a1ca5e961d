"""``leaf`` and ``checkpoint``: the gateway's ledger for whoever keeps its records, so that he can be a witness."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.model import Identity
from gateway.wire.checks import NotOurs, member, text, whole, wholes
from gateway.wire.messages import head_of, identity_of, opened
from gateway.wire.readings import fragment

LEAVES_MOST = 10_000
NOTE_MOST = 8_192
HASH_BYTES = 32
_TREES_ALL = 7


@dataclass(frozen=True, slots=True)
class WireLeaf:
    """A leaf as numbers and roots; `gateway.proof.leaf` has what they mean."""

    n: int
    input: int  # last
    inputs: int  # how many up to it
    event: int
    events: int
    trees: int  # which roots there are: 1 readings, 2 other inputs, 4 events
    roots: bytes  # those, one after another

    def row(self) -> tuple[int, int, int, int, int, int, bytes]:
        """The fields, in order."""
        return self.n, self.input, self.inputs, self.event, self.events, self.trees, self.roots


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed head as it was published."""

    identity: Identity
    time_ns: int  # when the gateway published it, as it says
    key: str  # its public key, as it says
    note: str


def leaves(identity: Identity, some: Sequence[WireLeaf]) -> bytes:
    """Leaves in a row, one or more, in one payload."""
    first = some[0]
    return fragment(
        {
            **head_of(identity),
            "leaf": first.n,
            "input": first.input - first.inputs,
            "inputs": [leaf.inputs for leaf in some],
            "event": first.event - first.events,
            "events": [leaf.events for leaf in some],
            "trees": [leaf.trees for leaf in some],
            "roots": base64.b64encode(b"".join(leaf.roots for leaf in some)).decode("ascii"),
        }
    )


def parse_leaves(payload: bytes) -> tuple[Identity, list[WireLeaf]]:
    """Raises NotOurs."""
    body = opened(payload)
    listed = member(body, "trees")
    if not isinstance(listed, list) or not 0 < len(listed) <= LEAVES_MOST:
        raise NotOurs(f"trees is not a list of 1 to {LEAVES_MOST}")
    trees = wholes(listed, "trees", len(listed), 0, _TREES_ALL)
    inputs = wholes(member(body, "inputs"), "inputs", len(trees))
    events = wholes(member(body, "events"), "events", len(trees))
    n, at, told = (whole(member(body, name), name) for name in ("leaf", "input", "event"))
    try:
        roots = base64.b64decode(text(member(body, "roots"), "roots", LEAVES_MOST * 130), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotOurs(f"roots: {error}") from None
    if len(roots) != HASH_BYTES * sum(each.bit_count() for each in trees):
        raise NotOurs("roots are not as many as trees says")
    made = []
    for place, which in enumerate(trees):
        size = HASH_BYTES * which.bit_count()
        at, told = whole(at + inputs[place], "input"), whole(told + events[place], "event")
        made.append(WireLeaf(n + place, at, inputs[place], told, events[place], which, roots[:size]))
        roots = roots[size:]
    return identity_of(body), made


def checkpoint(said: Checkpoint) -> bytes:
    """The payload of ``checkpoint``."""
    return fragment(
        {**head_of(said.identity), "time_ns": said.time_ns, "key": said.key, "checkpoint": said.note}
    )


def parse_checkpoint(payload: bytes) -> Checkpoint:
    """Raises NotOurs. Nothing is verified."""
    body = opened(payload)
    time_ns = whole(member(body, "time_ns"), "time_ns")
    key = text(member(body, "key"), "key", NOTE_MOST)
    return Checkpoint(
        identity_of(body), time_ns, key, text(member(body, "checkpoint"), "checkpoint", NOTE_MOST)
    )
