"""The computer that the gateway runs on: its boots, its wall clock, and who keeps that right."""

from __future__ import annotations

import random

from simulators.chaos.loop import VirtualLoop

LOOK_NS = 20_000
"""What looking at the clock costs: a slow box, whose code takes time as well."""
SECOND = 1_000_000_000


class Box:
    """Boots with `boot`; wall time is set by `step`, `right` and `forget`. Implements `gateway.clock.Machine`."""

    def __init__(self, loop: VirtualLoop, wall_ns: int, seed: int) -> None:
        self._loop, self._chance = loop, random.Random(f"{seed}/boots")
        self._true_ns = wall_ns - loop.now_ns  # what wall time less virtual time really is
        self._offset_ns = self._true_ns
        self.boots: dict[str, int] = {}  # boot id to the virtual instant at which its boottime was 0
        self._id = ""
        self.kept_right = True
        self.boot()

    def boot(self) -> None:
        """The machine starts; its boottime begins a few seconds before anything of ours."""
        self._id = f"{self._chance.getrandbits(128):032x}"
        self.boots[self._id] = self._began_ns = self._loop.now_ns - 5 * SECOND

    def boot_id(self) -> str:
        return self._id

    def boottime_ns(self) -> int:
        return self._loop.look(LOOK_NS) - self._began_ns

    def wall_ns(self) -> int:
        return self._loop.look(LOOK_NS) + self._offset_ns

    def synchronised(self) -> bool:
        return self.kept_right

    # --- what goes wrong with it ---------------------------------------------------------------------------------

    def step(self, seconds: float) -> None:
        """Somebody sets the clock."""
        self._offset_ns += round(seconds * SECOND)

    def forget(self) -> None:
        """A box without a battery: it is 1970, and nobody keeps it right."""
        self._offset_ns = -self._loop.now_ns
        self.kept_right = False

    def right(self) -> None:
        """NTP sets it and keeps it."""
        self._offset_ns = self._true_ns
        self.kept_right = True
