"""One value a topic, retained, for people: ``enterprise/site/area/line/cell/point``, as JSON. Pure.

Beside Sparkplug, not part of it: a unified namespace that any MQTT client can look at. A topic is published when its
value or quality has changed, and at most once in `every_ms`; then with the newest.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from gateway.model import BAD_FROM, Reading
from gateway.site import Site
from gateway.sparkplug.groups import typed
from gateway.sparkplug.metrics import TYPES
from gateway.sparkplug.quality import reason
from gateway.sparkplug.types import Value
from gateway.wire.catalogue import WORDY, Shape


class Namespace:
    """One for a run. Times are boottime, in ms; `reading` is cheap, `due` writes."""

    def __init__(self, site: Site, enterprise: str, every_ms: int) -> None:
        self._head = f"{enterprise}/{site.site}/" if enterprise else f"{site.site}/"
        self._every = every_ms
        self._shapes = {id_: (group, Shape(group), group.layout()) for id_, group in site.groups().items()}
        self._newest: dict[str, Reading] = {}
        self._said: dict[str, dict[int, tuple[Value | None, int]]] = {}
        self._due: dict[str, int] = {}

    def reading(self, reading: Reading) -> None:
        """The newest of its group."""
        if reading.group in self._shapes:
            self._newest[reading.group] = reading

    def again(self) -> None:
        """Everything is to be said again: another broker, or the same that may have lost it."""
        self._said.clear()
        self._due.clear()

    def due(self, now_ms: int) -> Iterator[tuple[str, bytes]]:
        """Topics and payloads of what is to be said now."""
        for id_, reading in list(self._newest.items()):
            if now_ms >= self._due.get(id_, now_ms):
                self._due[id_] = now_ms + self._every
                yield from self._changed(id_, reading)

    def _changed(self, id_: str, reading: Reading) -> Iterator[tuple[str, bytes]]:
        group, shape, layout = self._shapes[id_]
        if len(reading.values) != shape.points or len(reading.raw) != shape.words:
            return
        said = self._said.setdefault(id_, {})
        wide = None
        for index, point in enumerate(group.points):
            quality = int(reading.quality[index])
            value: Value | None = None
            if quality < BAD_FROM:
                if shape.types[index] in WORDY:
                    wide = wide or layout.typed(reading.raw[None, :])
                    value = wide[index][0].item()
                else:
                    value = typed(float(reading.values[index]), TYPES[shape.types[index]])
            if said.get(index) == (value, quality):
                continue
            said[index] = value, quality
            yield self._head + point.tag, payload(value, point.uom, quality, reading.at.time_ns)


def payload(value: Value | None, uom: str, quality: int, time_ns: int) -> bytes:
    """One value for people.

    >>> payload(5.98, "mm", 0, 1795294142222345729).decode()
    '{"value":5.98,"unit":"mm","quality":"good","time":1795294142222}'
    """
    said = {"value": value, "unit": uom, "quality": reason(quality) or "good", "time": time_ns // 1_000_000}
    return orjson.dumps(said)
