"""The sentences about lots in English. Pure."""

from __future__ import annotations

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
from gateway.sentences.words import moment, named, number, percent

_WHAT = {
    "regrind": "regrind is {share}",
    "passes": "what was through a screw more than {about} times is {share}",
    "apart": "{about}: of each there is at least {share}",
    "expired": "material past its expiry date ({about}) is {share}",
}
_MEND = "Take it back, or tell whoever has it."


def about_lots(said: AboutLots, reaction: str) -> str:
    """One sentence or two, and what to do."""
    text, do = _said(said)
    do = reaction or do
    return f"{text} Do: {do}" if do else text


def _said(said: AboutLots) -> tuple[str, str]:
    match said:
        case RuleBroken():
            return _broken(said)
        case MadeOfHeld(shipped=True):
            lots = named(said.lots, ", ", " and {} more")
            return (
                f"Shipped, now suspect: {lots}. They are made of {said.source}, held for: {said.reason}.",
                _MEND,
            )
        case MadeOfHeld():
            lots = named(said.lots, ", ", " and {} more")
            return f"Held, for they are made of {said.source} ({said.reason}): {lots}.", "Put them aside."
        case ShippedSuspect():
            return f"Shipped, now suspect: {said.lot} breaks rule {said.rule}, as is known now.", _MEND
        case MaterialUsed(expired=True):
            text = f"{said.lot} was past its expiry date when it came to {said.cell} at {moment(said.time_ns)} UTC."
            return text, "Take it off, and ask quality."
        case MaterialUsed():
            text = f"{said.lot} feeds {said.cell} at {moment(said.time_ns)} UTC and is held: {said.reason}."
            return text, "Take it off."
        case HeldShipped():
            text = f"{said.lot} left by {said.cell} at {moment(said.time_ns)} UTC and is held: {said.reason}."
            return text, "Stop the shipment, or take it back."
        case ScanLate():
            text = (
                f"{said.lot} was scanned at {said.point} at {moment(said.time_ns)} UTC, and it was told only "
                f"{number(said.seconds)} s later."
            )
            return text, "Look at the scanner; scan when the material comes."
        case SharesOff():
            text = f"The shares of what {said.lot} is made of miss 100 % by {number(100 * abs(said.off))} points."
            return text, "Do not rely on what this lot is made of; send a support bundle."


def _broken(said: RuleBroken) -> tuple[str, str]:
    share = f"{percent(said.low)} to {percent(said.high)} %"
    what = _WHAT[said.what].format(share=share, about=said.about)
    breaks = "breaks" if said.sure else "may break"
    held = " It is held." if said.held else ""
    text = f"{said.lot} {breaks} rule {said.rule}: {what}, allowed {percent(said.limit)} %.{held}"
    return text, "Put it aside." if said.held else "Look at it before it is used."
