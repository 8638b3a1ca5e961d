"""What there is to tell, out of events: one errand for each person and way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.model import AlarmChanged, Noted, NumberedEvent, Plain
from gateway.site import Person

MAIL, WEBHOOK = "mail", "webhook"
ORDER, DONE, FAILED = "escalated", "told", "tell_failed"
_ANSWERED = frozenset({"acknowledged", "closed"})

Key = tuple[str, int, str, str]
"""Alarm, step, who, by: told once."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One person to be told one way."""

    seq: int  # of the event that says so
    time_ns: int
    alarm: str
    step: int
    person: Person
    by: str  # MAIL, WEBHOOK
    severity: int
    facts: Mapping[str, Plain]  # of that event

    @property
    def key(self) -> Key:
        return self.alarm, self.step, self.person.name, self.by

    @property
    def id(self) -> str:
        """The same whenever it is told: by it a receiver knows a repetition."""
        return f"{self.alarm}.{self.step}.{self.person.name}.{self.seq}"


def errands(numbered: NumberedEvent, people: Mapping[str, Person]) -> Iterator[Errand]:
    """The errands of an event; none where it is no order, or names nobody who can be reached."""
    event = numbered.event
    if not isinstance(event, Noted) or event.kind != ORDER:
        return
    to, step = event.facts.get("to"), event.facts.get("step")
    for name in to if isinstance(to, list) else ():
        person = people.get(str(name))
        if person is None or not isinstance(step, int):
            continue
        for by in ways(person):
            yield Errand(
                numbered.seq, event.time_ns, event.subject, step, person, by, int(event.severity), event.facts
            )


def ways(person: Person) -> tuple[str, ...]:
    """How somebody can be told."""
    mail = (MAIL,) if person.mail_from else ()
    return (*mail, WEBHOOK) if person.webhook or person.webhook_from else mail


def ended(numbered: NumberedEvent) -> Key | None:
    """The errand that an event says to be over."""
    event = numbered.event
    if not isinstance(event, Noted) or event.kind not in (DONE, FAILED):
        return None
    facts, step = event.facts, event.facts.get("step")
    return (
        (event.subject, step, str(facts.get("who")), str(facts.get("by"))) if isinstance(step, int) else None
    )


def answered(events: Iterable[NumberedEvent]) -> set[str]:
    """Alarms that somebody has answered: nobody else needs to be told."""
    found = (each.event for each in events)
    return {event.alarm for event in found if isinstance(event, AlarmChanged) and event.state in _ANSWERED}
