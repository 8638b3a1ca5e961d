"""Dosing equipment that runs by itself, on the ports of its site: batches, refills, and what people do at the panel.

Told lines, one a happening, say what was true, so that whoever looks at a gateway beside it can compare.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from gateway.config import load
from gateway.ports import Clock
from gateway.site import Site
from simulators.dosing import DosingRig, Machine
from simulators.plant.dosing import HopperScale
from simulators.plant.weigh_blender import GRAMS, TENTHS, WeighBlender

BATCH_S, REFILL_AT = 10, 80_000.0  # a batch every so often; a hopper is refilled below 8 kg
FILL = 15_000.0  # tenths of a gram a second, while it is refilled
PANEL = {"clear": 97, "unit": 151, "power": 211, "knock": 61}
"""Every so many seconds, what happens."""

Say = Callable[[str], None]


class Machines(Protocol):
    """What has them: a rig of its own, or the demo's."""

    machines: dict[str, Machine]

    def wait(self, seconds: float) -> None:
        """Let time pass for the faults."""

    def fault(self, device: str, kind: str, seconds: float) -> None:
        """The device has that fault from now on, for so long."""


class DosingDay:
    """Moves the machines of a rig second by second."""

    def __init__(self, rig: Machines, seed: int, say: Say, *, faults: bool = True) -> None:
        self.rig, self._say, self._faults = rig, say, faults
        self._chance = random.Random(seed)
        self._second = 0

    def step(self) -> None:
        """One second."""
        self._second += 1
        self.rig.wait(1.0)
        for name, machine in self.rig.machines.items():
            if isinstance(machine, HopperScale):
                self._feed(name, machine)
            else:
                self._dose(name, machine.blender)

    def _feed(self, name: str, hopper: HopperScale) -> None:
        if not hopper.filling and hopper.held < REFILL_AT:
            hopper.filling = FILL
            self._say(f"{name}: a refill begins")
        elif hopper.filling and hopper.held > 3 * REFILL_AT:
            hopper.filling = 0.0
            self._say(f"{name}: refilled, {hopper.refilled * 1e-4:.3f} kg so far")
        struck = self._faults and self._second % PANEL["knock"] < 3
        hopper.knocked = self._chance.uniform(-4_000.0, 4_000.0) if struck else 0.0
        hopper.step(1.0)

    def _dose(self, name: str, blender: WeighBlender) -> None:
        if self._second % BATCH_S == 0:
            kg = self._chance.randrange(15_000, 20_000)
            shares = (0.7, 0.26, 0.03, 0.01, *[0.0] * 8)[: len(blender.ledger)]
            blender.batch([round(kg * share * self._chance.gauss(1.0, 0.01)) for share in shares])
        for what, every in PANEL.items() if self._faults else ():
            if what != "knock" and self._second % every == 0:
                self._panel(name, blender, what)

    def _panel(self, name: str, blender: WeighBlender, what: str) -> None:
        if what == "clear" and blender.cycles:
            blender.clear()
        elif what == "unit":
            blender.count_in(GRAMS if blender.kind == TENTHS else TENTHS)
        elif what == "power":
            blender.lose_power("lost")
            self.rig.fault(name, "silent", 12.0)
        self._say(f"{name}: {what}; dosed {sum(blender.ledger) * 1e-4:.4f} kg so far")


async def run_dosing(
    site_file: Path, seconds: float | None, seed: int, clock: Clock, say: Say, *, faults: bool
) -> None:
    """Serve the site's devices on its own ports, until it is ended or for so long."""
    site = load(site_file)
    rig = DosingRig(site, clock)
    for bus, address in (await rig.start(_ports(site))).items():
        say(f"{bus}: {address}")
    day, begun = DosingDay(rig, seed, say, faults=faults), clock.boottime_ns()
    passed = 0
    try:
        while seconds is None or passed < seconds:
            passed += 1
            await clock.sleep_until(begun + passed * 1_000_000_000)
            day.step()
    finally:
        await rig.stop()


def _ports(site: Site) -> dict[str, int]:
    return {bus.name: int(bus.address.rpartition(":")[2]) for bus in site.buses}
