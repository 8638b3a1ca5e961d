"""The supplier's own books of kilograms: what its plant dosed, ground and emptied, and the weekly list made of them.

`daybook.json` in the run folder: ``{"bags": [[lot, kg], ...], "rows": [[batches, virgin, regrind, ground], ...]}``, a
row each half second of plant time, sums from the start on, of the last hour.  Nothing of it comes from the gateway.
The list is cut where the gateway has stopped looking: at the last batch, kilogram ground and bag that it was shown.
"""

from __future__ import annotations

import json
import random
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gateway.journal import JournalReader
from gateway.model import LotChanged, Quality
from gateway.shifts import week_span
from gateway.site import Site
from simulators.plant.line import Plant
from simulators.plant.machine import Machine

FILE = "daybook.json"
BLENDING = "moulding/line1/blending"
GROUND = "moulding/line1/granulating/mass_total"
_ROWS = 7200
_LEAST_KG = 1.0
"""A figure of less is not worth a mistake."""
_FAR = 0.5
"""A swap changes a figure by more than this share of it: far beyond what a stalled machine may have guessed."""
_SHOWN_KG = 0.005
"""The granulator's display shows 10 g."""


class Row(NamedTuple):
    """Sums since the start, in kg."""

    batches: int
    virgin: float
    regrind: float
    ground: float


class Clerk(Machine):
    """Writes down, after everybody has acted, what the counters of blender and granulator stand at."""

    def __init__(self, plant: Plant) -> None:
        super().__init__("clerk", 0, 0.5)
        self._plant, self.rows = plant, deque([Row(0, 0.0, 0.0, 0.0)], _ROWS)

    def work(self) -> None:
        blender = self._plant.blender
        totals = blender.totals
        ground = self._plant.granulator.total_kg
        self.rows.append(Row(blender.cycles, totals["virgin"], totals["regrind"], ground))

    def book(self) -> dict[str, object]:
        """As `daybook.json`."""
        bags = [[lot, kg] for lot, kg in self._plant.blender.bags.items()]
        return {"bags": bags, "rows": [list(row) for row in self.rows]}


@dataclass
class Line:
    """One row of the list."""

    material: str
    item: str
    amount: str  # kg
    document: str = ""


@dataclass
class List:
    """The week's list, and the mistake in it."""

    week: str
    lines: list[Line] = field(default_factory=list)
    mistake: dict[str, str | int] = field(default_factory=dict)

    def csv(self) -> str:
        """In the columns that `lotwatch balance --declared` takes."""
        rows = [
            f"{self.week},moulding/line1,{line.material},{line.item},{line.amount},kg,{line.document}"
            for line in self.lines
        ]
        return "\n".join(["week,line,material,item,amount,unit,document", *rows, ""])


def listed(book: dict[str, list[list[float]]], reader: JournalReader, site: Site, week: str) -> List:
    """A true list. Raises ValueError where the books do not reach back to where the gateway began to look."""
    span = week_span(site.shifts, week)
    made = List(week)
    seen = {
        event.lot.rpartition(":")[2]
        for _, _, event in reader.events_between(span.from_ns, span.to_ns, ["LotChanged"])
        if isinstance(event, LotChanged) and event.role == "material" and event.change == "opened"
    }
    for lot, kg in book["bags"]:
        if str(lot) in seen:
            made.lines.append(Line("PP natural", "received", f"{kg:.1f}", str(lot)))
    rows = [Row(int(each[0]), *each[1:]) for each in book["rows"]]
    first, last = _shown(reader, f"{BLENDING}/cycles", span.from_ns, span.to_ns)
    begin = next((row for row in reversed(rows) if row.batches <= first), None)
    end = next((row for row in reversed(rows) if row.batches <= last), None)
    low, high = _shown(reader, GROUND, span.from_ns, span.to_ns)
    before = next((row for row in reversed(rows) if row.ground <= low + _SHOWN_KG), None)
    after = next((row for row in reversed(rows) if row.ground <= high + _SHOWN_KG), None)
    if begin is None or end is None or before is None or after is None:
        raise ValueError("the books keep an hour, and the gateway has looked for longer")
    made.lines += [
        Line("PP natural", "dosed", f"{end.virgin - begin.virgin:.2f}"),
        Line("regrind", "ground", f"{after.ground - before.ground:.2f}"),
        Line("regrind", "dosed", f"{end.regrind - begin.regrind:.2f}"),
    ]
    return made


def _shown(reader: JournalReader, tag: str, t0: int, t1: int) -> tuple[float, float]:
    """What a counter showed before the week, else first in it; and what it showed last."""
    series = reader.readings(tag, t0 - 3_600_000_000_000, t1)
    good = series.quality == Quality.GOOD
    times, numbers = series.time_ns[good], series.numbers()[good]
    if not len(numbers):
        raise ValueError(f"nothing was read of {tag}")
    start = max(int(np.searchsorted(times, t0)) - 1, 0)
    return float(numbers[start]), float(numbers[-1])


def mistaken(made: List, chance: random.Random) -> List:
    """The same list with one mistake; none in a list of which every figure is too small."""
    large = [
        at for at, line in enumerate(made.lines) if not line.document and float(line.amount) >= _LEAST_KG
    ]
    if not large:
        return made
    at = chance.choice(large)
    line = made.lines[at]
    swaps = [
        text
        for text in (_swapped(line.amount, place) for place in range(len(line.amount) - 1))
        if abs(float(text) - float(line.amount)) > _FAR * float(line.amount) and text[0] != "0"
    ]
    swap = bool(swaps) and chance.random() < 0.5
    kind, wrote = (
        ("digit_swap", chance.choice(swaps)) if swap else ("decimal_slip", f"{float(line.amount) * 10:.1f}")
    )
    made.mistake = {
        "line_no": at + 2, "material": line.material, "item": line.item, "kind": kind, "wrote": wrote,
        "should_say": line.amount,
    }  # fmt: skip
    line.amount = wrote
    return made


def _swapped(text: str, at: int) -> str:
    """Two digits beside each other changed places; a point between them stays."""
    after = at + 2 if text[at + 1] == "." else at + 1
    if text[at] == "." or after >= len(text):
        return text
    digits = list(text)
    digits[at], digits[after] = digits[after], digits[at]
    return "".join(digits)


def declare(
    run_dir: Path, reader: JournalReader, site: Site, week: str, seed: int, *, faults: bool
) -> dict[str, object]:
    """Write `declared.csv` into the run folder; what was planted in it. Raises ValueError, FileNotFoundError."""
    made = listed(json.loads((run_dir / FILE).read_text("utf-8")), reader, site, week)
    if faults:
        made = mistaken(made, random.Random(f"{seed}/list"))
    file = run_dir / "declared.csv"
    file.write_text(made.csv(), "utf-8")
    return {"file": str(file), "rows": len(made.lines), "mistake": made.mistake or None}
