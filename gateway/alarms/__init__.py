"""Alarms: one state machine for everything that somebody must act on, after ISA-18.2. Pure."""

from gateway.alarms.answers import CLASSES, TEXT_MOST, acknowledge, answered, settled, shelve, unshelve
from gateway.alarms.cleared import cleared
from gateway.alarms.correct import Verdict, corrected
from gateway.alarms.ladders import Climb, Climbs, Ladders, climbs_restarted
from gateway.alarms.late import amended
from gateway.alarms.limits import Limits
from gateway.alarms.machine import LOTS_MOST, SHELVE_MOST_NS, raised, restarted, returned, ticked
from gateway.alarms.values import (
    ACKNOWLEDGED,
    ACTIVE,
    CLOSED,
    RETURNED,
    SHELVED,
    Alarm,
    Alarms,
    Cause,
    Damping,
    Shelf,
    Told,
)

__all__ = [
    "ACKNOWLEDGED",
    "ACTIVE",
    "CLASSES",
    "CLOSED",
    "LOTS_MOST",
    "RETURNED",
    "SHELVED",
    "SHELVE_MOST_NS",
    "TEXT_MOST",
    "Alarm",
    "Alarms",
    "Cause",
    "Climb",
    "Climbs",
    "Damping",
    "Ladders",
    "Limits",
    "Shelf",
    "Told",
    "Verdict",
    "acknowledge",
    "amended",
    "answered",
    "cleared",
    "climbs_restarted",
    "corrected",
    "raised",
    "restarted",
    "returned",
    "settled",
    "shelve",
    "ticked",
    "unshelve",
]
