"""A control plan file, `plans/*.yaml`: charts as rows, and nothing else. Closed: what is not here is an error."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.plan.words import Duration, Name, Number, Options, TagPath, Text, one_of, whole

RULES = (
    *(f"WE{i}" for i in range(1, 5)),
    *(f"N{i}" for i in range(1, 9)),
    *(f"AIAG{i}" for i in range(1, 9)),
)


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


class CharacteristicRow(Closed):
    """One row of the control plan."""

    id: Name = Field(description="names the chart in signals and alarms; unique in the site")
    tag: TagPath = Field(description="what is charted")
    method: Name = Field(description="the chart: a file of gateway/spc, such as `imr`, `ewma`, `cusum`")
    params: Options = Field(
        default_factory=dict,
        description="the chart's own: `center`, `sigma` and what docs/reference/config.md lists",
    )
    rules: list[Annotated[str, one_of("a run rule", RULES)]] = Field(
        default_factory=list,
        description="run rules of an `imr` chart: `WE1` to `WE4`, `N1` to `N8`, `AIAG1` to `AIAG8`",
    )
    key: list[TagPath] = Field(
        default_factory=list,
        max_length=8,
        description="tags whose values define the process (recipe, tool, material); each combination has its own chart",
    )
    sampling: SamplingRow = Field(default_factory=SamplingRow, description="how samples are made of readings")
    reaction: Text = Field(description="what the person does whom a signal reaches")
    usl: Number | None = Field(None, description="upper specification limit")
    lsl: Number | None = Field(None, description="lower specification limit")
    target: Number | None = Field(None, description="what the customer wants")


class PlanFile(Closed):
    """A control plan."""

    characteristics: list[CharacteristicRow] = Field(description="the rows of the plan")
