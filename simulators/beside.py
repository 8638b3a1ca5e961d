"""Dosing equipment that a site has beside the demo's line, in plant time: batches, refills, nobody at a panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.site import Site
from simulators.dosing import Machine, is_simulated, machine_of
from simulators.dosing_day import DosingDay
from simulators.plant.machine import SECOND, Value


class Beside:
    """Machines of devices that `taken` does not name, each with a map of dosing equipment."""

    def __init__(self, site: Site, taken: Mapping[str, object], seed: int) -> None:
        self.machines: dict[str, Machine] = {
            device.name: machine_of(device)
            for device in site.devices
            if device.name not in taken and is_simulated(device)
        }
        self._day = DosingDay(self, seed, _nobody_listens, faults=False)
        self._seconds = 0

    def signals(self, name: str, plant_time: Callable[[], int]) -> Callable[[], Mapping[str, Value]]:
        """What one of them shows at the plant's time."""

        def now() -> Mapping[str, Value]:
            due = plant_time() // SECOND
            while self._seconds < due:
                self._seconds += 1
                self._day.step()
            return self.machines[name].signals()

        return now

    def wait(self, seconds: float) -> None:
        """Faults here are those of the demo's script, by plant time."""

    def fault(self, device: str, kind: str, seconds: float) -> None:
        """Nobody plants one: the day has none."""


def _nobody_listens(line: str) -> None:
    del line
