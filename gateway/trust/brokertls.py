"""The TLS of a broker's connection: whom we trust, and who we are.

TLS 1.2 and newer only. The broker's certificate must chain to `ca_file` and carry the name or address that `host` says
(RFC 9525); there is no way to leave that out. With a certificate of its own (mutual TLS) the box needs no password.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from gateway.site import Broker
from gateway.trust.secret import secret_file

_LOCKED = "the key has a passphrase: a box that starts by itself cannot be asked for one"


def context_of(broker: Broker) -> ssl.SSLContext | None:
    """How to connect; None without TLS. Raises OSError or ValueError that name the file. Reads files: not in a loop."""
    if not broker.tls:
        return None
    context = _trusting(broker.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if broker.certificate_file:
        key = secret_file(broker.key_from)
        _present(broker.certificate_file)
        asked: list[bool] = []

        def passphrase() -> str:  # who gives none is asked on the terminal, and waits for ever
            asked.append(True)
            return ""

        try:
            context.load_cert_chain(broker.certificate_file, key, password=passphrase)
        except ssl.SSLError as error:
            why = _LOCKED if asked else _why(error)
            raise ValueError(f"{broker.certificate_file} and {key}: {why}") from None
    return context


def files_of(broker: Broker) -> tuple[tuple[str, int, int], ...]:
    """What tells whether the files are still those that a context was made of. Reads files: not in a loop."""
    places = [broker.ca_file, broker.certificate_file]
    if broker.key_from:
        places.append(str(secret_file(broker.key_from)))
    stats = [(place, Path(place).stat()) for place in places if place]
    return tuple((place, found.st_mtime_ns, found.st_ino) for place, found in stats)


def _trusting(ca_file: str) -> ssl.SSLContext:
    if ca_file:
        _present(ca_file)
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except ssl.SSLError as error:
        raise ValueError(f"{ca_file}: no certificate in PEM form is in it ({_why(error)})") from None


def _present(place: str) -> None:
    """OpenSSL does not say which file is missing."""
    with Path(place).open("rb"):
        pass


def _why(error: ssl.SSLError) -> str:
    reason = str(error.reason or "")  # there may be none, whatever its type says
    if reason == "KEY_VALUES_MISMATCH":
        return "the key is not that of the certificate"
    if reason in {"", "NO_CERTIFICATE_OR_CRL_FOUND"}:
        return "not in PEM form"
    return reason.replace("_", " ").lower()
