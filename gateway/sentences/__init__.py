"""What happened, in a sentence that an operator understands: English and Simplified Chinese. Pure.

A sentence says what, where, in which direction, how far, since when, in which lots, and what to do. Every kind is said
in both languages, or a test fails; times are UTC and say so.
"""

from __future__ import annotations

from gateway.model import Signal
from gateway.sentences import chinese, english
from gateway.sentences.facts import Exceeded, Said, Silent, Unusual

_LANGUAGES = {"en": english, "zh": chinese}
LANGUAGES = tuple(_LANGUAGES)

__all__ = ["LANGUAGES", "Exceeded", "Said", "Silent", "Unusual", "sentence", "sentences"]


def sentence(said: Said, reaction: str = "", lang: str = "en") -> str:
    """One sentence or a few, without a line break; `reaction`: what the plan says to do. Raises KeyError: language."""
    says, do = _LANGUAGES[lang], " ".join(reaction.split())
    text: str
    match said:
        case Signal():
            text = says.signal(said, do)
        case Exceeded():
            text = says.exceeded(said, do)
        case Silent():
            text = says.silent(said, do)
        case Unusual():
            text = says.unusual(said, do)
    return text


def sentences(said: Said, reaction: str = "") -> dict[str, str]:
    """The facts of an alarm that say it in words."""
    return {"sentence": sentence(said, reaction, "en"), "sentence_zh": sentence(said, reaction, "zh")}
