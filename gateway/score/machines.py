"""How machines spent their time, and what came of it: utilisation, OEE, energy and scrap.

ISO 22400-2:2014 has the terms and formulas:

    availability  = actual production time / planned busy time                    (APT / PBT)
    effectiveness = planned run time per item x produced quantity / APT           (PRI x PQ / APT), here: performance
    quality ratio = good quantity / produced quantity                             (GQ / PQ)
    OEE index     = availability x effectiveness x quality ratio

Planned busy time is the time read without the states that are `idle`: nobody wants it to run then. Every other state is
a loss of availability. Time that was not read is in nothing, and is told. Utilisation here is production time by all
time that was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gateway.journal import JournalReader
from gateway.mass.counters import grown, range_of
from gateway.model import Quality
from gateway.score.flows import Flows
from gateway.site import Group, Site
from gateway.site.score import Machine

_PIECE_NS = 86_400_000_000_000
_LONGEST_NS = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Ran:
    """One machine in a span; times are seconds."""

    machine: Machine
    states: Mapping[str, float]  # by value of the state signal
    unread_s: float
    run_s: float
    idle_s: float
    shots: int
    parts: float
    good: float
    drawn_kg: float
    rest_kg: float
    energy_kwh: float | None

    @property
    def read_s(self) -> float:
        return sum(self.states.values())

    @property
    def busy_s(self) -> float:
        """Planned busy time."""
        return self.read_s - self.idle_s

    @property
    def utilisation(self) -> float | None:
        return _by(self.run_s, self.read_s)

    @property
    def availability(self) -> float | None:
        return _by(self.run_s, self.busy_s)

    @property
    def performance(self) -> float | None:
        return _by(self.shots * self.machine.cycle_ns / 1e9, self.run_s) if self.machine.cycle_ns else None

    @property
    def quality(self) -> float | None:
        return _by(self.good, self.parts)

    @property
    def oee(self) -> float | None:
        factors = (self.availability, self.performance, self.quality)
        made = 1.0
        for each in factors:
            if each is None:
                return None
            made *= each
        return made

    @property
    def energy_per_part(self) -> float | None:
        """kWh for each good part."""
        return None if self.energy_kwh is None else _by(self.energy_kwh, self.good)

    @property
    def scrap_share(self) -> float | None:
        """Of the mass that it took, what did not become good parts: runners and rejects."""
        return _by(self.rest_kg, self.drawn_kg)


def _by(part: float, whole: float) -> float | None:
    return part / whole if whole > 0.0 else None


def ran(flows: Flows, machine: Machine, t0: int, t1: int) -> Ran:
    """What one machine did in [t0, t1)."""
    reader, site = flows.reader, flows.site
    states = state_seconds(reader, site, machine.state, t0, t1)
    made = flows.meter(machine.meter, t0, t1) if machine.meter else None
    return Ran(
        machine, states, max(0.0, (t1 - t0) / 1e9 - sum(states.values())),
        sum(states.get(value, 0.0) for value in machine.run),
        sum(states.get(value, 0.0) for value in machine.idle),
        made.cycles if made else 0, made.parts if made else 0.0, made.good if made else 0.0,
        made.sums[0].kg if made else 0.0, made.sums[1].kg if made else 0.0,
        growth(reader, site, machine.energy, t0, t1) if machine.energy else None,
    )  # fmt: skip


def state_seconds(reader: JournalReader, site: Site, tag: str, t0: int, t1: int) -> dict[str, float]:
    """Seconds by value of a tag. A value holds until the next reading, and no longer than its group may be silent."""
    group = group_of(site, tag)
    longest = group.stale_after_ns if group and group.stale_after_ns else _LONGEST_NS
    sums: dict[str, float] = {}
    for start in range(t0, t1, _PIECE_NS):
        end = min(start + _PIECE_NS, t1)
        series = reader.readings(tag, start - longest, end)
        times = series.time_ns
        until = np.minimum(np.append(times[1:], end), times + longest)
        spent = np.minimum(until, end) - np.maximum(times, start)
        fine = (series.quality == Quality.GOOD) & (spent > 0)
        values, place = np.unique(series.values[fine].astype(str), return_inverse=True)
        seconds = np.bincount(place, weights=spent[fine] / 1e9, minlength=len(values))
        for value, each in zip(values.tolist(), seconds.tolist(), strict=True):
            word = text_of(value)
            sums[word] = sums.get(word, 0.0) + each
    return sums


def growth(reader: JournalReader, site: Site, tag: str, t0: int, t1: int) -> float | None:
    """What a count that only grows has grown by, through wraps and clears; None where it was not read."""
    group = group_of(site, tag)
    point = next((each for each in group.points if each.tag == tag), None) if group else None
    around = range_of(point.field) if point else 0.0
    last: float | None = None
    total = 0.0
    for start in range(t0, t1, _PIECE_NS):
        series = reader.readings(tag, start, min(start + _PIECE_NS, t1))
        values = series.numbers()[series.quality == Quality.GOOD]
        for value in values[np.flatnonzero(np.diff(values, prepend=np.nan) != 0.0)].tolist():
            total += 0.0 if last is None else grown(last, value, around).by
            last = value
    return None if last is None else total


def group_of(site: Site, tag: str) -> Group | None:
    """The poll group that reads a tag."""
    return next((g for g in site.groups().values() if any(p.tag == tag for p in g.points)), None)


def text_of(value: str) -> str:
    """A number as the config writes it: 2, not 2.0."""
    return value.removesuffix(".0")
