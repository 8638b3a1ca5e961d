"""The control plan: what is charted, how, and the limits that people set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.model import Plain


@dataclass(frozen=True, slots=True)
class When:
    """In which state of the machine a characteristic is sampled, or a device watched, at all."""

    tag: str = ""  # of the machine's state; "": always
    values: tuple[str, ...] = ()  # as text: 2, not 2.0
    warm_up_ns: int = 0  # after the state, or another key, has come into force


@dataclass(frozen=True, slots=True)
class Sampling:
    """How samples are made of readings."""

    every: str = "reading"  # "reading", "time", "counter", "lot"
    period_ns: int = 0  # of "time"
    counter: str = ""  # tag of "counter": one sample each time it moves
    size: int = 1  # subgroup size
    on_change: str = "drop"  # a lot or key change with a partial subgroup: "drop" or "keep"
    take: str = "value"  # "value", or "difference": what a totalizer grew since the sample before
    per_day: float = 0.0  # samples a day, for the budget of false alarms; 0: not known


@dataclass(frozen=True, slots=True)
class LimitsVersion:
    """Limits that somebody approved, out of a phase I study, and from when on they hold."""

    version: int
    from_ns: int
    params: Mapping[str, Plain]  # what phase I estimates: center, sigma, ...
    approved_by: str  # operator number
    samples: int = 0  # that they were estimated from; 0: not known
    baseline: str = ""  # hash of these samples


@dataclass(frozen=True, slots=True)
class Design:
    """A chart's limit, chosen by the false alarms that it may give; made when the config is read."""

    arl0: float  # samples between false alarms, in the mean
    confidence: float  # that it is at least so many, where the limits come from few samples
    parameter: str  # of the chart that is the limit: "L", "h", ...
    known: float  # limit where center and sigma are known; 0: not computed yet
    table: tuple[tuple[int, float], ...] = ()  # limit by samples that center and sigma come from, ascending


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One row of the control plan: what is charted, how, and what to do on a signal."""

    id: str
    tag: str
    method: str  # chart of gateway/spc: "imr", "ewma", "xbar-r"
    params: Mapping[str, Plain]  # the chart's own: center, sigma, lambda, ...
    key: tuple[str, ...]  # tags whose values define the process; a change switches slots
    sampling: Sampling
    reaction: str
    rules: tuple[str, ...] = ()
    usl: float | None = None
    lsl: float | None = None
    target: float | None = None
    tags: tuple[str, ...] = ()  # of a chart of several numbers: those beside `tag`, in order
    when: When = field(default_factory=When)
    limits: tuple[LimitsVersion, ...] = ()  # by version
    design: Design | None = None


@dataclass(frozen=True, slots=True)
class AlarmLimit:
    """HH, H, L, LL: alarm limits set by people."""

    tag: str
    level: str  # "HH", "H", "L", "LL"
    value: float
    deadband: float
    reaction: str
    on_delay_ns: int = 0  # beyond it for so long before the alarm is raised
    off_delay_ns: int = 0  # back for so long before it returns
