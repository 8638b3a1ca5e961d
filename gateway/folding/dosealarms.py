"""What the dosing room finds, as alarms with their sentences. Pure.

One alarm stands for each estimate that disagrees with its doser. It returns when a window agrees again.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.alarms import Alarms, Cause, raised, returned
from gateway.dosing import Finding
from gateway.model import Event, Instant, Plain, Severity
from gateway.sentences import PhantomRegrind, sentences
from gateway.site import Doser

PHANTOM = "phantom_regrind"


def told(alarms: Alarms, found: Finding, at: Instant) -> tuple[Alarms, tuple[Event, ...]]:
    """What a finding does to the alarms."""
    row, each = found.doser, found.compared
    cause = _cause(row, each.estimate)
    if not each.said:
        return returned(alarms, cause.name, at)
    said = PhantomRegrind(
        at.time_ns, row.name, each.component, each.said == "declared", each.from_ns, each.to_ns, each.dosed_kg,
        each.estimate, each.estimate_kg, abs(each.off_kg), each.sigma_kg, row.false_alarms_per_year, found.differ,
        found.agree, each.lots,
    )  # fmt: skip
    facts: dict[str, Plain] = {
        "component": each.component, "what": f"{each.said} but not {_OTHER[each.said]}", "estimate": each.estimate,
        "from_ns": each.from_ns, "to_ns": each.to_ns, "dosed_kg": each.dosed_kg, "estimate_kg": each.estimate_kg,
        "off_kg": each.off_kg, "sigma_kg": each.sigma_kg, "differ": list(found.differ), "agree": list(found.agree),
        "suspect": suspect(found),
    }  # fmt: skip
    facts |= sentences(said, row.reaction, row.reaction_zh)
    alarms, events = raised(alarms, cause, at, each.lots, facts)
    return alarms, events


def names(dosers: Iterable[Doser]) -> set[str]:
    """Names of the causes that the dosing room can still find gone."""
    return {_cause(row, each.name).name for row in dosers for each in row.estimates}


def _cause(row: Doser, estimate: str) -> Cause:
    return Cause(PHANTOM, row.name, Severity.ALARM, reaction=row.reaction, key=estimate, at=row.cell)


def suspect(found: Finding) -> str:
    """One fault explains it best: the doser, where all else agree with each other; the estimate, where it is alone.

    "": nobody knows; there is one witness only, or as many on each side.
    """
    if found.agree and len(found.differ) == 1:
        return found.compared.estimate
    if len(found.differ) > 1 and not found.agree:
        return found.doser.name
    return ""


_OTHER = {"declared": "metered", "metered": "declared"}
