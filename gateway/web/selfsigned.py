"""A certificate that nobody has signed but itself, for a box in a plant without an authority of its own.

A browser warns of it once, and then the line is encrypted; who compares the fingerprint with the one printed here knows
that it is this box. ECDSA on P-256: a handshake costs the daemon's loop a tenth of that with RSA.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.trust.hostnames import is_address, is_host

DAYS_MOST = 3_650


class Made(NamedTuple):
    """PEM of both, and the SHA-256 fingerprint as browsers show it."""

    certificate: bytes
    key: bytes
    fingerprint: str


def made(hosts: Sequence[str], now_ns: int, days: int) -> Made:
    """A certificate for some names and addresses, good from a day ago on (clocks differ). Raises ValueError."""
    from cryptography import x509  # noqa: PLC0415 # who only serves never loads it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415

    if not 1 <= days <= DAYS_MOST:
        raise ValueError(f"{days} days: 1 to {DAYS_MOST}")
    for host in hosts:
        if not is_host(host):
            raise ValueError(f"{host}: not a host name or an address")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    now = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
    names = [
        x509.IPAddress(ipaddress.ip_address(host)) if is_address(host) else x509.DNSName(host)
        for host in hosts
    ]
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    found = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Made(
        found.public_bytes(serialization.Encoding.PEM),
        private,
        found.fingerprint(hashes.SHA256()).hex(":").upper(),
    )
