"""The TLS of a broker's connection: each file that is not right is named, and renewed ones are taken up."""

from __future__ import annotations

import os
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.publish.mqtt_link import MqttDialer
from gateway.site import Broker
from gateway.trust.brokertls import context_of, files_of
from tests.system.compartments import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path)
    made.box("north")
    made.box("south")
    return made


@pytest.fixture
def broker(tmp_path: Path, authority: Authority) -> Broker:
    return Broker(
        "mqtt.example.com", 8883, tls=True, ca_file=str(authority.file), certificate_file=f"{tmp_path}/north.pem",
        key_from=f"file:{tmp_path}/north.key",
    )  # fmt: skip


def test_a_context_checks_chain_and_name_and_speaks_nothing_old(broker: Broker) -> None:
    for each in (broker, replace(broker, certificate_file="", key_from="")):
        context = context_of(each)
        assert context is not None
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert len(context.get_ca_certs()) == 1, "of our own authority and no other"
    assert context_of(replace(broker, tls=False)) is None


def test_each_file_that_is_not_right_is_named(broker: Broker, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    key = ec.generate_private_key(ec.SECP256R1())
    locked.touch(0o600)
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    (tmp_path / "noise").touch(0o600)
    (tmp_path / "noise").write_text("noise")
    for change, says in (
        ({"ca_file": "/none/ca.pem"}, "/none/ca.pem"),
        ({"ca_file": f"{tmp_path}/noise"}, "noise: no certificate in PEM form"),
        ({"certificate_file": "/none/box.pem"}, "/none/box.pem"),
        ({"certificate_file": f"{tmp_path}/noise"}, "noise and .*north.key: not in PEM form"),
        ({"key_from": "file:/none/box.key"}, "/none/box.key"),
        ({"key_from": f"file:{tmp_path}/noise"}, "north.pem and .*noise: "),
        ({"key_from": f"file:{tmp_path}/south.key"}, "the key is not that of the certificate"),
        ({"key_from": f"file:{locked}"}, "the key has a passphrase"),
        ({"key_from": "credential:box.key"}, "systemd gave none"),
    ):
        with pytest.raises((OSError, ValueError), match=says):
            context_of(replace(broker, **change))  # type: ignore[arg-type] # names of its fields


def test_a_renewed_certificate_is_taken_up_at_the_next_connection(
    broker: Broker, authority: Authority
) -> None:
    dialer = MqttDialer(broker, "box")
    first, before = dialer._context(), files_of(broker)  # noqa: SLF001 # what the next connection uses
    assert dialer._context() is first  # noqa: SLF001 # the same
    place = Path(broker.certificate_file)
    renewed = authority.folder / "renewed.pem"
    renewed.write_bytes(place.read_bytes())
    os.utime(renewed, ns=(1, 1))
    renewed.replace(place)
    assert files_of(broker) != before
    assert dialer._context() is not first  # noqa: SLF001 # the same
