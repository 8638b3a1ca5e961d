"""What goes wrong and when, drawn from a seed or written by hand: one line each, so that a run can be replayed.

>>> parse("at 30 s: serial late for 20 s")[0]
Fault(at_s=30.0, kind='late', on='serial', lasts_s=20.0, size=0.0)
>>> str(parse("at 90.5 s: gateway kill for 4 s")[0])
'at 90.500 s: gateway kill for 4.000 s'
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

LINES = ("ethernet", "serial", "scale", "scanner")
UNITS = ("a", "b", "c", "d", "scale1")
YEAR_S = 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fail: on what, how often an hour, for how long at most, and what its size is drawn from."""

    on: tuple[str, ...]
    per_hour: float
    longest_s: float
    sizes: tuple[float, ...] = ()


KINDS = {
    "silent": Kind(UNITS, 2.0, 240.0),  # a unit says nothing
    "busy": Kind(UNITS[:4], 1.0, 60.0),  # a unit says later
    "cut": Kind(LINES, 2.0, 90.0),  # the line is broken
    "mute": Kind(LINES, 1.0, 60.0),  # answers are lost
    "late": Kind(LINES[:3], 2.0, 90.0),  # answers come up to 1.6 s after their questions
    "noisy": Kind(("serial",), 2.0, 120.0),  # bits are flipped
    "torn": Kind(LINES, 1.5, 60.0),  # half an answer
    "again": Kind(("ethernet", "serial"), 1.0, 60.0),  # answers come twice
    "chunked": Kind(LINES, 1.0, 120.0),  # answers in pieces
    "unlinked": Kind(("gateway", "worker"), 2.0, 400.0),  # no way to the broker
    "lost_acks": Kind(("broker",), 1.5, 60.0),
    "repeated": Kind(("broker",), 1.0, 120.0),
    "reordered": Kind(("broker",), 1.0, 120.0),
    "restart": Kind(("broker", "database"), 1.5, 90.0),
    "amnesia": Kind(("broker",), 0.5, 20.0),  # a restart that forgets what it had not saved
    "slow": Kind(("database",), 1.0, 120.0),
    "lost_answers": Kind(("database",), 1.0, 60.0),
    "full": Kind(("gateway", "worker"), 1.0, 200.0),  # no room on the disk
    "broken": Kind(("gateway", "worker"), 0.7, 15.0),  # writes fail
    "unsynced": Kind(("gateway", "worker"), 0.7, 15.0),  # syncs fail
    "short": Kind(("gateway", "worker"), 1.0, 1.0, (1, 2, 3)),  # so many writes are cut in half
    "kill": Kind(("gateway", "worker"), 3.0, 40.0),  # the process dies
    "kill_writing": Kind(
        ("gateway", "worker"), 1.5, 20.0, (1, 2, 3, 5, 8, 13)
    ),  # in its nth write from then on
    "stop": Kind(("gateway",), 0.5, 30.0),  # in good order
    "step": Kind(("clock",), 0.7, 1.0, (0.08, -0.4, 3600.0, -3600.0, YEAR_S, -YEAR_S)),  # wall time is set
    "power": Kind(("box",), 0.4, 120.0),  # the box boots
    "boot_1970": Kind(("box",), 0.3, 300.0),  # it boots into 1970, and NTP is so late
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, in seconds of the run."""

    at_s: float
    kind: str
    on: str
    lasts_s: float
    size: float = 0.0

    def __str__(self) -> str:
        size = f" {self.size:g}" if self.size else ""
        return f"at {self.at_s:.3f} s: {self.on} {self.kind}{size} for {self.lasts_s:.3f} s"


class ScriptError(ValueError):
    """A line that says nothing we know."""


_LINE = re.compile(
    r"at (?P<at>[\d.]+) s: (?P<on>\w+) (?P<kind>\w+)(?: (?P<size>[+-]?[\d.e+]+))?(?: for (?P<lasts>[\d.]+) s)?"
)


def parse(text: str) -> list[Fault]:
    """Faults of a script, a line each; what follows # is skipped. Raises ScriptError with the line's number."""
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].strip()
        if not words:
            continue
        found = _LINE.fullmatch(words)
        kind = KINDS.get(found["kind"]) if found else None
        if found is None or kind is None or found["on"] not in kind.on:
            raise ScriptError(
                f"line {number}: {words!r} is not `at T s: ON KIND [SIZE] [for T s]` of a known kind"
            )
        faults.append(
            Fault(
                float(found["at"]),
                found["kind"],
                found["on"],
                float(found["lasts"] or 0),
                float(found["size"] or 0),
            )
        )
    return sorted(faults, key=lambda fault: fault.at_s)


def drawn(seed: int, seconds: float, kinds: Sequence[str] = tuple(KINDS)) -> list[Fault]:
    """Faults of a run; each kind has chance of its own, so that a kind more leaves the others where they were."""
    faults = []
    for name in kinds:
        kind, chance = KINDS[name], random.Random(f"{seed}/faults/{name}")
        at_s = chance.expovariate(kind.per_hour / 3600)
        while at_s < seconds:
            lasts_s = min(chance.expovariate(4 / kind.longest_s), kind.longest_s)
            size = chance.choice(kind.sizes) if kind.sizes else 0.0
            faults.append(
                Fault(round(at_s, 3), name, chance.choice(kind.on), round(max(lasts_s, 0.001), 3), size)
            )
            at_s += chance.expovariate(kind.per_hour / 3600)
    return sorted(faults, key=lambda fault: fault.at_s)
