"""What a site file may say of dosers: what a batch should be made of, what it was, and what else has seen it.

Kilograms, and per cent as people write them. A standard uncertainty is one sigma.
"""

from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from gateway.config.massrows import Kilograms, Percent
from gateway.plan.closed import Closed
from gateway.plan.words import (
    Bilingual,
    CellPath,
    Duration,
    Kind,
    Name,
    PlainText,
    Positive,
    TagPath,
    duration_ns,
    one_of,
    shown,
    wrong,
)

MARKS = ("refill", "purge", "starved", "manual", "bump")
SPANS = ("shift", "day", "lot")


def _check_window(value: Any) -> Any:
    if isinstance(value, str) and value in SPANS:
        return value
    try:
        duration_ns(value)
    except PydanticCustomError:
        raise wrong(f"{shown(value)} is not a window: shift, day, lot, or a duration such as 10min") from None
    return value


Window = Annotated[
    str,
    Kind(
        _check_window, {"type": "string", "pattern": r"^(shift|day|lot|\d{1,9}(\.\d{1,6})? ?(ms|s|min|h|d))$"}
    ),
]


class ComponentRow(Closed):
    """One component of a batch."""

    name: Name = Field(
        description="unique in the doser; names the points COMPONENT_ratio and COMPONENT_ratio_error"
    )
    kind: Annotated[str, one_of("a kind of component", ("main", "additive", "regrind"))] = Field(
        "additive",
        description="`main`: the virgin resin, what is left; `additive`: colour and the like; `regrind`",
    )
    tag: TagPath = Field(
        description="mass of the newest cycle's dose, or the total of all doses; read together with the count of cycles"
    )
    setpoint: TagPath | None = Field(None, description="tag of what is wanted, in %")
    percent: Percent | None = Field(
        None,
        description="what is wanted, in %, where the doser does not tell it; what is left if it is the main one",
    )
    of: Annotated[str, one_of("a base", ("batch", "main"))] = Field(
        "batch",
        description="what an additive's setpoint is per cent of: the `batch`, or the `main` component",
    )
    resolution: Kilograms = Field(
        0.0,
        description="step of the scale, in kg: a dose is uncertain by its part of a rectangle, step / sqrt(12)",
    )
    sigma: Kilograms = Field(0.0, description="standard uncertainty of one dose beside that, in kg")


class StateRow(Closed):
    """A tag that says that a cycle cannot tell: it is counted and not averaged in."""

    tag: TagPath = Field(description="tag of the state")
    values: list[PlainText] = Field(alias="is", min_length=1, description="values of it that mark a cycle")
    mark: Annotated[str, one_of("a mark", MARKS)] = Field(
        description="why: `refill`, `purge`, `starved`, `manual` or `bump`"
    )


class CameRow(Closed):
    """What an estimate adds up."""

    tag: TagPath = Field(
        description="a total of mass; or a count, where `each` or `each_kg` says what one is"
    )
    each: TagPath | None = Field(None, description="of a count: tag of the mass of the newest one")
    each_kg: Positive | None = Field(None, description="of a count: kilograms of one, such as a runner's")
    sigma: Kilograms = Field(0.0, description="standard uncertainty of what was metered in a window, in kg")
    error: Percent = Field(0.0, description="calibration: standard uncertainty in % of what was metered")


class EstimateRow(Closed):
    """What else has seen a component being used: what came in, less what a level rose by."""

    name: Name = Field(description="unique in the doser")
    component: Name | None = Field(
        None, description="what it is of, `batch` for all components together; the regrind if not given"
    )
    came: list[CameRow] = Field(
        alias="in",
        default_factory=list,
        max_length=16,
        description="what came in; the doser's own total, or a bin's",
    )
    level: TagPath | None = Field(None, description="tag of what is left of it: a bin's or a hopper's scale")
    level_sigma: Positive | None = Field(None, description="standard uncertainty of `level`, in kg")


class DoserRow(Closed):
    """A blender or feeder whose ratio is watched."""

    name: Name = Field(description="unique in the site")
    cell: CellPath | None = Field(None, description="area/line/cell; that of `cycles` if not given")
    cycles: TagPath = Field(description="count of cycles")
    recipe: TagPath | None = Field(
        None, description="number or name of the recipe; there is one if not given"
    )
    loop: Annotated[str, one_of("a loop", ("closed", "open"))] = Field(
        "open",
        description="of the regrind (OPC 40082-4): `closed` where it has the composition of the recipe, so that only "
        "what is not regrind gets additives; `open` where it is a component like another",
    )
    weights: Annotated[str, one_of("a kind of weights", ("latched", "totals"))] = Field(
        "latched",
        description="what the tags of components are: `latched`, the newest cycle's dose, or `totals` that grow by it",
    )
    setpoints: Annotated[str, one_of("a meaning of setpoints", ("doses", "recipe"))] = Field(
        "doses",
        description="whether setpoints are what is to be dosed, or the `recipe` from which `loop` makes that",
    )
    basis: Annotated[str, one_of("a basis", ("batch", "setpoint"))] = Field(
        "batch", description="errors in points of the `batch`, or in % of the `setpoint`"
    )
    components: list[ComponentRow] = Field(min_length=1, max_length=32, description="what a batch is made of")
    states: list[StateRow] = Field(
        default_factory=list, max_length=32, description="what says that a cycle cannot tell"
    )
    lots_at: list[CellPath] = Field(
        default_factory=list,
        max_length=32,
        description="cells whose product lots it feeds; its own if not given",
    )
    gap: Duration = Field(
        10_000_000_000,
        description="a cycle is marked that comes after the count was not read for so long",
        json_schema_extra={"default": "10s"},
    )
    error: Percent = Field(
        0.0, description="calibration of its scale: standard uncertainty in % of what it weighs"
    )
    estimates: list[EstimateRow] = Field(
        default_factory=list, max_length=16, description="what else has seen the same material"
    )
    window: Window = Field(
        "shift", description="what they are compared over: a `shift`, a plant `day`, a `lot`, or a duration"
    )
    lots_per_year: Positive | None = Field(None, description="how many windows a year has, of `window: lot`")
    false_alarms_per_year: Positive = Field(
        1.0,
        description="how many false alarms of phantom regrind all its estimates together may give in a year",
    )
    reaction: Bilingual | None = Field(
        None, description="what the person does whom that alarm reaches; one text, or `{en: ..., zh: ...}`"
    )
