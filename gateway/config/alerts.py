"""The site's day, who is told of alarms, and planned stops: rows of the file to rows of the site."""

from __future__ import annotations

from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.config.tellrows import DAYS, LadderRow, StopRow
from gateway.plan.words import shown
from gateway.site import Alerts, Ladder, Mail, Person, PlannedStop, Step

OWNER = "owner"
"""In a step: whoever answers for the row."""


def build_alerts(draft: Draft) -> Alerts:
    """Everybody who can be told, and when."""
    model, given = draft.model, draft.model.alerts
    draft.once("shifts", (row.name for row in model.shifts))
    for at, row in enumerate(model.shifts):
        if any(row.start == other.start for other in model.shifts[:at]):
            draft.say(("shifts", at, "start"), "another shift begins then")
    people = _people(draft)
    _ladders(draft, {each.name for each in people})
    known = draft.alert_names("ladders")
    if given.default is not None and given.default not in known:
        text = f"{shown(given.default)} is not a ladder{draft.nearest(given.default, known)}"
        draft.say(("alerts", "default"), text)
    mail = given.mail
    return Alerts(
        None if mail is None else Mail(
            mail.host, mail.sender, mail.port, mail.security, mail.ca_file or "", mail.username or "",
            mail.password_from or "",
        ),
        people,
        tuple(
            Ladder(row.name, tuple(Step(step.after or 0, tuple(step.tell), step.despite_quiet) for step in row.steps))
            for row in given.ladders
        ),
        given.default or "",
        tuple(_stop(draft, ("planned_stops", at), row) for at, row in enumerate(model.planned_stops)),
    )  # fmt: skip


def _people(draft: Draft) -> tuple[Person, ...]:
    given, seen = draft.model.alerts, set[str]()
    for at, row in enumerate(given.people):
        here: Path = ("alerts", "people", at)
        if row.name in seen or row.name == OWNER:
            draft.say((*here, "name"), f"{shown(row.name)} is taken")
        seen.add(row.name)
        if row.webhook is not None and row.webhook_from is not None:
            draft.say((*here, "webhook"), "webhook and webhook_from say the same: give one")
        if row.key_from is not None and row.webhook is None and row.webhook_from is None:
            draft.say((*here, "key_from"), "signs a webhook, and there is none")
        if row.mail_from is not None and given.mail is None:
            draft.say((*here, "mail_from"), 'the site has no "mail" server')
    return tuple(
        Person(
            row.name, row.mail_from or "", row.webhook or "", row.webhook_from or "", row.key_from or "",
            row.language, tuple(row.quiet),
        )
        for row in given.people
    )  # fmt: skip


def _ladders(draft: Draft, people: set[str]) -> None:
    seen: set[str] = set()
    for at, row in enumerate(draft.model.alerts.ladders):
        here: Path = ("alerts", "ladders", at)
        if row.name in seen:
            draft.say((*here, "name"), f"{shown(row.name)} is taken")
        seen.add(row.name)
        _steps(draft, here, row, people)


def _steps(draft: Draft, here: Path, row: LadderRow, people: set[str]) -> None:
    before = -1
    for index, step in enumerate(row.steps):
        at = (*here, "steps", index)
        after = step.after or 0
        if after <= before:
            draft.say((*at, "after") if step.after else at, "is not after the step before")
        before = max(before, after)
        for place, name in enumerate(step.tell):
            if name not in people and name != OWNER:
                text = f"{shown(name)} is not one of people{draft.nearest(name, people)}"
                draft.say((*at, "tell", place), text)


def _stop(draft: Draft, here: Path, row: StopRow) -> PlannedStop:
    once, weekly = row.begins is not None or row.ends is not None, bool(row.days or row.hours)
    if (
        once == weekly
        or (once and (row.begins is None or row.ends is None))
        or (weekly and not (row.days and row.hours))
    ):
        draft.say(here, 'when? Give "from" and "to", or "days" and "hours"')
    elif row.begins is not None and row.ends is not None and row.ends <= row.begins:
        draft.say((*here, "to"), "is not after from")
    for at, cell in enumerate(row.cells):
        draft.check_cell((*here, "cells", at), cell)
    days = tuple(sorted({DAYS.index(day) for day in row.days}))
    return PlannedStop(
        row.name, row.begins or 0, row.ends or 0, days, row.hours or (0, 0), tuple(row.cells), row.announce
    )
