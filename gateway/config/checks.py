"""Checks made by hand and duties: rows of a plan to rows of the site, and frequencies that nobody can keep."""

from __future__ import annotations

from typing import Any

from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.config.processes import check_when
from gateway.config.revisions import PlanOf
from gateway.config.validate import Checked
from gateway.plan.checkrows import CheckRow
from gateway.plan.models import INSPECTION, CharacteristicRow, WhenRow
from gateway.plan.words import shown
from gateway.site import Check, When

DAY_NS = 86_400_000_000_000
OFTEN_NS = 60_000_000_000
"""People cannot check more often than that."""


def build_check(draft: Draft, plan: PlanOf, path: Path, row: CharacteristicRow) -> Check:
    """A row with `check`."""
    checked, given = plan.checked, row.check
    if given is None:
        raise ValueError("no check")
    here = (*path, "check")
    if row.tag is not None:
        text = "a row has a tag or a check, not both: what is read is not entered by hand"
        checked.say((*path, "tag"), text)
    if row.sampling.every != "reading":
        checked.say((*path, "sampling", "every"), "a check is due as `check.every` says: leave it out")
    draft.check_cell((*here, "cell"), given.cell, checked)
    tag = f"{given.cell}/{row.id}"
    if tag in draft.tags:
        checked.say((*path, "id"), f"{tag} is a tag that is read: call the check otherwise")
    _frequency(draft, checked, here, row, given)
    known = draft.raw_names("materials")
    for at, name in enumerate(given.materials):
        if name not in known:
            text = f"{shown(name)} is not a material of this site{draft.nearest(name, known)}"
            checked.say((*here, "materials", at), text)
    _judged(draft, checked, path, row, given)
    for at, key in enumerate(row.key):
        draft.tag(checked, (*path, "key", at), key)
    check_when(draft, checked, path, row.when, keyed=bool(row.key))
    when = row.when or WhenRow()
    return Check(
        row.id, "check", given.every, row.reaction.text, given.period or (given.days or 0) * DAY_NS, given.last, 0,
        given.within, given.missed_after or 2 * given.within, given.cell, given.lots or "", tuple(given.materials),
        tag, given.uom or "", tuple(row.key),
        When(when.tag or "", tuple(when.values), when.warm_up or 0), row.sampling.size,
        row.usl, row.lsl, given.outside, given.quarantine, given.second_person, row.gauge or "",
        about=row.about or "", line=plan.line(draft, path, row),
    )  # fmt: skip


def build_duties(draft: Draft, plan: PlanOf, ids: dict[str, PlanOf], here: dict[str, PlanOf]) -> list[Check]:
    """The duties of a plan."""
    made = []
    for index, row in enumerate(plan.checked.model.duties if plan.checked.model else ()):
        path: Path = ("duties", index)
        plan.claim(row.name, (*path, "name"), ids, here)
        if row.remind_days >= row.days:
            given = plan.checked.has((*path, "remind_days"))
            text = f"{row.remind_days} days of notice every {row.days} days: it would be due for ever"
            plan.checked.say((*path, "remind_days" if given else "days"), text)
        if row.tags and row.kind != "calibration":
            plan.checked.say((*path, "tags"), f"are of a calibration, this is {row.kind}")
        for at, tag in enumerate(row.tags):
            draft.tag(plan.checked, (*path, "tags", at), tag)
        lead_ns, grace_ns = row.remind_days * DAY_NS, row.grace_days * DAY_NS
        made.append(
            Check(
                row.name, row.kind, "days", row.reaction.text, row.days * DAY_NS, row.last, lead_ns, 0, grace_ns,
                measures=tuple(row.tags), about=row.about or "", subject=row.subject or "",
                line=plan.line(draft, path, row),
            )
        )  # fmt: skip
    return made


def _frequency(
    draft: Draft, checked: Checked[Any], here: Path, row: CharacteristicRow, given: CheckRow
) -> None:
    for key, every in (("period", "time"), ("days", "days")):
        there = getattr(given, key) is not None
        if there and given.every != every:
            checked.say((*here, key), f"is of `every: {every}`, this is `every: {given.every}`")
        elif not there and given.every == every:
            checked.missing((*here, key), f'"{key}" is missing with `every: {every}`')
    for key, value, every in (
        ("lots", given.lots, "lot"),
        ("materials", given.materials, "lot"),
        ("last", given.last, "days"),
    ):
        if value and given.every != every:
            checked.say((*here, key), f"is of `every: {every}`, this is `every: {given.every}`")
    if given.missed_after is not None and given.missed_after < given.within:
        checked.say((*here, "missed_after"), f"is before it is late: within is {given.within / 60e9:g} min")
    _possible(checked, here, given)
    if given.every == "shift":
        _shifts(draft, checked, here, given)
    if given.every == "start" and (row.when is None or row.when.tag is None):
        checked.say(
            (*here, "every"), 'nobody knows when the machine starts: give "when", with "tag" and "is"'
        )
    if given.every == "changeover" and not row.key:
        checked.say((*here, "every"), 'nobody knows what a changeover is: give "key"')


def _possible(checked: Checked[Any], here: Path, given: CheckRow) -> None:
    """Somebody can do it, before it is due again."""
    period_ns = given.period or (given.days or 0) * DAY_NS
    if given.every in {"time", "days"} and period_ns:
        if period_ns < OFTEN_NS:
            checked.say(
                (*here, "period"),
                f"every {period_ns / 1e9:g} s is more often than people can check: 1min at least",
            )
        elif given.within >= period_ns:
            text = f"every {_minutes(period_ns)}, within {_minutes(given.within)}: the next is due before this is late"
            checked.say((*here, "within") if checked.has((*here, "within")) else here, text)


def _shifts(draft: Draft, checked: Checked[Any], here: Path, given: CheckRow) -> None:
    shifts = sorted(each.start for each in draft.model.shifts)
    if not shifts:
        checked.say((*here, "every"), 'the site has no "shifts"')
        return
    ends = [*shifts[1:], shifts[0] + DAY_NS]
    shortest = min(end - start for start, end in zip(shifts, ends, strict=True))
    if given.within >= shortest:
        text = f"is longer than a shift, {_minutes(shortest)}"
        checked.say((*here, "within") if checked.has((*here, "within")) else here, text)


def _judged(draft: Draft, checked: Checked[Any], path: Path, row: CharacteristicRow, given: CheckRow) -> None:
    """A result says something: it is charted, or there is a specification."""
    if row.method == INSPECTION:
        if row.usl is None and row.lsl is None:
            checked.say(
                (*path, "method"),
                "inspection of what? Give usl or lsl; where people only see whether it is good: usl: 0",
            )
        if row.rules or row.params or row.design is not None or row.limits:
            checked.say(
                (*path, "method"),
                "inspection is charted nowhere: rules, params, design and limits are of a chart",
            )
    if row.tags:
        checked.say((*path, "tags"), "a check is one number")
    if given.every != "lot" and (given.quarantine or given.second_person):
        key = "quarantine" if given.quarantine else "second_person"
        checked.say((*path, "check", key), "is of `every: lot`: there is no lot to hold")
    twice = [at for at, each in enumerate(draft.model.result_limits) if each.result == row.id]
    for at in twice:
        draft.say(
            ("result_limits", at, "result"),
            f"{row.id} has its limits in {checked.document.file}: leave this one out",
        )


def _minutes(ns: int) -> str:
    return f"{ns / 3.6e12:g} h" if ns >= 3_600_000_000_000 else f"{ns / 60e9:g} min"
