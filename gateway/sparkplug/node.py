"""The life of an edge node: births, data, deaths, with their numbers. Pure.

Rule 1: nothing goes out before the births, and NBIRTH begins a new count of seq.  Rule 2: what is read while no session
stands is remembered, so that births say what is so now.  Rule 3: a device is born when it has given a value, dies when
it is dead or silent to us, and nothing is said of it between.  Sparkplug 3.0.0, chapters 4 to 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.model import AlarmChanged, Event, Noted, Reading
from gateway.site import Device, Site, Sparkplug
from gateway.sparkplug.decode import decode
from gateway.sparkplug.encode import encode, varint
from gateway.sparkplug.facts import Facts, Standing, definitions
from gateway.sparkplug.groups import GroupMetrics, as_field
from gateway.sparkplug.metrics import Defined, datatype_of
from gateway.sparkplug.topics import Topic, check_id
from gateway.sparkplug.types import BadPayload, DataType, Metric, Payload, Value

REBIRTH = "Node Control/Rebirth"
BDSEQ = "bdSeq"
_NUMBERS = 256  # seq and bdSeq go from 0 to 255
_LIVE_ONLY = ("Lots/", "Alarms/Open", "Alarms/Unacknowledged")


@dataclass(frozen=True, slots=True)
class Message:
    """One publish."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class _Device:
    def __init__(self, device: Device, groups: Sequence[GroupMetrics]) -> None:
        self.name = device.name
        self.groups = tuple(groups)
        self.silent: set[str] = set()  # groups with a "stale" alarm
        self.alive = False
        self.told = False  # born in this session

    def births(self, now_ms: int) -> list[Metric]:
        return [metric for group in self.groups for metric in group.births(now_ms)]


class EdgeNode:
    """One for a site's run. `now_ms` is wall time, in ms."""

    def __init__(
        self, site: Site, settings: Sparkplug, standing: Standing | None = None, version: str = ""
    ) -> None:
        self.group = check_id(settings.group, "a group")
        self.node = check_id(settings.node, "a node")
        aliases = iter(range(1, 1 << 31))
        self._bdseq_alias = next(aliases)
        self._own = {
            name: Defined(name, next(aliases), kind, uom)
            for name, kind, uom in [
                ("Properties/Software", DataType.STRING, ""),
                ("Properties/Version", DataType.STRING, ""),
                ("Properties/Site", DataType.STRING, ""),
                *definitions(site),
            ]
        }
        self._facts = Facts(standing)
        self._values: dict[str, tuple[Value, int]] = {}
        self._start = {
            "Properties/Software": "lotwatch",
            "Properties/Version": version,
            "Properties/Site": site.site,
            **self._facts.current(),
        }
        self._devices: dict[str, _Device] = {}
        self._of_group: dict[str, tuple[_Device, GroupMetrics]] = {}
        for device in site.devices:
            groups = [
                GroupMetrics(
                    group,
                    [
                        Defined(
                            check(point.name), next(aliases), datatype_of(point.field), point.uom, point.tag
                        )
                        for point in group.points
                    ],
                )
                for group in device.groups
            ]
            if groups:
                made = self._devices[device.name] = _Device(device, groups)
                check_id(device.name, "a device")
                self._of_group.update({group.id: (made, group) for group in groups})
        self._seq = 0
        self._bdseq = 0
        self.born = False

    # --- session ----------------------------------------------------------------------------------------------------

    def topic(self, kind: str, device: str = "") -> str:
        """A topic of this node."""
        return str(Topic(kind, self.group, self.node, device))

    def connect(self, bdseq: int, now_ms: int) -> Message:
        """A connection is about to be made with this birth-death number: its last will."""
        self._bdseq, self.born = bdseq % _NUMBERS, False
        return self.death(now_ms)

    def death(self, now_ms: int) -> Message:
        """NDEATH: the will, and what is published before leaving. It has no seq."""
        return Message(self.topic("NDEATH"), encode(Payload((self._bd(now_ms),), timestamp=now_ms)), qos=1)

    def leave(self) -> None:
        """The session is over."""
        self.born = False

    def births(self, now_ms: int) -> list[Message]:
        """NBIRTH, and DBIRTH of every device that is alive: a session begins, or begins again."""
        self._seq, self.born = 0, True
        own = [defined.birth(*self._own_value(name, now_ms)) for name, defined in self._own.items()]
        rebirth = Defined(REBIRTH, None, DataType.BOOLEAN)
        metrics = [
            *own,
            self._bd(now_ms, alias=self._bdseq_alias),
            rebirth.birth(value=False, time_ms=now_ms),
        ]
        out = [self._message("NBIRTH", "", _chronological(metrics), now_ms)]
        for device in self._devices.values():
            device.told = False
            out += self._birth(device, now_ms)
        return out

    def _birth(self, device: _Device, now_ms: int) -> list[Message]:
        if not (self.born and device.alive) or device.told:
            return []
        device.told = True
        return [self._message("DBIRTH", device.name, _chronological(device.births(now_ms)), now_ms)]

    def _own_value(self, name: str, now_ms: int) -> tuple[Value | None, int]:
        return self._values.get(name) or (self._start.get(name), now_ms)

    def _bd(self, now_ms: int, alias: int | None = None) -> Metric:
        return Metric(self._bdseq, BDSEQ, alias, timestamp=now_ms, datatype=DataType.INT64)

    # --- data -------------------------------------------------------------------------------------------------------

    def reading(self, reading: Reading, now_ms: int) -> list[Message]:
        """A reading as it comes: what it changed; the device's birth where it was not there."""
        found = self._of_group.get(reading.group)
        if found is None or not found[1].fits(reading):
            return []
        device, group = found
        changed, remark = group.take(reading)
        if not device.alive:
            device.silent.discard(group.id)
            device.alive = group.heard
            return self._birth(device, now_ms)
        if not (self.born and device.told and changed.any()):
            return []
        body = group.body(changed, remark, reading.at.time_ns // 1_000_000)
        return [self._raw("DDATA", device.name, body, now_ms)]

    def past(
        self, reading: Reading, group: tuple[tuple[str, ...], tuple[str, ...]], now_ms: int
    ) -> list[Message]:
        """A reading of before this session; `group`: tags and types that its group had then.

        It is not sent where they are others now, nor while the device is not born.
        """
        found = self._of_group.get(reading.group)
        if found is None or not self.born or not found[0].told or not found[1].fits(reading):
            return []
        device, today = found
        if group != (today.tags, today.types):
            return []
        return [self._raw("DDATA", device.name, today.past(reading), now_ms)]

    def event(self, event: Event, now_ms: int) -> list[Message]:
        """An event: what it says of the node; the death of a device that is dead or silent."""
        time_ms = event.time_ns // 1_000_000
        told = self._facts.take(event)
        for name, value in told.items():
            if name in self._own:
                self._values[name] = value, time_ms
        out = self._data(told, time_ms, now_ms, historical=False)
        return out + self._deaths(event, now_ms)

    def past_event(self, event: Event, now_ms: int) -> list[Message]:
        """An event of before this session: the event itself; counts and what is open are of now and stay."""
        told = {
            name: value
            for name, value in Facts().take(event).items()
            if not name.startswith(_LIVE_ONLY) or name in ("Lots/Last", "Lots/Made")
        }
        return self._data(told, event.time_ns // 1_000_000, now_ms, historical=True)

    def _data(self, told: dict[str, Value], time_ms: int, now_ms: int, *, historical: bool) -> list[Message]:
        metrics = [
            self._own[name].data(value, time_ms, historical=historical)
            for name, value in told.items()
            if name in self._own
        ]
        if not (self.born and metrics):
            return []
        return [self._raw("NDATA", "", b"".join(map(as_field, metrics)), now_ms)]

    def _deaths(self, event: Event, now_ms: int) -> list[Message]:
        device: _Device | None = None
        if isinstance(event, Noted) and event.kind == "unit_dead":
            device = self._devices.get(event.subject)
        elif isinstance(event, AlarmChanged) and event.kind == "stale" and event.subject in self._of_group:
            owner = self._of_group[event.subject][0]
            if event.state == "active":
                owner.silent.add(event.subject)
            elif event.state in ("returned", "closed"):
                owner.silent.discard(event.subject)
            if len(owner.silent) == len(owner.groups):
                device = owner
        if device is None or not device.alive:
            return []
        device.alive, told, device.told = False, device.told, False
        return [self._raw("DDEATH", device.name, b"", now_ms)] if self.born and told else []

    # --- bytes ------------------------------------------------------------------------------------------------------

    def _message(self, kind: str, device: str, metrics: Iterable[Metric], now_ms: int) -> Message:
        return self._raw(kind, device, b"".join(map(as_field, metrics)), now_ms)

    def _raw(self, kind: str, device: str, body: bytes, now_ms: int) -> Message:
        """A message with the next seq; `body` has its metrics."""
        seq, self._seq = self._seq, (self._seq + 1) % _NUMBERS
        payload = b"".join((b"\x08", varint(now_ms), body, b"\x18", varint(seq)))
        return Message(self.topic(kind, device), payload)


def check(name: str) -> str:
    """A metric's name: any text that is not empty."""
    if not name:
        raise BadPayload("a metric has no name")
    return name


def _chronological(metrics: Iterable[Metric]) -> list[Metric]:
    """Births keep their metrics in the order of time: Sparkplug 3.0.0, 5.10."""
    return sorted(metrics, key=lambda metric: metric.timestamp or 0)


def asks_rebirth(payload: bytes) -> bool:
    """Whether an NCMD asks for the births again. Raises BadPayload."""
    return any(metric.name == REBIRTH and metric.value is True for metric in decode(payload).metrics)
