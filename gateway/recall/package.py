"""The file of a recall package: one JSON object, and over all of it a digest as its last member. Pure.

The digest only says that the file arrived whole; who vouches for it is the key under each journal's head.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import orjson

from gateway.proof.merkle import HASH_BYTES, ProofWrong

FORMAT = "lotwatch/recall/1"
_END = b',"sha256":"'
_TAIL = len(_END) + 64 + len(b'"}\n')


def package_bytes(plain: dict[str, Any]) -> bytes:
    """A package as the bytes of its file."""
    body = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)[:-1]
    return body + _END + sha256(body).hexdigest().encode() + b'"}\n'


def package_of(data: bytes) -> dict[str, Any]:
    """The package in a file that is whole. Raises ProofWrong."""
    body, end = data[:-_TAIL], data[-_TAIL:]
    if end != _END + sha256(body).hexdigest().encode() + b'"}\n':
        raise ProofWrong("the file is not whole, or was changed: its digest does not fit")
    try:
        plain: dict[str, Any] = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ProofWrong(f"not a recall package: {error}") from None
    if plain.get("format") != FORMAT:
        raise ProofWrong(f"not a recall package of a format known here, {FORMAT}")
    return plain


def hashes_text(hashes: Sequence[bytes]) -> str:
    """A path as one text."""
    return base64.b64encode(b"".join(hashes)).decode("ascii")


def hashes_of(text: str) -> list[bytes]:
    """The hashes of such a text. Raises ProofWrong."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise ProofWrong(f"a path is not base64: {error}") from None
    if len(data) % HASH_BYTES:
        raise ProofWrong("a path is not of whole hashes")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


CUT = '"composition":'
"""What stands before the composition that was left out of a record. In a string its quotes would be escaped."""


def whole_text(text: str, composition: str) -> bytes:
    """The bytes of a record whose composition stands beside it. Raises ProofWrong."""
    before, cut, after = text.partition(CUT)
    if not cut:
        raise ProofWrong("a record has no place for its composition")
    return f"{before}{cut}{composition}{after}".encode()


def opened_text(text: str, composition: Any) -> dict[str, Any]:
    """Such a record with its composition in it. Raises ProofWrong, ValueError."""
    before, cut, after = text.partition(CUT)
    plain: dict[str, Any] = orjson.loads(f"{before}{cut}null{after}")
    if plain["event"]["composition"] is not None:
        raise ProofWrong("a record has its composition, and one beside it")
    plain["event"]["composition"] = composition
    return plain
