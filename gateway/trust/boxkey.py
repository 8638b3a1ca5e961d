"""The box's own key for TLS, made on the box, and the request that asks an authority for its certificate.

The key is on the curve P-256 (FIPS 186-5: brokers and authorities of any age take it), in PKCS #8 (RFC 5958), for its
owner's eyes alone. Only the request (PKCS #10, RFC 2986) leaves the box. Its common name is what a broker makes the
user name of: the site's name, as MQTT topics have it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

RESERVED = ("fleet", "ingest", "watch")
"""Users of the shipped access list (config/deploy/mosquitto.acl) who see more than one site."""
_DAY_NS = 86_400_000_000_000

BoxKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class BadKey(ValueError):
    """A file is not what it has to be; the text names it."""


def make_key(path: Path) -> BoxKey:
    """A new key, in a file that must not be there yet. Raises OSError."""
    key = ec.generate_private_key(ec.SECP256R1())
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _see_on_disk(path.parent)  # a request goes out: a power cut must not leave it without its key
    except FileExistsError:
        raise
    except OSError:
        path.unlink(missing_ok=True)  # half a key
        raise
    return key


def _see_on_disk(folder: Path) -> None:
    """The folder's own entries."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read_key(path: Path) -> BoxKey:
    """A key that is there: EC or Ed25519, without a passphrase. Raises BadKey, OSError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except TypeError:
        raise BadKey(
            f"{path}: it has a passphrase: a box that starts by itself cannot be asked for one"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey(f"{path}: it is no private key in PEM form") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise BadKey(f"{path}: it is no EC or Ed25519 key: name another file, and a key is made there")
    return key


def request(key: BoxKey, name: str) -> str:
    """The request for a certificate of a client called `name`, in PEM, signed by the key."""
    asked = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return asked.sign(key, algorithm).public_bytes(serialization.Encoding.PEM).decode("ascii")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says."""

    name: str
    issuer: str
    begins_ns: int
    ends_ns: int
    _certificate: x509.Certificate

    def days_left(self, now_ns: int) -> int:
        """Whole days; negative once it is over."""
        return (self.ends_ns - now_ns) // _DAY_NS

    def problems(self, now_ns: int, *, key: BoxKey | None, ca: Certificate | None) -> list[str]:
        """Why a broker would not take it; none if it would, as far as can be seen from here."""
        found = []
        if now_ns < self.begins_ns:
            found.append("it is not valid yet: is the clock right?")
        if now_ns >= self.ends_ns:
            found.append("it is over: ask for a new one with `lotwatch certificate request`")
        if key is not None and key.public_key() != self._certificate.public_key():
            found.append("it is of another key")
        if ca is not None:
            try:
                self._certificate.verify_directly_issued_by(ca._certificate)  # noqa: SLF001 # of its own class
            except (ValueError, TypeError, InvalidSignature):
                found.append(f"{ca.name or 'that authority'} has not issued it")
        return found


def read_certificate(path: Path) -> Certificate:
    """The first certificate of a file in PEM. Raises BadKey, OSError."""
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        raise BadKey(f"{path}: it is no certificate in PEM form") from None
    return Certificate(
        _common_name(found.subject),
        _common_name(found.issuer),
        int(found.not_valid_before_utc.timestamp()) * 1_000_000_000,
        int(found.not_valid_after_utc.timestamp()) * 1_000_000_000,
        found,
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""
