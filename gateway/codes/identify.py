"""From a scanned code to what it identifies, or why it is refused; and to the lot it names. Pure.

A code is understood as the first of these that it is: a GS1 element string (its symbology identifier says so, or it
holds a separator, begins with an identifier in brackets, or begins as a GTIN or SSCC with its identifier), the memory
of an RFID tag, a GTIN or SSCC of digits only, one of our labels, plain text. What begins as one of the first and is
damaged is refused, never taken for plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from gateway.codes.gs1 import GS, Element, Gs1Refused, from_brackets, from_scan
from gateway.codes.gs1_checks import has_check_digit
from gateway.codes.labels import PREFIX, is_label

LONGEST_PLAIN = 60
CODES = {
    "empty": "nothing was read",
    "unprintable": "control characters, where no GS1 separator is meant",
    "too_long": f"plain text of more than {LONGEST_PLAIN} characters",
    "unknown_ai": "no such application identifier",
    "length": "a value that is too short or too long",
    "characters": "a character that the value cannot have",
    "check_digit": "a GS1 check digit that does not fit",
    "check_character": "one of our labels that is damaged",
    "date": "a day that does not exist",
    "value": "a time, place, percent code or number that is not possible",
    "repeated_ai": "an identifier twice, with different values",
    "missing_ai": "an identifier without the one it needs",
    "excluded_ai": "two identifiers that exclude each other",
    "lost_separator": "two legal readings: the scanner lost the separator",
    "not_hex": "tag memory that is not whole words of hexadecimal digits",
    "no_lot": "understood, but it names a product or a place, not a lot",
}
"""Why a code is refused."""

_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1_SYMBOLOGIES = {"]C1", "]e0", "]d2", "]Q3", "]J1"}  # General Specifications, 5.1.3; ]J1: DotCode
_RETAIL = ("]E", "]I", "]X")  # EAN/UPC and ITF carry GTINs; Code 128, Code 39 and others carry anything
_GTIN_LENGTHS = {8, 12, 13, 14}
_BRACKETED = re.compile(r"\(\d{2,4}\)")
_KEY_FIRST = re.compile(r"0[12]\d{14}|00\d{18}$")
_CARETS = str.maketrans("^", GS)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a code says."""

    kind: str  # "gs1", "gtin", "sscc", "label", "epc", "plain"
    text: str  # without its symbology identifier
    symbology: str = ""
    elements: tuple[Element, ...] = ()

    def value(self, *ais: str) -> str:
        """The value of the first of these identifiers that is there."""
        for ai in ais:
            for element in self.elements:
                if element.ai == ai:
                    return element.value
        return ""


@dataclass(frozen=True, slots=True)
class Identified:
    """The code names a lot. The fields after `kind` are empty where the code does not say them."""

    lot: str
    kind: str
    gtin: str = ""
    serial: str = ""
    sscc: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The code is damaged, or names no lot: one of `CODES`, and a sentence."""

    code: str
    message: str


def understand(code: str, symbology: str = "") -> Understood | Refused:
    """What a code says. `symbology`: the AIM identifier that the reader sent, if not part of the code; "epc": a tag.

    >>> understand("]C10109506000134352" "1728123110R24-0001").value("10")
    'R24-0001'
    """
    text = code.strip(" \t\r\n")
    if not symbology and _SYMBOLOGY.match(text):
        symbology = text[:3]
    if symbology and symbology != "epc":
        text = text.removeprefix(symbology)
    if not text:
        return Refused("empty", "the code is empty")
    if symbology == "epc":
        return _tag(text)
    try:
        found = _gs1(text, symbology) or _digits(text, symbology) or _free(text, symbology)
    except Gs1Refused as refused:
        return Refused(refused.code, refused.message)
    return found


def lot_of(code: str, symbology: str = "") -> Identified | Refused:
    """The lot that a code names; its form is for people and stays the same however the code was scanned.

    >>> lot_of("(01)09506000134352(10)R24/1").lot
    '09506000134352:R24%2F1'
    """
    found = understand(code, symbology)
    if isinstance(found, Refused):
        return found
    if not found.elements:
        return Identified(found.text, found.kind)
    gtin, sscc = found.value("01", "02", "03", "8006", "8026")[:14], found.value("00")
    batch, serial = found.value("10"), found.value("21")
    if gtin and batch:
        lot = f"{gtin}:{_safe(batch)}"
    elif sscc:
        lot = f"sscc:{sscc}"
    elif gtin and serial:
        lot = f"{gtin}:sn:{_safe(serial)}"
    elif asset := found.value("8004"):
        lot = f"giai:{_safe(asset)}"
    elif len(asset := found.value("8003")) > 14:
        lot = f"grai:{_safe(asset[1:])}"
    else:
        said = ", ".join(f"({each.ai}) {each.title}" for each in found.elements)
        return Refused("no_lot", f"{said} names no lot: a batch, a serial or an SSCC is missing")
    return Identified(lot, found.kind, gtin, serial, sscc)


def _safe(text: str) -> str:
    """Letters, digits, ``-``, ``.``, ``_`` and ``~``; all else as ``%XX``."""
    return quote(text, safe="")


def _tag(text: str) -> Understood | Refused:
    """Tag memory in whole words of 16 bits; what it encodes is not looked into."""
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{4})+", text):
        return Refused("not_hex", "a tag's memory is words of four hexadecimal digits")
    return Understood("epc", text.upper(), "epc")


def _gs1(text: str, symbology: str) -> Understood | None:
    """An element string, or None if the code is not meant as one. Raises Gs1Refused."""
    if text.startswith("^"):  # how FNC1 is written where no key types it
        text = text.translate(_CARETS)
    if symbology in _GS1_SYMBOLOGIES or GS in text:
        return Understood("gs1", text, symbology, from_scan(text))
    if _BRACKETED.match(text):
        return Understood("gs1", text, symbology, from_brackets(text))
    if _KEY_FIRST.match(text) and (not symbology or text.startswith("00")):
        return Understood("gs1", text, symbology, from_scan(text))
    return None


def _digits(text: str, symbology: str) -> Understood | None:
    """A GTIN or SSCC without identifier. Raises Gs1Refused."""
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
        raise Gs1Refused("check_digit", f"{len(text)} digits are a {name}, but the check digit is wrong")
    return Understood(kind, text, symbology, (element,))


def _free(text: str, symbology: str) -> Understood:
    """One of our labels, or plain text. Raises Gs1Refused."""
    if not text.isprintable():
        raise Gs1Refused("unprintable", "the code has control characters")
    if len(text) > LONGEST_PLAIN:
        raise Gs1Refused("too_long", f"{len(text)} characters; a lot code has at most {LONGEST_PLAIN}")
    if not text.startswith(PREFIX):
        return Understood("plain", text, symbology)
    if not is_label(text):
        raise Gs1Refused("check_character", "this begins as one of our labels and is damaged")
    return Understood("label", text, symbology)
