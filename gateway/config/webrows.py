"""What a site file says of HTTP, and of the names that its lots have outside."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from gateway.plan.models import Closed
from gateway.plan.words import Kind, Secret, Text, whole, wrong
from gateway.trust.hostnames import is_host, listening

_BASE = r"(https?://[A-Za-z0-9.\-_]+(:[0-9]{1,5})?/([A-Za-z0-9.\-_~]+/)*|urn:[A-Za-z0-9][A-Za-z0-9\-]{0,30}[A-Za-z0-9]:([A-Za-z0-9.\-_]+:)*)"


def _base(value: Any) -> Any:
    if not isinstance(value, str) or len(value) > 200 or not re.fullmatch(_BASE, value):
        raise wrong(
            "is not a URI to which names can be added: https://lots.example.com/ or urn:namespace:lots:"
        )
    return value


def _gln(value: Any) -> Any:
    """GS1 General Specifications, 7.9: weights 1 and 3 from the left of 13 digits."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{13}", value):
        raise wrong('is not a GLN of 13 digits, in quotes: "4012345000009"')
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(value)) % 10:
        raise wrong("is not a GLN: its check digit does not fit")
    return value


class EpcisRow(Closed):
    """How lots and places are named in EPCIS documents."""

    base: Annotated[str, Kind(_base, {"type": "string", "pattern": f"^{_BASE}$"})] | None = Field(
        None,
        description="what private names begin with: `https://lots.example.com/` of a domain of yours, or "
        "`urn:namespace:`; `https://<site>.lotwatch.invalid/`, which is nobody's, if not given",
    )
    gln: Annotated[str, Kind(_gln, {"type": "string", "pattern": "^[0-9]{13}$"})] | None = Field(
        None, description="the site's GLN, in quotes; names where things are, instead of the cell"
    )


def _listen(value: Any) -> Any:
    if not isinstance(value, str) or listening(value) is None:
        raise wrong('is not an address and a port to listen on, in quotes: "0.0.0.0:8443" or "[::]:8443"')
    return value


def _host(value: Any) -> Any:
    if not isinstance(value, str) or not is_host(value):
        raise wrong(
            "is not a name in small letters, or an address, by which a browser asks: box.plant.example"
        )
    return value


class WebRow(Closed):
    """The pages, on this machine and for others."""

    port: Annotated[int, whole(1, 65_535)] = Field(description="of 127.0.0.1")
    open: bool = Field(
        False,
        description="whoever is on this machine may look at the pages without signing in; acts never so",
    )
    listen: Annotated[str, Kind(_listen, {"type": "string"})] | None = Field(
        None,
        description='address and port for other machines, in quotes: "0.0.0.0:8443"; over TLS, once there is an '
        "account; this machine only if not given",
    )
    certificate_file: Text | None = Field(
        None, description="with `listen`: the certificate, and those behind it (PEM), beside this file"
    )
    key_from: Secret | None = Field(
        None, description="with `listen`: where its key is: `file:PATH` or `credential:NAME`"
    )
    hosts: list[Annotated[str, Kind(_host, {"type": "string"})]] = Field(
        default_factory=list,
        max_length=50,
        description="with `listen`: names and addresses by which browsers may ask it; others are turned away",
    )
