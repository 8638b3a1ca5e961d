"""Ed25519 by Python's own OpenSSL, and by `cryptography`: the same bytes. Vectors: RFC 8032, 7.1, TEST 1 to 3."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.proof import ed25519

RFC_8032 = (  # seed, public key, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
)


@pytest.fixture(params=["openssl", "cryptography"])
def crypto(request, monkeypatch):
    if request.param == "cryptography":
        monkeypatch.setattr(ed25519, "libcrypto", lambda: None)
    elif ed25519.libcrypto() is None:
        pytest.skip("this Python's libcrypto cannot be called")


@pytest.mark.usefixtures("crypto")
@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_it_signs_as_the_rfc_says(seed, public, message, signature):
    signer = ed25519.Signer(bytes.fromhex(seed))
    data = bytes.fromhex(message)
    assert signer.public.hex() == public
    assert signer.sign(data).hex() == signature
    assert ed25519.holds(signer.public, signer.sign(data), data)
    assert not ed25519.holds(signer.public, signer.sign(data), data + b"x")
    broken = bytearray(signer.sign(data))
    broken[0] ^= 1
    assert not ed25519.holds(signer.public, bytes(broken), data)


@pytest.mark.usefixtures("crypto")
def test_a_seed_of_another_length_is_refused():
    for length in (0, 31, 33):
        with pytest.raises(ValueError, match="32 bytes"):
            ed25519.Signer(bytes(length))


def test_a_library_without_ed25519_is_left_to_cryptography(monkeypatch):
    monkeypatch.setattr(ed25519, "_ED25519", 0)
    assert ed25519.libcrypto.__wrapped__() is None


@pytest.mark.usefixtures("crypto")
def test_what_is_no_key_or_no_signature_holds_nothing():
    assert not ed25519.holds(bytes(5), bytes(64), b"")
    assert not ed25519.holds(bytes.fromhex(RFC_8032[0][1]), bytes(3), b"")


@pytest.mark.long
def test_a_daemon_s_rooms_load_no_second_openssl():
    program = "import sys, gateway.app, gateway.cli.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"cryptography", "reportlab", "starlette", "uvicorn", "pydantic", "yaml"}
