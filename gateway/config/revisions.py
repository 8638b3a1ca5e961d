"""Files that are revisions of one plan: which there are, from when on each holds, what their rows have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from gateway.config.designs import PlanRow, share_out
from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.config.validate import Checked
from gateway.plan.checkrows import DutyRow
from gateway.plan.models import CharacteristicRow, PlanFile
from gateway.plan.words import shown
from gateway.site import Characteristic, Line, Revision


@dataclass(frozen=True)
class PlanOf:
    """A file of a plan."""

    file: str  # as the site names it
    checked: Checked[PlanFile]

    @property
    def rows(self) -> Sequence[CharacteristicRow]:
        return self.checked.model.characteristics if self.checked.model else ()

    @property
    def name(self) -> str:
        """Of the plan, which its revisions share."""
        model = self.checked.model
        return (model.plan if model else None) or PurePosixPath(self.file).stem

    @property
    def revision(self) -> str:
        model = self.checked.model
        return (model.revision if model else None) or ""

    def claim(self, name: str, path: Path, ids: dict[str, PlanOf], here: dict[str, PlanOf]) -> None:
        """Take a row's name: once in the site, but for the revisions of one plan."""
        other = here.get(name) or ids.get(name)
        if other is not None and (other is self or other.name != self.name):
            self.checked.say(path, f"{shown(name)} is taken, in {other.file}")
        ids.setdefault(name, self)
        here.setdefault(name, self)

    def line(self, draft: Draft, path: Path, row: CharacteristicRow | DutyRow) -> Line:
        """What a row says to people."""
        model = self.checked.model
        owner = row.owner or (model.owner if model else None) or ""
        ladder = row.escalation or (model.escalation if model else None) or ""
        self._known(draft, path if row.owner else (), "owner", owner, "person", draft.alert_names("people"))
        self._known(
            draft,
            path if row.escalation else (),
            "escalation",
            ladder,
            "ladder",
            draft.alert_names("ladders"),
        )
        if isinstance(row, DutyRow):
            return Line(
                self.name, self.revision, about=row.about or "", owner=owner, ladder=ladder,
                reaction_zh=row.reaction.zh,
            )  # fmt: skip
        return Line(
            self.name, self.revision, row.number or "", row.step or "", row.machine or "", row.about or "",
            row.of or "", row.special or "", row.specification or "", row.technique or "", row.gauge or "",
            row.fmea or "", owner, ladder, tuple(row.causes), row.reaction.zh,
        )  # fmt: skip

    def _known(self, draft: Draft, path: Path, key: str, word: str, noun: str, known: Iterable[str]) -> None:
        names = list(known)
        if word and word not in names:
            text = f"{shown(word)} is not a {noun} of this site's alerts{draft.nearest(word, names)}"
            self.checked.say((*path, key), text)


def check_revisions(plans: Sequence[PlanOf]) -> tuple[Revision, ...]:
    """Every revision there is; those of one plan differ in name and date."""
    by_plan: dict[str, list[PlanOf]] = {}
    for plan in plans:
        by_plan.setdefault(plan.name, []).append(plan)
    for name, held in by_plan.items():
        seen: dict[str, str] = {}
        dates: dict[int | None, str] = {}
        for plan in held if len(held) > 1 else ():
            model, say = plan.checked.model, plan.checked.say
            if model is None:
                continue
            if not plan.revision:
                plan.checked.missing(
                    ("revision",), f'"revision" is missing: {name} is also in {_others(held, plan)}'
                )
            elif plan.revision in seen:
                say(("revision",), f"revision {plan.revision} of {name} is also {seen[plan.revision]}")
            elif model.effective in dates:
                where: Path = ("effective",) if model.effective is not None else ()
                say(where, f"comes into force with {dates[model.effective]}: give each its date, effective")
            seen.setdefault(plan.revision, plan.file)
            dates.setdefault(model.effective, plan.file)
    return tuple(
        Revision(
            plan.name, plan.revision, model.effective, model.part or "", model.phase or "",
            model.approved_by or "", model.change or "",
        )
        for plan in plans
        if (model := plan.checked.model) is not None
    )  # fmt: skip


def _others(held: Sequence[PlanOf], but: PlanOf) -> str:
    return ", ".join(plan.file for plan in held if plan is not but)


def designed(draft: Draft, rows: Sequence[PlanRow]) -> tuple[Characteristic, ...]:
    """The rows with their designs: only rows that are in force together share the site's false alarms.

    A revision's shares are those beside the newest revision of every other plan.
    """
    order = {revision: at for at, revision in enumerate(_by_date(rows))}
    newest: dict[str, tuple[str, str]] = {}
    for key in order:
        newest[key[0]] = key
    made: dict[int, Characteristic] = {}
    for key in order:
        world = {**newest, key[0]: key}
        beside = [each for each in rows if world[each.made.line.plan] == _key(each)]
        for each, row in zip(beside, share_out(draft, beside), strict=True):
            if _key(each) == key:
                made[id(each)] = row
    return tuple(made[id(each)] for each in rows)


def _by_date(rows: Sequence[PlanRow]) -> list[tuple[str, str]]:
    """Plans with their revisions, the oldest first."""
    dates: dict[tuple[str, str], int] = {}
    for each in rows:
        model: PlanFile | None = each.checked.model
        dates[_key(each)] = (model.effective if model else None) or -1
    return sorted(dates, key=lambda key: (key[0], dates[key]))


def _key(each: PlanRow) -> tuple[str, str]:
    return each.made.line.plan, each.made.line.revision
