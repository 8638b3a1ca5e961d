"""Small devices for tests, and a station without a socket."""

from __future__ import annotations

from gateway.layout import Field
from gateway.site import Device, Group, Point

PLACES = (
    ("shots", Field("uint32"), "holding", 100),
    ("cushion", Field("float32"), "holding", 102),
    ("part_weight", Field("float32", order="CDAB"), "holding", 104),
    ("answer_number", Field("uint32"), "holding", 106),
    ("serial_number", Field("string", words=6, order="BA"), "holding", 110),
    ("oil_temperature", Field("int16", scale="0.1"), "input", 0),
    ("running", Field("bit"), "discrete", 0),
    ("fault", Field("bit"), "discrete", 1),
    ("automatic", Field("bit"), "coil", 0),
)


def press(name: str = "press1", unit: int = 1, bus: str = "presses") -> Device:
    points = tuple(Point(what, f"a/l/{name}/{what}", field, table, at) for what, field, table, at in PLACES)
    group = Group(f"{name}/fast", name, 100_000_000, points, 1_000_000_000)
    return Device(name, bus, "press", unit, f"a/l/{name}", (group,))
