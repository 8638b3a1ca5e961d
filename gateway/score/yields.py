"""Good parts and rejects by lot and step, and the yields that follow from them. Pure.

A step's first-time yield is the good parts of each lot's first count there by all parts of it: a second count of the
same lot at the same step is rework, and does not make it better. Rolled throughput yield is the product of the
first-time yields of all steps: the chance of a part to come through without being touched twice (M. Harry and
R. Schroeder, Six Sigma, 2000, chapter 5). ppm is all first-time rejects in a million parts that came into the first
step.

>>> rolled([Step("moulding", 950, 1000), Step("inspection", 940, 950)])
0.94
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.model import LotChanged, Noted, NumberedEvent
from gateway.score.facts import number


@dataclass(frozen=True, slots=True)
class Count:
    """One count of one lot at one step."""

    lot: str
    step: str
    good: float
    reject: float
    by: str  # "counter" of a machine, "scale", "hand"
    time_ns: int
    line: str
    reason: str = ""
    seq: int = 0  # of the event; 0: out of readings


@dataclass(frozen=True, slots=True)
class Step:
    """First counts at a step."""

    step: str
    good: float
    parts: float

    @property
    def first_time(self) -> float:
        return self.good / self.parts


@dataclass(frozen=True, slots=True)
class Stay:
    """A product lot at a cell."""

    lot: str
    from_ns: int
    to_ns: int


def stays_at(events: Iterable[NumberedEvent], cell: str, t1: int) -> list[Stay]:
    """Which product lot was at a cell when, out of lot events in the order of time; the last may still be there."""
    stays: list[Stay] = []
    here: tuple[str, int] | None = None
    for _, _, event in events:
        if not isinstance(event, LotChanged) or event.role != "product":
            continue
        comes = event.cell == cell and event.change in {"opened", "moved"}
        leaves = (
            here is not None and event.lot == here[0] and (event.cell != cell or event.change == "closed")
        )
        if here is not None and (leaves or (comes and event.lot != here[0])):
            stays.append(Stay(here[0], here[1], event.time_ns))
            here = None
        if comes and here is None:
            here = (event.lot, event.time_ns)
    return [*stays, Stay(here[0], here[1], t1)] if here else stays


def counted_by_machine(
    made: Sequence[tuple[int, float, float]], stays: Sequence[Stay], step: str, line: str
) -> list[Count]:
    """Parts by the lot that was there when they fell; "" where none was. `made`: (when, parts, good ones)."""
    begins = [stay.from_ns for stay in stays]
    sums: dict[str, list[float]] = {}
    for time_ns, parts, good in made:
        at = bisect_right(begins, time_ns) - 1
        lot = stays[at].lot if at >= 0 and time_ns <= stays[at].to_ns else ""
        row = sums.setdefault(lot, [0.0, 0.0, 0.0])
        row[0], row[1], row[2] = row[0] + good, row[1] + parts - good, time_ns
    return [
        Count(lot, step, good, reject, "counter", int(time_ns), line)
        for lot, (good, reject, time_ns) in sums.items()
    ]


def counted_by_people(events: Iterable[NumberedEvent], lines: Mapping[str, str]) -> list[Count]:
    """Of events of kind "counted"; `lines`: by lot the line that it is of."""
    return [
        Count(
            event.subject, str(event.facts.get("step", "")), number(event, "good"), number(event, "reject"),
            str(event.facts.get("by", "hand")), event.time_ns, lines.get(event.subject, ""),
            str(event.facts.get("reason", "")), seq,
        )
        for seq, _, event in events
        if isinstance(event, Noted) and event.kind == "counted"
    ]  # fmt: skip


def first_counts(counts: Iterable[Count]) -> list[Count]:
    """Of each lot at each step the first, in the order of time."""
    found: dict[tuple[str, str], Count] = {}
    for each in sorted(counts, key=lambda count: (count.time_ns, count.seq)):
        found.setdefault((each.lot, each.step), each)
    return list(found.values())


def steps_of(counts: Iterable[Count]) -> list[Step]:
    """By step, the one that is counted first comes first; without those at which nothing was counted."""
    sums: dict[str, list[float]] = {}
    for each in first_counts(counts):
        row = sums.setdefault(each.step, [0.0, 0.0])
        row[0], row[1] = row[0] + each.good, row[1] + each.good + each.reject
    return [Step(name, good, parts) for name, (good, parts) in sums.items() if parts > 0.0]


def rolled(steps: Iterable[Step]) -> float:
    """Rolled throughput yield, 0 to 1."""
    return math.prod(step.first_time for step in steps)


def first_time(steps: Sequence[Step]) -> float:
    """First-time yield over all steps, each by its parts."""
    return sum(step.good for step in steps) / sum(step.parts for step in steps)


def ppm(steps: Sequence[Step]) -> float:
    """First-time rejects of all steps in a million parts that came into the first."""
    return 1e6 * sum(step.parts - step.good for step in steps) / steps[0].parts
