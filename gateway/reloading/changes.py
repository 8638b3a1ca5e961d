"""What is different between two sites, and what a daemon that runs can make of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from gateway.plain import to_plain
from gateway.site import Bus, Device, ScanPoint, Site

AT_START = (
    "site", "gateway", "broker", "sparkplug", "users", "remote", "epcis", "disk", "commit", "retention_days",
    "web_port", "web_open", "web_beyond",
)  # fmt: skip
"""Members of a site that a run is built on: they are changed by a restart."""

_WORDS = {"web_port": "web.port", "web_open": "web.open", "web_beyond": "web.beyond"}
_NAMED_MOST = 20


@dataclass(frozen=True, slots=True)
class Changes:
    """From one site to another."""

    restart: tuple[str, ...]  # what only a restart can change, as the config calls it
    begun: tuple[str, ...] = ()  # buses
    ended: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()  # the same name, other rows
    words: tuple[str, ...] = ()  # what changed, for people to read: config paths with +, - or ~ before them

    @property
    def none(self) -> bool:
        """Whether both are the same."""
        return not (self.restart or self.words)


def changes(old: Site, new: Site) -> Changes:
    """What it takes to go from one to the other."""
    restart = [_WORDS.get(name, name) for name in AT_START if getattr(old, name) != getattr(new, name)]
    if _told(old) != _told(new):
        restart.append("alerts.people")
    if old.sparkplug and old.groups() != new.groups():
        restart.append("points of a Sparkplug node")  # its birth certificate names them
    before, after = ({bus.name: _polled(site, bus) for bus in site.buses} for site in (old, new))
    return Changes(
        tuple(restart),
        begun=tuple(name for name in after if name not in before),
        ended=tuple(name for name in before if name not in after),
        altered=tuple(name for name in after if name in before and before[name] != after[name]),
        words=_words(old, new),
    )


def _told(site: Site) -> object:
    """Who is told of alarms by what goes out of the box; ladders are the fold's."""
    return site.alerts.mail, tuple(person for person in site.alerts.people if person.reached)


def _polled(site: Site, bus: Bus) -> tuple[Bus, list[Device], list[ScanPoint]]:
    """All that the task of a bus works by; how a device is watched for what is unusual is the fold's."""
    devices = [replace(each, anomaly=None) for each in site.devices if each.bus == bus.name]
    names = {device.name for device in devices}
    return bus, devices, [point for point in site.scan_points if point.device in names]


def _words(old: Site, new: Site) -> tuple[str, ...]:
    """Rows by name where they have one, other members by theirs; at most twenty, and how many more."""
    told: list[str] = []
    for field in fields(Site):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was == now:
            continue
        if field.name == "devices":
            told += _rows("tags", _points(old), _points(new))
        rows, others = _named(was), _named(now)
        told += [f"~{field.name}"] if rows is None or others is None else _rows(field.name, rows, others)
    more = len(told) - _NAMED_MOST
    return (*told[:_NAMED_MOST], f"and {more} more") if more > 0 else tuple(told)


def _rows(what: str, was: dict[str, Any], now: dict[str, Any]) -> Iterable[str]:
    for name in dict.fromkeys((*was, *now)):
        if was.get(name) != now.get(name):
            yield f"{'+' if name not in was else '-' if name not in now else '~'}{what}.{name}"


def _named(rows: object) -> dict[str, Any] | None:
    """Rows by name or id; None for what is no list of such rows."""
    if not isinstance(rows, tuple):
        return None
    found: dict[str, Any] = {}
    for row in rows:
        name = getattr(row, "name", None) or getattr(row, "id", None)
        if not isinstance(name, str) or name in found:
            return None
        found[name] = row
    return found


def _points(site: Site) -> dict[str, Any]:
    return {
        point.tag: (group.device, group.period_ns, to_plain(point))
        for group in site.groups().values()
        for point in group.points
    }
