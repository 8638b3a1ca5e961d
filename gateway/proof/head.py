"""The head of a ledger: how many leaves it has and their root, as a checkpoint (C2SP tlog-checkpoint). Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import quote

from gateway.model import Identity
from gateway.proof.merkle import HASH_BYTES, ProofWrong

SIZE_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Head:
    """A tree's size and root, of the ledger that the origin names."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """As the text of a checkpoint."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def origin_of(identity: Identity) -> str:
    """The name of a journal's ledger and of its key: what names its records, too."""
    parts = (quote(part, safe="~") for part in (identity.site, identity.gateway, identity.epoch))
    return "/".join(("lotwatch/v1", *parts))


def head_of(text: str) -> Head:
    """The head that a checkpoint's text says; lines after the third are not ours to read. Raises ProofWrong."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise ProofWrong("not a checkpoint: origin, size and root are wanted, a line each")
    origin, size, root = lines[:3]
    if not (size.isascii() and size.isdigit()) or len(size) > SIZE_DIGITS or (size[0] == "0" and size != "0"):
        raise ProofWrong("not a checkpoint: its second line is not a size")
    try:
        hash_ = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        hash_ = b""
    if len(hash_) != HASH_BYTES:
        raise ProofWrong("not a checkpoint: its third line is not a root hash")
    return Head(origin, int(size), hash_)
