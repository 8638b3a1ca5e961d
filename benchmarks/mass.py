"""Lots by mass in the fold: CPU for each lot that is closed, and for polls that close none.

``python -m benchmarks.mass [seconds]``. The demo's plant in virtual time (`simulators.wholeday`), no charts and alarm
limits, with its lot rules; ten seconds to warm up are not counted. A step of the fold is measured whole: quality, the
vessels' movements, compositions, rules. Where one step closes several lots (a blender's batch brings regrind and slices
of the vessels with it), its time is shared out evenly.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import replace

from benchmarks._table import Row, machine, print_table
from gateway.config import load
from gateway.mass import Mass
from gateway.model import LotMade, Reading
from gateway.pipeline import Pipeline
from gateway.plain import to_plain
from gateway.resources import config_dir
from gateway.site import Site
from simulators.plant.line import Plant
from simulators.wholeday import inputs

WARM_S, REACH_US = 10.0, 100.0


def site() -> Site:
    """The demo's, with nothing but lots."""
    loaded = load(config_dir() / "demo" / "site.yaml")
    devices = tuple(replace(device, anomaly=None) for device in loaded.devices)
    return replace(loaded, characteristics=(), alarm_limits=(), devices=devices)


def rows(seconds: float) -> list[Row]:
    """One run of the plant."""
    lotted = site()
    pipeline, metered = Pipeline(lotted), Mass(lotted).metered
    state, warm_ns = pipeline.start(), -1
    closing: dict[str, list[float]] = defaultdict(list)  # us a lot, by the kinds of the step
    every: list[float] = []
    idle: list[float] = []
    for given in inputs(Plant(1), lotted, seconds):
        warm_ns = given.at.time_ns + round(WARM_S * 1e9) if warm_ns < 0 else warm_ns
        began = time.thread_time_ns()
        step = pipeline.step(state, given)
        took = (time.thread_time_ns() - began) / 1e3
        state = step.state
        if given.at.time_ns < warm_ns:
            continue
        made = [event.kind for event in step.events if isinstance(event, LotMade)]
        if made:
            closing[", ".join(sorted(set(made)))].append(took / len(made))
            every += [took / len(made)] * len(made)
        elif isinstance(given, Reading) and given.group in metered:
            idle.append(took)
    snapshot = len(json.dumps(to_plain(state.mass)))
    sources = [len(vector.sources) for vector in state.mass.vectors.values()]
    mean = statistics.fmean(every)
    return [
        Row("a step of the fold that closes lots, CPU us a lot: mean, median", "none", f"<= {REACH_US:.0f}",
            f"{mean:.0f}, {statistics.median(every):.0f} of {len(every)} lots", reached=mean <= REACH_US),
        *(
            Row(f"  {kinds}", "", "", f"{statistics.fmean(found):.0f}, {statistics.median(found):.0f} ({len(found)})")
            for kinds, found in sorted(closing.items())
        ),
        Row("a metered poll that closes none, CPU us: mean, median", "none", "-",
            f"{statistics.fmean(idle):.0f}, {statistics.median(idle):.0f} of {len(idle)}"),
        Row("what the mass balance remembers, in a snapshot", "none", "-",
            f"{snapshot:,} bytes: {len(sources)} lots of {statistics.fmean(sources):.0f} sources"),
    ]  # fmt: skip


if __name__ == "__main__":
    print(machine())
    print_table(rows(float(sys.argv[1]) if len(sys.argv) > 1 else 240.0))
