"""Dosers: what a batch should be made of, which tags say what it was made of, and what else has seen it.

Percentages are per cent of the mass, 0 to 100; masses are kilograms.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.field import Field, GroupId
from gateway.site.devices import Group, Point


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a doser's batch."""

    name: str
    kind: str  # "main", "additive", "regrind"
    tag: str  # mass of the newest cycle's dose, or a total of all doses
    setpoint: str = ""  # tag, in %; "": setpoint_pct
    setpoint_pct: float | None = None  # None without a tag: what is left (main material), or not known
    of: str = "batch"  # of an additive: what its setpoint is a percentage of, "batch" or "main"
    resolution_kg: float = 0.0  # of the scale
    sigma_kg: float = 0.0  # standard uncertainty of one dose beside that


@dataclass(frozen=True, slots=True)
class DoserState:
    """A tag that says that a cycle cannot tell."""

    tag: str
    values: tuple[str, ...]  # as text: 1, not 1.0
    mark: str  # "refill", "purge", "starved", "manual", "bump"


@dataclass(frozen=True, slots=True)
class Metered:
    """What an estimate adds up: a totalizer's growth, or a count's times what each is."""

    tag: str
    each_kg: float = 0.0  # of a count; 0: the tag is a mass and grows in its own unit
    each: str = ""  # tag of the newest one's mass, of a count
    sigma_kg: float = 0.0  # of one difference
    error: float = 0.0  # calibration, as a share of what was metered


BATCH = "batch"
"""All components together, where an estimate is of them."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What else says how much of a component was used: what came in, less what a level rose by."""

    name: str
    component: str  # or BATCH
    came: tuple[Metered, ...]
    level: str = ""  # tag of what is left of it; "": none, what came was used
    level_sigma_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Doser:
    """A blender or feeder whose ratio is watched."""

    name: str
    cell: str
    cycles: str  # tag of the count of cycles
    components: tuple[Component, ...]
    recipe: str = ""  # tag of the recipe; "": there is one
    loop: str = "open"  # of the regrind: "closed" or "open" (OPC 40082-4, 13.2)
    weights: str = "latched"  # what components' tags are: "latched" doses, or "totals" that grow by them
    setpoints: str = "doses"  # what setpoints are: "doses", or the "recipe" that they follow from
    basis: str = "batch"  # of errors: points of the "batch", or per cent of the "setpoint"
    states: tuple[DoserState, ...] = ()
    lots_at: tuple[str, ...] = ()  # cells whose product lots it feeds
    gap_ns: int = 10_000_000_000  # a cycle that comes after longer silence is marked
    error: float = 0.0  # calibration of its scale, as a share of what it weighs
    estimates: tuple[Estimate, ...] = ()
    window: str = "shift"  # that estimates are compared over: "shift", "day", "lot"; "": window_ns
    window_ns: int = 0
    windows_per_year: float = 1095.0  # for the budget of false alarms
    false_alarms_per_year: float = 1.0  # of all its estimates together
    reaction: str = ""
    reaction_zh: str = ""  # in Chinese; "": the site has it in one language

    def words(self) -> set[str]:
        """Tags whose value goes as text: of the recipe, and of states."""
        return {self.recipe, *(state.tag for state in self.states)} - {""}

    def tags(self) -> set[str]:
        """Every tag that it goes by."""
        made = {self.cycles, self.recipe}
        made |= {tag for row in self.components for tag in (row.tag, row.setpoint)}
        made |= {state.tag for state in self.states}
        made |= {tag for each in self.estimates for row in each.came for tag in (row.tag, row.each)}
        made |= {each.level for each in self.estimates}
        return made - {""}


RATIO, ERROR, OF_REGRIND = "ratio", "ratio_error", "ratio_error"
"""Points that a doser derives: `COMPONENT_ratio`, `COMPONENT_ratio_error`, and `ratio_error` of the regrind."""


def derived(doser: Doser) -> Group:
    """What a doser gives once a cycle, as if a device had answered: shares and errors in %, and the recipe's setpoint.

    A cycle that cannot tell gives none. Never polled, never stored: folding the inputs again makes them again.
    """
    names = [f"{row.name}_{kind}" for row in doser.components for kind in (RATIO, ERROR)]
    if any(row.kind == "regrind" for row in doser.components):
        names.append(OF_REGRIND)
    points = tuple(Point(name, f"{doser.cell}/{name}", Field("float64"), uom="%") for name in names)
    return Group(f"{doser.name}/ratio", doser.name, 0, points, 0)


def derived_groups(dosers: tuple[Doser, ...]) -> dict[GroupId, Group]:
    """By id, of all dosers."""
    return {group.id: group for group in map(derived, dosers)}
