"""The sentences about checks in English. Pure."""

from __future__ import annotations

from gateway.sentences.checkfacts import AboutChecks, CheckFailed, CheckMissed, Stop
from gateway.sentences.words import moment, named, quantity

_WHAT = {
    "check": "Check",
    "calibration": "Calibration",
    "maintenance": "Maintenance",
    "qualification": "Qualification",
    "audit": "Audit",
}
_LOT = {"hold": " The lot is held.", "reject": " The lot is rejected.", "tell": ""}


def about_checks(said: AboutChecks, reaction: str) -> str:
    """One sentence or two, and what to do."""
    if isinstance(said, Stop):
        return _stop(said)
    text = _failed(said) if isinstance(said, CheckFailed) else _missed(said)
    return f"{text} Do: {reaction}" if reaction else text


def _stop(said: Stop) -> str:
    where = named(said.cells, ", ", " and {} more") or "the whole site"
    if said.over:
        return f"Planned stop {said.name} is over at {where}: alarms that nobody answered are told again."
    when = "is on" if said.on else f"begins at {moment(said.from_ns)} UTC"
    return (
        f"Planned stop {said.name} {when}, until {moment(said.to_ns)} UTC, at {where}: "
        "nobody is told of alarms meanwhile, and no check is due."
    )


def _missed(said: CheckMissed) -> str:
    about = f" ({said.about})" if said.about else ""
    of = f" of {said.subject}" if said.subject else ""
    lot = f" for lot {said.lot}" if said.lot else ""
    where = f" at {said.cell}" if said.cell else ""
    what = f"{_WHAT[said.what]} {said.check}{about}{of}{lot}{where}"
    return f"{what} was due at {moment(said.due_ns)} UTC: nobody did it."


def _failed(said: CheckFailed) -> str:
    about = f" ({said.about})" if said.about else ""
    lot = f" of lot {said.lot}" if said.lot else ""
    low = "" if said.low is None else f" from {quantity(said.low, said.uom)}"
    high = "" if said.high is None else f" to {quantity(said.high, said.uom)}"
    held = _LOT[said.outside] if said.lot else ""
    return (
        f"{said.check}{about}{lot}: {quantity(said.value, said.uom)}, entered at {moment(said.time_ns)} UTC, "
        f"is outside{low}{high}.{held}"
    )
