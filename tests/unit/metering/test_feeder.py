"""Loss in weight against synthetic hoppers whose truth is known: what left, what came in, and how sure it is."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from gateway.metering.feeder import MOST_POINTS, Dispensed, Feeder, FeederState, weighed
from gateway.metering.slope import line
from gateway.model import Instant

RATE = 36.0 / 3600  # kg/s


def at(seconds: float) -> Instant:
    return Instant(round(seconds * 1e9), round(seconds * 1e9), 1)


@dataclass
class Hopper:
    """A hopper on a scale, its truth beside it."""

    seed: int
    seconds: int = 900
    sigma_kg: float = 0.01
    vibration_kg: float = 0.0
    refill_at: int = 0  # 0: never
    bumps_at: tuple[int, ...] = ()
    kg: float = 30.0

    def weights(self) -> Iterator[tuple[int, float, float]]:
        """Second, weight shown, kg that have left since the start."""
        chance, left, kg = random.Random(self.seed), 0.0, self.kg
        for second in range(1, self.seconds):
            if self.refill_at and self.refill_at <= second < self.refill_at + 12:
                kg += 1.5
            kg, left = kg - RATE, left + RATE
            shown = kg + chance.gauss(0.0, self.sigma_kg)
            shown += self.vibration_kg * math.sin(2 * math.pi * 0.31 * second)
            if any(bump <= second < bump + 4 for bump in self.bumps_at):
                shown += 0.4 if second % 2 else -0.3
            yield second, shown, left


def told(hopper: Hopper, feeder: Feeder | None = None) -> list[tuple[Dispensed, float]]:
    """Each window with what truly left in it."""
    feeder = feeder or Feeder(hopper.sigma_kg / 2, most_kg_h=120.0)
    state, truth, made = FeederState(), {0: 0.0}, []
    for second, shown, left in hopper.weights():
        truth[second] = left
        state, said = weighed(feeder, state, at(second), shown)
        assert len(state.times) <= MOST_POINTS
        assert len(state.off) <= 8
        if said is not None:
            made.append((said, truth[said.to_ns // 10**9] - truth[said.from_ns // 10**9]))
    return made


def test_the_slope_withstands_what_a_quarter_of_the_points_do():
    times = list(range(40))
    kg = [20.0 - 0.5 * t + (9.0 if t >= 30 else 0.0) for t in times]
    fitted = line(times, kg, 0.001)
    assert fitted.slope == pytest.approx(-0.5)
    assert np.polyfit(times, kg, 1)[0] != pytest.approx(-0.5, abs=0.01)  # least squares does not


def test_slope_and_level_are_as_uncertain_as_they_say():
    chance, slopes, ends = random.Random(7), [], []
    for _ in range(400):
        fitted = line(range(60), [10.0 - 0.01 * t + chance.gauss(0.0, 0.01) for t in range(60)], 0.001)
        slopes.append((fitted.slope + 0.01) / math.sqrt(fitted.slope_var))
        ends.append((fitted.at(59.0) - 9.41) / math.sqrt(fitted.var(59.0)))
    for z in (slopes, ends):
        assert 0.88 < math.sqrt(np.mean(np.square(z))) < 1.15  # four sigma of 400 draws: 1 +- 0.14
        assert 0.91 < np.mean(np.abs(z) < 1.96) < 0.98


def test_neighbours_that_go_together_count_as_fewer_points():
    chance, walk, kg = random.Random(3), 0.0, []
    for t in range(60):
        walk = 0.8 * walk + chance.gauss(0.0, 0.01)
        kg.append(10.0 - 0.01 * t + walk)
    white = [10.0 - 0.01 * t + chance.gauss(0.0, 0.0167) for t in range(60)]
    assert line(range(60), kg, 0.001).slope_var > 2.0 * line(range(60), white, 0.001).slope_var


@pytest.mark.long
def test_the_stated_uncertainty_covers_the_truth():
    z = [(said.kg - true) / said.sigma_kg for seed in range(5) for said, true in told(Hopper(seed))]
    assert len(z) > 60
    assert 0.75 < math.sqrt(np.mean(np.square(z))) < 1.25
    assert np.mean(np.abs(z) < 1.96) > 0.88


@pytest.mark.parametrize("seed", range(3))
def test_a_refill_is_masked_and_weighed(seed):
    windows = told(Hopper(seed, seconds=700, refill_at=300))
    (masked,) = [(said, true) for said, true in windows if "refill" in said.marks]
    said, true = masked
    assert abs(said.refilled_kg - 18.0) < 4 * said.refilled_sigma_kg
    assert said.refilled_sigma_kg < 0.05
    assert abs(said.kg - true) < 4 * said.sigma_kg
    assert said.low_kg <= true <= said.high_kg
    assert not said.exact
    assert all(other.exact for other, _ in windows if other is not said)


def test_a_knock_changes_nothing_but_is_marked():
    windows = told(Hopper(4, bumps_at=(200, 410)))
    assert sum("bump" in said.marks for said, _ in windows) == 2
    assert all(said.exact for said, _ in windows)
    total, true = sum(said.kg for said, _ in windows), sum(true for _, true in windows)
    assert abs(total - true) < 0.03


@pytest.mark.long
def test_vibration_widens_the_uncertainty_and_moves_nothing():
    calm, shaken = told(Hopper(5)), told(Hopper(5, vibration_kg=0.05))
    assert np.median([said.sigma_kg for said, _ in shaken]) > 2 * np.median(
        [said.sigma_kg for said, _ in calm]
    )
    assert all(abs(said.kg - true) < 4 * said.sigma_kg for said, true in shaken)


@pytest.mark.long
def test_differences_of_levels_add_up_over_hours():
    """A refill and two hundred windows on, the sum is as sure as its two ends and its refill are."""
    windows = told(Hopper(6, seconds=3600, refill_at=1500, kg=60.0), Feeder(0.005, 30.0, 120.0))
    total, true = sum(said.kg for said, _ in windows), sum(true for _, true in windows)
    assert abs(total - true) < 0.05


def test_weights_that_were_not_read_are_made_good_by_the_next():
    state, feeder, gone, first = FeederState(), Feeder(0.005, 30.0, 120.0), 0.0, 0.0
    for second, shown, left in Hopper(8).weights():
        if 100 < second < 140:
            continue
        state, said = weighed(feeder, state, at(second), shown)
        if said is not None:
            first = first or left - said.kg
            gone = gone + said.kg
    assert gone == pytest.approx(899 * RATE - first, abs=0.35)


def test_a_window_that_was_not_read_is_marked_and_still_exact():
    state, feeder, made = FeederState(), Feeder(0.005, 30.0, 120.0), []
    truth = {0: 0.0}
    for second, shown, left in Hopper(8, seconds=400).weights():
        truth[second] = left
        if not 100 < second < 180:
            state, said = weighed(feeder, state, at(second), shown)
            if said is not None:
                made.append(said)
    (gap,) = [said for said in made if said.marks]
    assert gap.marks == ("first_after_gap",)
    true = truth[gap.to_ns // 10**9] - truth[gap.from_ns // 10**9]
    assert abs(gap.kg - true) < 4 * gap.sigma_kg


def test_after_a_silence_of_unknown_length_nothing_is_bounded():
    state, feeder, made = FeederState(), Feeder(0.005, 30.0, 120.0), []
    for second, shown, _ in Hopper(9, seconds=200).weights():
        instant = (
            at(second) if second < 100 else Instant(round(second * 1e9) - 10**12, (second - 99) * 10**9, 2)
        )
        state, said = weighed(feeder, state, instant, shown)
        if said is not None:
            made.append(said)
    (gap,) = [said for said in made if "first_after_gap" in said.marks]
    assert math.isinf(gap.high_kg)
    assert made[-1].exact


def test_a_hopper_that_runs_empty_is_starved():
    windows = told(Hopper(10, seconds=400, kg=5.0), Feeder(0.005, 30.0, 120.0, empty_kg=2.0))
    marked = ["starved" in said.marks for said, _ in windows]
    assert marked == sorted(marked)
    assert marked[-1]
    assert not marked[0]
