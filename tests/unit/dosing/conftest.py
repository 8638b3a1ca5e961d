"""A blender with a closed loop, its hopper on load cells and a press, as a site file; and readings of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gateway.config import load
from gateway.fold import Fold
from gateway.model import Event, Input, Instant, Noted, Quality, Reading, Scan, Setting
from gateway.pipeline import Pipeline
from gateway.site import Site

SECOND = 1_000_000_000
BEGINS_NS = 1_795_046_400 * SECOND  # 2026-11-19 00:00 UTC

SITE = """\
site: plant1
gateway: gw1
lines:
- {area: m, name: l1, cells: [blending, press1]}
poll_classes: {fast: 1s, slow: 5s}
shifts:
- {name: early, start: "06:00"}
- {name: late, start: "18:00"}
buses:
- {name: net, driver: modbus.tcp, address: "10.0.0.1:502"}
devices:
- {name: blender1, bus: net, map: blender, unit: 1, cell: m/l1/blending}
scan_points:
- {name: box, device: hand, cell: m/l1/press1, action: open}
plans: [plan.yaml]
dosers:
- name: mix
  cycles: m/l1/blending/cycles
  recipe: m/l1/blending/recipe
  loop: closed
  setpoints: recipe
  components:
  - {name: natural, kind: main, tag: m/l1/blending/natural, sigma: 0.001}
  - {name: a, tag: m/l1/blending/a, setpoint: m/l1/blending/a_set, sigma: 0.001}
  - {name: b, tag: m/l1/blending/b, percent: 10, sigma: 0.001}
  - {name: mill, kind: regrind, tag: m/l1/blending/mill, percent: 25, sigma: 0.001, resolution: 0.001}
  states:
  - {tag: m/l1/blending/empty, is: [1], mark: starved}
  lots_at: [m/l1/press1]
  error: 0.05
  estimates:
  - {name: bin, in: [{tag: m/l1/blending/ground, error: 0.05}], level: m/l1/blending/level, level_sigma: 0.2}
  - {name: counter, in: [{tag: m/l1/blending/mill_total, error: 0.05}]}
  window: 10min
  false_alarms_per_year: 10
"""

BLENDER = """\
about: A blender
points:
- {name: cycles, table: holding, address: 0, type: uint16, poll: fast, coherent: batch}
- {name: natural, table: holding, address: 1, type: float32, poll: fast, coherent: batch, uom: kg}
- {name: a, table: holding, address: 3, type: float32, poll: fast, coherent: batch, uom: g}
- {name: b, table: holding, address: 5, type: float32, poll: fast, coherent: batch, uom: kg}
- {name: mill, table: holding, address: 7, type: float32, poll: fast, coherent: batch, uom: kg}
- {name: recipe, table: holding, address: 9, type: uint16, poll: fast, coherent: batch}
- {name: a_set, table: holding, address: 20, type: float32, poll: slow, uom: "%"}
- {name: empty, table: holding, address: 22, type: bit, mask: 1, poll: slow}
- {name: level, table: holding, address: 23, type: float32, poll: slow, uom: kg}
- {name: ground, table: holding, address: 25, type: uint16, scale: 0.1, poll: slow, uom: kg}
- {name: mill_total, table: holding, address: 27, type: uint32, scale: 0.001, poll: slow, uom: kg}
"""

PLAN = """\
characteristics:
- id: error_of_a
  tag: m/l1/blending/a_ratio_error
  method: imr
  params: {center: 0, sigma: 0.05}
  rules: [WE1]
  sampling: {every: reading}
  reaction: Look at the feeder.
"""


def written(folder: Path, site: str = SITE) -> Path:
    """The site's files in a folder."""
    (folder / "devices").mkdir(exist_ok=True)
    (folder / "devices" / "blender.yaml").write_text(BLENDER, "utf-8")
    (folder / "plan.yaml").write_text(PLAN, "utf-8")
    file = folder / "site.yaml"
    file.write_text(site, "utf-8")
    return file


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return load(written(tmp_path_factory.mktemp("dosing")))


class Line:
    """The blender as the gateway hears it: `batch` makes one and reads it, `slow` reads the rest."""

    def __init__(self, site: Site, fold: Fold | None = None) -> None:
        self.groups = site.groups()
        self.fold = fold or Fold(Pipeline(site))
        self.now, self.boot = 0.0, 0.0
        self.shown: dict[str, float] = {
            "cycles": 7, "natural": 0.0, "a": 0.0, "b": 0.0, "mill": 0.0, "recipe": 1, "a_set": 9.0, "empty": 0,
            "level": 100.0, "ground": 50.0, "mill_total": 1.0,
        }  # fmt: skip
        self.given: list[Input] = []
        self.events: list[Event] = []

    def take(self, given: Input) -> tuple[Event, ...]:
        self.given.append(given)
        told = self.fold.take(given).events
        self.events += told
        return told

    def at(self) -> Instant:
        return Instant(
            BEGINS_NS + round(self.now * SECOND), SECOND + round((self.now + self.boot) * SECOND), 1
        )

    def start(self) -> None:
        self.take(Setting("start", self.at(), {}))
        self.read("slow")
        self.read("fast")

    def read(self, poll: str, bad: str = "") -> tuple[Event, ...]:
        """One poll, a second after what was before it."""
        self.now += 1.0
        group = self.groups[f"blender1/{poll}"]
        values = np.array([self.shown[point.name] for point in group.points])
        quality = np.array(
            [Quality.BAD if point.name == bad else Quality.GOOD for point in group.points], dtype=np.uint8
        )
        words = np.zeros(group.layout().words, dtype=np.uint16)
        return self.take(Reading(group.id, self.at(), 0, np.where(quality, np.nan, values), quality, words))

    def batch(
        self, a: float = 6.75, mill: float = 25.0, b: float = 7.5, kg: float = 10.0
    ) -> tuple[Event, ...]:
        """A batch, its shares in %; then both polls, as both are needed to judge it."""
        natural = 100.0 - a - b - mill
        self.shown |= {
            "cycles": (self.shown["cycles"] + 1) % 65536, "natural": kg * natural / 100, "a": kg * a * 10,
            "b": kg * b / 100, "mill": kg * mill / 100,
        }  # fmt: skip
        self.shown["mill_total"] += round(kg * mill / 100, 3)
        return (*self.read("fast"), *self.read("slow"))

    def scan(self, code: str) -> tuple[Event, ...]:
        self.now += 1.0
        return self.take(Scan("box", self.at(), code))

    def noted(self, kind: str) -> list[Noted]:
        return [event for event in self.events if isinstance(event, Noted) and event.kind == kind]


@pytest.fixture
def line(site: Site) -> Iterator[Line]:
    made = Line(site)
    made.start()
    yield made
    assert not made.noted("fold_failed"), made.noted("fold_failed")[0].facts
