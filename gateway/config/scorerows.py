"""What a site file says of money and scores: stores, the reward, drivers, machines, steps of the board."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.plan.closed import Closed
from gateway.plan.words import (
    CellPath,
    Duration,
    Name,
    Number,
    PlainText,
    Positive,
    TagPath,
    Text,
    between,
    one_of,
    whole,
)
from gateway.site.score import NUMBERS

Percent = Annotated[float, between(0, 100)]


class StoreRow(Closed):
    """Vessels that are balanced as one store of a material."""

    name: Name = Field(description="names the store in balances; unique in the site")
    material: Text | None = Field(
        None, description="what declared figures call it; the store's name if not given"
    )
    vessels: list[Name] = Field(
        min_length=1, description="its vessels: those between which nothing is weighed, or more"
    )


class BandRow(Closed):
    """What a place of the ranking is paid."""

    place: Annotated[int, whole(1, 100)] = Field(description="1 for the best")
    pay: Positive = Field(description="in the reward's currency")
    within: Percent | None = Field(
        None, description="paid only if the mean absolute error is no more, in points of the batch"
    )


class RewardRow(Closed):
    """The monthly reward for holding the agreed ratio."""

    by: Annotated[str, one_of("a ranking", ("line", "team"))] = Field(
        "line", description="who is ranked: `line` or `team`"
    )
    component: Name | None = Field(
        None, description="whose ratio counts, such as regrind; all that have a setpoint if not given"
    )
    least_cycles: Annotated[int, whole(1, 10_000_000)] = Field(
        200, description="with fewer good cycles in the month nobody is ranked"
    )
    currency: Text = Field("CNY", description="of the pay: CNY, EUR, USD, ...")
    bands: list[BandRow] = Field(
        default_factory=list, max_length=100, description="800, 500 and 300 for the best three if not given"
    )


class DriverRow(Closed):
    """One of the three to five numbers that everybody looks at."""

    number: Annotated[str, one_of("a number of the scorecard", NUMBERS)] = Field(
        description="one of: " + ", ".join(f"`{name}`" for name in NUMBERS)
    )
    goal: Number = Field(description="what it should be at least, or at most, in its own unit")
    owner: Text | None = Field(None, description="the role that answers for it")


class MachineRow(Closed):
    """A machine whose time is counted."""

    name: Name = Field(description="unique in the site")
    cell: CellPath = Field(description="area/line/cell it stands in")
    state: TagPath = Field(description="tag of its state")
    run: list[PlainText] = Field(min_length=1, description="values of the state in which it runs")
    idle: list[PlainText] = Field(
        default_factory=list, description="values in which nobody wants it to run: not in its loading time"
    )
    down: list[PlainText] = Field(
        default_factory=list,
        description="values in which it should run and does not; every other value counts so too",
    )
    meter: Name | None = Field(
        None, description="its meter of kind `shots`, which counts good parts and rejects"
    )
    cycle: Duration | None = Field(
        None, description="planned time of one shot; without it there is no performance"
    )
    energy: TagPath | None = Field(None, description="tag of a count of kWh that only grows")


class BoardStepRow(Closed):
    """A step that lots go through."""

    name: Name = Field(description="of the step, such as drying, moulding, inspection, packing")
    cells: list[CellPath] = Field(
        min_length=1, description="a lot that is scanned at one of these is in this step"
    )
    most: Annotated[int, whole(1, 100_000)] | None = Field(
        None, description="lots at once that it may hold; any number if not given"
    )


class ScoreRow(Closed):
    """Balance, reward, scorecard, machines and board."""

    stores: list[StoreRow] = Field(
        default_factory=list,
        description="what is balanced; vessels that are kept filled from one another are one store if not given",
    )
    calibration: Percent = Field(
        0.05, description="standard uncertainty of a scale's calibration, in %: what is the same every week"
    )
    keeps_within: Percent = Field(
        5.0, description="how far a vessel that is kept filled may be from its `keeps`, either way, in %"
    )
    reward: RewardRow = Field(
        default_factory=RewardRow,
        description="the monthly reward for holding the agreed ratio",
        json_schema_extra={"default": {}},
    )
    drivers: list[DriverRow] = Field(
        default_factory=list, max_length=5, description="three to five numbers with goal and owner"
    )
    machines: list[MachineRow] = Field(default_factory=list, description="machines whose time is counted")
    steps: list[BoardStepRow] = Field(
        default_factory=list,
        description="steps of the board, in order; one a cell with scan points if not given",
    )
