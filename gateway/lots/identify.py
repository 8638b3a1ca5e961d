"""From a scanned code to the lot it names. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identified:
    """The code names a lot."""

    lot: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The code names no lot."""

    reason: str


def lot_of(code: str, symbology: str = "") -> Identified | Refused:
    """The lot a code names: the code itself, without surrounding blanks and control characters."""
    del symbology
    lot = code.strip()
    if not lot:
        return Refused("empty code")
    if not lot.isprintable():
        return Refused("control characters in the code")
    return Identified(lot)
