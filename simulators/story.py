"""What people do at the demo's line: bags are emptied, boxes are changed, weighed and shipped, each with its scan.

A box that comes to packing has left it before the next one comes: packing has one place.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from simulators.codes import box_epc, resin_code
from simulators.plant.line import Plant
from simulators.plant.machine import SECOND

BAG_KG = 10.0
BAGS_NS = 15 * SECOND  # the blender takes 0.71 kg of virgin resin a second
BOXES_NS = 8 * SECOND
GATE_STAY_NS = SECOND  # of real time in the reader's field


class Scans(Protocol):
    """A barcode scanner."""

    def scan(self, code: str) -> None: ...


class Passes(Protocol):
    """An RFID reader."""

    def pass_by(self, epc: str, stay_ns: int) -> None: ...


@dataclass(order=True, frozen=True, slots=True)
class Act:
    """One thing somebody does, in plant time."""

    at_ns: int
    what: str  # "bag", "box", "arrive", "leave"
    where: str = ""  # press
    box: str = ""


@dataclass
class Story:
    """Acts without end; `next_ns` is when the next one is due."""

    plant: Plant
    scanners: Mapping[str, Scans]
    readers: Mapping[str, Passes]
    _acts: list[Act] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _bags: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _under: dict[str, str] = field(default_factory=dict)  # press to the box under it

    def __post_init__(self) -> None:
        self._plan(Act(1 * SECOND, "bag"))
        self._plan(Act(3 * SECOND // 2, "box", "press1"))
        self._plan(Act(5 * SECOND // 2, "box", "press2"))

    @property
    def next_ns(self) -> int:
        return self._acts[0].at_ns

    def act(self) -> None:
        """Do what is due next."""
        act = heapq.heappop(self._acts)
        match act.what:
            case "bag":
                self._bag(act)
            case "box":
                self._box(act)
            case "arrive":
                self.plant.packing.weigh(act.box)
                self.scanners["scanner_packing"].scan(f"]C0{act.box}")
                self._plan(Act(act.at_ns + 2 * SECOND, "leave", box=act.box))
            case _:
                self.plant.packing.ship(act.box)
                self.readers["gate1"].pass_by(act.box, GATE_STAY_NS)

    def _bag(self, act: Act) -> None:
        lot = f"R26-{next(self._bags):04d}"
        self.plant.blender.empty_bag(lot, BAG_KG)
        self.scanners["scanner_blending"].scan(resin_code(lot, BAG_KG))
        self._plan(Act(act.at_ns + BAGS_NS, "bag"))

    def _box(self, act: Act) -> None:
        """The full box goes to packing, an empty one takes its place and opens the next lot."""
        press = next(each for each in self.plant.presses if each.name == act.where)
        full, new = self._under.get(act.where, ""), box_epc(next(self._numbers))
        self.plant.swap_box(press, full or f"before the demo, {act.where}")
        self._under[act.where] = new
        self.scanners[f"scanner_{act.where}"].scan(f"]C0{new}")
        if full:
            self._plan(Act(act.at_ns + 3 * SECOND // 2, "arrive", box=full))
        first_of_2 = not full and act.where == "press2"  # from then on half a period after press 1
        self._plan(Act(act.at_ns + BOXES_NS + (7 * SECOND // 2 if first_of_2 else 0), "box", act.where))

    def _plan(self, act: Act) -> None:
        heapq.heappush(self._acts, act)
