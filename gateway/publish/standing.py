"""What is open when a run begins, out of the fold's state as it was committed."""

from __future__ import annotations

from gateway.folding.foldstate import State
from gateway.sparkplug.facts import Standing


def standing_of(state: State) -> Standing:
    """Open lots by cell and role, and alarms that are not closed."""
    lots: dict[tuple[str, str], tuple[str, ...]] = {}
    for role in ("material", "product"):
        for cell, stays in state.lots.of(role).items():
            lots[cell, role] = tuple(dict.fromkeys(stay.lot for stay in stays if stay.to_ns is None))
    return Standing(lots, {alarm.id: alarm.told(0).state for alarm in state.alarms.open.values()})
