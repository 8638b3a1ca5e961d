"""Dosing equipment with a ledger beside it: what its wire shows, and what people and mains do to it. Grams, exactly.

A machine here is driven from outside, second by second; nothing in it knows a clock or a socket.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulators.plant.machine import Value
from simulators.plant.weigh_blender import WeighBlender

UNIT_TENTHS = {0: 4535.9237, 1: 283.495_231_25, 2: 10.0, 4: 10_000.0}
"""Tenths of a gram of what a Maguire displays in: pounds, ounces, grams, kilograms (manual, page 41)."""

_WORD = 65_536


@dataclass
class Wsb:
    """What a Maguire's commands show of a `WeighBlender`."""

    blender: WeighBlender
    software: int = 4
    shown_in: int = 4
    batch_weight: int = 2
    alarm: int = 0

    def signals(self) -> Mapping[str, Value]:
        blender = self.blender
        whole = int(sum(blender.ledger) / UNIT_TENTHS[self.shown_in])
        return {
            "system_type": blender.kind, "software_type": self.software, "cycles": blender.cycles,
            **{f"total_{i + 1}": total for i, total in enumerate(blender.totals)},
            "weight_units": self.shown_in, "batch_weight": self.batch_weight, "current_portion": 0,
            "batch_total": whole % _WORD, "batch_count": blender.batches % _WORD,
            "output_status": 0, "alarm_status": self.alarm, "sensor_status": 0,
        }  # fmt: skip


@dataclass
class Gravimetric:
    """The generic batch blender's registers, of a `WeighBlender`: the newest batch latched with its count."""

    blender: WeighBlender
    setpoints: tuple[float, ...] = (71.0, 25.0, 3.0, 1.0)
    answers: int = 0

    def signals(self) -> Mapping[str, Value]:
        kg = [dose * 1e-4 for dose in self.blender.last]
        names = ("virgin", "regrind", "masterbatch", "additive")
        mass = sum(kg)
        shown: dict[str, Value] = {}
        for i, name in enumerate(names):
            shown[f"{name}_actual"] = kg[i]
            shown[f"{name}_setpoint"] = self.setpoints[i]
            shown[f"{name}_total"] = self.blender.ledger[i] * 1e-4
        return shown | {
            "cycles": self.blender.cycles, "batch_mass": mass, "regrind_share": 100.0 * kg[1] / mass if mass else 0.0,
            "recipe_number": 1, "recipe": "R1", "running": 1, "fault": 0, "hopper_low": 0, "mode": 2,
            "hopper_temperature": 40.0,
        }  # fmt: skip


@dataclass
class HopperScale:
    """A hopper on load cells over a screw: the feeder and the volumetric doser. Tenths of a gram."""

    rate: float = 100.0  # tenths of a gram a second
    held: float = 250_000.0
    noise: float = 20.0  # sigma of a weight
    serial: int = 1
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    ledger: float = 0.0  # ever dispensed
    refilled: float = 0.0  # ever
    total: float = 0.0  # the device's own, cleared by anybody
    turns: float = 0.0
    cycles: int = 0
    knocked: float = 0.0  # what the scale shows too much right now
    filling: float = 0.0  # a second
    shown: float = 250_000.0

    def step(self, seconds: float) -> None:
        """Feed for so long, refilling if it is being refilled."""
        out = min(self.rate * seconds, self.held)
        self.ledger, self.total, self.held = self.ledger + out, self.total + out, self.held - out
        self.turns += out / 50.0
        self.cycles += 1
        self.refilled, self.held = self.refilled + self.filling * seconds, self.held + self.filling * seconds
        self.shown = self.held + self.knocked + self.chance.gauss(0.0, self.noise)

    def signals(self) -> Mapping[str, Value]:
        kg = self.shown * 1e-4
        return {
            "weight": kg, "rate": self.rate * 0.36, "total": math.fmod(self.total * 1e-4, 4_294_967.0),
            "refilling": int(self.filling > 0), "volumetric": 0, "fault": 0, "serial": self.serial,
            "setpoint": self.rate * 0.36, "turns": self.turns, "cycles": self.cycles, "running": 1,
            "low": int(self.held < 20_000.0), "per_turn": 5.0, "share": 2.0,
        }  # fmt: skip
