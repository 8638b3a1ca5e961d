"""Mass is kept, time may be cut anyhow, noise is what the plan says."""

import itertools
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.plant.line import Plant
from simulators.plant.machine import SECOND, WITHIN_A_DAY, Change
from simulators.plant.material import Blend, Layers, Source
from simulators.plant.moulding import BOXES_KEPT

SHOWN = ("silo1", "dryer1", "dryer2", "blender1", "press1", "press2", "granulator1", "scale1")


def shown(plant):
    return {name: dict(plant.machines[name].signals) for name in SHOWN}


def value(plant, machine, what):
    return float(plant.machines[machine].signals[what])


def test_the_step_size_changes_nothing():
    whole, cut, odd = Plant(7), Plant(7), Plant(7)
    whole.step(12.0)
    for _ in range(600):
        cut.step(0.02)
    for _ in range(16):
        odd.step(0.75)
    assert shown(whole) == shown(cut) == shown(odd)
    assert whole.balance() == pytest.approx(cut.balance(), abs=1e-12)


def test_a_seed_is_a_day_and_another_seed_another_day():
    one, same, other = Plant(1), Plant(1), Plant(2)
    for plant in (one, same, other):
        plant.step(5.0)
    assert shown(one) == shown(same)
    assert shown(one)["press1"]["cushion"] != shown(other)["press1"]["cushion"]


def test_every_kilogram_is_in_one_place():
    plant = Plant(3)
    plant.blender.empty_bag("BAG", 10.0)
    for number in range(4):
        plant.step(5.0)
        plant.swap_box(plant.presses[0], f"box{number}")
        plant.packing.weigh(f"box{number}")
        if number % 2:
            plant.packing.ship(f"box{number}")
    balance = plant.balance()
    assert {"OPENING", "TRUCK-000", "BAG", "MB-4711", "UV-0815"} == set(balance)
    assert all(abs(error) < 1e-9 for error in balance.values()), balance
    packed = sum(blend.kg for blend in plant.packing.stock())
    assert packed == pytest.approx(plant.presses[0].good * 42e-3, rel=0.01)


def test_a_missing_kilogram_shows_in_the_balance():
    plant = Plant(3)
    plant.step(3.0)
    plant.presses[0].hopper.take(1.0)
    assert sum(plant.balance().values()) == pytest.approx(-1.0)


def test_a_bag_reaches_the_box_and_the_totals_agree():
    plant = Plant(1)
    plant.blender.empty_bag("BAG", 10.0)
    plant.step(40.0)
    full, parts = plant.presses[0].change_box()
    assert parts == plant.presses[0].good
    assert full.by_lot()["BAG"] > 0.1
    made = plant.blender.totals
    assert 100 * made["regrind"] / sum(made.values()) == pytest.approx(25.0, abs=0.4)


def test_runners_and_rejects_come_back_a_generation_older():
    plant = Plant(1)
    plant.step(10.0)
    back = plant.granulator.out.by_lot() | plant.regrind_dryer.content.by_lot()
    assert "MB-4711" in back  # masterbatch came in fresh, so what is ground has been through a press
    assert all(
        g >= 1 for blend in (plant.granulator.out, plant.granulator.dust) for (_, g), _ in blend.items()
    )


def _series(seed, machine, what, count):
    plant = Plant(seed)
    values = []
    for _ in range(count):
        plant.advance_to(plant.machines[machine].next_ns)
        values.append(float(plant.machines[machine].signals[what]))
    return values


@pytest.mark.long
@pytest.mark.parametrize(
    ("machine", "what", "mean", "sigma"),
    [
        ("blender1", "regrind_share", 25.0, 0.4),
        ("press1", "cushion", 6.0, 0.08),
        ("press2", "part_weight", 42.0, 0.05),
        ("dryer1", "temperature", 80.0, 0.3),
    ],
)
def test_charted_variables_are_independent_and_within_a_day_below_the_plan(machine, what, mean, sigma):
    n = 250
    sigma *= WITHIN_A_DAY
    values = _series(11, machine, what, n)
    assert statistics.fmean(values) == pytest.approx(mean, abs=4 * sigma / math.sqrt(n))
    assert statistics.stdev(values) == pytest.approx(sigma, rel=4 / math.sqrt(2 * n))
    off = [value - mean for value in values]
    lag1 = sum(a * b for a, b in itertools.pairwise(off)) / sum(a * a for a in off)
    assert abs(lag1) < 4 / math.sqrt(n)


def test_a_planted_step_and_drift_move_the_mean_by_their_size():
    plain, changed = Plant(5), Plant(5)
    changed.change("press1", "cushion", Change(-0.4, 3 * SECOND, end_ns=6 * SECOND))
    changed.change("blender1", "regrind_share", Change(1.5, 2 * SECOND, over_ns=4 * SECOND))
    moved = []
    for second in range(1, 9):
        for plant in (plain, changed):
            plant.step(1.0)
        difference = value(changed, "press1", "cushion") - value(plain, "press1", "cushion")
        moved.append((second, round(difference, 9)))
    assert moved == [(1, 0), (2, 0), (3, -0.4), (4, -0.4), (5, -0.4), (6, 0), (7, 0), (8, 0)]
    share = [value(plant, "blender1", "regrind_share") for plant in (plain, changed)]
    assert share[1] - share[0] == pytest.approx(1.5, abs=0.01)


def test_a_drift_never_overshoots():
    change = Change(2.0, 10, over_ns=10, end_ns=40)
    assert [change.at(t) for t in (9, 10, 15, 20, 39, 40)] == [0.0, 0.0, 1.0, 2.0, 2.0, 0.0]


def test_a_press_without_material_makes_no_shot():
    plant = Plant(1)
    plant.presses[0].hopper.take(100.0)
    plant.presses[0].work()
    assert (plant.presses[0].shots, plant.presses[0].starved) == (0, 1)


def test_the_scale_shows_box_and_tare_and_moves_at_first():
    plant = Plant(1)
    plant.step(5.0)
    plant.swap_box(plant.presses[0], "B")
    plant.packing.weigh("B")
    plant.step(0.2)
    assert plant.packing.signals["stable"] == 0
    plant.step(1.0)
    assert plant.packing.signals["stable"] == 1
    gross = plant.packing.boxes["B"].kg + plant.packing.tare_kg
    assert plant.packing.signals["mass"] == pytest.approx(gross, abs=0.003)
    plant.packing.zero()
    plant.step(0.2)
    assert plant.packing.signals["mass"] == pytest.approx(0.0, abs=0.003)


@given(st.lists(st.floats(0.0, 50.0), max_size=6), st.lists(st.floats(0.0, 80.0), max_size=6))
def test_layers_and_blends_give_what_they_got(poured, taken):
    layers, out = Layers(), Blend()
    for number, kg in enumerate(poured):
        layers.add(Blend({Source(f"L{number}", 0): kg}))
    for kg in taken:
        out.add(layers.take(kg))
    assert out.kg + layers.kg == pytest.approx(sum(poured), abs=1e-9)


def test_a_silo_gives_the_oldest_first():
    layers = Layers()
    layers.add(Blend({Source("A", 0): 2.0}))
    layers.add(Blend({Source("B", 0): 2.0}))
    assert layers.take(3.0).by_lot() == pytest.approx({"A": 2.0, "B": 1.0})


def test_a_low_silo_is_filled():
    plant = Plant(1)
    plant.silo.content.take(1000.0)
    plant.silo.delivered["TRUCK-000"] -= 1000.0
    plant.step(2.0)
    assert plant.silo.signals["fills"] == 1
    assert plant.silo.delivered["TRUCK-001"] == pytest.approx(40.0)
    assert all(abs(error) < 1e-9 for error in plant.balance().values())


def swept(plant):
    (taken,) = plant.machines["sweep"].stock()
    return taken


def test_traces_are_swept_and_kept_in_the_books():
    plant = Plant(1)
    plant.blender.hopper.add(Blend({Source("SPECK", 0): 5e-5}))
    plant.silo.delivered["SPECK"] = 5e-5
    plant.step(59.0)
    assert swept(plant).kg == 0.0
    plant.step(1.0)
    assert swept(plant).by_lot()["SPECK"] > 0.0
    assert all(abs(error) < 1e-9 for error in plant.balance().values())


def test_boxes_shipped_long_ago_are_one_sum():
    plant = Plant(1)
    for number in range(BOXES_KEPT + 2):
        plant.packing.put(f"B{number}", plant.presses[0].hopper.take(0.01))
        plant.packing.ship(f"B{number}")
    assert len(plant.packing.shipped) == BOXES_KEPT
    assert plant.packing.earlier.kg == pytest.approx(0.02)
    assert all(abs(error) < 1e-9 for error in plant.balance().values())
