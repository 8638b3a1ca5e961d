"""Alarms as plain data, the ones that matter most first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.journal import JournalReader
from gateway.model import AlarmChanged
from gateway.plain import to_plain
from gateway.views.moments import iso

_STATES = {"active": 0, "returned": 1, "acknowledged": 2, "shelved": 3, "closed": 4}
"""What somebody must look at first: what stands and nobody has answered for."""


def alarm_plain(reader: JournalReader, alarm: AlarmChanged) -> dict[str, Any]:
    """One version of an alarm, and whose it is."""
    who, plain = reader.identity, to_plain(alarm)
    del plain["is"]
    return {"site": who.site, "gateway": who.gateway, "time": iso(alarm.time_ns), **plain}


def alarms(readers: Sequence[JournalReader], *, closed: bool = False) -> list[dict[str, Any]]:
    """The newest version of each open alarm, or of each; unanswered ones first, then the worst, then the newest."""
    found = [alarm_plain(reader, alarm) for reader in readers for alarm in reader.alarms(closed=closed)]
    return sorted(found, key=lambda row: (_STATES[row["state"]], -row["severity"], -row["time_ns"]))


def counted(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many alarms are in each state."""
    found = dict.fromkeys(_STATES, 0)
    for row in rows:
        found[row["state"]] += 1
    return found
