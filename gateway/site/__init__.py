"""The site as the daemon works by it: plain frozen rows, made by `gateway.config`, kept whole in the journal.

YAML and pydantic stay in `gateway.config`; every other room takes these rows, from here. A room's rows are a file.
`gateway.plain` writes a Site as JSON and reads it back, so that replay needs no file but the journal.
"""

from gateway.site.alerts import Alerts, Ladder, Mail, Person, PlannedStop, Step
from gateway.site.devices import Anomaly, Bus, Device, Group, Point, ScanPoint
from gateway.site.dosing import Component, Doser, DoserState, Estimate, Metered, derived_groups
from gateway.site.links import ACTS, Beyond, Broker, Database, Remote, Sparkplug, User
from gateway.site.material import KILOGRAMS, Dose, Epcis, Flow, LotRule, Material, Meter, ResultLimit, Vessel
from gateway.site.plan import (
    AlarmLimit,
    Characteristic,
    Check,
    Design,
    LimitsVersion,
    Line,
    Revision,
    Sampling,
    When,
)
from gateway.site.room import Room
from gateway.site.shifts import Shifts, ShiftStart, Teams
from gateway.site.whole import Site

__all__ = [
    "ACTS",
    "KILOGRAMS",
    "AlarmLimit",
    "Alerts",
    "Anomaly",
    "Beyond",
    "Broker",
    "Bus",
    "Characteristic",
    "Check",
    "Component",
    "Database",
    "Design",
    "Device",
    "Dose",
    "Doser",
    "DoserState",
    "Epcis",
    "Estimate",
    "Flow",
    "Group",
    "Ladder",
    "LimitsVersion",
    "Line",
    "LotRule",
    "Mail",
    "Material",
    "Meter",
    "Metered",
    "Person",
    "PlannedStop",
    "Point",
    "Remote",
    "ResultLimit",
    "Revision",
    "Room",
    "Sampling",
    "ScanPoint",
    "ShiftStart",
    "Shifts",
    "Site",
    "Sparkplug",
    "Step",
    "Teams",
    "User",
    "Vessel",
    "When",
    "derived_groups",
]
