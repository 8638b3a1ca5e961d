"""From a code to the lot it names: one name, whichever carrier said it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from gateway.codes.reasons import CODES
from gateway.codes.understanding import Refused, Understood, understand

__all__ = ["CODES", "Identified", "Refused", "Understood", "lot_of", "understand"]


@dataclass(frozen=True, slots=True)
class Identified:
    """The code names a lot. The fields after `kind` are empty where the code does not say them."""

    lot: str
    kind: str
    gtin: str = ""
    serial: str = ""
    sscc: str = ""


@lru_cache(maxsize=64)  # one scan is asked by several rooms, and by each again
def lot_of(code: str, symbology: str = "") -> Identified | Refused:
    """The lot that a code names; its form is for people and stays the same however the code was scanned.

    >>> lot_of("(01)09506000134352(10)R24/1").lot
    '09506000134352:R24%2F1'
    >>> lot_of("311BA1B300CE0A6A83000000", "epc").lot == lot_of("(00)095201234567891235").lot
    True
    """
    found = understand(code, symbology)
    if isinstance(found, Refused):
        return found
    if not found.elements:
        return Identified(_unnumbered(found), found.kind)
    gtin, sscc = found.value("01", "02", "03", "8006", "8026")[:14], found.value("00")
    serial = found.value("21", "235")
    lot = _name(found, gtin, sscc, serial)
    if not lot:
        said = ", ".join(f"({each.ai}) {each.title}" for each in found.elements)
        return Refused("no_lot", f"{said} names no lot: a batch, a serial or an SSCC is missing")
    return Identified(lot, found.kind, gtin, serial, sscc)


def _name(found: Understood, gtin: str, sscc: str, serial: str) -> str:
    if gtin and (batch := found.value("10")):
        return f"{gtin}:{_safe(batch)}"
    if sscc:
        return f"sscc:{sscc}"
    if gtin and serial:
        return f"{gtin}:sn:{_safe(serial)}"
    if asset := found.value("8004"):
        return f"giai:{_safe(asset)}"
    if len(asset := found.value("8003")) > 14:
        return f"grai:{_safe(asset[1:])}"
    if (part := found.value("8010")) and (serial := found.value("8011")):
        return f"cpi:{_safe(part)}:{serial}"
    return ""


def _unnumbered(found: Understood) -> str:
    """A label, plain text, raw memory; a general identifier without its ``urn:epc:id:``."""
    return found.epc_uri.rpartition("urn:epc:id:")[2] or found.text


def _safe(text: str) -> str:
    """Letters, digits, ``-``, ``.``, ``_`` and ``~``; all else as ``%XX``."""
    return quote(text, safe="")
