"""From a code to what it says, or why it is refused. Pure.

A code is understood as the first of these that it is: an EPC URI; a web address, which has to be a Digital Link; a GS1
element string (its symbology identifier says so, or it holds a separator, begins with an identifier in brackets, or
begins as a GTIN or SSCC with its identifier); a GTIN or SSCC of digits only; the memory of an RFID tag; one of our
labels; plain text. What begins as one of the first and is damaged is refused, never taken for plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from gateway.codes import epc
from gateway.codes.digital_link import from_link, is_address
from gateway.codes.epc_uris import is_urn
from gateway.codes.gs1 import from_brackets, from_scan
from gateway.codes.gs1_checks import has_check_digit
from gateway.codes.labels import PREFIX, is_label
from gateway.codes.reasons import LONGEST_PLAIN
from gateway.codes.words import GS, CodeRefused, Element

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_SYMBOLOGIES = {"]C1", "]e0", "]d2", "]Q3", "]J1"}  # General Specifications, 5.1.3; ]J1: DotCode
_RETAIL = ("]E", "]I", "]X")  # EAN/UPC and ITF carry GTINs; Code 128, Code 39 and others carry anything
_GTIN_LENGTHS = {8, 12, 13, 14}
_BRACKETED = re.compile(r"\([0-9]{2,4}\)")
_KEY_FIRST = re.compile(r"0[12][0-9]{14}|00[0-9]{18}$")
_CARETS = str.maketrans("^", GS)
_HEX = re.compile(r"[0-9A-Fa-f]{20,}")
_WORDS = re.compile(r"(?:[0-9A-Fa-f]{4})+")


class Understood(NamedTuple):
    """What a code says."""

    kind: str  # "gs1", "digital-link", "gtin", "sscc", "label", "epc", "epc-raw", "plain"
    text: str  # without its symbology identifier
    symbology: str = ""
    elements: tuple[Element, ...] = ()
    epc_uri: str = ""
    tag_uri: str = ""

    def value(self, *ais: str) -> str:
        """The value of the first of these identifiers that is there."""
        for ai in ais:
            for element in self.elements:
                if element.ai == ai:
                    return element.value
        return ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The code is damaged, or names no lot: one of `reasons.CODES`, and a sentence."""

    code: str
    message: str


def understand(code: str, symbology: str = "") -> Understood | Refused:
    """What a code says. `symbology`: the AIM identifier that the reader sent, if not part of the code; "epc": a tag.

    >>> understand("]C10109506000134352" "1728123110R24-0001").value("10")
    'R24-0001'
    """
    text = code.strip(" \t\r\n")
    if not symbology and text[:1] == "]" and _SYMBOLOGY.match(text):
        symbology = text[:3]
    if symbology and symbology != "epc":
        text = text.removeprefix(symbology)
    if not text:
        return Refused("empty", "the code is empty")
    try:
        return _understood(text, symbology)
    except CodeRefused as refused:
        return Refused(refused.code, refused.message)


def _understood(text: str, symbology: str) -> Understood:
    """Raises CodeRefused."""
    if is_urn(text):
        said, memory = epc.from_urn(text)
        return _tagged(memory or text, symbology, said)
    if symbology == "epc":
        if not _WORDS.fullmatch(text):
            raise CodeRefused("not_hex", "a tag's memory is words of four hexadecimal digits")
        return _tagged(text.upper(), symbology, epc.from_memory(text))
    if is_address(text):
        return _address(text, symbology)
    return (
        _gs1(text, symbology)
        or _digits(text, symbology)
        or _memory(text, symbology)
        or _free(text, symbology)
    )


def _tagged(text: str, symbology: str, said: epc.Said) -> Understood:
    kind = "epc" if said.elements or said.uri else "epc-raw"
    return Understood(kind, text, symbology, said.elements, said.uri, said.tag_uri)


def _address(text: str, symbology: str) -> Understood:
    """A Digital Link, or an EPC in a web address. Raises CodeRefused."""
    memory = epc.in_link(text)
    if memory and epc.is_known(f"{memory}00"):
        return _tagged(memory, symbology, epc.from_memory(memory))
    return Understood("digital-link", text, symbology, from_link(text))


def _gs1(text: str, symbology: str) -> Understood | None:
    """An element string, or None if the code is not meant as one. Raises CodeRefused."""
    if text[0] == "^":  # how FNC1 is written where no key types it
        text = text.translate(_CARETS)
    if symbology in _GS1_SYMBOLOGIES or GS in text:
        return Understood("gs1", text, symbology, from_scan(text))
    if _BRACKETED.match(text):
        return Understood("gs1", text, symbology, from_brackets(text))
    if _KEY_FIRST.match(text) and (not symbology or text.startswith("00")):
        return Understood("gs1", text, symbology, from_scan(text))
    return None


def _digits(text: str, symbology: str) -> Understood | None:
    """A GTIN or SSCC without identifier. Raises CodeRefused."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) == 18:
        kind, element = "sscc", Element("00", "SSCC", text)
    elif len(text) in _GTIN_LENGTHS and (not symbology or symbology.startswith(_RETAIL)):
        kind, element = "gtin", Element("01", "GTIN", text.zfill(14))
    else:
        return None
    if not has_check_digit(text):
        name = "SSCC" if kind == "sscc" else f"GTIN-{len(text)}"
        raise CodeRefused("check_digit", f"{len(text)} digits are a {name}, but the check digit is wrong")
    return Understood(kind, text, symbology, (element,))


def _memory(text: str, symbology: str) -> Understood | None:
    """A tag's memory as text, typed or on a label; None if the code may as well be something else. Raises CodeRefused.

    Behind a symbology identifier it has to be an EPC; of decimal digits only, one that ends in the zeros of an SSCC or
    GSRN: any other number of 24 digits is more likely a number.
    """
    if not _HEX.fullmatch(text):
        return None
    sure = not symbology and len(text) >= 24 and len(text) % 4 == 0
    if not sure and (
        not epc.is_known(text) or (symbology and text.isdigit() and not text.endswith("000000"))
    ):
        return None
    try:
        return _tagged(text.upper(), symbology, epc.from_memory(text))
    except CodeRefused:
        if sure:
            raise
        return None


def _free(text: str, symbology: str) -> Understood:
    """One of our labels, or plain text. Raises CodeRefused."""
    if not text.isprintable():
        raise CodeRefused("unprintable", "the code has control characters")
    if len(text) > LONGEST_PLAIN:
        raise CodeRefused("too_long", f"{len(text)} characters; a lot code has at most {LONGEST_PLAIN}")
    if not text.startswith(PREFIX):
        return Understood("plain", text, symbology)
    if not is_label(text):
        raise CodeRefused("check_character", "this begins as one of our labels and is damaged")
    return Understood("label", text, symbology)
