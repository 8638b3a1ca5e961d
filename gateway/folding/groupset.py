"""The poll groups of a site in the fold: by the revisions of the plans in force, and one for every check. Pure.

A check's results are readings of a group of its own, with one point: so they are charted, keyed, corrected and answered
for as any tag is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gateway.controlplan import Revisions
from gateway.folding.groupfold import GroupFold, Rows
from gateway.layout import Field
from gateway.lots import Lots, Stay
from gateway.model import Instant, Quality, Reading
from gateway.plain import digest
from gateway.site import Check, Group, Point, Site

KEPT_MOST = 4  # sets of groups, by what is in force
_FIELD = Field("float64")


@dataclass(frozen=True, slots=True)
class GroupSet:
    """The groups as they are while some revisions are in force."""

    groups: Mapping[str, GroupFold]
    about: str  # digest of the rows


class GroupSets:
    """The groups of one site."""

    def __init__(self, site: Site, revisions: Revisions, keys: set[str]) -> None:
        """`keys`: tags that somebody else goes by. Raises ValueError where a row makes no chart."""
        self._every = every = Rows(site)
        every.keys |= keys
        self._site, self._revisions = site, revisions
        self._keys, self._counters = every.keys, every.counters
        charted = {row.tag for row in site.characteristics}
        checks = {check.id: _group(check) for check in site.checks if check.tag in charted}
        self._all = {**site.groups(), **site.derived(), **{group.id: group for group in checks.values()}}
        self._dated = {
            row.tag for row in site.characteristics if row.line.plan in revisions.dated
        }  # a group with none of these is the same whatever is in force
        self._made: dict[tuple[tuple[str, str], ...], GroupSet] = {}
        self._always: dict[str, GroupFold] = {}
        for in_force in revisions.worlds():
            self.now(in_force)

    def now(self, in_force: Mapping[str, str]) -> GroupSet:
        """The groups while these revisions are in force."""
        key = tuple(sorted(in_force.items()))
        made = self._made.get(key)
        if made is None:
            rows = Rows(self._in_force(in_force)) if self._dated else self._every
            rows.keys |= self._keys  # of every revision: what is watched does not change
            rows.counters |= self._counters
            groups = {name: self._group(rows, group) for name, group in self._all.items()}
            made = GroupSet(groups, digest([group.about for group in groups.values()]))
            if len(self._made) >= KEPT_MOST:
                self._made.pop(next(iter(self._made)))
            self._made[key] = made
        return made

    def _group(self, rows: Rows, group: Group) -> GroupFold:
        if self._dated and any(point.tag in self._dated for point in group.points):
            return GroupFold(rows, group)
        if group.id not in self._always:
            self._always[group.id] = GroupFold(rows, group)
        return self._always[group.id]

    def _in_force(self, in_force: Mapping[str, str]) -> Site:
        held = self._revisions.holds
        rows = tuple(
            row for row in self._site.characteristics if held(in_force, row.line, row.tag.rpartition("/")[0])
        )
        return replace(self._site, characteristics=rows)


def group_of(check: str) -> str:
    """The id of a check's group."""
    return f"check/{check}"


def reading_of(check: str, value: float, at: Instant) -> Reading:
    """A result as a reading of the check's group."""
    raw = np.zeros(_FIELD.width, dtype=np.uint16)
    return Reading(group_of(check), at, 0, np.array([value]), np.array([Quality.GOOD], dtype=np.uint8), raw)


def lot_alone(cell: str, lot: str) -> Lots:
    """Lots as a chart sees them of which a person measured one."""
    return Lots(product={cell: (Stay(lot, "", -(1 << 62)),)})


def _group(check: Check) -> Group:
    point = Point(check.id, check.tag, _FIELD, uom=check.uom)
    return Group(group_of(check.id), "check", 0, (point,), 0)
