"""A month of a blender that keeps its recipe, in virtual time: false alarms of its ratios against their budget.

    python -m benchmarks.ratio_month [--days N] [--seed N]

One batch of 10 kg a minute, 25 % regrind (sigma 0.3 points from batch to batch), two additives; a scale with steps of
1 g. Every 45 minutes a hopper is filled while a batch is weighed, four times a day one runs empty, every eight hours
the recipe changes, after a purge; readings are missed, the daemon is restarted every day, totals are cleared every
week, a box leaves every hour. Nothing is wrong with any ratio, so every alarm is false: those of the charts on ratio
errors (the site's `false_alarms_per_day`), and phantom regrind by bin and totals (`false_alarms_per_year`).

The last rows show what a monitor would say that takes a closed loop for an open one, or that knows no states.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks._table import Row, machine, print_table
from gateway.config import load
from gateway.config.limits import solved
from gateway.dosing.recipe import Part, doses
from gateway.fold import Fold
from gateway.model import AlarmChanged, Input, Instant, Noted, Quality, Reading, Scan, Setting
from gateway.pipeline import Pipeline
from gateway.site import Site

SECOND = 1_000_000_000
BEGINS_NS = 1_795_046_400 * SECOND
PER_DAY, PHANTOMS_PER_YEAR = 0.2, 12.0
SIGMA = 0.3  # points of the batch, of the regrind's share
MINUTES = 1440
RECIPES = {1: (9.0, 10.0), 2: (4.0, 2.0)}  # additives a and b, in % of what is moulded
REGRIND = 25.0

SITE = f"""\
site: plant1
gateway: gw1
lines: [{{area: m, name: l1, cells: [blending, press1]}}]
poll_classes: {{fast: 1min, slow: 1min}}
shifts: [{{name: early, start: "06:00"}}, {{name: late, start: "14:00"}}, {{name: night, start: "22:00"}}]
buses: [{{name: net, driver: modbus.tcp, address: "10.0.0.1:502"}}]
devices: [{{name: blender1, bus: net, map: blender, unit: 1, cell: m/l1/blending}}]
scan_points: [{{name: box, device: hand, cell: m/l1/press1, action: open}}]
plans: [plan.yaml]
false_alarms_per_day: {PER_DAY}
dosers:
- name: mix
  cycles: m/l1/blending/cycles
  recipe: m/l1/blending/recipe
  loop: LOOP
  setpoints: recipe
  components:
  - {{name: natural, kind: main, tag: m/l1/blending/natural, resolution: 0.001}}
  - {{name: a, tag: m/l1/blending/a, setpoint: m/l1/blending/a_set, resolution: 0.001}}
  - {{name: b, tag: m/l1/blending/b, setpoint: m/l1/blending/b_set, resolution: 0.001}}
  - {{name: mill, kind: regrind, tag: m/l1/blending/mill, setpoint: m/l1/blending/mill_set, resolution: 0.001}}
  states:
  - {{tag: m/l1/blending/state, is: [1], mark: refill}}
  - {{tag: m/l1/blending/state, is: [2], mark: starved}}
  - {{tag: m/l1/blending/state, is: [3], mark: purge}}
  lots_at: [m/l1/press1]
  gap: 3min
  error: 0.05
  estimates:
  - {{name: bin, in: [{{tag: m/l1/blending/ground, error: 0.05}}], level: m/l1/blending/level, level_sigma: 2}}
  - {{name: totals, in: [{{tag: m/l1/blending/mill_total, error: 0.05}}]}}
  false_alarms_per_year: {PHANTOMS_PER_YEAR}
"""
BLENDER = "about: A blender\npoints:\n" + "".join(
    f"- {{name: {name}, table: holding, address: {address}, type: {kind}, poll: {poll}}}\n"
    for name, address, kind, poll in (
        ("cycles", 0, "uint16", "fast, coherent: batch"),
        *(
            (name, 2 + 2 * i, "float32", "fast, coherent: batch, uom: kg")
            for i, name in enumerate(("natural", "a", "b"))
        ),
        ("mill", 8, "float32", "fast, coherent: batch, uom: kg"),
        ("recipe", 10, "uint16", "fast, coherent: batch"),
        *(
            (f"{name}_set", 20 + 2 * i, "float32", 'slow, uom: "%"')
            for i, name in enumerate(("a", "b", "mill"))
        ),
        ("state", 26, "uint16", "slow"),
        ("level", 28, "float32", "slow, uom: kg"),
        ("ground", 30, "uint32, scale: 0.1", "slow, uom: kg"),
        ("mill_total", 32, "uint32, scale: 0.001", "slow, uom: kg"),
    )
)
PLAN = "characteristics:\n" + "".join(
    f"- {{id: {tag}_{method}, tag: m/l1/blending/{tag}, method: {method},\n"
    f"   params: {{center: 0, sigma: {sigma}{more}}},\n"
    "   key: [m/l1/blending/recipe], sampling: {every: reading, per_day: 1440}, reaction: look}\n"
    for tag, sigma in (("ratio_error", SIGMA), ("a_ratio_error", 0.05), ("b_ratio_error", 0.05))
    for method, more in (("ewma", ", lambda: 0.2"), ("cusum", ", k: 0.5"))
)


def site_of(loop: str) -> Site:
    """The site, its charts' limits made for the budget."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "devices").mkdir()
        (folder / "devices" / "blender.yaml").write_text(BLENDER, "utf-8")
        (folder / "plan.yaml").write_text(PLAN, "utf-8")
        (folder / "site.yaml").write_text(SITE.replace("LOOP", loop), "utf-8")
        return solved(load(folder / "site.yaml"))


class Blender:
    """It keeps its recipe; its troubles are those of every day."""

    def __init__(self, site: Site, loop: str, seed: int) -> None:
        self.groups, self.loop, self.draw = site.groups(), loop, np.random.default_rng(seed)
        self.shown: dict[str, float] = dict.fromkeys(
            (point.name for group in self.groups.values() for point in group.points), 0.0
        )
        self.shown |= {"recipe": 1, "a_set": 9.0, "b_set": 10.0, "mill_set": REGRIND}
        self.bin_kg, self.total_kg, self.ground_kg = 500.0, 0.0, 0.0
        self.next_setpoints = RECIPES[1]

    def month(self, days: int) -> Iterator[Input]:
        """What a gateway gets of it."""
        yield Setting("start", self.at(0, 0), {})
        for minute in range(1, days * MINUTES + 1):
            if minute % MINUTES == 0:
                yield Setting("start", self.at(minute, 0), {})
            if minute % 60 == 0:
                yield Scan("box", self.at(minute, 1), f"BOX{minute}")
            self.batch(minute)
            if self.draw.random() > 0.002:  # else nobody answered
                yield self.read("fast", self.at(minute, 2))
            self.shown |= dict(zip(("a_set", "b_set"), self.next_setpoints, strict=True))
            yield self.read("slow", self.at(minute, 7))

    @staticmethod
    def at(minute: int, second: int) -> Instant:
        ns = (minute * 60 + second) * SECOND
        return Instant(BEGINS_NS + ns, SECOND + ns, 1)

    def read(self, poll: str, at: Instant) -> Reading:
        group = self.groups[f"blender1/{poll}"]
        values = np.array([self.shown[point.name] for point in group.points])
        quality = np.full(len(values), Quality.GOOD, dtype=np.uint8)
        return Reading(group.id, at, 0, values, quality, np.zeros(group.layout().words, dtype=np.uint16))

    def batch(self, minute: int) -> None:
        """One batch; what is wrong with it is shown by its state."""
        if minute % 480 == 0:
            self.shown["recipe"] = 3 - self.shown["recipe"]
            self.next_setpoints = RECIPES[int(self.shown["recipe"])]
        state = 3 if minute % 480 < 2 else 1 if minute % 45 == 7 else 2 if minute % 360 in (100, 101) else 0
        a, b = RECIPES[int(self.shown["recipe"])]
        parts = (
            Part("natural", "main"), Part("a", "additive", a), Part("b", "additive", b),
            Part("mill", "regrind", REGRIND),
        )  # fmt: skip
        wanted = doses(parts, self.loop)
        share = {
            "a": wanted["a"] + 0.05 * self.draw.standard_normal(),
            "b": wanted["b"] + 0.05 * self.draw.standard_normal(),
            "mill": wanted["mill"] + SIGMA * self.draw.standard_normal(),
        }
        if state == 2:
            share["mill"] *= 0.4
        if state == 1:
            share["mill"] += 6.0
        kg = {name: round(pct / 10.0, 3) for name, pct in share.items()}
        kg["natural"] = round(10.0 - sum(kg.values()), 3)
        self.shown |= kg
        self.shown["cycles"] = (self.shown["cycles"] + 1) % 65_536
        self.shown["state"] = state
        self.total_kg += kg["mill"]
        self.ground_kg += 2.5
        self.bin_kg += 2.5 - kg["mill"]
        if minute % (7 * MINUTES) == 3000:
            self.total_kg = 0.0
        self.shown |= {
            "level": self.bin_kg + 2.0 * self.draw.standard_normal(), "ground": round(self.ground_kg, 1),
            "mill_total": round(self.total_kg, 3),
        }  # fmt: skip


def alarms(site: Site, loop: str, days: int, seed: int) -> Counter[str]:
    """Alarms raised, by kind; and the month's cycles, good and marked."""
    fold, told = Fold(Pipeline(site)), Counter[str]()
    for given in Blender(site, loop, seed).month(days):
        for event in fold.take(given).events:
            if isinstance(event, AlarmChanged) and event.state == "active":
                told[event.kind] += 1
            elif isinstance(event, Noted) and event.kind == "fold_failed":
                raise RuntimeError(str(event.facts))
            elif (
                isinstance(event, Noted)
                and event.kind == "ratio_shift"
                and event.facts["component"] == "mill"
            ):
                told["good"] += int(str(event.facts["cycles"]))
                marked = event.facts["cycles_marked"]
                told["marked"] += (
                    sum(int(str(each)) for each in marked.values()) if isinstance(marked, dict) else 0
                )
    return told


def most(mean: float) -> int:
    """A Poisson count with that mean is above it in less than one of twenty runs."""
    count, chance = 0, math.exp(-mean)
    total = chance
    while total < 0.95:
        count += 1
        chance *= mean / count
        total += chance
    return count


def run(days: int, seed: int) -> list[Row]:
    """The rows of this figure."""
    rows = []
    budget, phantoms = PER_DAY * days, PHANTOMS_PER_YEAR * days / 365.25
    for number, loop in enumerate(("closed", "open")):
        site = site_of(loop)
        told = alarms(site, loop, days, seed + number)
        seen = f"{told['good']} good cycles, {told['marked']} marks"
        charts, ghosts = told["signal"], told["phantom_regrind"]
        rows.append(
            Row(
                f"{loop} loop, {days} days in control: alarms of six charts", f"budget {budget:g}",
                f"<= {most(budget)} (95 % of Poisson)", str(charts), seen, charts <= most(budget),
            )
        )  # fmt: skip
        rows.append(
            Row(
                f"{loop} loop: phantom regrind", f"budget {phantoms:.2g}", f"<= {most(phantoms)}", str(ghosts), "",
                ghosts <= most(phantoms),
            )
        )  # fmt: skip
    site = site_of("closed")
    blind = replace(site, dosers=(replace(site.dosers[0], loop="open"),))
    stateless = replace(site, dosers=(replace(site.dosers[0], states=()),))
    for name, each in (("takes the closed loop for an open one", blind), ("knows no states", stateless)):
        told = alarms(each, "closed", min(days, 3), seed)
        rows.append(
            Row(
                f"a monitor that {name}",
                "",
                "",
                f"{told['signal']} alarms in {min(days, 3)} days, which stand",
                "",
                None,
            )
        )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.process_time()
    print_table(run(given.days, given.seed))
    print(f"{time.process_time() - began:.0f} s of CPU on {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
