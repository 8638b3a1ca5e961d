"""The site of `lotwatch simulate`: kilograms and parts, a minute a step. Truth is here; devices show it with errors.

A silo that a truck fills every morning, a blender of 10 kg batches, two presses of 24 cavities, a granulator that
gives runners and rejects back to a bin of 600 kg.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gateway.whatif.scenario import PRESSES

TRUCK_KG, TRUCK_HOUR, DAY_MIN = 2_800.0, 8, 1440
BATCH_KG, HOPPER_KG, BIN_KG = 10.0, 30.0, 600.0
CYCLE_S, CAVITIES, PART_G, RUNNER_KG = 60.0, 24, 42.0, 0.222
REJECTS, REGRIND = 2.0, 19.5  # %
START_UP_MIN, LUMP_MIN = 15, 5
"""So long after a stop of the heating a press makes rejects, and at first lumps that no granulator takes."""
DUST = 0.002


@dataclass(slots=True)
class Wrong:
    """What is wrong in this minute; as it stands here, nothing is."""

    dark: bool = False
    truck_late: bool = False
    down: tuple[str, ...] = ()
    slower: dict[str, float] = field(default_factory=dict)  # by press, as a factor of the cycle
    rejects: float = REJECTS
    regrind: float = REGRIND
    gain: float = 1.0  # of the blender's scale
    poured_kg: float = 0.0  # of regrind past the blender, a minute


@dataclass(slots=True)
class Press:
    """What it has, and what it shows."""

    hopper_kg: float = HOPPER_KG
    shots: int = 0
    good: int = 0
    owed: float = 0.0  # of a shot
    rejects: float = 0.0  # of a part
    cold_min: int = 0
    running: bool = True
    cycle_s: float = CYCLE_S
    shot_kg: float = CAVITIES * PART_G / 1000 + RUNNER_KG
    part_g: float = PART_G


class Plant:
    """`step` once a minute; then look."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self.presses = {name: Press() for name in PRESSES}
        self.silo_kg, self.received_kg, self.bin_kg, self.ground_kg = 3_000.0, 0.0, 250.0, 0.0
        self.cycles, self.virgin_shown, self.regrind_shown = 0, 8.05, 1.95
        self.lost_kg, self.poured_kg = 0.0, 0.0
        self._waiting_kg, self._minute = 0.0, 0

    def step(self, wrong: Wrong) -> None:
        """One minute."""
        self._minute += 1
        if self._minute % DAY_MIN == TRUCK_HOUR * 60:
            self._waiting_kg += TRUCK_KG
        if self._waiting_kg and not wrong.truck_late and not wrong.dark:
            self.silo_kg += self._waiting_kg
            self.received_kg += self._waiting_kg
            self._waiting_kg = 0.0
        if wrong.dark:
            for press in self.presses.values():
                press.cold_min = START_UP_MIN
            return
        self._pour(wrong.poured_kg)
        self._batch(wrong)
        for name, press in self.presses.items():
            self._mould(press, wrong, name)

    def shown(self) -> dict[str, dict[str, float]]:
        """What each device answers, by point."""
        level = self.silo_kg + 3.0 * self._draw.standard_normal()
        in_bin = self.bin_kg + self._draw.standard_normal()
        return {
            "blender1": {"cycles": self.cycles, "virgin": self.virgin_shown, "regrind": self.regrind_shown},
            "silo1": {"level": level, "received": round(self.received_kg)},
            **{name: _told(press) for name, press in self.presses.items()},
            "granulator1": {"ground": round(self.ground_kg, 2), "level": in_bin},
        }

    def _pour(self, kg: float) -> None:
        """By hand into the hoppers, as far as there is regrind and room."""
        for press in self.presses.values():
            poured = min(kg / len(self.presses), self.bin_kg, HOPPER_KG - press.hopper_kg)
            if poured > 0.0:
                press.hopper_kg += poured
                self.bin_kg -= poured
                self.poured_kg += poured

    def _batch(self, wrong: Wrong) -> None:
        lacks = {name: max(HOPPER_KG - press.hopper_kg, 0.0) for name, press in self.presses.items()}
        want = wrong.regrind + 0.1 * self._draw.standard_normal()
        regrind = BATCH_KG * want / 100.0
        if sum(lacks.values()) < BATCH_KG or self.silo_kg < BATCH_KG:
            return
        if self.bin_kg < regrind:
            regrind = 0.0
        virgin = BATCH_KG - regrind
        self.cycles += 1
        self.regrind_shown, self.virgin_shown = round(regrind, 3), round(virgin, 3)
        self.bin_kg -= regrind / wrong.gain
        self.silo_kg -= virgin / wrong.gain
        made = BATCH_KG / wrong.gain
        for name, lack in lacks.items():
            self.presses[name].hopper_kg += made * lack / sum(lacks.values())

    def _mould(self, press: Press, wrong: Wrong, name: str) -> None:
        usual = CYCLE_S * wrong.slower.get(name, 1.0)
        press.running = name not in wrong.down and press.hopper_kg > 2.0
        if not press.running:
            press.owed = 0.0
            return
        press.cycle_s = usual + 0.5 * self._draw.standard_normal()
        press.part_g = PART_G + 0.05 * self._draw.standard_normal()
        press.shot_kg = CAVITIES * press.part_g / 1000.0 + RUNNER_KG
        press.owed += 60.0 / usual
        shots, parts = int(press.owed), int(press.owed) * CAVITIES
        press.owed -= shots
        press.shots += shots
        if press.cold_min:
            bad = parts
        else:
            press.rejects += parts * wrong.rejects / 100.0
            bad = min(int(press.rejects), parts)
            press.rejects -= bad
        press.good += parts - bad
        moulded = shots * press.shot_kg
        press.hopper_kg -= moulded
        lumps = press.cold_min > START_UP_MIN - LUMP_MIN
        press.cold_min = max(press.cold_min - 1, 0)
        self._rest(moulded - (parts - bad) * press.part_g / 1000.0, lumps=lumps)

    def _rest(self, kg: float, *, lumps: bool) -> None:
        """Runners and rejects: ground as far as the bin takes it; what it does not take is sold for little."""
        if lumps or self.bin_kg + kg > BIN_KG:
            self.lost_kg += kg
            return
        self.lost_kg += kg * DUST
        self.ground_kg += kg * (1.0 - DUST)
        self.bin_kg += kg * (1.0 - DUST)


def _told(press: Press) -> dict[str, float]:
    return {
        "shots": press.shots, "good_parts": press.good, "shot_mass": press.shot_kg, "part_weight": press.part_g,
        "cycle_time": press.cycle_s, "running": float(press.running),
    }  # fmt: skip
