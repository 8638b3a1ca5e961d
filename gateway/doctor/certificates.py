"""Certificates that the config names, and the one that a broker shows: do they still hold?"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from gateway.doctor.found import Finding
from gateway.site import Broker, Site

SOON = timedelta(days=30)
CONNECT_S = 5.0


def named(site: Site) -> Iterator[tuple[str, str]]:
    """Files of certificates, and what they are of."""
    brokers = [site.broker] if site.broker else []
    brokers += site.sparkplug.brokers if site.sparkplug else ()
    for broker in brokers:
        if broker.ca_file:
            yield f"the broker {broker.where} (trusted)", broker.ca_file
        if broker.certificate_file:
            yield f"this box at {broker.where}", broker.certificate_file
    if site.web_beyond is not None:
        yield "the pages", site.web_beyond.certificate_file


def file(what: str, path: str, now: datetime) -> list[Finding]:
    """What is wrong with the certificates in a file."""
    facts = {"what": what, "file": path}
    try:
        found = x509.load_pem_x509_certificates(Path(path).read_bytes())
    except OSError as error:
        return [Finding("LW604", {**facts, "why": error.strerror or str(error)})]
    except ValueError:
        return [Finding("LW604", {**facts, "why": "no certificate in PEM form is in it"})]
    return [each for one in found for each in judged(one, facts, now)]


def shown(broker: Broker, now: datetime) -> list[Finding]:
    """What is wrong with the certificate that a broker shows, whoever signed it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only looked at: nothing is sent
    der = None
    with (
        contextlib.suppress(OSError),
        socket.create_connection((broker.host, broker.port), CONNECT_S) as plain,
        context.wrap_socket(plain, server_hostname=broker.host) as made,
    ):
        der = made.getpeercert(binary_form=True)
    if der is None:  # that it cannot be reached is told elsewhere
        return []
    facts = {"what": "the broker", "file": f"shown by {broker.where}"}
    return judged(x509.load_der_x509_certificate(der), facts, now)


def judged(certificate: x509.Certificate, facts: dict[str, str], now: datetime) -> list[Finding]:
    """Whether it holds now, and for a while."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if last < now:
        return [Finding("LW601", {**facts, "date": f"{last:%Y-%m-%d}"})]
    if first > now:
        return [Finding("LW603", {**facts, "date": f"{first:%Y-%m-%d}"})]
    if last - now < SOON:
        days = str((last - now).days)
        return [Finding("LW602", {**facts, "date": f"{last:%Y-%m-%d}", "days": days}, warning=True)]
    return []


def instant(now_ns: int) -> datetime:
    """As a date."""
    return datetime.fromtimestamp(now_ns // 10**9, UTC)
