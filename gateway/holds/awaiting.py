"""A lot that nobody may use before its checks are made: held when it comes, free when it is accepted. Pure."""

from __future__ import annotations

from dataclasses import replace

from gateway.holds.closing import put
from gateway.holds.findings import Found, Free, noted
from gateway.holds.spread import forgotten
from gateway.holds.values import CHECK, Holds, Why
from gateway.model import Plain, Severity


def quarantine(holds: Holds, lot: str, why: Why, time_ns: int, kind: str, cell: str) -> tuple[Holds, Found]:
    """Held for a check; once, however often it is asked for."""
    before = holds.held.get(lot)
    if before is not None and any(each.by == CHECK and each.about == why.about for each in before.why):
        return holds, ()
    facts: dict[str, Plain] = {"by": CHECK, "about": why.about, "reason": why.reason, "lot_kind": kind}
    holds = put(holds, lot, why, time_ns, kind, cell)
    return holds, (noted(time_ns, "lot_held", lot, Severity.INFO, cell=cell, **facts),)


def accepted(holds: Holds, lot: str, operator: str, time_ns: int, reason: str) -> tuple[Holds, Found]:
    """Its checks are made, and all are inside: free, unless it is held for something else too.

    Where a check wants a second person, this operator is the first of two: another one releases it.
    """
    held = holds.held.get(lot)
    if held is None or all(each.by != CHECK for each in held.why):
        return holds, ()
    rest = tuple(each for each in held.why if each.by != CHECK)
    if rest:
        return holds.hold(replace(held, why=rest)), ()
    if held.second_person:
        if held.asked_by == operator:
            return holds, ()
        asked = holds.hold(replace(held, asked_by=operator))
        return asked, (noted(time_ns, "release_asked", lot, operator=operator, reason=reason),)
    free = replace(holds, held={name: each for name, each in holds.held.items() if name != lot})
    facts: dict[str, Plain] = {"operator": operator, "reason": reason, "lot_kind": held.kind}
    facts |= {"held_since_ns": held.since_ns, "held_for": [why.reason for why in held.why]}
    note = noted(time_ns, "lot_released", lot, Severity.INFO, cell=held.cell, **facts)
    return forgotten(free, lot), (note, Free(lot))
