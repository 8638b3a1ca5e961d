r"""Scripted faults and planted changes: one line each, in plant time, so that a day can be replayed.

>>> script = parse("at 8 s: blender1.regrind_share drift +1.5 over 5 s\nat 40 s: press1 silent for 5 s")
>>> script[0].target, script[0].point, script[0].kind, script[0].size, script[0].over_ns
('blender1', 'regrind_share', 'drift', 1.5, 5000000000)
>>> script[1].active(44_999_999_999), script[1].active(45_000_000_000)
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from simulators.plant.machine import SECOND, Change

PROCESS = ("step", "drift")
SENSOR = ("nan", "frozen")
WIRE = ("silent", "slow", "refuse", "busy", "fail", "corrupt", "drop")
"""silent: no answer; slow: answers after `size` milliseconds; refuse, busy, fail: exceptions 2, 6, 4 (of one point or
of all); corrupt: a flipped bit; drop: the connection is closed instead of an answer."""

_LINE = re.compile(
    r"at\s+(?P<at>[\d.]+)\s*s\s*:\s*(?P<target>\w+)(?:\.(?P<point>\w+))?\s+(?P<kind>\w+)"
    r"(?:\s+(?P<size>[+-]?[\d.]+)\s*(?:ms|%)?)?(?:\s+over\s+(?P<over>[\d.]+)\s*s)?(?:\s+for\s+(?P<lasts>[\d.]+)\s*s)?\s*$"
)


class ScriptError(ValueError):
    """A line that says nothing we know."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that happens to one target, in plant time."""

    at_ns: int
    target: str  # device or bus
    point: str  # "" for the whole device
    kind: str
    size: float = 0.0
    over_ns: int = 0
    for_ns: int | None = None  # None: for ever

    def active(self, time_ns: int) -> bool:
        return self.at_ns <= time_ns and (self.for_ns is None or time_ns < self.at_ns + self.for_ns)

    def change(self) -> Change:
        """A process fault as the physics takes it."""
        end = None if self.for_ns is None else self.at_ns + self.for_ns
        return Change(self.size, self.at_ns, self.over_ns, end)

    def later(self, by_ns: int) -> Fault:
        """The same, at another time."""
        return replace(self, at_ns=self.at_ns + by_ns)


def parse(text: str) -> list[Fault]:
    """Faults of a script; empty lines and what follows # are skipped. Raises ScriptError with the line's number."""
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].strip()
        if words:
            faults.append(_fault(number, words))
    return sorted(faults, key=lambda fault: fault.at_ns)


def _fault(number: int, words: str) -> Fault:
    found = _LINE.match(words)
    if not found:
        raise ScriptError(
            f"line {number}: {words!r} is not `at T s: target[.point] kind [size] [over T s] [for T s]`"
        )
    kind = found["kind"]
    if kind not in (*PROCESS, *SENSOR, *WIRE):
        raise ScriptError(f"line {number}: {kind!r} is none of {', '.join((*PROCESS, *SENSOR, *WIRE))}")
    if kind in (*PROCESS, *SENSOR) and not found["point"]:
        raise ScriptError(f"line {number}: {kind} needs a point, as in {found['target']}.temperature")
    if kind in (*PROCESS, "slow") and found["size"] is None:
        raise ScriptError(f"line {number}: {kind} needs a size")
    return Fault(
        at_ns=_ns(found["at"]),
        target=found["target"],
        point=found["point"] or "",
        kind=kind,
        size=float(found["size"] or 0.0),
        over_ns=_ns(found["over"] or "0"),
        for_ns=None if found["lasts"] is None else _ns(found["lasts"]),
    )


def _ns(seconds: str) -> int:
    return round(float(seconds) * SECOND)


class Faults:
    """What is wrong now: asked by the devices at each request, by plant time."""

    def __init__(self, script: Iterable[Fault] = ()) -> None:
        self._script = list(script)

    def add(self, fault: Fault) -> None:
        self._script.append(fault)

    def forget(self, time_ns: int) -> None:
        """Faults that are over by then need not be asked any more."""
        self._script = [f for f in self._script if f.for_ns is None or f.at_ns + f.for_ns > time_ns]

    def now(self, target: str, time_ns: int, kinds: Iterable[str] = WIRE) -> list[Fault]:
        """Faults of a device or bus that are active."""
        return [f for f in self._script if f.target == target and f.kind in kinds and f.active(time_ns)]
