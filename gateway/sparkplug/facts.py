"""Lots, alarms and chart signals as metrics of the node: one metric each that the config can name, and the newest
event whole as JSON. Pure.

| metric | type | is |
|---|---|---|
| `Lots/<cell>/<role>` | String | open lots of that role there, a space between |
| `Lots/Last`, `Lots/Made` | String | newest lot event, newest lot that is whole, as JSON |
| `Alarms/Open`, `Alarms/Unacknowledged` | UInt32 | how many |
| `Alarms/Last` | String | newest version of an alarm, as JSON |
| `SPC/<characteristic>/Value`, `/Size` | Double | of the newest signal: the sample, and how far off, in sigma |
| `SPC/<characteristic>/Rules`, `/Lots` | String | of it: rules violated, lots at the cell |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from gateway.model import AlarmChanged, Event, LotChanged, LotMade, Signal
from gateway.plain import to_plain
from gateway.site import Site
from gateway.sparkplug.types import DataType, Value

_ROLES = ("material", "product")
_MOST_JSON = 16_384
_UNACKNOWLEDGED = ("active", "returned")


@dataclass(frozen=True, slots=True)
class Standing:
    """What was so when the run began."""

    lots: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)  # by cell and role
    alarms: Mapping[str, str] = field(default_factory=dict)  # state of those that are not closed


def definitions(site: Site) -> list[tuple[str, DataType, str]]:
    """Name, type and unit of every metric, in order."""
    places = [f"Lots/{cell}/{role}" for cell in site.cells for role in _ROLES]
    out = [(name, DataType.STRING, "") for name in (*places, "Lots/Last", "Lots/Made")]
    out += [(name, DataType.UINT32, "") for name in ("Alarms/Open", "Alarms/Unacknowledged")]
    out.append(("Alarms/Last", DataType.STRING, ""))
    for each in dict.fromkeys(
        row.id for row in site.characteristics
    ):  # revisions of a plan share their rows' names
        out += [
            (f"SPC/{each}/Value", DataType.DOUBLE, ""),
            (f"SPC/{each}/Size", DataType.DOUBLE, "sigma"),
            (f"SPC/{each}/Rules", DataType.STRING, ""),
            (f"SPC/{each}/Lots", DataType.STRING, ""),
        ]
    return out


class Facts:
    """Values of these metrics by name, kept up by events."""

    def __init__(self, standing: Standing | None = None) -> None:
        standing = standing or Standing()
        self._lots = {place: list(lots) for place, lots in standing.lots.items()}
        self._alarms = dict(standing.alarms)

    def current(self) -> dict[str, Value]:
        """What is known without an event: open lots and alarms."""
        out: dict[str, Value] = {
            f"Lots/{cell}/{role}": " ".join(lots) for (cell, role), lots in self._lots.items()
        }
        return {**out, **self._counts()}

    def take(self, event: Event) -> dict[str, Value]:
        """The metrics that an event sets."""
        match event:
            case Signal():
                at = f"SPC/{event.characteristic}"
                return {
                    f"{at}/Value": event.value,
                    f"{at}/Size": event.size_sigma,
                    f"{at}/Rules": " ".join(event.rules),
                    f"{at}/Lots": " ".join(event.lots),
                }
            case AlarmChanged():
                if event.state == "closed":
                    self._alarms.pop(event.alarm, None)
                else:
                    self._alarms[event.alarm] = event.state
                return {**self._counts(), "Alarms/Last": _json(event)}
            case LotChanged():
                return {**self._moved(event), "Lots/Last": _json(event)}
            case LotMade():
                return {"Lots/Made": _json(event)}
        return {}

    def _counts(self) -> dict[str, Value]:
        waiting = sum(state in _UNACKNOWLEDGED for state in self._alarms.values())
        return {"Alarms/Open": len(self._alarms), "Alarms/Unacknowledged": waiting}

    def _moved(self, event: LotChanged) -> dict[str, Value]:
        here = (event.cell, event.role)
        touched = {here}
        if event.change == "moved":
            for place, lots in self._lots.items():
                if place[1] == event.role and event.lot in lots:
                    lots.remove(event.lot)
                    touched.add(place)
        at = self._lots.setdefault(here, [])
        if event.change in ("opened", "moved") and event.lot not in at:
            at.append(event.lot)
        elif event.change == "closed" and event.lot in at:
            at.remove(event.lot)
        return {f"Lots/{cell}/{role}": " ".join(self._lots[cell, role]) for cell, role in sorted(touched)}


def _json(event: Event) -> str:
    """An event as JSON; of one that is too long to be a metric its beginning does not help: its id alone."""
    plain = to_plain(event)
    text = orjson.dumps(plain).decode()
    if len(text) <= _MOST_JSON or not isinstance(plain, dict):
        return text
    return orjson.dumps(
        {key: value for key, value in plain.items() if isinstance(value, (str, int))}
    ).decode()
