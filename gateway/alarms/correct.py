"""A sample was corrected: what its chart would have said is told beside what it said. Pure.

The live chart goes on as it was: what was concluded then, was concluded. The event names each sample whose verdict
changes, and the alarm that stood on it gets a version that says so; whether it was false is for a person to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from gateway.alarms.values import Alarm, Alarms, Told
from gateway.model import Entry, Noted, Plain, Severity

VERDICTS_MOST = 20  # in one event; of a sum nearly every later sample may change


class Verdict(NamedTuple):
    """A sample that is judged otherwise by what is known now."""

    time_ns: int
    before: tuple[str, ...]  # rules
    after: tuple[str, ...]


def corrected(
    alarms: Alarms, entry: Entry, name: str, verdicts: Sequence[Verdict] | str
) -> tuple[Alarms, tuple[Told, ...]]:
    """`name`: of the cause whose signals the samples give; `verdicts`: or why there can be none."""
    body = entry.body
    facts: dict[str, Plain] = {
        **{each: body.get(each) for each in ("key", "time_ns", "value", "reason")}, "operator": entry.operator,
    }  # fmt: skip
    subject = str(body.get("characteristic"))
    if isinstance(verdicts, str):
        facts["reason"] = verdicts
        return alarms, (Noted(entry.at.time_ns, "correct_refused", subject, Severity.INFO, facts),)
    facts["verdicts"] = [
        {"time_ns": each.time_ns, "before": list(each.before), "after": list(each.after)}
        for each in verdicts[:VERDICTS_MOST]
    ]
    facts["changed"] = len(verdicts)
    alarm = _concerned(alarms, name, verdicts)
    if alarm is not None:
        facts |= {"alarm": alarm.id, "version": alarm.version}
    severity = Severity.WARNING if verdicts else Severity.INFO
    note = Noted(entry.at.time_ns, "sample_corrected", subject, severity, facts)
    if alarm is None:
        return alarms, (note,)
    new = _amended(alarm, facts)
    return _put(alarms, alarm, new), (new.told(entry.at.time_ns), note)


def _concerned(alarms: Alarms, name: str, verdicts: Sequence[Verdict]) -> Alarm | None:
    """The newest alarm of this cause that stands on one of the samples."""
    for alarm in (*alarms.past, *alarms.open.values())[::-1]:
        if alarm.cause.name == name and any(
            alarm.first_ns <= each.time_ns <= alarm.last_ns for each in verdicts
        ):
            return alarm
    return None


def _amended(alarm: Alarm, facts: Mapping[str, Plain]) -> Alarm:
    about = {name: fact for name, fact in facts.items() if name not in ("alarm", "version", "key")}
    return replace(
        alarm, version=alarm.version + 1, facts={**alarm.facts, "amends": alarm.version, "corrected": about}
    )


def _put(alarms: Alarms, old: Alarm, new: Alarm) -> Alarms:
    if alarms.get(old.cause.name) is old:
        return alarms.put(new)
    return replace(alarms, past=tuple(new if each is old else each for each in alarms.past))
