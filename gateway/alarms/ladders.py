"""Escalation: while nobody acknowledges an alarm, the next step of its ladder is told. What, to whom and when; pure.

Rule 1: a step is an event, `escalated`, once for each alarm; whoever does the telling goes by that event, after its
commit.  Rule 2: times count from the alarm, by boottime, and stand still in a planned stop.  Rule 3: who has quiet
hours is told when they are over, if nobody has answered by then; the ladder goes on meanwhile.  Rule 4: an answer or a
shelf ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gateway.alarms.values import ACTIVE, RETURNED, Alarm, Alarms
from gateway.model import AlarmChanged, Event, Instant, Noted, Plain
from gateway.plan.hours import stood_still_ns, stopped, stops_on, within
from gateway.site import Characteristic, Check, Ladder, Site, Step

OWNER = "owner"
_WORDS = ("sentence", "sentence_zh", "reaction_zh", "plan", "owner", "class")
"""Facts of an alarm that whoever is told gets to read."""


@dataclass(frozen=True, slots=True)
class Climb:
    """An alarm on its ladder."""

    ladder: str
    since_ns: int  # wall time of the alarm
    since_boot_ns: int
    step: int = 0  # that is next
    waiting: tuple[tuple[int, str], ...] = ()  # step and person, in quiet hours
    paused_ns: int = -1  # boottime since which its cell has a planned stop


Climbs = Mapping[str, Climb]
"""By id of the alarm."""


@dataclass(frozen=True, slots=True)
class _Row:
    ladder: str = ""
    owner: str = ""


class Ladders:
    """The ladders of one site."""

    def __init__(self, site: Site) -> None:
        alerts = site.alerts
        self._ladders: dict[str, Ladder] = {ladder.name: ladder for ladder in alerts.ladders}
        self._people = {person.name: person for person in alerts.people}
        self._shifts, self._stops, self._default = site.shifts, alerts.stops, alerts.default
        rows: tuple[Characteristic | Check, ...] = (*site.characteristics, *site.checks)
        self._rows = {row.id: _Row(row.line.ladder, row.line.owner) for row in rows}
        self.any = bool(self._ladders)

    def ahead(self, subject: str, step: int) -> tuple[str, int, Step, tuple[str, ...]] | None:
        """The step, counted from 0, of the ladder of an alarm about `subject`: the ladder, of how many steps it is, the
        step, and whom it tells. None: there is none any more.
        """
        row = self._rows.get(subject, _Row())
        ladder = self._ladders.get(row.ladder or self._default)
        if ladder is None or not 0 <= step < len(ladder.steps):
            return None
        names = (row.owner if name == OWNER else name for name in ladder.steps[step].tell)
        known = tuple(name for name in dict.fromkeys(names) if name in self._people)
        return ladder.name, len(ladder.steps), ladder.steps[step], known

    def stands_still(self, cell: str, time_ns: int) -> bool:
        """Whether times of the ladders stand still at a cell: it has a planned stop."""
        on = stops_on(self._shifts, self._stops, time_ns)
        return bool(on) and stopped(on, cell)

    def stood_ns(self, cell: str, since_ns: int, now_ns: int) -> int:
        """For how long times of the ladders have stood still at a cell, by its planned stops."""
        return stood_still_ns(self._shifts, self._stops, cell, (since_ns, now_ns))

    def followed(self, climbs: Climbs, alarms: Alarms, events: Iterable[Event], at: Instant) -> Climbs:
        """Alarms that were raised begin to climb; those that somebody answered, or shelved, climb no more."""
        for event in events:
            if not isinstance(event, AlarmChanged):
                continue
            alarm = alarms.by_id(event.alarm)
            if alarm is None or alarm.shelf is not None or alarm.state not in (ACTIVE, RETURNED):
                if event.alarm in climbs:
                    climbs = {name: climb for name, climb in climbs.items() if name != event.alarm}
            elif event.alarm not in climbs and alarm.state == ACTIVE:
                climbs = self._begun(climbs, alarm, at)
        return climbs

    def joined(self, climbs: Climbs, alarms: Alarms, at: Instant) -> Climbs:
        """With alarms that stand unanswered and had no ladder before this config."""
        for alarm in alarms.values():
            if alarm.id not in climbs and alarm.state == ACTIVE and alarm.shelf is None:
                climbs = self._begun(climbs, alarm, at)
        return climbs

    def _begun(self, climbs: Climbs, alarm: Alarm, at: Instant) -> Climbs:
        ladder = self._rows.get(alarm.cause.subject, _Row()).ladder or self._default
        return (
            {**climbs, alarm.id: Climb(ladder, at.time_ns, at.boottime_ns)}
            if ladder in self._ladders
            else climbs
        )

    def due(self, climbs: Climbs, alarms: Alarms, at: Instant) -> tuple[Climbs, tuple[Noted, ...]]:
        """Steps whose time has come. The same object where there is none."""
        if not climbs:
            return climbs, ()
        told: list[Noted] = []
        on = stops_on(self._shifts, self._stops, at.time_ns)
        after, standing = dict(climbs), {alarm.id: alarm for alarm in alarms.values()}
        for name, climb in climbs.items():
            alarm = standing.get(name)
            if alarm is None or climb.ladder not in self._ladders:
                del after[name]
            else:
                still = bool(on) and stopped(on, alarm.cause.cell)
                after[name] = self._climbed(climb, alarm, at, told, still=still)
        same = len(after) == len(climbs) and all(after[name] is climb for name, climb in climbs.items())
        return climbs if same else after, tuple(told)

    def _climbed(self, climb: Climb, alarm: Alarm, at: Instant, told: list[Noted], *, still: bool) -> Climb:
        """`still`: its cell has a planned stop now."""
        if still:
            return climb if climb.paused_ns >= 0 else replace(climb, paused_ns=at.boottime_ns)
        if climb.paused_ns >= 0:
            stood_ns = at.boottime_ns - climb.paused_ns
            climb = replace(climb, since_boot_ns=climb.since_boot_ns + stood_ns, paused_ns=-1)
        if climb.waiting:
            climb = self._woken(climb, alarm, at, told)
        steps = self._ladders[climb.ladder].steps
        while climb.step < len(steps) and at.boottime_ns - climb.since_boot_ns >= steps[climb.step].after_ns:
            step, here = steps[climb.step], climb.step
            people = self._named(step.tell, alarm)
            asleep = [] if step.despite_quiet else [name for name in people if self._quiet(name, at)]
            waiting = (*climb.waiting, *((here, name) for name in asleep))
            awake = [name for name in people if name not in asleep]
            told.append(self._told(climb, here, alarm, at, awake, {"waiting": list[Plain](asleep)}))
            climb = replace(climb, step=here + 1, waiting=waiting)
        return climb

    def _woken(self, climb: Climb, alarm: Alarm, at: Instant, told: list[Noted]) -> Climb:
        """Quiet hours that are over."""
        awake = [each for each in climb.waiting if not self._quiet(each[1], at)]
        for step in dict.fromkeys(step for step, _ in awake):
            names = [name for at_step, name in awake if at_step == step and name in self._people]
            told.append(self._told(climb, step, alarm, at, names, {"after_quiet_hours": True}))
        return replace(climb, waiting=tuple(e for e in climb.waiting if e not in awake)) if awake else climb

    def _named(self, tell: Iterable[str], alarm: Alarm) -> list[str]:
        owner = self._rows.get(alarm.cause.subject, _Row()).owner
        names = (owner if name == OWNER else name for name in tell)
        return [name for name in dict.fromkeys(names) if name in self._people]

    def _quiet(self, name: str, at: Instant) -> bool:
        person = self._people.get(name)
        return person is not None and within(self._shifts, person.quiet, at.time_ns)

    def _told(
        self, climb: Climb, step: int, alarm: Alarm, at: Instant, to: list[str], more: Mapping[str, Plain]
    ) -> Noted:
        cause = alarm.cause
        facts: dict[str, Plain] = {
            "alarm": alarm.id, "step": step + 1, "steps": len(self._ladders[climb.ladder].steps),
            "ladder": climb.ladder, "to": list[Plain](to), "since_ns": climb.since_ns, "kind": cause.kind,
            "about": cause.subject, "tag": cause.tag, "cell": cause.cell, "reaction": cause.reaction,
            "lots": list[Plain](alarm.lots),
        }  # fmt: skip
        facts |= {name: alarm.facts[name] for name in _WORDS if name in alarm.facts}
        facts |= {name: fact for name, fact in more.items() if fact}
        return Noted(at.time_ns, "escalated", alarm.id, cause.severity, facts)


def climbs_restarted(climbs: Climbs, at: Instant, *, same_boot: bool) -> Climbs:
    """A run begins: after a boot times go on by wall time, for boottime began anew."""
    if same_boot or not climbs:
        return climbs
    shift_ns = at.boottime_ns - at.time_ns
    return {
        name: replace(climb, since_boot_ns=climb.since_ns + shift_ns, paused_ns=-1)
        for name, climb in climbs.items()
    }
