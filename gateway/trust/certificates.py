"""Certificates and keys in files: whether a server can use them, and from when until when. Blocks; no second OpenSSL.

Validity is that of RFC 5280, 4.1.2.5, read out of DER (ITU-T X.690) by hand: Python's own TLS tells it of no server's
certificate, and `cryptography` stays out of the daemon's memory (docs/decisions/0075).
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.trust.secret import secret_file

LARGEST = 1 << 20  # bytes of a file
SOON_NS = 30 * 86_400_000_000_000  # before its end a certificate should be another one
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_SEQUENCE, _VERSION, _UTC_TIME, _GENERAL_TIME = 0x30, 0xA0, 0x17, 0x18
_BEFORE_VALIDITY = 3  # serial number, signature algorithm, issuer


class BadCertificate(ValueError):
    """A certificate or its key cannot be used. `of`: "certificate" or "key"."""

    def __init__(self, of: str, text: str) -> None:
        super().__init__(text)
        self.of = of


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when a certificate is good, both included."""

    since_ns: int
    until_ns: int


def server_context(certificate: Path, key_from: str) -> ssl.SSLContext:
    """What a server with this certificate (and those behind it, PEM) needs. Raises BadCertificate."""
    _certificate_in(certificate)
    key = _key_at(key_from)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password="")  # none is asked for on a console
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        if reason == "KEY_VALUES_MISMATCH":
            raise BadCertificate("key", f"{key}: it is not the key of {certificate}") from None
        text = f"{key}: no private key that can be used: PEM, without a password ({reason})"
        raise BadCertificate("key", text) from None
    return context


def validity_of(certificate: Path) -> Validity:
    """Of the first certificate in a file. Raises BadCertificate."""
    try:
        return validity(_certificate_in(certificate))
    except ValueError as error:
        raise BadCertificate("certificate", f"{certificate}: {error}") from None


def ages(files: Iterable[tuple[str, str]], now_ns: int) -> list[dict[str, Any]]:
    """How long each certificate is good for: `files` are pairs of what for and where.

    `state` is "good", "soon" (thirty days and less), "ended", "not_yet", or "bad" with `error`.
    """
    return [{"what": what, "file": file, **_age(Path(file), now_ns)} for what, file in files]


def _age(file: Path, now_ns: int) -> dict[str, Any]:
    try:
        found = validity_of(file)
    except BadCertificate as error:
        return {"state": "bad", "error": str(error)}
    left = found.until_ns - now_ns
    state = "ended" if left < 0 else "soon" if left < SOON_NS else "good"
    return {
        "state": "not_yet" if now_ns < found.since_ns else state,
        "since_ns": found.since_ns, "until_ns": found.until_ns, "days_left": round(left / 86_400e9, 1),
    }  # fmt: skip


def validity(der: bytes) -> Validity:
    """Of a certificate in DER. Raises ValueError, whatever the bytes are."""
    _, start, _ = _item(der, 0, _SEQUENCE)
    _, at, _ = _item(der, start, _SEQUENCE)
    tag, _, end = _item(der, at)
    if tag == _VERSION:
        at = end
    for _ in range(_BEFORE_VALIDITY):
        _, _, at = _item(der, at)
    _, at, _ = _item(der, at, _SEQUENCE)
    tag, start, end = _item(der, at)
    since = _time(tag, der[start:end])
    tag, start, end = _item(der, end)
    return Validity(since, _time(tag, der[start:end]))


def _item(der: bytes, at: int, wanted: int | None = None) -> tuple[int, int, int]:
    """Tag, and where the content begins and ends."""
    if at + 2 > len(der):
        raise ValueError("not a certificate: it ends too early")
    tag, length, at = der[at], der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(der[at : at + size], "big"), at + size
    if at + length > len(der) or (wanted is not None and tag != wanted):
        raise ValueError("not a certificate")
    return tag, at, at + length


def _time(tag: int, text: bytes) -> int:
    said = text.decode("ascii", "replace")
    if tag == _UTC_TIME:  # two digits of the year: 50 to 99 are of the last century
        said = ("19" if said[:2] >= "50" else "20") + said
    elif tag != _GENERAL_TIME:
        raise ValueError("not a certificate: a time is missing")
    found = datetime.strptime(said, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return int(found.timestamp()) * 1_000_000_000


def _certificate_in(path: Path) -> bytes:
    """The first one, as DER. Raises BadCertificate."""
    text = _text(path, "certificate")
    begin, end = text.find(_BEGIN), text.find(_END)
    if not 0 <= begin < end:
        raise BadCertificate("certificate", f"{path}: no certificate in it: PEM begins with {_BEGIN}")
    try:
        return ssl.PEM_cert_to_DER_cert(text[begin : end + len(_END)])
    except ValueError as error:
        raise BadCertificate("certificate", f"{path}: no certificate that can be read ({error})") from None


def _key_at(key_from: str) -> Path:
    try:
        path = secret_file(key_from)
    except (OSError, ValueError) as error:
        raise BadCertificate("key", _why(key_from.partition(":")[2], error)) from None
    if "PRIVATE KEY-----" not in _text(path, "key"):
        raise BadCertificate("key", f"{path}: no private key in it: PEM has -----BEGIN PRIVATE KEY-----")
    return path


def _text(path: Path, of: str) -> str:
    try:
        if path.exists() and not path.is_file():
            raise BadCertificate(of, f"{path}: it is not a file")
        with path.open("rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise BadCertificate(of, _why(path, error)) from None


def _why(path: Path | str, error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return str(error)
    who = f"; this is user {os.geteuid()}" if isinstance(error, PermissionError) else ""
    return f"{path}: {error.strerror}{who}"
