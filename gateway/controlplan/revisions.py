"""Which revision of each control plan is in force, cell by cell. Pure.

Rule 1: a lot is judged by the revision that was newest when it was opened; where no product lot is at a cell, the
newest one now is in force.  Rule 2: by wire time; a late scan changes nothing that was judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.controlplan.found import noted
from gateway.lots import Lots
from gateway.model import Event, LotChanged, LotMade, Noted
from gateway.site import Characteristic, Check, Line, Revision, Site

_EVER = -(1 << 63)


@dataclass(frozen=True, slots=True)
class _Plan:
    revisions: tuple[tuple[int, Revision], ...]  # by their dates
    cells: tuple[str, ...]

    def at(self, time_ns: int) -> Revision | None:
        begun = [revision for from_ns, revision in self.revisions if from_ns <= time_ns]
        return begun[-1] if begun else None


class Revisions:
    """The plans of a site that have dates; others are always in force."""

    def __init__(self, site: Site) -> None:
        cells: dict[str, set[str]] = {}
        rows: tuple[Characteristic | Check, ...] = (*site.characteristics, *site.checks)
        for row in rows:
            cells.setdefault(row.line.plan, set()).add(cell_of(row))
        by_plan: dict[str, list[tuple[int, Revision]]] = {}
        for revision in site.revisions:
            from_ns = _EVER if revision.effective_ns is None else revision.effective_ns
            by_plan.setdefault(revision.plan, []).append((from_ns, revision))
        self._dated = {
            name: _Plan(tuple(sorted(held, key=lambda each: each[0])), tuple(sorted(cells.get(name, ()))))
            for name, held in by_plan.items()
            if len(held) > 1 or held[0][0] != _EVER
        }
        self._judged: dict[str, set[Line]] = {}
        for row in rows:
            if row.line.revision:
                self._judged.setdefault(cell_of(row), set()).add(row.line)

    @property
    def dated(self) -> frozenset[str]:
        """Plans whose revisions change."""
        return frozenset(self._dated)

    def worlds(self) -> Iterator[Mapping[str, str]]:
        """Each revision in force at all its cells: whoever can work by all of these can work by any mixture."""
        for name, plan in self._dated.items():
            for _, revision in plan.revisions:
                yield {f"{name} {cell}": revision.revision for cell in plan.cells}

    def holds(self, in_force: Mapping[str, str], line: Line, cell: str) -> bool:
        """Whether a row of this line is in force at a cell."""
        return line.plan not in self._dated or in_force.get(f"{line.plan} {cell}") == line.revision

    def judged_by(self, in_force: Mapping[str, str], cell: str) -> str:
        """The plans and revisions in force at a cell; "" where it has none."""
        lines = self._judged.get(cell, ())
        return ", ".join(sorted({line.judged_by for line in lines if self.holds(in_force, line, cell)}))

    def marked(self, in_force: Mapping[str, str], events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Lots that begin, with the plans that they are judged by; the same object where there is none."""
        if not self._judged:
            return events
        marked = tuple(self._marked(in_force, event) for event in events)
        same = all(new is old for new, old in zip(marked, events, strict=True))
        return events if same else marked

    def _marked(self, in_force: Mapping[str, str], event: Event) -> Event:
        if isinstance(event, LotChanged) and event.role == "product" and event.change in ("opened", "moved"):
            plan = self.judged_by(in_force, event.cell)
            return replace(event, plan=plan) if plan else event
        if isinstance(event, LotMade) and event.version == 1 and "plan" not in event.facts:
            plan = self.judged_by(in_force, event.cell)
            facts = dict(
                sorted({**event.facts, "plan": plan}.items())
            )  # as the journal keeps a lot's: in order
            return replace(event, facts=facts) if plan else event
        return event

    def now(
        self, in_force: Mapping[str, str], lots: Lots, time_ns: int
    ) -> tuple[Mapping[str, str], tuple[Noted, ...]]:
        """What is in force; the same object where that has not changed."""
        changed, told = dict[str, str](), list[Noted]()
        for name, plan in self._dated.items():
            for cell in plan.cells:
                revision = plan.at(_opened(lots, cell, time_ns))
                word, key = "" if revision is None else revision.revision, f"{name} {cell}"
                before = in_force.get(key)
                if before == word or (before is None and revision is None):
                    continue
                changed[key] = word
                if revision is not None:
                    told.append(_told(revision, cell, before or "", time_ns))
        return ({**in_force, **changed}, tuple(told)) if changed else (in_force, ())


def cell_of(row: Characteristic | Check) -> str:
    """Where a row is judged; "" of a duty."""
    return row.cell if isinstance(row, Check) else row.tag.rpartition("/")[0]


def _opened(lots: Lots, cell: str, time_ns: int) -> int:
    """When the product lot of a cell was opened; now, where there is none."""
    open_ = [stay.from_ns for stay in lots.product.get(cell, ()) if stay.covers(time_ns)]
    return max(open_, default=time_ns)


def _told(revision: Revision, cell: str, before: str, time_ns: int) -> Noted:
    return noted(
        time_ns, "plan_in_force", revision.plan, revision=revision.revision, before=before, cell=cell,
        effective_ns=revision.effective_ns, approved_by=revision.approved_by, part=revision.part,
    )  # fmt: skip
