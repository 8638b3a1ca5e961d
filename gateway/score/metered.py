"""What meters weighed between two instants, out of the readings that a journal has. Nothing is estimated in silence.

A growth counts at the reading that shows it, so that neighbouring weeks add up to what both together say. Only values
of good quality count. A count that wraps goes on; one that was cleared counts from the clear, and is told; cycles that
nobody saw are taken as like the newest one, and are far less certain (`GUESSED`), as in the fold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gateway.journal import JournalReader
from gateway.mass.counters import grown
from gateway.mass.cycles import MOST_CYCLES
from gateway.mass.rows import Gauge
from gateway.mass.rows import Rows as Compiled
from gateway.mass.values import GUESSED
from gateway.model import Quality
from gateway.site import Meter, Site

BEFORE_NS = 3_600_000_000_000
"""How long before a span the reading is looked for that it begins with; the day before, if there is none."""
_LONG_BEFORE_NS = 24 * BEFORE_NS
_PIECE_NS = 24 * BEFORE_NS


@dataclass(slots=True)
class Sum:
    """One amount of one meter: of a totalizer the mass, of a batch one dose, of shots what they took and the rest."""

    kg: float = 0.0
    var: float = 0.0  # of weighing, independent from one to the next

    def add(self, kg: float, var: float) -> None:
        self.kg, self.var = self.kg + kg, self.var + var


@dataclass(slots=True)
class Weighed:
    """What one meter said in a span."""

    meter: str
    sums: tuple[Sum, ...]
    cycles: int = 0  # batches or shots
    guessed: int = 0  # of them nobody saw
    good: float = 0.0  # parts
    parts: float = 0.0
    cleared: list[int] = field(default_factory=list)  # when
    unknown: int = 0  # growths of which nobody knows the mass
    from_ns: int = 0  # first and last reading that count; 0: none
    to_ns: int = 0
    single: dict[int, float] = field(default_factory=dict)  # of a totalizer: each fill by its end, in kg
    made: list[tuple[int, float, float]] = field(default_factory=list)  # of shots: when, parts, good ones
    moves: list[tuple[int, tuple[float, ...]]] = field(
        default_factory=list
    )  # when, and by how much each sum grew

    @property
    def seen(self) -> bool:
        return self.to_ns > 0


@dataclass(slots=True)
class _Track:
    """What a meter showed last."""

    count: float = math.nan
    good: float = math.nan
    amounts: tuple[float, ...] = ()
    grown_ns: int = 0


QUIET_NS = 60_000_000_000
"""A fill of a totalizer is over when nothing has come for so long (as in `gateway.mass.totals`)."""


def weighed(reader: JournalReader, site: Site, meter: Meter, t0: int, t1: int) -> Weighed:
    """Everything that one meter weighed in [t0, t1)."""
    gauge = next(g for g in Compiled.of(site).gauges.get(meter.group, ()) if g.meter is meter)
    tags = _tags(site, meter, gauge)
    found = Weighed(meter.name, tuple(Sum() for _ in range(_parts(meter))))
    track = _Track()
    if not _begin(reader, meter, gauge, tags, t0, track):
        track = _Track()
    for time_ns, numbers in _good(reader, meter.group, tags, t0, t1):
        _fold(found, track, gauge, time_ns, numbers)
    if meter.kind == "totalizer" and found.seen and found.sums[0].kg:
        # a total is one difference, however often it was read; each clear begins another
        found.sums[0].var = (1 + len(found.cleared)) * meter.sigma_kg**2
    return found


def _parts(meter: Meter) -> int:
    return {"batch": len(meter.doses), "shots": 2}.get(meter.kind, 1)


def _tags(site: Site, meter: Meter, gauge: Gauge) -> list[str]:
    points = site.groups()[meter.group].points
    places = [gauge.count.place, gauge.good, *(amount.place for amount in gauge.amounts)]
    return [points[place].tag if place >= 0 else "" for place in places]


def _begin(
    reader: JournalReader, meter: Meter, gauge: Gauge, tags: list[str], t0: int, track: _Track
) -> bool:
    """The newest reading before the span is where it begins."""
    for back in (BEFORE_NS, _LONG_BEFORE_NS):
        before = Weighed(meter.name, tuple(Sum() for _ in range(_parts(meter))))
        for time_ns, numbers in _good(reader, meter.group, tags, t0 - back, t0):
            _fold(before, track, gauge, time_ns, numbers)
        if before.seen:
            return True
    return False


def _good(
    reader: JournalReader, group: str, tags: list[str], t0: int, t1: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Times and numbers [n, tags], nan where not good, of the readings whose count is good; a day at a time."""
    for start in range(t0, t1, _PIECE_NS):
        times, parts = [], []
        for rows, view in reader.rows(group, start, min(start + _PIECE_NS, t1)):
            if view is None or tags[0] not in view.tags:
                continue
            columns = view.layout.typed(rows.raw)
            numbers = np.full((len(rows), len(tags)), np.nan)
            for at, tag in enumerate(tags):
                if tag in view.tags:
                    place = view.tags.index(tag)
                    fine = rows.quality[:, place] == Quality.GOOD
                    numbers[fine, at] = columns[place][fine].astype(np.float64)
            keep = ~np.isnan(numbers[:, 0])
            times.append(rows.time_ns[keep])
            parts.append(numbers[keep])
        if times:
            time_ns, numbers = np.concatenate(times), np.concatenate(parts)
            order = np.argsort(time_ns, kind="stable")
            yield time_ns[order], numbers[order]


def _fold(
    found: Weighed, track: _Track, gauge: Gauge, time_ns: NDArray[np.int64], numbers: NDArray[np.float64]
) -> None:
    """Only readings at which the count moved are looked at one by one."""
    if not len(time_ns):
        return
    found.from_ns = found.from_ns or int(time_ns[0])
    found.to_ns = int(time_ns[-1])
    count = numbers[:, 0]
    moved = np.flatnonzero(np.diff(count, prepend=track.count) != 0.0)  # nan differs from everything
    for at in moved.tolist():
        _moved(found, track, gauge, int(time_ns[at]), numbers[at].tolist())
    last = numbers[-1].tolist()
    track.count = last[0]
    figures = _figures(gauge, last)
    track.amounts = figures or track.amounts
    track.good = track.good if math.isnan(last[1]) else last[1]


def _moved(found: Weighed, track: _Track, gauge: Gauge, time_ns: int, row: list[float]) -> None:
    count, good = row[0], row[1]
    figures = _figures(gauge, row)
    before, was_good = track.count, track.good
    amounts = figures or track.amounts
    track.count, track.amounts = count, amounts
    track.good = was_good if math.isnan(good) else good
    if math.isnan(before):
        return
    factor, meter = gauge.count.factor, gauge.meter
    step = grown(before * factor, count * factor, gauge.around)
    if step.cleared:
        found.cleared.append(time_ns)
    if meter.kind == "totalizer":
        found.sums[0].add(step.by, 0.0)
        found.moves.append((time_ns, (step.by,)))
        quiet = not track.grown_ns or time_ns - track.grown_ns > QUIET_NS or not found.single
        kg = step.by if quiet else found.single.pop(track.grown_ns, 0.0) + step.by
        found.single[time_ns], track.grown_ns = kg, time_ns
        return
    jumped = round(step.by)
    if not amounts or not 0 < jumped <= MOST_CYCLES:
        found.unknown += bool(jumped)
        return
    guessed = jumped - 1 if figures else jumped
    found.cycles, found.guessed = found.cycles + jumped, found.guessed + guessed
    if meter.kind == "batch":
        for at, dose in enumerate(meter.doses):
            found.sums[at].add(jumped * amounts[at], _var(jumped, guessed, amounts[at], dose.sigma_kg))
        found.moves.append((time_ns, tuple(jumped * kg for kg in amounts)))
        return
    made = float(jumped * meter.parts)
    passed = made
    if not math.isnan(track.good) and not math.isnan(was_good):
        passed = min(grown(was_good, track.good, gauge.good_around).by, made)
    found.parts, found.good = found.parts + made, found.good + passed
    found.made.append((time_ns, made, passed))
    took = jumped * amounts[0]
    var = _var(jumped, guessed, amounts[0], meter.sigma_kg)
    found.sums[0].add(took, var)
    rest = took - min(passed * amounts[1], took)
    found.sums[1].add(rest, var)
    found.moves.append((time_ns, (took, rest)))


def _var(cycles: int, guessed: int, kg: float, sigma_kg: float) -> float:
    return cycles * sigma_kg**2 + (guessed * GUESSED * kg) ** 2


def _figures(gauge: Gauge, row: list[float]) -> tuple[float, ...]:
    """Kilograms of the newest cycle; () where one of them is not known."""
    made = []
    for amount, value in zip(gauge.amounts, row[2:], strict=True):
        kg = amount.fixed if amount.place < 0 else value * amount.factor
        if not (math.isfinite(kg) and kg >= 0.0):
            return ()
        made.append(kg)
    return tuple(made)
