"""The whole line, wired: silo, dryers, blender, two presses, granulator, packing with its scale.

>>> plant = Plant(seed=1)
>>> plant.step(60.0)
>>> plant.presses[0].shots, plant.presses[1].shots, plant.blender.cycles
(60, 50, 30)
>>> max(abs(error) for error in plant.balance().values()) < 1e-9
True
"""

from __future__ import annotations

from collections.abc import Iterable

from simulators.plant.blending import Blender
from simulators.plant.feeding import Dryer, Granulator, Silo
from simulators.plant.machine import SECOND, Change, Machine
from simulators.plant.material import Blend, Source, sum_by_lot
from simulators.plant.moulding import Packing, Press

OPENING_LOT = "OPENING"  # what was in dryers, bin and hoppers when the simulation began
OPENING_SILO_KG = 1200.0


class Sweep(Machine):
    """Once a minute takes traces out of the line, so that a day's lots do not make it slow. What it took is kept."""

    trace_kg = 1e-8  # far below what a box is compared to

    def __init__(self, name: str, seed: int, line: Iterable[Machine]) -> None:
        super().__init__(name, seed, 60.0)
        self._line, self.taken = tuple(line), Blend()

    def work(self) -> None:
        for blend in (blend for machine in self._line for blend in machine.stock()):
            self.taken.add(blend.crumbs(self.trace_kg))

    def stock(self) -> Iterable[Blend]:
        return (self.taken,)


class Plant:
    """Machines by name, plant time in nanoseconds since the start, and the books of mass."""

    def __init__(self, seed: int) -> None:
        self.time_ns = 0
        ground = Blend()
        self.silo = Silo("silo1", seed)
        self.dryer = Dryer("dryer1", seed, self.silo.content)
        self.granulator = Granulator("granulator1", seed, ground)
        self.regrind_dryer = Dryer("dryer2", seed, ground)
        self.blender = Blender("blender1", seed, self.dryer.content, self.regrind_dryer.content)
        scrap = self.granulator.inlet
        self.presses = (Press("press1", seed, 1.0, scrap, tool=1), Press("press2", seed, 1.2, scrap, tool=2))
        self.packing = Packing("scale1", seed)
        upstream = (self.silo, self.dryer, self.regrind_dryer, self.blender)
        downstream = (*self.presses, self.granulator, self.packing)
        # The order is who acts first at the same instant.
        line = (*upstream, *downstream)
        self.machines: dict[str, Machine] = {each.name: each for each in (*line, Sweep("sweep", seed, line))}
        self._opening: dict[str, float] = {}
        self._fill(ground)

    def _fill(self, ground: Blend) -> None:
        """A line that has been running: full dryers and hoppers, some regrind in the bin."""
        self.silo.deliver("TRUCK-000", OPENING_SILO_KG)
        self.silo.work()
        for blend, kg, generation in (
            (self.dryer.content, self.dryer.capacity_kg, 0),
            (self.regrind_dryer.content, self.regrind_dryer.capacity_kg, 1),
            (ground, 40.0, 1),
        ):
            self._open_with(blend, kg, generation)
        virgin = Blend()
        self._open_with(virgin, self.blender.hopper_kg, 0)
        self.blender.hopper.add(virgin)
        for press in self.presses:
            self._open_with(press.hopper, press.hopper_level_kg * 0.75, 0)
            self._open_with(press.hopper, press.hopper_level_kg * 0.25, 1)
            self.blender.customers.append((press.hopper, press.hopper_level_kg))

    def _open_with(self, blend: Blend, kg: float, generation: int) -> None:
        blend.add(Blend({Source(OPENING_LOT, generation): kg}))
        self._opening[OPENING_LOT] = self._opening.get(OPENING_LOT, 0.0) + kg

    @property
    def time_s(self) -> float:
        return self.time_ns / SECOND

    def step(self, dt: float) -> None:
        """Time moves on by dt seconds; every machine acts at its own instants on the way."""
        self.advance_to(self.time_ns + round(dt * SECOND))

    def advance_to(self, time_ns: int) -> None:
        """Time moves on to that instant; machines that are due act in order."""
        machines = list(self.machines.values())
        while (machine := min(machines, key=lambda each: each.next_ns)).next_ns <= time_ns:
            self.time_ns = machine.next_ns
            machine.act()
        self.time_ns = max(time_ns, self.time_ns)

    def change(self, machine: str, what: str, change: Change) -> None:
        """Plant a change of a process mean."""
        self.machines[machine].plant(what, change)

    def swap_box(self, press: Press, box: str) -> int:
        """The press's full box goes to packing under that name; how many parts it holds."""
        full, count = press.change_box()
        self.packing.put(box, full)
        return count

    def balance(self) -> dict[str, float]:
        """Kilograms by source lot that are somewhere and should not be (missing ones negative). All zero is right."""
        found = sum_by_lot(blend for machine in self.machines.values() for blend in machine.stock())
        brought = dict(self._opening)
        for bought in (self.silo.delivered, self.blender.bags, self.blender.minor):
            for lot, kg in bought.items():
                brought[lot] = brought.get(lot, 0.0) + kg
        return {lot: found.get(lot, 0.0) - brought.get(lot, 0.0) for lot in sorted(brought | found)}
