"""Alarms: raised, updated, acknowledged, returned, closed; each change a new version. Pure.

    active --acknowledge--> acknowledged --returned--> closed
    active --returned--> returned --acknowledge--> closed
    returned --raised again--> active (the same alarm: nobody has answered for it yet)

A cause is what an alarm is about: kind, subject and key. One cause has one alarm at a time; after it closed, the next
one is another alarm. An id is made of the cause and of the instant that raised it, so replay gives the same one.

An alarm that stands for weeks names the `LOTS_MOST` lots that were in it last; its earlier versions name those before.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gateway.model import AlarmChanged, Entry, Instant, Noted, Plain, Severity
from gateway.site import AlarmLimit

LOTS_MOST = 100
ACTIVE, ACKNOWLEDGED, RETURNED, CLOSED = "active", "acknowledged", "returned", "closed"


@dataclass(frozen=True, slots=True)
class Cause:
    """What an alarm is about, and what is known of it before anything happens."""

    kind: str  # "signal", "stale", "limit_HH", ...
    subject: str  # characteristic, group or tag
    severity: Severity
    tag: str = ""
    reaction: str = ""
    key: str = ""  # of a signal: the process key

    @property
    def name(self) -> str:
        return f"{self.kind} {self.subject} {self.key}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is not closed yet."""

    id: str
    cause: Cause
    version: int
    state: str
    lots: tuple[str, ...] = ()
    facts: Mapping[str, Plain] = field(default_factory=dict)

    def told(self, time_ns: int) -> AlarmChanged:
        cause = self.cause
        return AlarmChanged(
            time_ns, self.id, self.version, self.state, cause.kind, cause.severity, cause.tag, cause.subject,
            cause.reaction, self.lots, self.facts,
        )  # fmt: skip

    @property
    def on(self) -> bool:
        """Whether its cause is there now."""
        return self.state in (ACTIVE, ACKNOWLEDGED)


Alarms = Mapping[str, Alarm]
"""By name of the cause."""


def raised(
    alarms: Alarms,
    cause: Cause,
    at: Instant,
    lots: tuple[str, ...] = (),
    facts: Mapping[str, Plain] | None = None,
) -> tuple[Alarms, tuple[AlarmChanged, ...]]:
    """The cause is there. An alarm that stands already changes only if a lot or a rule is new in it."""
    facts = facts or {}
    old = alarms.get(cause.name)
    if old is None:
        new = Alarm(_id(cause, at), cause, 1, ACTIVE, lots, facts)
    elif old.on:
        all_lots, all_facts = _joined(old.lots, lots), _merged(old.facts, facts)
        if all_lots == old.lots and all_facts == old.facts:
            return alarms, ()
        new = replace(old, version=old.version + 1, lots=all_lots, facts=all_facts)
    else:
        all_lots = _joined(old.lots, lots)
        new = replace(old, version=old.version + 1, state=ACTIVE, lots=all_lots, facts={**old.facts, **facts})
    return {**alarms, cause.name: new}, (new.told(at.time_ns),)


def returned(
    alarms: Alarms, name: str, time_ns: int, facts: Mapping[str, Plain] | None = None
) -> tuple[Alarms, tuple[AlarmChanged, ...]]:
    """The cause is gone."""
    old = alarms.get(name)
    if old is None or not old.on:
        return alarms, ()
    state = CLOSED if old.state == ACKNOWLEDGED else RETURNED
    return _changed(alarms, replace(old, state=state, facts={**old.facts, **(facts or {})}), time_ns)


def acknowledge(alarms: Alarms, entry: Entry) -> tuple[Alarms, tuple[AlarmChanged | Noted, ...]]:
    """A person answers for an alarm: ``{"alarm": id}``."""
    wanted = entry.body.get("alarm")
    old = next((alarm for alarm in alarms.values() if alarm.id == wanted), None)
    if old is None or old.state == ACKNOWLEDGED:
        reason = "no such open alarm" if old is None else "acknowledged already"
        facts: dict[str, Plain] = {"alarm": wanted, "operator": entry.operator, "reason": reason}
        return alarms, (Noted(entry.at.time_ns, "acknowledge_refused", str(wanted), Severity.INFO, facts),)
    state = CLOSED if old.state == RETURNED else ACKNOWLEDGED
    facts = {**old.facts, "acknowledged_by": entry.operator, "acknowledged_ns": entry.at.time_ns}
    return _changed(alarms, replace(old, state=state, facts=facts), entry.at.time_ns)


def _changed(alarms: Alarms, new: Alarm, time_ns: int) -> tuple[Alarms, tuple[AlarmChanged, ...]]:
    new = replace(new, version=new.version + 1)
    rest = {**alarms, new.cause.name: new}
    if new.state == CLOSED:
        del rest[new.cause.name]
    return rest, (new.told(time_ns),)


def _joined(old: tuple[str, ...], lots: tuple[str, ...]) -> tuple[str, ...]:
    """Lots in the order in which they came; where they are too many, those that are there now and the newest others."""
    joined = tuple(dict.fromkeys((*old, *lots)))
    if len(joined) <= LOTS_MOST:
        return joined
    here = frozenset(lots)
    room = LOTS_MOST - len(here)
    before = tuple(lot for lot in joined if lot not in here)
    kept = here.union(before[-room:] if room > 0 else ())
    return tuple(lot for lot in joined if lot in kept)


def _merged(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """Facts as they were when it was raised; lists, such as the rules, grow."""
    grown = dict(old)
    for name, value in new.items():
        before = old.get(name)
        if isinstance(value, list) and isinstance(before, list):
            grown[name] = [*before, *(item for item in value if item not in before)]
    return grown


def _id(cause: Cause, at: Instant) -> str:
    """Readable, and safe as one level of an MQTT topic: letters, digits, dot, dash, underscore."""
    about = f"{cause.name} {at.time_ns} {at.boottime_ns} {at.clock_id}"
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", cause.subject).strip("-")[-40:]
    return f"{cause.kind}-{slug}-{hashlib.blake2s(about.encode(), digest_size=6).hexdigest()}"


# --- alarm limits ---------------------------------------------------------------------------------------------------

_DIRECTION = {"HH": 1.0, "H": 1.0, "L": -1.0, "LL": -1.0}


class Limits:
    """HH, H, L and LL of one poll group's points. Beyond the limit raises; back by the deadband returns."""

    def __init__(self, limits: tuple[AlarmLimit, ...], places: Mapping[str, int]) -> None:
        """`places` has the place in the group of every limit's tag."""
        self._at = np.array([places[limit.tag] for limit in limits], dtype=np.intp)
        self._way = np.array([_DIRECTION[limit.level] for limit in limits])
        self._limit = np.array([limit.value for limit in limits])
        self._back = np.array([abs(limit.deadband) for limit in limits])
        self.rows, self.places = limits, self._at
        self.causes = tuple(
            Cause(
                f"limit_{limit.level}", limit.tag,
                Severity.ALARM if len(limit.level) == 2 else Severity.WARNING, limit.tag, limit.reaction,
            )
            for limit in limits
        )  # fmt: skip

    def run(
        self, on: NDArray[np.bool_], values: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]:
        """Which limits are exceeded now, which became so, which returned. `values` is nan where not good: no change."""
        beyond = (values[self._at] - self._limit) * self._way
        now = (beyond > 0) | (on & ~(beyond <= -self._back))
        if (now == on).all():
            return on, _NONE, _NONE
        return now, np.flatnonzero(now & ~on), np.flatnonzero(on & ~now)


_NONE = np.zeros(0, dtype=np.intp)
