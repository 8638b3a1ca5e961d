"""False alarms shared out: each designed row's ARL0, from its own `design` or from the site's budget.

The limits that keep them are computed when the config is read to run (`gateway.config.limits`), not by `check`'s quick
look: that takes numpy and some seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.config.validate import Checked
from gateway.design.budget import Stream, split
from gateway.design.parameters import KNOWN_ONLY, LIMIT_OF, designable
from gateway.plan.models import CharacteristicRow, DesignRow
from gateway.site import Characteristic, Design

DAY_NS = 86_400_000_000_000


@dataclass(frozen=True)
class PlanRow:
    """A characteristic, and where it was written."""

    checked: Checked[Any]
    path: Path
    row: CharacteristicRow
    made: Characteristic

    def say(self, where: tuple[str, ...], text: str, severity: str = "error") -> None:
        self.checked.say((*self.path, *where), text, severity=severity)


def share_out(draft: Draft, rows: Sequence[PlanRow]) -> tuple[Characteristic, ...]:
    """The rows with their designs. A row takes part in the budget unless its plan says its limit or its ARL0."""
    budget = draft.model.false_alarms_per_day
    wanted: list[DesignRow | None] = [_wanted(each, budget) for each in rows]
    sharing = {
        i: _per_day(draft, each)
        for i, (each, design) in enumerate(zip(rows, wanted, strict=True))
        if design is not None and design.arl0 is None
    }
    shares = _shares(draft, rows, wanted, sharing) if budget is not None else {}
    made = []
    for i, (each, design) in enumerate(zip(rows, wanted, strict=True)):
        arl0 = None if design is None else design.arl0 or shares.get(i)
        if design is None or arl0 is None:
            made.append(each.made)
            continue
        if each.row.method in KNOWN_ONLY and not {"center", "sigma"} <= set(each.row.params):
            text = f"the limit of {each.row.method} is that of known parameters: limits from a short baseline give more"
            each.say(("method",), f"{text} false alarms than they are designed for", severity="warning")
        designed = Design(arl0, design.confidence, LIMIT_OF[each.row.method], 0.0)
        made.append(replace(each.made, design=designed))
    return tuple(made)


def _wanted(each: PlanRow, budget: float | None) -> DesignRow | None:
    """What a row asks for, or the budget asks of it; None where its limits are its own."""
    row = each.row
    if row.design is None and budget is None:
        return None
    why_not = designable(row.method, tuple(row.rules), row.params)
    own = LIMIT_OF.get(row.method, "") in row.params
    if row.design is None:
        if why_not or own:
            text = f"{row.id} is outside of the site's false_alarms_per_day: {why_not or 'its plan gives its limit'}"
            each.say(("method",), text, severity="warning")
        return None if why_not or own else DesignRow()
    if why_not:
        each.say(("design",), why_not)
        return None
    if own:
        each.say(("params", LIMIT_OF[row.method]), "is chosen by design: leave it out, or leave out design")
        return None
    if row.design.arl0 is None and budget is None:
        if not each.checked.has((*each.path, "design", "arl0")):
            each.say(("design",), 'says no "arl0", and the site has no false_alarms_per_day to share')
        return None
    return row.design


def _per_day(draft: Draft, each: PlanRow) -> float:
    """Samples a day; 0 where nobody can know."""
    sampling = each.row.sampling
    if sampling.per_day is not None:
        return sampling.per_day
    found = draft.tags.get(each.made.tag)
    period_ns = (sampling.period or 0) if sampling.every == "time" else 0
    if sampling.every == "reading" and found is not None:
        groups = (group for device in draft.devices for group in device.groups)
        period_ns = next((group.period_ns for group in groups if group.id == found.group), 0)
    return DAY_NS / period_ns / sampling.size if period_ns else 0.0


def _shares(
    draft: Draft, rows: Sequence[PlanRow], wanted: Sequence[DesignRow | None], sharing: dict[int, float]
) -> dict[int, float]:
    for i, per_day in sharing.items():
        if per_day <= 0:
            text = '"per_day" is missing: how many samples a day, for its share of false_alarms_per_day'
            rows[i].checked.missing((*rows[i].path, "sampling", "per_day"), text)
    if not sharing or any(per_day <= 0 for per_day in sharing.values()):
        return {}
    streams = [
        Stream(per_day, design.weight, name=rows[i].row.id)
        for i, per_day in sharing.items()
        if (design := wanted[i]) is not None
    ]
    try:
        return dict(zip(sharing, split(draft.model.false_alarms_per_day or 0.0, streams), strict=True))
    except ValueError as error:
        draft.say(("false_alarms_per_day",), f"{draft.model.false_alarms_per_day:g} is too many: {error}")
        return {}
