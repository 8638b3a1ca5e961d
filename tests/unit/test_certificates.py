"""Certificates: validity out of DER against `cryptography`'s own reading of it, and what a server cannot use."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.site import Beyond, Broker, Site
from gateway.trust.certificates import BadCertificate, ages, server_context, validity, validity_of
from gateway.web.browser import files as browser_files
from gateway.web.pages.box import files_of
from gateway.web.selfsigned import made
from gateway.web.shell import LANGUAGES, words_of

NOW = 1_800_000_000_000_000_000
DAY = 86_400_000_000_000
KEY = ec.generate_private_key(ec.SECP256R1())


def signed(since: datetime, until: datetime) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a" * 60)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(since).not_valid_after(until)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (
            datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
            datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),  # UTCTime
        (datetime(2000, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)),  # GeneralizedTime from 2050 on
        (
            datetime(1950, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),  # RFC 5280, 4.1.2.5
    ],
)
def test_validity_is_what_is_written(since: datetime, until: datetime) -> None:
    der = signed(since, until)
    found = validity(der)
    assert (found.since_ns // 10**9, found.until_ns // 10**9) == (
        int(since.timestamp()),
        int(until.timestamp()),
    )
    for end in range(0, len(der), 7):
        with pytest.raises(ValueError, match=r"not a certificate|does not match"):
            validity(der[:end])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_it_is_told(junk: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # of any words
        validity(junk)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return written(tmp_path)


def written(folder: Path, days: int = 100) -> tuple[Path, Path]:
    found = made(["box.example", "192.0.2.1", "::1"], NOW, days)
    (folder / "web.crt").write_bytes(found.certificate)
    (folder / "web.key").write_bytes(found.key)
    (folder / "web.key").chmod(0o600)
    return folder / "web.crt", folder / "web.key"


def test_a_self_signed_one_can_be_used_and_names_its_hosts(files: tuple[Path, Path]) -> None:
    crt, key = files
    assert server_context(crt, f"file:{key}").minimum_version >= 0x0303
    found = x509.load_pem_x509_certificate(crt.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["box.example"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.1", "::1"]
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert validity_of(crt).until_ns == int(found.not_valid_after_utc.timestamp()) * 10**9


def test_how_long_each_is_good_for(files: tuple[Path, Path], tmp_path: Path) -> None:
    pairs = [("pages", str(files[0])), ("broker", str(tmp_path / "none.crt"))]
    row, other = ages(pairs, NOW)
    assert (row["what"], row["state"], row["days_left"]) == ("pages", "good", 100.0)
    assert (other["state"], "none.crt: No such file" in other["error"]) == ("bad", True)
    for now_ns, state in ((NOW + 71 * DAY, "soon"), (NOW + 101 * DAY, "ended"), (NOW - 2 * DAY, "not_yet")):
        assert ages(pairs, now_ns)[0]["state"] == state


@pytest.mark.parametrize(
    ("harm", "of", "told"),
    [
        (lambda at: at[0].unlink(), "certificate", "web.crt: No such file"),
        (lambda at: at[0].write_text("x"), "certificate", "no certificate in it"),
        (lambda at: at[0].write_bytes(at[1].read_bytes()), "certificate", "no certificate in it"),
        (lambda at: (at[0].unlink(), at[0].mkdir()), "certificate", "it is not a file"),
        (lambda at: at[1].unlink(), "key", "web.key: No such file"),
        (lambda at: at[1].write_text("x"), "key", "no private key in it"),
        (lambda at: at[1].chmod(0o644), "key", "others have access to it"),
        (lambda at: at[1].write_bytes(made(["a"], NOW, 1).key), "key", "it is not the key of"),
        (lambda at: at[1].write_bytes(at[1].read_bytes()[:80]), "key", "no private key that can be used"),
        (lambda at: at[1].write_bytes(locked()), "key", "without a password"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told(
    files: tuple[Path, Path], harm: Callable[[tuple[Path, Path]], object], of: str, told: str
) -> None:
    crt, key = files
    harm(files)
    with pytest.raises(BadCertificate, match=told) as error:
        server_context(crt, f"file:{key}")
    assert error.value.of == of


def locked() -> bytes:
    how = serialization.BestAvailableEncryption(b"word")
    return KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


@pytest.mark.parametrize(
    ("hosts", "days"), [(["a b"], 1), (["Box"], 1), (["a"], 0), (["*.a"], 5), (["a"], 9_999)]
)
def test_no_certificate_is_made_of_nonsense(hosts: list[str], days: int) -> None:
    with pytest.raises(ValueError, match=r"not a host name|days"):
        made(hosts, NOW, days)


def test_a_key_of_somebody_elses_is_told(files: tuple[Path, Path]) -> None:
    crt, key = files
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(key, 12_345, 12_345)
    assert server_context(crt, f"file:{key}").get_ciphers()  # root reads what anybody has


def test_a_box_tells_of_all_that_it_shows_and_trusts(files: tuple[Path, Path]) -> None:
    crt, key = files
    beyond = Beyond("::", 8443, str(crt), f"file:{key}", ("a",))
    broker = Broker("b", 8883, tls=True, ca_file=str(crt), certificate_file=str(crt))
    site = Site("s", "g", (), (), broker=broker, web_beyond=beyond)
    rows = ages(files_of(site), NOW)
    assert [(row["what"], row["state"]) for row in rows] == [
        ("pages", "good"), ("broker", "good"), ("ca", "good"),
    ]  # fmt: skip
    assert files_of(Site("s", "g", (), ())) == []
    for lang in LANGUAGES:
        assert {f"box.for.{row['what']}" for row in rows} <= set(words_of(lang))
    view = browser_files()["static/views/box.js"].plain.decode()
    shown = re.search(r"function Certificates\(.*?\n}", view, re.DOTALL)
    assert shown is not None
    [bad] = ages([("ca", str(key))], NOW)
    assert set(re.findall(r"row\.(\w+)", shown[0])) <= {*rows[0], *bad}  # it showed what no row has
