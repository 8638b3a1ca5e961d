"""A scenario of `lotwatch simulate`: what goes wrong at the simulated site, when, and how badly. Closed.

The site is config/scenarios/site.yaml; a scenario says only what is otherwise there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from gateway.config.maps import read_file
from gateway.config.problems import ConfigErrors
from gateway.config.validate import Checked
from gateway.plan.closed import Closed
from gateway.plan.words import Duration, Text, between, one_of, whole
from gateway.resources import config_dir

DAY_NS = 86_400_000_000_000

AMOUNTS: dict[str, tuple[str, float, float]] = {
    "late_resin": ("", 0, 0),
    "press_down": ("", 0, 0),
    "less_capacity": ("% that a cycle takes longer", 0, 500),
    "regrind_surplus": ("% of the parts that are rejects", 0, 60),
    "more_regrind": ("% regrind that the blender doses", 0, 60),
    "scale_drift": ("% a day that the blender's scale gains or loses", -20, 20),
    "power_cut": ("", 0, 0),
    "link_down": ("", 0, 0),
    "undeclared_regrind": ("kg an hour that are poured past the blender", 0, 60),
}
"""Kinds of disruption: what `amount` is of each, from where to where; without a word it takes none."""

PRESSES = ("press1", "press2")
_AT_PRESS = ("press_down", "less_capacity")


class DisruptionRow(Closed):
    """One thing that goes wrong."""

    kind: Annotated[str, one_of("a kind of disruption", AMOUNTS)] = Field(description="what goes wrong")
    begins: Duration = Field(alias="from", description="after so long")
    lasts: Duration | None = Field(None, alias="for", description="so long; to the end if not given")
    amount: Annotated[float, between(-1000, 1000)] | None = Field(
        None, description="how badly, in the unit of the kind"
    )
    press: Annotated[str, one_of("a press", PRESSES)] | None = Field(
        None, description="which press; both if not given"
    )
    mended: Duration | None = Field(
        None, description="so long after its first alarm somebody has put it right"
    )


class ScenarioFile(Closed):
    """A scenario."""

    about: Text = Field(description="what is tried, in one paragraph")
    days: Annotated[float, between(0.04, 366)] = Field(7.0, description="how long")
    seed: Annotated[int, whole(0, 2**31)] = Field(1, description="of all chance in the plant")
    disruptions: list[DisruptionRow] = Field(
        default_factory=list, max_length=100, description="what goes wrong; nothing if empty"
    )


@dataclass(frozen=True, slots=True)
class Disruption:
    """One thing that goes wrong, in virtual time from the beginning."""

    kind: str
    from_ns: int
    to_ns: int
    amount: float
    presses: tuple[str, ...]
    mended_ns: int | None  # so long after its first alarm it is over; None: nobody mends it


@dataclass(frozen=True, slots=True)
class Scenario:
    """A file that can be played."""

    name: str
    about: str
    days: float
    seed: int
    disruptions: tuple[Disruption, ...]


def shipped(file: Path) -> Path:
    """The file; or that of a scenario that ships with lotwatch, where only its name is given."""
    if len(file.parts) != 1 or file.suffix or file.exists():
        return file
    there = config_dir() / "scenarios" / f"{file}.yaml"
    return there if there.is_file() and file.name != "site" else file


def read_scenario(file: Path) -> Scenario:
    """Raises ConfigErrors with every problem of the file, each at its place."""
    checked = Checked(read_file(file), ScenarioFile)
    model = checked.model
    for at, row in enumerate(model.disruptions if model else ()):
        unit, low, high = AMOUNTS[row.kind]
        here = ("disruptions", at)
        if not unit and row.amount is not None:
            checked.say((*here, "amount"), f"{row.kind} has no amount")
        elif unit and row.amount is None:
            checked.missing((*here, "amount"), f'"amount" is missing: {unit}')
        elif row.amount is not None and not low <= row.amount <= high:
            checked.say((*here, "amount"), f"{row.amount:g} is out of range: {unit}, {low:g} to {high:g}")
        if row.press is not None and row.kind not in _AT_PRESS:
            checked.say((*here, "press"), f"{row.kind} is not of a press")
    if model is None or checked.problems:
        raise ConfigErrors(checked.problems)
    return Scenario(
        file.stem, model.about, model.days, model.seed, tuple(map(_disruption, model.disruptions))
    )


def _disruption(row: DisruptionRow) -> Disruption:
    to_ns = 10**6 * DAY_NS if row.lasts is None else row.begins + row.lasts
    presses = (row.press,) if row.press else PRESSES
    return Disruption(row.kind, row.begins, to_ns, row.amount or 0.0, presses, row.mended)
