"""A balance out of a journal, against the plant's own books to the gram; and what reading a week costs.

``python -m benchmarks.balance [seconds]``. The demo's plant in virtual time, polled as the demo polls it, with the
words that its devices would answer. The journal is written by the journal's own code and read by that of `lotwatch
balance`. The plant's blender and granulator add up what they moved in books of their own. Masses on the wire are
float32, and whole tens of grams of the belt weigher; what that rounds is the bound. The demo's plant is quick: a batch
every two seconds, two shots a second; a plant has a twentieth of that.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks._table import Row, crowded, machine, print_table
from gateway.clock import VirtualClock
from gateway.config import load
from gateway.journal import Journal, JournalReader
from gateway.model import Block, Input, NumberedInput, Reading, Scan, Setting
from gateway.plain import to_plain
from gateway.resources import config_dir
from gateway.score.flows import Flows
from gateway.score.metered import Weighed
from gateway.site import Site
from simulators.plant.line import Plant
from simulators.wholeday import inputs
from simulators.wire.encode import words_of

BLOCK = 5_000
DOSE_GRAMS, BELT_GRAMS = 0.5, 10.0
WEEK_S = 604_800


class _Dice:
    def token(self, nbytes: int) -> bytes:
        return random.Random(1).randbytes(nbytes)

    def uniform(self) -> float:
        return 0.5


def wired(site: Site, plant: Plant, seconds: float) -> Iterator[Input]:
    """The plant's inputs, readings with the words of their devices."""
    groups = site.groups()
    started = False
    for given in inputs(plant, site, seconds):
        if isinstance(given, Reading):
            group = groups[given.group]
            shown = plant.machines[group.device].signals
            words = [word for point in group.points for word in words_of(point, shown.get(point.name, 0))]
            yield Reading(
                given.group, given.at, 0, given.values, given.quality, np.array(words, dtype=np.uint16)
            )
        elif isinstance(given, Scan | Setting):
            yield given
            if not started:
                started = True
                yield Setting("config", given.at, {"site": to_plain(site), "hash": "1"})


async def write(folder: Path, site: Site, plant: Plant, seconds: float) -> int:
    """The journal, as a gateway would have it; how many readings."""
    journal = Journal.open(
        folder, site=site.site, gateway=site.gateway, clock=VirtualClock(), entropy=_Dice()
    )
    block, readings = list[NumberedInput](), 0
    for seq, given in enumerate(wired(site, plant, seconds), 1):
        block.append(NumberedInput(seq, given))
        readings += isinstance(given, Reading)
        if len(block) == BLOCK:
            await journal.commit(Block(tuple(block), ()))
            block = []
    await journal.commit(Block(tuple(block), ()))
    journal.close()
    return readings


def rows(seconds: float) -> list[Row]:
    """One run of the plant."""
    site, plant = load(config_dir() / "demo" / "site.yaml"), Plant(1)
    with tempfile.TemporaryDirectory() as name:
        readings = asyncio.run(write(Path(name), site, plant, seconds))
        began, cpu = time.perf_counter(), time.process_time()
        with JournalReader(Path(name)) as reader:
            span = reader.span() or (0, 0)
            flows = Flows(reader, site)
            found = {meter.name: flows.meter(meter.name, span[0], span[1] + 1) for meter in site.meters}
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    made = [_row(f"blender, {kind}", found["blender"], at, plant.blender.totals[kind], DOSE_GRAMS)
            for at, kind in enumerate(("virgin", "regrind", "masterbatch", "additive"))]  # fmt: skip
    made.append(_row("belt weigher", found["belt_weigher"], 0, plant.granulator.total_kg, BELT_GRAMS))
    week = cpu * WEEK_S / seconds
    return [
        *made,
        Row(
            f"all meters of {seconds:,.0f} s ({readings:,} readings): CPU", "none", "-",
            f"{cpu:.2f} s, wall {wall:.2f} s",
        ),
        Row("... so of a week at the demo's pace: CPU", "none", "-", f"{week:.0f} s"),
        crowded(),
    ]  # fmt: skip


def _row(what: str, found: Weighed, at: int, books_kg: float, reach_g: float) -> Row:
    off = 1e3 * (found.sums[at].kg - books_kg)
    return Row(
        f"{what}: gateway less the plant's books", f"{books_kg:.4f} kg", f"within {reach_g:g} g",
        f"{found.sums[at].kg:.4f} kg, {off:+.3f} g", reached=abs(off) <= reach_g,
    )  # fmt: skip


if __name__ == "__main__":
    print(machine())
    print_table(rows(float(sys.argv[1]) if len(sys.argv) > 1 else 1800.0))
