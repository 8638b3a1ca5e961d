"""Certificates that hold, that soon will not, that do not, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from gateway.doctor import certificates

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def made(first, last):
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "box")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW + first, NOW + last)
    return builder.sign(key, None).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(-1, 365, None), (-1, 29, "LW602"), (-10, -1, "LW601"), (1, 365, "LW603")],
)
def test_how_long_it_holds(tmp_path, first, last, code):
    file = tmp_path / "box.pem"
    file.write_bytes(made(timedelta(days=first), timedelta(days=last)))
    found = certificates.file("this box", str(file), NOW)
    assert [each.code for each in found] == ([code] if code else [])
    assert [each.warning for each in found] == ([code == "LW602"] if code else [])


def test_each_certificate_of_a_file_is_looked_at(tmp_path):
    file = tmp_path / "chain.pem"
    file.write_bytes(made(timedelta(-1), timedelta(365)) + made(timedelta(-9), timedelta(-2)))
    assert [each.code for each in certificates.file("x", str(file), NOW)] == ["LW601"]


def test_what_is_none(tmp_path):
    file = tmp_path / "box.pem"
    assert [each.code for each in certificates.file("x", str(file), NOW)] == ["LW604"]
    file.write_text("-----BEGIN NOTHING-----")
    assert [each.code for each in certificates.file("x", str(file), NOW)] == ["LW604"]
