"""A control plan file, `plans/*.yaml`: what is controlled, how, and what then. Closed: what is not here is an error.

One file is one revision of the plan of one part; the words are those of a control plan (AIAG, Control Plan, 1st edition
2024, and APQP 2nd edition before it).
"""

from typing import Annotated

from pydantic import Field

from gateway.plan.checkrows import CheckRow, DutyRow
from gateway.plan.closed import Closed
from gateway.plan.words import (
    Bilingual,
    Duration,
    Name,
    Number,
    Operator,
    Options,
    PlainText,
    Positive,
    TagPath,
    Text,
    Time,
    number,
    one_of,
    share,
    whole,
)

__all__ = [
    "INSPECTION", "PHASES", "RULES", "SPREAD", "CharacteristicRow", "Closed", "DesignRow", "ExcludedRow", "LimitsRow",
    "PlanFile", "SamplingRow", "WhenRow",
]  # fmt: skip

RULES = (
    *(f"WE{i}" for i in range(1, 5)),
    *(f"N{i}" for i in range(1, 9)),
    *(f"AIAG{i}" for i in range(1, 9)),
)
SPREAD = {"imr": "MR", "short-run": "MR", "xbar-r": "R", "xbar-s": "S"}
"""Charts with a second panel, and the rule of its limits: listened to only where a row names it."""


PHASES = ("prototype", "pre-launch", "safe-launch", "production")
INSPECTION = "inspection"
"""The control method of a check that is charted nowhere."""


class SamplingRow(Closed):
    """How samples are made of readings."""

    every: Annotated[str, one_of("a way of sampling", ("reading", "time", "counter", "lot"))] = Field(
        "reading",
        description="one sample every `reading`, every `period` of time, each time the `counter` moves, or one a `lot`",
    )
    period: Duration | None = Field(None, description="time between samples, with `every: time`")
    counter: TagPath | None = Field(
        None, description="tag of the shot or dose counter, with `every: counter`"
    )
    size: Annotated[int, whole(1, 100)] = Field(1, description="subgroup size")
    on_change: Annotated[str, one_of("a policy", ("drop", "keep"))] = Field(
        "drop",
        description="what becomes of a subgroup that a lot or key change leaves incomplete: `drop` or `keep`",
    )
    take: Annotated[str, one_of("what to take", ("value", "difference"))] = Field(
        "value",
        description="the `value`, or the `difference` of a totalizer to the sample before",
    )
    per_day: Positive | None = Field(
        None,
        description="samples a day, where the budget of false alarms cannot know: `every: counter` and `every: lot`",
    )


class WhenRow(Closed):
    """In which state of the machine samples are made; without it, in each."""

    tag: TagPath | None = Field(None, description="tag of the machine's state")
    values: list[PlainText] = Field(
        alias="is", default_factory=list, description="values of it in which samples are made, such as [2, 3]"
    )
    warm_up: Duration | None = Field(
        None, description="no samples for so long after the state, or another key, has come into force"
    )


class DesignRow(Closed):
    """The limit is chosen by the false alarms it may give, and is for as many samples as center and sigma come from."""

    arl0: Annotated[float, number(above=1)] | None = Field(
        None,
        description="samples between false alarms, in the mean; if not given, the row's share of the site's "
        "`false_alarms_per_day`",
    )
    confidence: Annotated[float, share()] = Field(
        0.9, description="how sure it is that there are at least so many, where limits come from a baseline"
    )
    weight: Positive = Field(
        1.0, description="share of the site's false alarms, relative to those of other rows"
    )


class ExcludedRow(Closed):
    """Samples that a phase I study left out."""

    rows: PlainText = Field(description="rows of its file, such as 12-15")
    reason: Text = Field(description="why")


class LimitsRow(Closed):
    """Limits out of a phase I study, as `lotwatch spc --freeze` writes them."""

    version: Annotated[int, whole(1, 100_000)] = Field(
        description="counts up; the newest that has begun holds"
    )
    begins: Time = Field(alias="from", description="when they come into force, by wire time")
    approved_by: Operator = Field(description="operator number of the person who approved them")
    params: Options = Field(description="what phase I estimates: `center` and `sigma`, or what the chart has")
    samples: Annotated[int, whole(0, 100_000_000)] = Field(0, description="that they were estimated from")
    baseline: Text | None = Field(None, description="hash of these samples")
    excluded: list[ExcludedRow] = Field(default_factory=list, description="samples left out, and why")
    from_file: Text | None = Field(None, description="where the samples came from")


class CharacteristicRow(Closed):
    """One row of the control plan."""

    id: Name = Field(description="names the row in signals, alarms and checks; unique in the site")
    number: PlainText | None = Field(None, description="its number in the customer's control plan")
    step: Text | None = Field(None, description="process step, such as 30 Moulding")
    machine: Text | None = Field(None, description="machine, device, jig or tool of the step")
    about: Text | None = Field(None, description="the characteristic in words")
    of: Annotated[str, one_of("what it is of", ("product", "process"))] | None = Field(
        None, description="a characteristic of the `product` or of the `process`"
    )
    special: Text | None = Field(
        None, alias="class", description="special characteristic: the customer's symbol, such as SC or CC"
    )
    specification: Text | None = Field(
        None, description="in words, where numbers do not say it: no black specks"
    )
    technique: Text | None = Field(None, description="how it is measured or judged")
    gauge: Name | None = Field(
        None, description="the instrument: a duty of kind calibration; past its date results are uncertain"
    )
    tag: TagPath | None = Field(None, description="what is charted; or `check`, never both")
    check: CheckRow | None = Field(None, description="a check made by hand, instead of `tag`")
    method: Name = Field(
        description="control method: a chart, a file of gateway/spc, such as `imr`, `ewma`, `cusum`; of a check also "
        "`inspection`: against the specification alone"
    )
    params: Options = Field(
        default_factory=dict,
        description="the chart's own: `center`, `sigma` and what docs/reference/charts.md lists",
    )
    rules: list[Annotated[str, one_of("a run rule", (*RULES, *sorted({*SPREAD.values()})))]] = Field(
        default_factory=list,
        description="run rules of the chart: `WE1` to `WE4`, `N1` to `N8`, `AIAG1` to `AIAG8`; `MR` of imr and "
        "short-run, `R` of xbar-r, `S` of xbar-s for the limits of the spread",
    )
    key: list[TagPath] = Field(
        default_factory=list,
        max_length=8,
        description="tags whose values define the process (recipe, tool, material); each combination has its own chart",
    )
    tags: list[TagPath] = Field(
        default_factory=list,
        max_length=63,
        description="of a chart of several numbers (`t2`, `mewma`, ...): the tags beside `tag`; of `p`, `u` and "
        "their like: the tag of the size",
    )
    when: WhenRow | None = Field(None, description="in which state of the machine samples are made")
    design: DesignRow | None = Field(None, description="the limit by the false alarms it may give")
    limits: list[LimitsRow] = Field(
        default_factory=list, max_length=200, description="versions of limits that somebody approved"
    )
    sampling: SamplingRow = Field(default_factory=SamplingRow, description="how samples are made of readings")
    reaction: Bilingual = Field(
        description="what the person does whom a signal reaches; one text, or `{en: ..., zh: ...}`"
    )
    causes: list[Text] = Field(
        default_factory=list,
        max_length=30,
        description="causes to choose from when somebody answers for its alarm; free words are taken too",
    )
    owner: Name | None = Field(None, description="who answers for the reaction; the plan's if not given")
    escalation: Name | None = Field(
        None, description="ladder of the site, by which others are told; the plan's if not given"
    )
    fmea: Text | None = Field(None, description="line of the process FMEA that it controls")
    usl: Number | None = Field(None, description="upper specification limit")
    lsl: Number | None = Field(None, description="lower specification limit")
    target: Number | None = Field(None, description="what the customer wants")


class PlanFile(Closed):
    """A control plan: one revision of it."""

    plan: Name | None = Field(
        None,
        description="names the plan: its revisions are files with the same name here; the file's own if not given",
    )
    part: Text | None = Field(None, description="part number, with the level of its drawing")
    about: Text | None = Field(None, description="the part in words")
    phase: Annotated[str, one_of("a phase", PHASES)] | None = Field(
        None, description="`prototype`, `pre-launch`, `safe-launch` or `production`"
    )
    revision: PlainText | None = Field(
        None, description="of the plan; lots, signals and alarms carry it. Needed where there are several"
    )
    effective: Time | None = Field(
        None, description="from when on it holds, for new lots; always if not given and there is no other"
    )
    approved_by: Operator | None = Field(None, description="operator number of the person who approved it")
    change: Text | None = Field(None, description="what is new in this revision, and why")
    owner: Name | None = Field(None, description="who answers for its reactions: one of `people` of the site")
    escalation: Name | None = Field(
        None, description="ladder of the site for its rows; the site's `default` if not given"
    )
    characteristics: list[CharacteristicRow] = Field(description="the rows of the plan")
    duties: list[DutyRow] = Field(
        default_factory=list, description="calibrations, maintenance, qualifications, audits"
    )
