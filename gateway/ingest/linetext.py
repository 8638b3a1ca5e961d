r"""The grammar of line protocol: names and fields escaped as InfluxData's "Line protocol" reference says. Pure.

>>> line("reading", {"cell": "press 1", "point": "a,b=c"}, {"value": 0.1, "quality": 0, "text": 'say "hi"\\'}, 7)
'reading,cell=press\\ 1,point=a\\,b\\=c value=0.1,quality=0i,text="say \\"hi\\"\\\\" 7'
"""

from __future__ import annotations

import math
from collections.abc import Mapping

Scalar = str | int | float | bool
_NAME = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_TEXT = str.maketrans({'"': r"\"", "\\": r"\\"})


def line(measurement: str, tags: Mapping[str, str], fields: Mapping[str, Scalar], time: int) -> str:
    """One line; empty tags and numbers that are not finite are left out. At least one field must be left."""
    named = "".join(f",{name(key)}={name(value)}" for key, value in sorted(tags.items()) if value)
    given = ",".join(f"{name(key)}={field(value)}" for key, value in fields.items() if _sayable(value))
    return f"{name(measurement)}{named} {given} {time}"


def name(text: str) -> str:
    """A measurement, key or tag value. A backslash at its end would escape what follows: it has to go."""
    return text.translate(_NAME).rstrip("\\") or "_"


def field(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value}i"
    if isinstance(value, float):
        return repr(value)
    return f'"{value.translate(_TEXT)}"'


def _sayable(value: Scalar) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def place(tag: str) -> dict[str, str]:
    """A tag ``area/line/cell/point`` as tags; one with other levels is a point."""
    levels = tag.split("/")
    if len(levels) != 4:
        return {"point": tag}
    return dict(zip(("area", "line", "cell", "point"), levels, strict=True))
