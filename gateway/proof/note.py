"""Signed notes (C2SP signed-note): a text, an empty line, signature lines. Ed25519 keys only (type 0x01). Pure.

A verifier key is one line, ``name+id+base64``; a signing key the same behind ``PRIVATE+KEY+`` (as Go's sumdb/note has
them): base64 of the type byte and 32 bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from gateway.proof import ed25519
from gateway.proof.merkle import ProofWrong

ED25519 = b"\x01"
PRIVATE = "PRIVATE+KEY+"
DASH = "\N{EM DASH} "
KEY_BYTES = 32
ID_BYTES = 4
SIGNATURES_MOST = 64
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # but for the newline


class NoKey(ValueError):
    """The text is not a key of ours."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who signs: a name and an Ed25519 public key."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:ID_BYTES]

    def line(self) -> str:
        """As one line of text, to be kept and handed on."""
        return f"{self.name}+{self.id.hex()}+{_text(ED25519 + self.key)}"

    @classmethod
    def of_line(cls, line: str) -> PublicKey:
        """Raises NoKey."""
        name, key, told = _parts(line.strip())
        made = cls(name, key)
        if made.id.hex() != told:
            raise NoKey(f"the key of {name} has id {made.id.hex()}, not {told}: it was copied wrongly")
        return made

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature over the text."""
        return ed25519.holds(self.key, signature, text.encode())


class SigningKey:
    """A name and an Ed25519 private key. Never printed."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not name or "+" in name or any(sign.isspace() for sign in name):
            raise NoKey(f"{name!r} cannot name a key: no spaces, no plus")
        self._key = ed25519.Signer(seed)
        self._seed = seed
        self.public = PublicKey(name, self._key.public)

    def line(self) -> str:
        """As one line of text, for a file that nobody else reads."""
        return f"{PRIVATE}{self.public.name}+{self.public.id.hex()}+{_text(ED25519 + self._seed)}"

    @classmethod
    def of_line(cls, line: str) -> SigningKey:
        """Raises NoKey."""
        line = line.strip()
        if not line.startswith(PRIVATE):
            raise NoKey("not a signing key")
        name, seed, told = _parts(line.removeprefix(PRIVATE))
        made = cls(name, seed)
        if made.public.id.hex() != told:
            raise NoKey(f"the signing key of {name} is damaged")
        return made

    def signed(self, text: str) -> str:
        """The note over a text, which must end with a newline."""
        if not text.endswith("\n") or _CONTROL.search(text):
            raise ValueError("a note's text ends with a newline and has no other control characters")
        signature = _text(self.public.id + self._key.sign(text.encode()))
        return f"{text}\n{DASH}{self.public.name} {signature}\n"


def opened(note: str, key: PublicKey) -> str:
    """The text of a note that this key signed. Raises ProofWrong."""
    text, signatures = split(note)
    ours = [sign for name, id_, sign in signatures if (name, id_) == (key.name, key.id)]
    if not ours:
        raise ProofWrong(f"no signature of {key.name} with key {key.id.hex()}")
    if not all(key.holds(text, sign) for sign in ours):
        raise ProofWrong(f"the signature of {key.name} does not fit the text")
    return text


def split(note: str) -> tuple[str, Sequence[tuple[str, bytes, bytes]]]:
    """Text, and (name, key id, signature) of each signature; nothing is verified. Raises ProofWrong."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or _CONTROL.search(note):
        raise ProofWrong("not a signed note")
    found = []
    for line in lines[:-1].split("\n"):
        name, space, data = line.removeprefix(DASH).partition(" ")
        try:
            signature = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            signature = b""
        if not line.startswith(DASH) or not name or not space or len(signature) <= ID_BYTES:
            raise ProofWrong("a signature line of the note is not one")
        found.append((name, signature[:ID_BYTES], signature[ID_BYTES:]))
    if len(found) > SIGNATURES_MOST:
        raise ProofWrong(f"a note with more than {SIGNATURES_MOST} signatures")
    return f"{text}\n", found


def _parts(line: str) -> tuple[str, bytes, str]:
    name, _, rest = line.partition("+")
    told, _, data = rest.partition("+")
    try:
        key = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not name or key[:1] != ED25519 or len(key) != KEY_BYTES + 1:
        raise NoKey("not a key: NAME+ID+BASE64 of an Ed25519 key is wanted")
    return name, key[1:], told


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
