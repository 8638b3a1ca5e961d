"""What a site file may say of the flow of material: vessels that hold it, meters that weigh or count it.

Kilograms, and per cent of a mass, as people write them. A standard uncertainty is one sigma.
"""

from typing import Annotated

from pydantic import Field

from gateway.plan.models import Closed
from gateway.plan.words import CellPath, Duration, Flag, Name, Positive, TagPath, Text, between, one_of, whole

VESSEL_KINDS = ("silo", "dryer", "hopper", "bin")
MIXINGS = ("fifo", "mixed", "unknown")
METER_KINDS = ("totalizer", "batch", "totals", "feeder", "shots", "scale")
Percent = Annotated[float, between(0, 100)]
Kilograms = Annotated[float, between(0, 1e9)]


class VesselRow(Closed):
    """What holds material between two meters."""

    name: Name = Field(description="unique in the site; names the lots of its content")
    cell: CellPath = Field(description="area/line/cell it stands in")
    kind: Annotated[str, one_of("a kind of vessel", VESSEL_KINDS)] = Field(
        "hopper", description="`silo`, `dryer`, `hopper` or `bin`"
    )
    mixing: Annotated[str, one_of("a mixing", MIXINGS)] = Field(
        "unknown",
        description="`fifo` where what came first goes first, `mixed` where it is stirred or blown through, `unknown` "
        "where nobody knows: then every answer is the interval of both",
    )
    opening: Kilograms = Field(0.0, description="kilograms in it when the gateway first sees it")
    opening_lot: Text | None = Field(
        None, description="the lot that is in it then; a lot of its own if not given"
    )
    opening_regrind: Percent = Field(0.0, description="regrind in it then, in % of the mass")
    keeps: Positive | None = Field(
        None, description="kilograms that it is kept filled to; it is filled by its meters alone if not given"
    )
    source: Name | None = Field(
        None,
        alias="from",
        description="the vessel that it is kept filled from; what names it in `to` fills it if not given",
    )
    level: TagPath | None = Field(
        None, description="tag of what it holds by its own load cells; it is compared with what was metered"
    )
    level_sigma: Positive | None = Field(
        None, description="standard uncertainty of `level`, in kg; beyond three of it is told"
    )


class DoseRow(Closed):
    """One component of a batch."""

    tag: TagPath = Field(description="mass of the newest batch's dose")
    source: Name = Field(alias="from", description="the vessel it is weighed out of")
    sigma: Kilograms = Field(0.0, description="standard uncertainty of one dose, in kg")


class UnitRow(Closed):
    """What one count of a device is, where a tag says what it counts in."""

    value: Annotated[int, whole(0, 65_535)] = Field(description="what the tag of `unit` shows")
    kg: Positive = Field(description="kilograms of one count then: 0.001 of grams, 0.45359237 of pounds")


class MeterRow(Closed):
    """Where mass is weighed or counted. All tags of a meter are read together."""

    name: Name = Field(description="unique in the site; names the lots that it makes")
    cell: CellPath | None = Field(None, description="area/line/cell; that of its tag if not given")
    kind: Annotated[str, one_of("a kind of meter", METER_KINDS)] = Field(
        description="`totalizer`: what a total grew by has moved; `batch`: doses of a blender, by the count of its "
        "batches; `totals`: doses of a blender, by what its totals grew by; `feeder`: what left a hopper, by its "
        "weight; `shots`: a press, by the count of its shots; `scale`: weighs the product lot at its cell"
    )
    tag: TagPath = Field(
        description="the total, the count of batches or shots, the weight of a feeder's hopper, or the mass on the "
        "scale"
    )
    source: Name | None = Field(
        None,
        alias="from",
        description="the vessel that a totalizer, feeder or press draws from; a totalizer draws from outside if not "
        "given: the material lot scanned into its cell, or a lot of its own for each fill",
    )
    to: list[Name] = Field(
        default_factory=list,
        max_length=32,
        description="vessels that a totalizer, feeder or blender fills; several share a batch by what each lacks of "
        "`keeps`",
    )
    sigma: Kilograms = Field(
        0.0,
        description="standard uncertainty of one difference, shot or weighing, or of a feeder's weight, in kg",
    )
    loss: Percent = Field(0.0, description="what a totalizer's way loses, as dust, in %")
    ground: Flag = Field(False, description="whether a totalizer's material comes out of a granulator")
    slice: Positive | None = Field(
        None, description="kilograms of one lot of what a totalizer moves; no lots of their own if not given"
    )
    doses: list[DoseRow] = Field(
        default_factory=list, max_length=64, description="components of a batch, or their totals"
    )
    shot_mass: TagPath | None = Field(
        None, description="mass of the newest shot, parts and runner; `shot_kg` if not given"
    )
    shot_kg: Positive | None = Field(None, description="kilograms of a shot, parts and runner")
    part_mass: TagPath | None = Field(
        None, description="mass of one part of the newest shot; `part_kg` if not given"
    )
    part_kg: Positive | None = Field(None, description="kilograms of one part")
    parts: Annotated[int, whole(1, 1000)] = Field(1, description="parts in a shot")
    good_parts: TagPath | None = Field(
        None, description="count of good parts: they go to the product lot at the cell; all do if not given"
    )
    rest: Name | None = Field(
        None, description="the vessel that runners and rejects go to; they are not followed if not given"
    )
    tare: Kilograms = Field(0.0, description="kilograms of an empty box on a scale")
    unit: TagPath | None = Field(
        None, description="tag that says what totals are counted in; the `uom` of their tags if not given"
    )
    units: list[UnitRow] = Field(
        default_factory=list, max_length=16, description="what the numbers of `unit` mean"
    )
    serial: TagPath | None = Field(
        None, description="tag of a number that names the device; another number is another device"
    )
    most_per_hour: Positive | None = Field(
        None, description="kilograms an hour that it can move at most: bounds what nobody saw"
    )
    largest_batch: Positive | None = Field(
        None, description="kilograms of the largest batch it can make, all components: bounds what nobody saw"
    )
    fastest_batch: Duration | None = Field(
        None, description="shortest time from the end of one batch to the end of the next"
    )
    window: Duration | None = Field(
        None,
        description="what left a feeder's hopper is told so often, at least ten polls; a minute if not given",
    )
    empty: Kilograms = Field(0.0, description="kilograms in a feeder's hopper below which it is starved")
    smallest_refill: Positive | None = Field(
        None, description="kilograms; less is a knock against the hopper; fifty sigma if not given"
    )
    refilled_from: Name | None = Field(
        None, description="the vessel that a feeder's hopper is refilled from; not followed if not given"
    )
