"""Lots, cells, orders and parties as URIs, and URIs as lots. Pure.

A lot that carries a GS1 key is named by its Digital Link (CBV 2.0, 8.2.1): it needs no length of a company prefix, as
an EPC URN does. Everything else is private, in the forms of CBV 2.0, 8.2.4: ``<base>class/...`` for what has an amount,
``<base>obj/...`` for what is one thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from gateway.epcis.links import DOMAIN, canonical, check_digit, safe

THINGS = frozenset({"pallet", "shipment"})
"""Kinds of lot that are one thing, which holds others."""

_PART = r"[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2}"
_URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.\-]*:(//(?:{_PART})*(?:/(?:{_PART})*)*|(?:{_PART})(?:{_PART}|/)*)"
    rf"(\?(?:{_PART}|[/?])*)?(#(?:{_PART}|[/?])*)?"
)
_LOT_KEYS = (
    (re.compile(r"(\d{14}):sn:(.+)", re.DOTALL), "/01/{}/21/{}", True),
    (re.compile(r"(\d{14}):(.+)", re.DOTALL), "/01/{}/10/{}", False),
    (re.compile(r"sscc:(\d{18})"), "/00/{}", True),
    (re.compile(r"grai:(\d{13})(.+)", re.DOTALL), "/8003/0{}{}", True),
    (re.compile(r"giai:(.+)", re.DOTALL), "/8004/{}", True),
    (re.compile(r"cpi:([^:]+):(\d{1,12})"), "/8010/{}/8011/{}", True),
)
"""Forms of `gateway.codes.identify.lot_of`, the Digital Link of each, and whether it is one thing."""
_LINK_KEYS = (
    (re.compile(r"/01/(\d{14})/21/([^/]+)"), "{}:sn:{}"),
    (re.compile(r"/01/(\d{14})/10/([^/]+)"), "{}:{}"),
    (re.compile(r"/00/(\d{18})"), "sscc:{}"),
    (re.compile(r"/8003/0(\d{13})([^/]+)"), "grai:{}{}"),
    (re.compile(r"/8004/([^/]+)"), "giai:{}"),
    (re.compile(r"/8010/([^/]+)/8011/(\d{1,12})"), "cpi:{}:{}"),
)


class Epc(NamedTuple):
    """What a lot is called in EPCIS."""

    uri: str
    thing: bool  # one thing, such as a pallet; False: a class, of which there are kilograms


def is_uri(text: str) -> bool:
    """Whether it is a URI with a scheme, of allowed characters only (RFC 3986; no IPv6 hosts).

    >>> is_uri("https://a.example/x?y=1"), is_uri("urn:epc:id:sscc:1.2"), is_uri("a b:c"), is_uri("x")
    (True, True, False, False)
    """
    return len(text) <= 2_000 and bool(_URI.fullmatch(text))


def private_base(site: str) -> str:
    """Where private names live when the config says nothing: a domain that nobody can own (RFC 2606, 2)."""
    return f"https://{site}.lotwatch.invalid/"


@dataclass(frozen=True)
class Names:
    """How one site names things. `kind_of` tells the kind of a lot that only its name is known of; "" if unknown."""

    base: str  # ends with / or, of a URN, with :
    gln: str = ""  # of the site; 13 digits
    kind_of: Callable[[str], str] = lambda lot: ""  # noqa: ARG005 # a default has the name of what it stands for

    def lot(self, lot: str, kind: str = "") -> Epc:
        """A lot's URI.

        >>> Names("https://a.example/").lot("09506000134352:R24%2F1").uri
        'https://id.gs1.org/01/09506000134352/10/R24%2F1'
        >>> Names("https://a.example/").lot("LW-NORTH-000042-C")
        Epc(uri='https://a.example/class/LW-NORTH-000042-C', thing=False)
        """
        known = _of_key(lot)
        if known is not None:
            return known
        thing = (kind or self.kind_of(lot)) in THINGS
        return Epc(self.private("obj" if thing else "class", lot), thing)

    def thing(self, lot: str) -> str:
        """The URI of a lot that holds others."""
        found = self.lot(lot)
        return found.uri if found.thing else self.private("obj", lot)

    def lot_of(self, uri: str) -> str:
        """The lot that a URI names; a foreign one names itself."""
        link = canonical(uri)
        if link is not None:
            for form, name in _LINK_KEYS:
                if found := form.fullmatch(link.removeprefix(DOMAIN)):
                    return name.format(*(quote(unquote(part), safe="") for part in found.groups()))
            return link
        for word in ("class", "obj"):
            start = self.private(word, "")
            if uri.startswith(start) and len(uri) > len(start):
                return unquote(uri.removeprefix(start))
        return uri

    def cell(self, cell: str) -> str:
        """A cell, ``area/line/cell``, as a place."""
        return self.private("loc", cell)

    def place(self, cell: str) -> str:
        """Where a thing is after an event: the site's GLN if it has one, else the cell."""
        return f"{DOMAIN}/414/{self.gln}" if self.gln else self.cell(cell)

    def transaction(self, text: str) -> str:
        """An order, a delivery note."""
        return text if is_uri(text) else self.private("bt", text)

    def party(self, text: str) -> str:
        """A supplier or customer: a GLN, a URI, or a word of ours."""
        if re.fullmatch(r"\d{13}", text, re.ASCII) and check_digit(text[:-1]) == text[-1]:
            return f"{DOMAIN}/417/{text}"
        return text if is_uri(text) else self.private("party", text)

    def object(self, text: str) -> str:
        """A device, a tag or a bin."""
        link = canonical(text)
        return link or (text if is_uri(text) else self.private("obj", text))

    def private(self, word: str, name: str) -> str:
        """A private name: of things under /, of URNs under a colon."""
        return _private(self.base, word, name)


@lru_cache(maxsize=8192)  # the same lots and cells come again and again
def _of_key(lot: str) -> Epc | None:
    """The URI that a lot's name holds itself: of a GS1 key, or a URI."""
    for form, link, thing in _LOT_KEYS:
        if found := form.fullmatch(lot):
            return Epc(DOMAIN + link.format(*(safe(unquote(part)) for part in found.groups())), thing)
    if lot.startswith(("urn:", "http://", "https://")) and is_uri(lot):
        return Epc(lot, "/obj/" in lot or ":obj:" in lot)
    return None


@lru_cache(maxsize=8192)
def _private(base: str, word: str, name: str) -> str:
    between = ":" if base.startswith("urn:") else "/"
    parts = name.split("/") if word == "loc" else [name]
    return f"{base}{word}{between}{between.join(quote(part, safe='', errors='replace') for part in parts)}"
