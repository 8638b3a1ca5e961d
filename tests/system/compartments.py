"""Suppliers on one broker as it ships: an authority, its certificates, and every way into a foreign compartment tried.

Whether a try succeeds is judged by what arrives, not by what the broker answers: a worker listens to all that is
written, and every supplier writes down all that it hears.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.resources import config_dir
from gateway.trust.boxkey import make_key, request
from tests.system import servers
from tests.system.mqttwire import REFUSED, Wire

SHIPPED = config_dir() / "deploy"
SINCE = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
PASSWORD = "of a test"
UNTIL = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


class Authority:
    """Signs for one broker and its clients; files go into its folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._revoked: list[int] = []
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = self._builder(name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = builder.add_extension(usage, critical=True).add_extension(identifier, critical=False)
        self._certificate = builder.sign(self._key, hashes.SHA256())
        self.file = self._write("ca.pem", self._certificate)
        self.revoke()

    def _builder(self, name: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._name)]))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(SINCE)
            .not_valid_after(UNTIL)
            # Python 3.13 and newer wants to see it (VERIFY_X509_STRICT)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )

    def _write(self, name: str, certificate: x509.Certificate) -> Path:
        path = self.folder / name
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def box(self, name: str, file: str = "") -> tuple[Path, Path]:
        """Certificate and key of a client, by the request that the product makes; the file is named after it."""
        place = self.folder / f"{file or name}.key"
        asked = x509.load_pem_x509_csr(request(make_key(place), name).encode())
        key = asked.public_key()
        assert asked.is_signature_valid
        assert isinstance(key, ec.EllipticCurvePublicKey)
        builder = self._builder(name, key).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        return self._write(f"{file or name}.pem", builder.sign(self._key, hashes.SHA256())), place

    def server(self, address: str = "127.0.0.1") -> None:
        """broker.pem and broker.key of a broker at an address."""
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        key = make_key(self.folder / "broker.key")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        builder = self._builder("broker", key.public_key()).add_extension(names, critical=False)
        self._write("broker.pem", builder.sign(self._key, hashes.SHA256()))

    def revoke(self, *files: Path) -> None:
        """Write the list of revocations, with these certificates in it too."""
        self._revoked += [x509.load_pem_x509_certificate(each.read_bytes()).serial_number for each in files]
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(SINCE)
            .next_update(UNTIL)
        )
        for serial in self._revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(SINCE).build()
            builder = builder.add_revoked_certificate(entry)
        signed = builder.sign(self._key, hashes.SHA256())
        (self.folder / "revoked.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def context(self, name: str = "") -> ssl.SSLContext:
        """How a client of this name connects; without one it has no certificate."""
        context = ssl.create_default_context(cafile=str(self.file))
        context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 and newer do by themselves
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context


def shipped_broker(program: str, folder: Path, acl: str = "") -> servers.Server:
    """mosquitto with the config and the access list that ship, its places moved into a folder that has certificates."""
    port = servers.free_port()
    text = (SHIPPED / "mosquitto.conf").read_text("utf-8")
    text = text.replace("listener 8883", f"listener {port} 127.0.0.1")
    text = text.replace("listener 8884", f"listener {servers.free_port()} 127.0.0.1")
    text = text.replace("/etc/mosquitto/certs/", f"{folder}/").replace("/etc/mosquitto/", f"{folder}/")
    text = text.replace("/var/lib/mosquitto/", f"{folder}/").replace("log_dest syslog", "log_dest stderr")
    text += "\nuser root\n" if os.geteuid() == 0 else "\n"
    (folder / "mosquitto.conf").write_text(text, "utf-8")
    (folder / "lotwatch.acl").write_text(acl or (SHIPPED / "mosquitto.acl").read_text("utf-8"), "utf-8")
    (folder / "passwd").touch(0o600)
    command = [program, "-c", str(folder / "mosquitto.conf")]
    return servers.Server(command, port, folder / "mosquitto.log", lambda: servers.listens(port))


def password_broker(program: str, hasher: str, folder: Path, users: Sequence[str]) -> servers.Server:
    """The same, where everybody comes with a password, and in the clear."""
    server = shipped_broker(program, folder)
    config = folder / "mosquitto.conf"
    kept = [
        line
        for line in config.read_text("utf-8").splitlines()
        if not line.startswith(
            ("listener", "cafile", "certfile", "keyfile", "crlfile", "tls_", "require_", "use_")
        )
    ]
    config.write_text("\n".join([f"listener {server.port} 127.0.0.1", *kept, ""]), "utf-8")
    (folder / "passwd").write_text("".join(f"{user}:{PASSWORD}\n" for user in users), "utf-8")
    subprocess.run([hasher, "-U", str(folder / "passwd")], check=True)
    return server


@dataclass(frozen=True, slots=True)
class Tally:
    """What was tried and what of it succeeded. A pair is a supplier and another one's site."""

    read_pairs: int  # tried
    read: int  # in which something was read
    write_pairs: int  # tried
    written: int  # in which something was written
    own_read: int  # suppliers that read all there was for them
    own_written: int  # suppliers that wrote into their own
    silent: int  # writes of MQTT 5 that the broker did not refuse in words


Connect = Callable[[str, str, int], Wire]
"""User, client id and version of MQTT to a connection."""


def tried(connect: Connect, sites: Sequence[str]) -> Tally:
    """Every supplier on every site: subscribe to it in all ways there are, write into it, kept and live."""
    ingest = connect("ingest", "ingest", 5)
    ingest.listen(["lotwatch/v1/+/#"])
    _each(
        ingest, [(f"lotwatch/v1/{site}/stored", b"kept of " + site.encode()) for site in sites], retain=True
    )
    boxes = {site: connect(site, f"box-{site}", 5) for site in sites}
    silent = pairs = 0
    for at, (site, box) in enumerate(boxes.items()):
        others = [*sites[at + 1 :], *sites[:at]]
        box.listen([f"lotwatch/v1/{site}/stored"])
        box.listen([f"lotwatch/v1/{each}/#" for each in others])
        box.listen(["#", "lotwatch/v1/#", "lotwatch/v1/+/stored", f"$share/{site}/lotwatch/v1/#", "+/v1/#"])
        box.say([(f"lotwatch/v1/{site}/reading", b"by " + site.encode())])
        version = 4 + at % 2
        codes = _written(connect, site, others, version)
        pairs += len(others)
        silent += sum(code != REFUSED for code in codes) if version == 5 else 0
    _each(ingest, [(f"lotwatch/v1/{site}/stored", b"live of " + site.encode()) for site in sites])
    _each(ingest, [(f"lotwatch/v1/{site}/stored", b"end") for site in sites])
    ingest.say([("lotwatch/v1/end/stored", b"the end")])
    own: set[str] = set()
    written: set[tuple[str, str]] = set()
    for each in ingest.until(b"the end"):
        word, _, by = each.payload.decode().partition(" ")
        if word == "by":
            site = each.topic.split("/")[2]
            own.update([site] if by == site else [])
            written.update([(by, site)] if by != site else [])
    read: set[tuple[str, str]] = set()
    own_read = 0
    for site, box in boxes.items():
        heard = box.until(b"end")
        read.update((site, each.topic.split("/")[2]) for each in heard if each.topic.split("/")[2] != site)
        mine = {each.payload for each in heard}
        own_read += {b"kept of " + site.encode(), b"live of " + site.encode()} <= mine
        box.leave()
    ingest.leave()
    return Tally(len(sites) * (len(sites) - 1), len(read), pairs, len(written), own_read, len(own), silent)


def _written(connect: Connect, site: str, others: Sequence[str], version: int) -> list[int]:
    """What the broker says to each write into another site, half of them to be kept."""
    mark = b"by " + site.encode()
    box = connect(site, f"writing-{site}", version)
    codes = box.say([(f"lotwatch/v1/{each}/reading", mark) for each in others])
    codes += box.say([(f"lotwatch/v1/{each}/entry/1", mark) for each in others], retain=True)
    box.leave()
    return codes


def _each(box: Wire, messages: Sequence[tuple[str, bytes]], *, retain: bool = False) -> None:
    """Within the window of messages that the broker takes at once."""
    for at in range(0, len(messages), 100):
        box.say(messages[at : at + 100], retain=retain)
