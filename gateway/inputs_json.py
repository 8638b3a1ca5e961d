"""Inputs and events as JSON lines that a person can read and write: what `lotwatch replay` takes and prints.

An input is its dataclass by name under "is". Of a Reading, "values" and "quality" are plain lists: null is nan,
quality may be left out where all is good, "raw" where nobody looks at words. "at" is
``[time_ns, boottime_ns, clock_id]``, or in a file made by hand one number: seconds on a clock whose boottime begins at
0 on 2027-01-15 08:00 UTC.

>>> line = '{"is": "Reading", "group": "press1/fast", "at": 12.5, "values": [41.5, null], "quality": [0, 129]}'
>>> reading = input_of(line)
>>> reading.at.boottime_ns, reading.values.tolist()
(12500000000, [41.5, nan])
>>> line_of(reading)
'{"is":"Reading","group":"press1/fast","at":[1800000012500000000,12500000000,1],"values":[41.5,null],"quality":[0,129]}'
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from gateway.model import Entry, Event, Input, Instant, Reading, Scan, Setting, Tick
from gateway.plain import from_plain, to_plain

BASE_NS = 1_800_000_000_000_000_000


def input_of(line: str) -> Input:
    """An input out of a line. Raises ValueError saying what does not fit."""
    plain = json.loads(line)
    if not isinstance(plain, dict) or "is" not in plain:
        raise ValueError('not an input: an object with "is" is wanted')
    if "at" in plain:
        plain["at"] = list(instant_of(plain["at"]))
    if plain["is"] == "Reading":
        return _reading(plain)
    made: Input = from_plain(Scan | Entry | Tick | Setting, plain)
    return made


def line_of(given: Input) -> str:
    """The line of an input; `input_of` gives the same input back."""
    plain = to_plain(given)
    if isinstance(given, Reading):
        values = [None if math.isnan(value) else value for value in given.values.tolist()]
        plain = {"is": "Reading", "group": given.group, "at": list(given.at), "values": values}
        plain |= {"quality": given.quality.tolist()} if given.quality.any() else {}
        plain |= {"raw": given.raw.tolist()} if given.raw.any() else {}
        plain |= {"spread_ns": given.spread_ns} if given.spread_ns else {}
    return _line(plain)


def line_of_event(cause: int, event: Event) -> str:
    """The line of an event and of the input that caused it: its place in the file, or its seq in the journal."""
    return _line({"cause": cause, **to_plain(event)})


def instant_of(at: Any) -> Instant:
    """An instant out of its three numbers, or out of seconds on the clock of a file made by hand."""
    if isinstance(at, (int, float)) and not isinstance(at, bool):
        boottime_ns = round(at * 1e9)
        return Instant(BASE_NS + boottime_ns, boottime_ns, 1)
    if isinstance(at, list) and len(at) == 3 and all(isinstance(part, int) for part in at):
        return Instant(*at)
    raise ValueError(f"not an instant: {at}")


def _reading(plain: dict[str, Any]) -> Reading:
    extra = set(plain) - {"is", "group", "at", "values", "quality", "raw", "spread_ns"}
    if extra or not {"group", "at", "values"} <= set(plain):
        raise ValueError(f"not a Reading: {', '.join(sorted(extra)) or 'group, at and values are wanted'}")
    values = np.array([math.nan if value is None else float(value) for value in plain["values"]])
    quality = np.array(plain.get("quality", [0] * len(values)), dtype=np.uint8)
    if len(quality) != len(values):
        raise ValueError("not a Reading: quality is not as long as values")
    raw = np.array(plain.get("raw", []), dtype=np.uint16)
    return Reading(
        plain["group"], Instant(*plain["at"]), int(plain.get("spread_ns", 0)), values, quality, raw
    )


def _line(plain: Any) -> str:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
