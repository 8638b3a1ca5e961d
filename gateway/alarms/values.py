"""What the alarm room remembers: causes, alarms that are not closed, and what decides how they are told. Pure.

Rule 1: all timers are boottime; wall time is only what people are told.  Rule 2: a shelf hides an alarm, it never stops
its life: `state` goes on beneath, and each change is a version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gateway.model import AlarmChanged, Noted, Plain, Severity

ACTIVE, ACKNOWLEDGED, RETURNED, CLOSED = "active", "acknowledged", "returned", "closed"
SHELVED = "shelved"

Told = AlarmChanged | Noted


@dataclass(frozen=True, slots=True)
class Damping:
    """How long a cause must be there, or gone, before its alarm says so: what keeps an alarm from chattering.

    ISA-18.2-2016 calls the times on-delay and off-delay. Both conditions must hold for an alarm to be raised.
    """

    on_samples: int = 1  # violating samples
    on_delay_ns: int = 0
    off_delay_ns: int = 0


NO_DAMPING = Damping()


@dataclass(frozen=True, slots=True)
class Cause:
    """What an alarm is about, and what is known of it before anything happens."""

    kind: str  # "signal", "stale", "limit_HH", ...
    subject: str  # characteristic, group or tag
    severity: Severity
    tag: str = ""
    reaction: str = ""
    key: str = ""  # of a signal: the process key
    at: str = ""  # cell, where the tag does not say it
    damping: Damping = NO_DAMPING

    @property
    def name(self) -> str:
        return f"{self.kind} {self.subject} {self.key}"

    @property
    def cell(self) -> str:
        """area/line/cell; "" where it is of no cell."""
        return self.at or self.tag.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Out of sight for a time, by somebody's word."""

    until_boottime_ns: int
    until_ns: int  # the same as wall time, as it was when it was shelved
    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is not closed yet, or was lately."""

    id: str
    cause: Cause
    version: int
    state: str  # beneath the shelf, where there is one
    lots: tuple[str, ...] = ()
    facts: Mapping[str, Plain] = field(default_factory=dict)
    first_ns: int = 0  # wire time of the first sample that violated
    last_ns: int = 0  # ... and of the newest one
    shelf: Shelf | None = None
    leaves_ns: int = (
        -1
    )  # boottime at which it returns if the cause stays away; -1: the cause is there, or it has

    def told(self, time_ns: int) -> AlarmChanged:
        cause, facts, state = self.cause, self.facts, self.state
        if self.shelf is not None:
            state = SHELVED
            facts = {
                **facts, "beneath": self.state, "shelved_by": self.shelf.operator,
                "shelved_until_ns": self.shelf.until_ns, "shelved_reason": self.shelf.reason,
            }  # fmt: skip
        return AlarmChanged(
            time_ns, self.id, self.version, state, cause.kind, cause.severity, cause.tag, cause.subject,
            cause.reaction, self.lots, facts,
        )  # fmt: skip

    @property
    def on(self) -> bool:
        """Whether it stands: its cause is there, or has not been gone for long enough."""
        return self.state in (ACTIVE, ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Pending:
    """A cause that has not been there for long enough to be an alarm."""

    cause: Cause
    since_ns: int  # boottime
    samples: int
    lots: tuple[str, ...]
    facts: Mapping[str, Plain]
    first_ns: int
    last_ns: int

    def due(self, now_ns: int) -> bool:
        damping = self.cause.damping
        return self.samples >= damping.on_samples and now_ns - self.since_ns >= damping.on_delay_ns


@dataclass(frozen=True, slots=True)
class First:
    """The alarm that came first at a cell."""

    alarm: str
    boottime_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Alarms(Mapping[str, Alarm]):
    """Alarms that are not closed, by name of the cause; beside them what decides how the next ones are told."""

    open: Mapping[str, Alarm] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)  # by name of the cause
    raises: Mapping[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # newest boottimes, by name of the cause
    first: Mapping[str, First] = field(default_factory=dict)  # by cell
    past: tuple[Alarm, ...] = ()  # closed of late, oldest first: a late scan may still amend them

    def __getitem__(self, name: str) -> Alarm:
        return self.open[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.open)

    def __len__(self) -> int:
        return len(self.open)

    def there(self, name: str) -> bool:
        """Whether the cause was there when it was looked for last, told or not."""
        alarm = self.open.get(name)
        return name in self.pending or (alarm is not None and alarm.on and alarm.leaves_ns < 0)

    def known(self) -> tuple[str, ...]:
        """Names of all causes that have an alarm, or may get one."""
        return (*self.open, *(name for name in self.pending if name not in self.open))

    def by_id(self, wanted: object) -> Alarm | None:
        """An alarm that is not closed."""
        return next((alarm for alarm in self.open.values() if alarm.id == wanted), None)

    def put(self, alarm: Alarm) -> Alarms:
        """With this alarm in place of what its cause had."""
        return replace(self, open={**self.open, alarm.cause.name: alarm})
