"""Words of this room: the element, the refusal, the separator. Pure."""

from __future__ import annotations

from typing import NamedTuple

GS = "\x1d"
"""FNC1 behind an element, as scanners send it (General Specifications, 7.8.2)."""


class Element(NamedTuple):
    """One application identifier and what it says."""

    ai: str
    title: str
    value: str


class CodeRefused(ValueError):
    """Why a code is refused: a code of `gateway.codes.reasons`, and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def shown(text: str) -> str:
    """Text from outside as a message may show it."""
    short = text if len(text) <= 40 else text[:40] + "..."
    return short.encode("unicode_escape").decode("ascii")


def bracketed(elements: tuple[Element, ...]) -> str:
    """Elements as people print them.

    >>> bracketed((Element("01", "GTIN", "09506000134352"), Element("10", "BATCH/LOT", "A")))
    '(01)09506000134352(10)A'
    """
    return "".join(f"({each.ai}){each.value}" for each in elements)
