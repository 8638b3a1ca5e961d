"""Where parts come from: presses, and the boxes that leave over the scale and through the gate."""

from __future__ import annotations

from collections.abc import Iterable

from simulators.plant.blending import RECIPE_NUMBER
from simulators.plant.machine import SECOND, Machine
from simulators.plant.material import Blend

GRAM = 0.001
AUTOMATIC = 2
NOMINAL_G = 42.0
BOXES_KEPT = 200


class Press(Machine):
    """A moulding machine with ten cavities: one shot a cycle, all its figures latched with the shot counter.

    `part_weight` is the part of cavity 1; the shot's mass follows it. It follows the regrind by a little: 0.02 g per
    percentage point off the agreed 25.
    """

    cavities = 10
    runner_g = 126.0
    tolerance_g = 0.30  # heavier or lighter shots are rejected whole
    random_rejects = 0.02

    def __init__(self, name: str, seed: int, period_s: float, scrap: Blend, tool: int) -> None:
        super().__init__(name, seed, period_s)
        self.hopper, self.box, self.scrap, self.tool = Blend(), Blend(), scrap, tool
        self.hopper_level_kg = 12.0
        self.shots = self.good = self.rejects = self.in_box = self.starved = 0
        self._latch(NOMINAL_G, NOMINAL_G * self.cavities + self.runner_g)

    def work(self) -> None:
        weight = self.draw_charted("part_weight", NOMINAL_G, 0.05)
        melt = self.hopper.take((weight * self.cavities + self.runner_g) * GRAM)
        weight += 0.02 * (100.0 * melt.regrind_share - 25.0)
        parts_kg = weight * self.cavities * GRAM
        if melt.kg < parts_kg:
            self.hopper.add(melt)  # a short shot is no shot: the screw waits for material
            self.starved += 1
            return
        shot_g = melt.kg / GRAM
        parts = melt.take(parts_kg)
        self.scrap.add(melt)
        self.shots += 1
        bad = (
            abs(weight - NOMINAL_G) > self.tolerance_g or self.chance("reject").random() < self.random_rejects
        )
        if bad:
            self.rejects += self.cavities
            self.scrap.add(parts)
        else:
            self.good += self.cavities
            self.in_box += self.cavities
            self.box.add(parts)
        self._latch(weight, shot_g)

    def _latch(self, weight: float, shot_g: float) -> None:
        self.signals |= {
            "shots": self.shots,
            "cushion": self.draw_charted("cushion", 6.0, 0.08),
            "part_weight": weight,
            "shot_mass": shot_g,
            "peak_pressure": self.draw("peak_pressure", 850.0, 6.0),
            "cycle_time": self.draw("cycle_time", self.period_ns / SECOND, 0.01),
            "melt_temperature": self.draw("melt_temperature", 230.0, 0.8),
            "plasticising_time": self.draw("plasticising_time", 0.55, 0.01),
            "recipe_number": RECIPE_NUMBER,
            "tool_number": self.tool,
            "good_parts": self.good,
            "rejects": self.rejects,
            "state": AUTOMATIC,
            "mould_temperature": self.draw("mould_temperature", 62.0, 0.4),
            "oil_temperature": self.draw("oil_temperature", 45.0, 0.3),
            "automatic": 1,
            "running": 1,
            "fault": 0,
            "door_closed": 1,
            "serial_number": f"SIM-{self.tool:04d}-{self.name[-1]}",
        }

    def change_box(self) -> tuple[Blend, int]:
        """The full box and how many parts are in it; an empty one takes its place."""
        full, count = self.box, self.in_box
        self.box, self.in_box = Blend(), 0
        return full, count

    def stock(self) -> Iterable[Blend]:
        return (self.hopper, self.box)


class Packing(Machine):
    """Full boxes: one stands on the floor scale, others wait, some have left through the gate."""

    tare_kg = 1.250
    settle_ns = 800_000_000

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(name, seed, 0.1)
        self.boxes: dict[str, Blend] = {}
        self.shipped: dict[str, Blend] = {}  # the last BOXES_KEPT
        self.earlier = Blend()  # what was in those before them
        self.on_scale = ""
        self._moved_ns, self._zero_kg = -self.settle_ns, 0.0
        self.work()

    def work(self) -> None:
        box = self.boxes.get(self.on_scale)
        gross = 0.0 if box is None else self.tare_kg + box.kg
        stable = self.next_ns - self._moved_ns >= self.settle_ns
        # The display shows grams; the load cell's own noise is well under one, more while the box still swings.
        mass = round(self.draw("mass", gross - self._zero_kg, 0.0002 if stable else 0.05), 3)
        self.signals |= {"mass": mass + 0.0, "stable": int(stable)}

    def put(self, box: str, content: Blend) -> None:
        """A box comes from a press."""
        self.boxes.setdefault(box, Blend()).add(content)

    def weigh(self, box: str) -> None:
        """The box is put on the scale; what stood there is taken off."""
        self.on_scale, self._moved_ns = box, self.next_ns

    def zero(self) -> None:
        """What lies on the scale is its new zero."""
        box = self.boxes.get(self.on_scale)
        self._zero_kg = 0.0 if box is None else self.tare_kg + box.kg

    def ship(self, box: str) -> None:
        """The box leaves through the gate; one that is not here leaves nothing."""
        if box in self.boxes:
            self.shipped.setdefault(box, Blend()).add(self.boxes.pop(box))
            if len(self.shipped) > BOXES_KEPT:
                self.earlier.add(self.shipped.pop(next(iter(self.shipped))))
            if box == self.on_scale:
                self.weigh("")

    def stock(self) -> Iterable[Blend]:
        return (*self.boxes.values(), *self.shipped.values(), self.earlier)
