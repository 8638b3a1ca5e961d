"""The gravimetric blender: batches by weight of virgin resin, regrind, masterbatch and additive."""

from __future__ import annotations

from collections.abc import Iterable

from simulators.plant.machine import Machine
from simulators.plant.material import Blend, Layers, Source

RECIPE = "PP-GF30-25R"
RECIPE_NUMBER = 17
AUTOMATIC = 2
MINOR = {"masterbatch": ("MB-4711", 3.0, 0.03), "additive": ("UV-0815", 1.0, 0.02)}  # lot, percent, sigma


class Blender(Machine):
    """Every two seconds a batch, dosed with noise, into the hoppers that ask for it. Results are latched together.

    Virgin resin comes from the dryer, or first from bags emptied into the hopper; regrind from the dryer of regrind.
    What is set is a share of the batch by mass; the regrind share found is what a customer's plan charts. Somebody may
    pour regrind past it into the presses' hoppers: so much `bypass`, in % of what they ask for, is metered by nobody.
    """

    hopper_kg = 10.0

    def __init__(self, name: str, seed: int, virgin: Blend, regrind: Blend) -> None:
        super().__init__(name, seed, 2.0)
        self.virgin, self.regrind = virgin, regrind
        self.hopper = Layers()  # of virgin resin, what came first goes first
        self.bags: dict[str, float] = {}
        self.customers: list[tuple[Blend, float]] = []  # a press's hopper, and the level to hold in kg
        self.setpoints = {"virgin": 71.0, "regrind": 25.0, "masterbatch": 3.0, "additive": 1.0}
        self.totals = dict.fromkeys(self.setpoints, 0.0)
        self.minor: dict[str, float] = {}  # masterbatch and additive brought in, kg by lot
        self.cycles = 0
        self._latch(dict.fromkeys(self.setpoints, 0.0))

    def empty_bag(self, lot: str, kg: float) -> None:
        """A bag of dry resin goes into the virgin hopper."""
        self.hopper.add(Blend({Source(lot, 0): kg}))
        self.bags[lot] = self.bags.get(lot, 0.0) + kg

    def work(self) -> None:
        self.hopper.add(self.virgin.take(max(self.hopper_kg - self.hopper.kg, 0.0)))
        self._pour_past()
        wanted = [max(level - hopper.kg, 0.0) for hopper, level in self.customers]
        target = sum(wanted)
        if target <= 0.0:
            return
        batch, doses = self._dose(target)
        self.cycles += 1
        for kind, kg in doses.items():
            self.totals[kind] += kg
        made = batch.kg
        for (hopper, _), want in zip(self.customers[:-1], wanted[:-1], strict=True):
            hopper.add(batch.take(made * want / target))
        self.customers[-1][0].add(batch)
        self._latch(doses)

    def _pour_past(self) -> None:
        share = min(max(self.draw("bypass", 0.0, 0.0), 0.0), 100.0) / 100.0
        for hopper, level in self.customers if share else ():
            hopper.add(self.regrind.take(share * max(level - hopper.kg, 0.0)))

    def _dose(self, target: float) -> tuple[Blend, dict[str, float]]:
        batch, doses = Blend(), {}
        share = min(max(self.draw_charted("regrind_share", self.setpoints["regrind"], 0.4), 0.0), 100.0)
        doses["regrind"] = self._pour(batch, self.regrind.take(target * share / 100.0))
        for kind, (lot, percent, sigma) in MINOR.items():
            kg = target * max(self.draw(f"{kind}_share", percent, sigma), 0.0) / 100.0
            self.minor[lot] = self.minor.get(lot, 0.0) + kg
            doses[kind] = self._pour(batch, Blend({Source(lot, 0): kg}))
        doses["virgin"] = self._pour(batch, self.hopper.take(target - batch.kg))
        return batch, doses

    @staticmethod
    def _pour(batch: Blend, dose: Blend) -> float:
        kg = dose.kg
        batch.add(dose)
        return kg

    def _latch(self, doses: dict[str, float]) -> None:
        mass = sum(doses.values())
        for kind, kg in doses.items():
            self.signals[f"{kind}_actual"] = kg
            self.signals[f"{kind}_total"] = self.totals[kind]
            self.signals[f"{kind}_setpoint"] = self.setpoints[kind]
        self.signals |= {
            "cycles": self.cycles,
            "batch_mass": mass,
            "regrind_share": 100.0 * doses["regrind"] / mass if mass else self.setpoints["regrind"],
            "recipe_number": RECIPE_NUMBER,
            "recipe": RECIPE,
            "running": 1,
            "fault": 0,
            "hopper_low": int(self.hopper.kg < 0.3 * self.hopper_kg),
            "mode": AUTOMATIC,
            "hopper_temperature": self.draw("hopper_temperature", 46.0, 0.1),
        }

    def stock(self) -> Iterable[Blend]:
        return self.hopper.blends()
