"""What is known of tags from the configs of a journal: where they are in the plant, their unit, their type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.journal.ages import Age
from gateway.layout import Field


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as the newest config that has it says, and the kinds that its values ever had."""

    tag: str
    uom: str
    kinds: frozenset[str]  # "float32", "float64", "int64", "uint64", "bool", "string"

    @property
    def places(self) -> tuple[str, str, str, str]:
        """Area, line, cell, point; "" for what a tag of fewer levels has not."""
        *above, point = self.tag.split("/")
        area, line, cell = [*above, "", "", ""][:3]
        return area, line, cell, point

    @property
    def cell(self) -> str:
        """Area/line/cell, as lots name it."""
        return self.tag.rpartition("/")[0]


def tags_of(ages: Iterable[Age]) -> dict[str, Tag]:
    """Every tag of some configs, the oldest first."""
    found: dict[str, Tag] = {}
    for age in ages:
        for view in age.views.values():
            for point in view.group.points:
                before = found[point.tag].kinds if point.tag in found else frozenset[str]()
                found[point.tag] = Tag(point.tag, point.uom, before | {kind_of(point.field)})
    return found


def kind_of(field: Field) -> str:
    """The type that `gateway.layout.Layout.typed` gives its column."""
    if field.type == "string":
        return "string"
    if not field.plain:
        return "float64"
    if field.type == "bit" or (field.mask is not None and field.mask & (field.mask - 1) == 0):
        return "bool"
    if field.type.startswith("float"):
        return field.type
    return "uint64" if field.mask is not None or field.type.startswith("u") else "int64"
