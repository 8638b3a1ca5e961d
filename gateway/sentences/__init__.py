"""What happened, in a sentence that an operator understands: English and Simplified Chinese. Pure.

A sentence says what, where, in which direction, how far, since when, in which lots, and what to do. Every kind is said
in both languages, or a test fails; times are UTC and say so.
"""

from __future__ import annotations

from gateway.model import Signal
from gateway.sentences import (
    checks_chinese,
    checks_english,
    chinese,
    doses_chinese,
    doses_english,
    english,
    lots_chinese,
    lots_english,
)
from gateway.sentences.checkfacts import AboutChecks, CheckFailed, CheckMissed, Stop
from gateway.sentences.dosefacts import BalanceFault, PhantomRegrind
from gateway.sentences.facts import DiskLow, Exceeded, Said, Silent, Unheard, Unusual
from gateway.sentences.lotfacts import (
    AboutLots,
    HeldShipped,
    MadeOfHeld,
    MaterialUsed,
    RuleBroken,
    ScanLate,
    SharesOff,
    ShippedSuspect,
)

_LANGUAGES = {"en": english, "zh": chinese}
_OF_DOSES = {"en": doses_english, "zh": doses_chinese}
_OF_LOTS = {"en": lots_english, "zh": lots_chinese}
_OF_CHECKS = {"en": checks_english, "zh": checks_chinese}
LANGUAGES = tuple(_LANGUAGES)

__all__ = [
    "LANGUAGES",
    "AboutChecks",
    "AboutLots",
    "BalanceFault",
    "CheckFailed",
    "CheckMissed",
    "DiskLow",
    "Exceeded",
    "HeldShipped",
    "MadeOfHeld",
    "MaterialUsed",
    "PhantomRegrind",
    "RuleBroken",
    "Said",
    "ScanLate",
    "SharesOff",
    "ShippedSuspect",
    "Silent",
    "Stop",
    "Unheard",
    "Unusual",
    "sentence",
    "sentences",
]


def sentence(
    said: Said | AboutLots | BalanceFault | PhantomRegrind | AboutChecks, reaction: str = "", lang: str = "en"
) -> str:
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
        case Unheard():
            text = says.unheard(said, do)
        case DiskLow():
            text = says.disk_low(said, do)
        case Unusual():
            text = says.unusual(said, do)
        case CheckMissed() | CheckFailed() | Stop():
            text = _OF_CHECKS[lang].about_checks(said, do)
        case BalanceFault():
            text = _OF_DOSES[lang].about_faults(said)
        case PhantomRegrind():
            text = _OF_DOSES[lang].about_doses(said, do)
        case _:
            text = _OF_LOTS[lang].about_lots(said, do)
    return text


def sentences(
    said: Said | AboutLots | BalanceFault | PhantomRegrind | AboutChecks,
    reaction: str = "",
    reaction_zh: str = "",
) -> dict[str, str]:
    """The facts of an alarm that say it in words; where no reaction is in Chinese, both take the one there is."""
    facts = {
        "sentence": sentence(said, reaction, "en"),
        "sentence_zh": sentence(said, reaction_zh or reaction, "zh"),
    }
    return facts | {"reaction_zh": reaction_zh} if reaction_zh else facts
