"""The control plan: what is charted or checked by hand, how, by which revision, and the limits that people set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.plain import Plain


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
class Line:
    """What a row of the control plan says to people; nothing of it changes what is charted."""

    plan: str = ""
    revision: str = ""
    number: str = ""
    step: str = ""
    machine: str = ""
    about: str = ""
    of: str = ""  # "product", "process"
    special: str = ""  # class
    specification: str = ""
    technique: str = ""
    gauge: str = ""  # name of a duty
    fmea: str = ""
    owner: str = ""  # one of the site's people
    ladder: str = ""
    causes: tuple[str, ...] = ()  # to choose from when somebody answers for its alarm
    reaction_zh: str = ""  # the row's reaction in Chinese; "": the plan has it in one language

    @property
    def judged_by(self) -> str:
        """Plan and revision as lots, signals and alarms carry them; "" where the plan has no revision."""
        return f"{self.plan} {self.revision}" if self.revision else ""

    @property
    def facts(self) -> dict[str, Plain]:
        """What alarms say of the row, as far as the plan says it."""
        said = {"plan": self.judged_by, "owner": self.owner, "class": self.special, "fmea": self.fmea}
        return {name: word for name, word in said.items() if word}


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of a control plan, and from when on it is in force for new lots."""

    plan: str
    revision: str
    effective_ns: int | None = None  # None: from the beginning
    part: str = ""
    phase: str = ""
    approved_by: str = ""
    change: str = ""


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
    line: Line = field(default_factory=Line)


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
    reaction_zh: str = ""  # in Chinese; "": the site has it in one language


@dataclass(frozen=True, slots=True)
class Check:
    """Something that people owe: a check of a plan made by hand, or a duty."""

    id: str
    kind: str  # "check", "calibration", "maintenance", "qualification", "audit"
    every: str  # "lot", "time", "shift", "start", "changeover", "days"
    reaction: str
    period_ns: int = 0  # of "time" and "days"
    last_ns: int | None = None  # of "days": when it was done before anybody kept a record here
    lead_ns: int = 0  # of "days": it may be done so long before its date, and is told then
    within_ns: int = 0  # after its date: still on time
    missed_ns: int = 0  # after its date: missed, from then on
    cell: str = ""
    lots: str = ""  # kind, of "lot"; "": product lots of the cell
    materials: tuple[str, ...] = ()
    tag: str = ""  # that its result is charted as; "" of a duty
    uom: str = ""
    key: tuple[str, ...] = ()
    when: When = field(default_factory=When)
    size: int = 1  # numbers that one check has
    usl: float | None = None
    lsl: float | None = None
    outside: str = "hold"  # "hold", "reject", "tell"
    quarantine: bool = False
    second_person: bool = False
    gauge: str = ""  # the duty that keeps its instrument
    measures: tuple[str, ...] = ()  # of a calibration: tags that the gauge gives
    about: str = ""
    subject: str = ""
    line: Line = field(default_factory=Line)

    @property
    def by_lot(self) -> bool:
        return self.every == "lot"
