"""A lot is in an alarm that it is not in, as is known now. Pure.

What was told stays: the alarm gets a version that names the one it amends and the lot that is cleared. The lot stays in
its list: it was in the alarm, and whoever looks for it finds out why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from gateway.alarms.values import Alarm, Alarms, Told
from gateway.model import Plain


def cleared(
    alarms: Alarms, names: Collection[str], lot: str, time_ns: int, facts: Mapping[str, Plain] | None = None
) -> tuple[Alarms, tuple[Told, ...]]:
    """`names`: of the causes whose newest alarm is amended, if the lot is in it. Closed ones stay closed."""
    for alarm in (*alarms.open.values(), *reversed(alarms.past)):
        if alarm.cause.name not in names or lot not in alarm.lots:
            continue
        before = alarm.facts.get("cleared")
        lots: list[Plain] = [*before, lot] if isinstance(before, list) and lot not in before else [lot]
        about: dict[str, Plain] = {"amends": alarm.version, "cleared": lots, **(facts or {})}
        new = replace(alarm, version=alarm.version + 1, facts={**alarm.facts, **about})
        return _put(alarms, alarm, new), (new.told(time_ns),)
    return alarms, ()


def _put(alarms: Alarms, old: Alarm, new: Alarm) -> Alarms:
    if alarms.get(old.cause.name) is old:
        return alarms.put(new)
    return replace(alarms, past=tuple(new if each is old else each for each in alarms.past))
