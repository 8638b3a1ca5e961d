"""What a report follows from: the root of the ledger up to its newest fact, and a checkpoint that is signed over it.

The root of the first N leaves is the same for ever. Of the signed heads of an hour the last is kept, so the first one
of another hour's end that covers the report stays, too; before that hour is over, the signature is provisional.
"""

from __future__ import annotations

import base64
from typing import Any

from gateway.journal import JournalReader
from gateway.journal.ledgerview import KeptHead
from gateway.model import EVENT_STREAM

_HOUR_NS = 3_600_000_000_000


def proof(reader: JournalReader, seq: int) -> dict[str, Any]:
    """Of the event with the highest number that the report has. A journal without a ledger: no size, no root."""
    ledger = reader.ledger
    leaf = ledger.leaf_at(EVENT_STREAM, seq) if seq else None
    found: dict[str, Any] = {
        "origin": ledger.origin, "event": seq, "size": None, "root": None, "key": None, "checkpoint": None,
        "provisional": True,
    }  # fmt: skip
    if leaf is None or leaf.n >= ledger.size():
        return found
    size = leaf.n + 1
    key = ledger.key()
    head, settled = covering(ledger.heads(), size)
    return {
        **found,
        "size": size,
        "root": base64.b64encode(ledger.head(size).root).decode(),
        "key": key.line() if key else None,
        "checkpoint": head.note if head else None,
        "provisional": not settled,
    }


def covering(heads: list[KeptHead], size: int) -> tuple[KeptHead | None, bool]:
    """The first head that covers so many leaves and is the last of its hour; whether its hour is over.

    >>> hours = [KeptHead(5, 0, ""), KeptHead(8, 1, ""), KeptHead(9, _HOUR_NS, "")]
    >>> [covering(hours, size) for size in (4, 9, 10)]  # doctest: +NORMALIZE_WHITESPACE
    [(KeptHead(size=8, time_ns=1, note=''), True), (KeptHead(size=9, time_ns=3600000000000, note=''), False),
     (None, False)]
    """
    newest = max((head.time_ns // _HOUR_NS for head in heads), default=0)
    last: dict[int, KeptHead] = {}
    for head in heads:  # the smallest tree first
        last[head.time_ns // _HOUR_NS] = head
    for hour, head in sorted(last.items()):
        if head.size >= size:
            return head, hour < newest
    return None, False
