"""A control plan file, `plans/*.yaml`: charts as rows, and nothing else. Closed: what is not here is an error."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.plan.words import (
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

RULES = (
    *(f"WE{i}" for i in range(1, 5)),
    *(f"N{i}" for i in range(1, 9)),
    *(f"AIAG{i}" for i in range(1, 9)),
)
SPREAD = {"imr": "MR", "short-run": "MR", "xbar-r": "R", "xbar-s": "S"}
"""Charts with a second panel, and the rule of its limits: listened to only where a row names it."""


class Closed(BaseModel):
    """Unknown keys are errors; what was read is not changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


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

    id: Name = Field(description="names the chart in signals and alarms; unique in the site")
    tag: TagPath = Field(description="what is charted")
    method: Name = Field(description="the chart: a file of gateway/spc, such as `imr`, `ewma`, `cusum`")
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
    reaction: Text = Field(description="what the person does whom a signal reaches")
    usl: Number | None = Field(None, description="upper specification limit")
    lsl: Number | None = Field(None, description="lower specification limit")
    target: Number | None = Field(None, description="what the customer wants")


class PlanFile(Closed):
    """A control plan."""

    characteristics: list[CharacteristicRow] = Field(description="the rows of the plan")
