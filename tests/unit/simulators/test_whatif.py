"""The what-if plant by itself: kilograms balance; disruptions begin, are found and end; and hours through the fold."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.model import AlarmChanged, Noted, Severity
from gateway.resources import config_dir
from gateway.whatif.scenario import Disruption, Scenario
from simulators.__main__ import main
from simulators.whatif.boxes import SHIP_AFTER_MIN, Boxes
from simulators.whatif.plant import HOPPER_KG, Plant, Wrong
from simulators.whatif.run import Run
from simulators.whatif.script import Played, link_is_down, wrong_at

HOUR_NS = 3_600_000_000_000
BOTH = ("press1", "press2")


def disruption(kind: str, hours: float, until: float, amount: float = 0.0, **other: int) -> Disruption:
    return Disruption(
        kind, round(hours * HOUR_NS), round(until * HOUR_NS), amount, BOTH, other.get("mended_ns")
    )


def phantom(tag: str = "x") -> AlarmChanged:
    return AlarmChanged(0, "a", 1, "active", "phantom_regrind", Severity.ALARM, tag, "blender", "")


def stock(plant: Plant) -> float:
    return plant.silo_kg + plant.bin_kg + sum(press.hopper_kg for press in plant.presses.values())


@pytest.mark.parametrize(
    "wrong", [Wrong(), Wrong(poured_kg=0.1), Wrong(rejects=10.0)], ids=["good", "poured", "bad"]
)
def test_no_kilogram_comes_from_nowhere(wrong: Wrong) -> None:
    plant = Plant(1)
    before, made = stock(plant), 0.0
    for _ in range(600):
        good = {name: press.good for name, press in plant.presses.items()}
        plant.step(wrong)
        made += sum((press.good - good[name]) * press.part_g / 1000 for name, press in plant.presses.items())
    assert stock(plant) + made + plant.lost_kg == pytest.approx(before + plant.received_kg, abs=1e-6)
    assert all(0.0 <= press.hopper_kg <= HOPPER_KG + 1e-9 for press in plant.presses.values())


def test_a_scale_that_gains_shows_more_than_it_dosed() -> None:
    plant = Plant(1)
    for _ in range(10):
        plant.step(Wrong())
    bin_kg, silo_kg, hoppers = plant.bin_kg, plant.silo_kg, dict(plant.presses)
    count = plant.cycles
    while plant.cycles == count:
        bin_kg, silo_kg = plant.bin_kg, plant.silo_kg
        plant.step(Wrong(gain=1.1, down=BOTH))
        for press in hoppers.values():
            press.hopper_kg = min(press.hopper_kg, HOPPER_KG - 6)
    assert silo_kg - plant.silo_kg == pytest.approx(plant.virgin_shown / 1.1, abs=0.001)
    assert bin_kg - plant.bin_kg == pytest.approx(plant.regrind_shown / 1.1, abs=0.001)


def test_a_late_truck_comes_once_with_all_it_owes() -> None:
    plant = Plant(1)
    for minute in range(1, 9 * 60):
        plant.step(Wrong(truck_late=minute < 8 * 60 + 30, down=BOTH))
        if minute == 8 * 60 + 29:
            assert plant.received_kg == 0.0
    assert plant.received_kg == 2_800.0


def test_after_the_dark_a_press_makes_rejects_and_lumps() -> None:
    plant = Plant(1)
    plant.step(Wrong(dark=True))
    assert all(press.shots == 0 for press in plant.presses.values())
    for _ in range(5):
        plant.step(Wrong())
    ground = plant.ground_kg
    assert plant.lost_kg > 5.0
    assert ground == 0.0
    for _ in range(10):
        plant.step(Wrong())
    assert plant.ground_kg > ground
    assert all(press.good == 0 for press in plant.presses.values())
    plant.step(Wrong())
    assert all(press.good > 0 for press in plant.presses.values())


def test_a_disruption_is_over_some_time_after_it_was_found() -> None:
    played = Played(disruption("undeclared_regrind", 1, 100, 6.0, mended_ns=2 * HOUR_NS))
    assert not played.on(HOUR_NS - 1)
    assert played.on(HOUR_NS)
    played.hear(phantom(), HOUR_NS - 1)
    assert played.found_ns is None
    played.hear(phantom(), 10 * HOUR_NS)
    played.hear(phantom(), 20 * HOUR_NS)
    assert (played.found_ns, played.by) == (10 * HOUR_NS, "phantom_regrind")
    assert played.on(12 * HOUR_NS - 1)
    assert not played.on(12 * HOUR_NS)


def test_what_does_not_fit_finds_nothing() -> None:
    late, down = Played(disruption("late_resin", 1, 9)), Played(disruption("press_down", 1, 9))
    for played in (late, down):
        played.hear(phantom(), 2 * HOUR_NS)
        played.hear(Noted(0, "gap", "gw1", Severity.WARNING, {}), 2 * HOUR_NS)
        assert played.found_ns is None


def test_disruptions_add_up() -> None:
    rows = [Played(disruption("scale_drift", 0, 99, 1.0)), Played(disruption("less_capacity", 0, 99, 20.0))]
    rows.append(Played(disruption("link_down", 24, 25)))
    wrong = wrong_at(rows, 24 * HOUR_NS)
    assert wrong.gain == pytest.approx(1.01)
    assert wrong.slower == {"press1": 1.2, "press2": 1.2}
    assert link_is_down(rows, 24 * HOUR_NS)
    assert not link_is_down(rows, 25 * HOUR_NS)


def test_a_held_box_stays_and_its_order_is_late() -> None:
    plant = Plant(1)
    boxes, codes = Boxes(plant), list[tuple[str, str]]()
    for minute in range(1, 400):
        plant.step(Wrong())
        codes += boxes.scans(minute, {"BOX00001"})
    assert ("box_press1", "BOX00001") in codes
    assert ("box_packing", "BOX00001") in codes
    assert ("gate_out", "BOX00001") not in codes
    assert ("gate_out", "BOX00002") in codes
    assert boxes.late(1440) == (0, 0)
    assert boxes.late(1440 + SHIP_AFTER_MIN) == (62, 62 - len(boxes.shipped))


@pytest.mark.long
def test_hours_of_power_cut_and_dead_link_through_the_fold() -> None:
    rows = (
        disruption("link_down", 0.5, 1.5),
        disruption("press_down", 0.75, 1.0),
        disruption("power_cut", 1.6, 1.8),
    )
    outcome = Run(Scenario("x", "", 2 / 24, 1, rows)).play()
    link, press, power = (dict(each) for each in outcome["found"])  # type: ignore[union-attr,arg-type]
    assert link["seconds"] is None
    assert press["seconds"] == 0.0
    assert press["by"] == "limit_L"
    assert power["seconds"] == pytest.approx(0.2 * 3600, abs=61)
    assert outcome["unwatched_s"] == pytest.approx(0.2 * 3600, abs=61)
    alarms = outcome["alarms"]
    assert isinstance(alarms, dict)
    assert alarms["limit_L"] == 2
    assert outcome["alarms_told_late"] == 2
    assert outcome["latest_s"] == pytest.approx(0.75 * 3600, abs=61)
    assert outcome["waiting"] == 0
    assert 60 * 4 + 12 <= int(str(outcome["waited_most"])) <= 60 * 4 + 12 + 10  # readings; scans and alarms


@pytest.mark.long
def test_a_good_day_leaves_the_books_nothing_to_guess() -> None:
    outcome = Run(Scenario("x", "", 0.15, 1, ())).play()
    assert outcome["doubts"] == {}
    assert outcome["boxes_shipped"] == 4


@pytest.mark.long
def test_the_same_seed_is_the_same_outcome() -> None:
    once, again, other = (Run(Scenario("x", "", 0.05, seed, ())).play() for seed in (1, 1, 2))
    assert once == again
    assert other != once


def test_the_worker_prints_a_line_a_file() -> None:
    quiet = str(config_dir() / "scenarios" / "quiet.yaml")
    done = CliRunner().invoke(main, ["simulate", quiet, "--days", "0.04", "--seed", "7"])
    assert done.exit_code == 0
    told = json.loads(done.output)
    assert (told["scenario"], told["days"], told["seed"]) == ("quiet", 0.04, 7)


def test_the_worker_says_what_is_wrong_with_a_file() -> None:
    done = CliRunner().invoke(main, ["simulate", "/nowhere/x.yaml"])
    assert done.exit_code == 78
    assert "/nowhere/x.yaml:1:1" in done.output
