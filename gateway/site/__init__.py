"""The site as the daemon works by it: plain frozen rows, made by `gateway.config`, kept whole in the journal.

YAML and pydantic stay in `gateway.config`; every other room takes these rows, from here. A room's rows are a file.
`gateway.plain` writes a Site as JSON and reads it back, so that replay needs no file but the journal.
"""

from gateway.site.devices import Anomaly, Bus, Device, Group, Point, ScanPoint
from gateway.site.links import Broker, Database, Sparkplug
from gateway.site.material import KILOGRAMS, Dose, Epcis, Flow, LotRule, Material, Meter, ResultLimit, Vessel
from gateway.site.plan import AlarmLimit, Characteristic, Design, LimitsVersion, Sampling, When
from gateway.site.whole import Site

__all__ = [
    "KILOGRAMS",
    "AlarmLimit",
    "Anomaly",
    "Broker",
    "Bus",
    "Characteristic",
    "Database",
    "Design",
    "Device",
    "Dose",
    "Epcis",
    "Flow",
    "Group",
    "LimitsVersion",
    "LotRule",
    "Material",
    "Meter",
    "Point",
    "ResultLimit",
    "Sampling",
    "ScanPoint",
    "Site",
    "Sparkplug",
    "Vessel",
    "When",
]
