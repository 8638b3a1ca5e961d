"""The alarm that nobody hears what the gateway publishes; the publisher enters it as a Setting "link". Pure."""

from __future__ import annotations

from gateway.alarms import Alarms, Cause, raised, returned
from gateway.model import Event, Plain, Setting, Severity
from gateway.sentences import Unheard, sentences

LINK = (
    "link"  # kind of Setting: ``{"broker": "host:port", "unheard": [kinds of topic]}``; none: somebody hears
)


def cause(broker: str) -> Cause:
    """What the alarm is about."""
    return Cause("unheard", broker, Severity.WARNING)


def linked(alarms: Alarms, given: Setting) -> tuple[Alarms, tuple[Event, ...]]:
    """Raised, or returned."""
    broker, kinds = str(given.body.get("broker")), given.body.get("unheard")
    if not isinstance(kinds, list) or not kinds:
        return returned(alarms, cause(broker).name, given.at)
    names = tuple(str(kind) for kind in kinds)
    facts: dict[str, Plain] = {"topics": list(names)}
    facts |= sentences(Unheard(given.at.time_ns, broker, names))
    return raised(alarms, cause(broker), given.at, (), facts)
