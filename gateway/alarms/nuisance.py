"""Which alarm of a cell came first, and which alarms chatter. Pure.

First-out: several alarms of one cell within `FIRST_OUT_NS` mostly have one reason, and the one that came first is the
best hint at it; each names that one. Chattering: an alarm raised `CHATTER_RAISES` times within `CHATTER_WITHIN_NS`
(the three in a minute that EEMUA 191 and ISA-18.2 look for first) is told as such, for nobody believes it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.alarms.values import Alarm, Alarms, First
from gateway.model import Instant, Noted, Plain, Severity

FIRST_OUT_NS = 30_000_000_000
CHATTER_RAISES = 3
CHATTER_WITHIN_NS = 60_000_000_000


def came(alarms: Alarms, alarm: Alarm, now_ns: int) -> tuple[Alarms, str]:
    """Id of the alarm that came first at its cell within the window, itself if none did; "" where it has no cell."""
    cell = alarm.cause.cell
    if not cell:
        return alarms, ""
    held = alarms.first.get(cell)
    if held is not None and 0 <= now_ns - held.boottime_ns <= FIRST_OUT_NS:
        return alarms, held.alarm
    return replace(alarms, first={**alarms.first, cell: First(alarm.id, now_ns)}), alarm.id


def chatters(
    alarms: Alarms, alarm: Alarm, at: Instant
) -> tuple[Alarms, Mapping[str, Plain], tuple[Noted, ...]]:
    """Count a raise: the facts that it adds to the alarm, and the event when the chattering begins."""
    now, name = at.boottime_ns, alarm.cause.name
    before = alarms.raises.get(name, ())
    raises = (*before, now)[-CHATTER_RAISES:]
    recent = {
        each: times for each, times in alarms.raises.items() if 0 <= now - times[-1] <= CHATTER_WITHIN_NS
    }
    alarms = replace(alarms, raises={**recent, name: raises})
    if not _many(raises):
        return alarms, {}, ()
    facts: dict[str, Plain] = {"raises": CHATTER_RAISES, "within_s": (raises[-1] - raises[0]) / 1e9}
    note = Noted(
        at.time_ns, "alarm_chattering", alarm.id, Severity.WARNING,
        {**facts, "kind": alarm.cause.kind, "about": alarm.cause.subject},
    )  # fmt: skip
    return alarms, {"chattering": facts}, () if _many(before) else (note,)


def _many(raises: tuple[int, ...]) -> bool:
    return len(raises) == CHATTER_RAISES and 0 <= raises[-1] - raises[0] <= CHATTER_WITHIN_NS
