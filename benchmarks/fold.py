"""CPU of the fold per reading of 100 values, charts from none to a hundred: python -m benchmarks.fold

Readings are made beforehand; measured is `Pipeline.step` alone, as the daemon calls it, in this process's CPU time, the
best of some rounds. The reach is for quality on every point (range, rate, frozen); charts are paid only where the plan
has characteristics, most of it once per chart method and reading, whatever their number.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from benchmarks._table import Row, machine, print_table
from gateway.layout import Field
from gateway.model import Instant, Reading, Setting
from gateway.pipeline import Pipeline
from gateway.site import AlarmLimit, Bus, Characteristic, Device, Group, Point, Sampling, Site

VALUES = 100
READINGS = 2_000
ROUNDS = 5
REACH_US = 150.0
PERIOD_NS = 100_000_000
WALL_NS = 1_800_000_000_000_000_000
CELL = "hall/line1/press1"


def site(*, judged: bool = True, limits: int = 0, charts: int = 0, method: str = "imr") -> Site:
    """One group of VALUES points."""
    options = (
        {"low": 0.0, "high": 100.0, "max_rate": 500.0, "frozen_after_ns": 60_000_000_000} if judged else {}
    )
    points = tuple(Point(f"p{i}", f"{CELL}/p{i}", Field("float32"), **options) for i in range(VALUES))  # type: ignore[arg-type] # numbers
    group = Group("press1/fast", "press1", PERIOD_NS, points, 5_000_000_000)
    device = Device("press1", "net", "press", 1, CELL, (group,))
    params = {"center": 50.0, "sigma": 1.0}
    rules = ("WE1", "WE4") if method == "imr" else ()
    rows = tuple(
        Characteristic(f"c{i}", f"{CELL}/p{i}", method, params, (), Sampling(), "look", rules)
        for i in range(charts)
    )
    alarms = tuple(AlarmLimit(f"{CELL}/p{i}", "HH", 90.0, 1.0, "stop") for i in range(limits))
    return Site("plant", "gw1", (Bus("net", "modbus.tcp", "127.0.0.1:502"),), (device,), (), rows, alarms)


def readings() -> list[Reading]:
    rng = np.random.default_rng(1)
    values = 50.0 + 0.3 * rng.normal(size=(READINGS, VALUES))
    good, raw = np.zeros(VALUES, dtype=np.uint8), np.zeros(2 * VALUES, dtype=np.uint16)
    return [
        Reading("press1/fast", Instant(WALL_NS + n * PERIOD_NS, n * PERIOD_NS, 1), 0, row, good, raw)
        for n, row in enumerate(values, 1)
    ]


def spent_us(made_for: Site, given: list[Reading]) -> float:
    """CPU microseconds per reading."""
    pipeline, best = Pipeline(made_for), float("inf")
    start = Setting("start", Instant(WALL_NS, 0, 1), {"stopped_ns": None})
    for _ in range(ROUNDS):
        state = pipeline.step(pipeline.start(), start).state
        before = time.process_time_ns()
        for reading in given:
            state = pipeline.step(state, reading).state
        best = min(best, (time.process_time_ns() - before) / len(given) / 1e3)
    return best


def run(data: Path | None = None) -> list[Row]:
    """The rows of this figure."""
    del data
    given = readings()
    bare = spent_us(site(judged=False), given)
    judged = spent_us(site(), given)
    quality = f"range, rate, frozen on {VALUES}"
    out = [
        Row("nothing configured", "", "", f"{bare:.0f} us"),
        Row(
            quality,
            "",
            f"{REACH_US:.0f} us",
            f"{judged:.0f} us",
            f"{judged / REACH_US:.2f}",
            judged <= REACH_US,
        ),
    ]
    limited = spent_us(site(limits=20), given)
    out.append(
        Row(f"{quality}, 20 alarm limits", "", "", f"{limited:.0f} us", f"{limited / judged:.2f} x quality")
    )
    for method in ("imr", "ewma", "cusum"):
        for charts in (1, 20, 100):
            cost = spent_us(site(charts=charts, method=method), given)
            out.append(
                Row(
                    f"{quality}, {charts} x {method}",
                    "",
                    "",
                    f"{cost:.0f} us",
                    f"{cost / judged:.2f} x quality",
                )
            )
    return out


def main() -> None:
    print(machine())
    print(f"CPU per reading of {VALUES} values, best of {ROUNDS} rounds of {READINGS} readings")
    print_table(run())


if __name__ == "__main__":
    main()
