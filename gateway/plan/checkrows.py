"""What people owe by a plan: checks made by hand, and duties such as the calibration of a gauge."""

from typing import Annotated

from pydantic import Field

from gateway.plan.closed import Closed
from gateway.plan.words import (
    Bilingual,
    CellPath,
    Duration,
    Flag,
    Name,
    PlainText,
    TagPath,
    Text,
    Time,
    one_of,
    whole,
)

TRIGGERS = ("lot", "time", "shift", "start", "changeover", "days")
DUTIES = ("calibration", "maintenance", "qualification", "audit")
CHECKED_LOTS = ("material", "regrind", "batch", "box", "pallet", "shipment")


class CheckRow(Closed):
    """A check made by hand: when it is due, and what its result does to the lot."""

    every: Annotated[str, one_of("a frequency", TRIGGERS)] = Field(
        description="due for each new `lot`, each `period` of time, each `shift`, at each `start` of the machine or "
        "`changeover` of the key, or every so many `days`"
    )
    period: Duration | None = Field(None, description="with `every: time`")
    days: Annotated[int, whole(1, 3660)] | None = Field(None, description="with `every: days`")
    last: Time | None = Field(
        None, description="with `every: days`: when it was done last, before this file was written"
    )
    cell: CellPath = Field(
        description="where it is made; the lots of `every: lot` are those that come here, or are made here"
    )
    lots: Annotated[str, one_of("a kind of lot", CHECKED_LOTS)] | None = Field(
        None,
        description="with `every: lot`: which lots: `material`, `regrind`, `batch`, `box`, `pallet`, `shipment`; all "
        "product lots of the cell if not given",
    )
    materials: list[Name] = Field(
        default_factory=list, description="with `every: lot`: only lots of these materials; all if not given"
    )
    within: Duration = Field(
        3_600_000_000_000,
        description="on time is so long after it is due; then it is late",
        json_schema_extra={"default": "1h"},
    )
    missed_after: Duration | None = Field(
        None,
        description="so long after it is due it is missed, and that is an alarm; twice `within` if not given",
    )
    uom: Text | None = Field(
        None, description="unit of the number that is entered, in UCUM's words: %, g/10.min"
    )
    outside: Annotated[str, one_of("what follows", ("hold", "reject", "tell"))] = Field(
        "hold",
        description="a lot whose result is outside of `lsl` and `usl` is held (`hold`), held until somebody concedes "
        "it (`reject`), or only told (`tell`)",
    )
    quarantine: Flag = Field(
        False, description="whether the lot is held from when it comes until it is accepted"
    )
    second_person: Flag = Field(
        False, description="whether a second operator has to agree before a held lot is free"
    )


class DutyRow(Closed):
    """Something that is due every so many days and is of no lot."""

    name: Name = Field(
        description="names it in events and alarms, and a gauge in the rows; unique in the site"
    )
    kind: Annotated[str, one_of("a duty", DUTIES)] = Field(
        description="`calibration` of a gauge, `maintenance`, `qualification` of an operator, `audit` (layered process "
        "audit, or of a supplier)"
    )
    about: Text | None = Field(None, description="what is done, in words")
    subject: PlainText | None = Field(
        None, description="of whom or what: a device, an operator's number, a supplier"
    )
    days: Annotated[int, whole(1, 3660)] = Field(description="how often")
    last: Time | None = Field(
        None, description="when it was done last, before this file was written; due at once if not given"
    )
    remind_days: Annotated[int, whole(0, 366)] = Field(
        14, description="it may be done so many days before, and is told"
    )
    grace_days: Annotated[int, whole(0, 366)] = Field(
        0, description="so many days after its date it is missed, and that is an alarm"
    )
    tags: list[TagPath] = Field(
        default_factory=list,
        max_length=200,
        description="of a calibration: what the gauge measures; past its date their readings are uncertain",
    )
    reaction: Bilingual = Field(
        description="what the person does whom the alarm reaches; one text, or `{en: ..., zh: ...}`"
    )
    owner: Name | None = Field(None, description="who answers for it; the plan's if not given")
    escalation: Name | None = Field(None, description="ladder of the site; the plan's if not given")
