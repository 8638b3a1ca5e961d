"""Blenders by their totals, feeders by their hopper's weight: kilograms that move, lots of them, gaps with bounds."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from gateway.folding.foldstate import State
from gateway.model import Noted, Setting
from gateway.plain import from_plain, to_plain

from .dosing_line import GRAMS, TENTHS, dosing_site
from .small_line import Run, at, made, noted, read, shares


def begun() -> Run:
    run = Run(dosing_site())
    run(Setting("start", at(0), {}))
    return run


def wsb(run: Run, second: float, cycles: int, virgin: int, regrind: int, kind: int = TENTHS, serial: int = 7):
    return run(read(second, "wsb", kind, cycles, virgin, regrind, serial))


def test_totals_make_a_lot_of_what_they_grew_by():
    run = begun()
    assert made(wsb(run, 1, 100, 70_000, 30_000), "blend") == []  # nobody knows what was before
    (blend,) = made(wsb(run, 6, 101, 84_000, 36_000), "blend")
    assert blend.kg == pytest.approx(2.0)
    assert shares(blend) == pytest.approx({"RESIN": 0.7, "OLD": 0.3})
    assert run.kg("press") == pytest.approx(2.0)
    assert noted(run.events, "mass_gap") == []


def test_a_wrap_and_a_new_unit_move_what_was_weighed_and_tell_nothing():
    run = begun()
    wsb(run, 1, 65_535, 2**32 - 4_000, 30_000)
    wsb(run, 6, 0, 10_000, 36_000)  # 1.4 kg and 0.6 kg
    wsb(run, 11, 0, 1_000, 3_600, GRAMS)
    wsb(run, 16, 1, 2_400, 4_200, GRAMS)
    assert run.kg("press") == pytest.approx(4.0, abs=1e-9)
    assert noted(run.events, "mass_gap") == []


def test_what_a_clear_hides_is_told_with_its_bounds():
    run = begun()
    wsb(run, 1, 57, 700_000, 300_000)
    (gap,) = noted(wsb(run, 6, 0, 0, 0), "mass_gap")
    assert gap.facts["reason"] == "cleared"
    assert (gap.facts["low_kg"], gap.facts["kg"]) == (0.0, 0.0)
    assert gap.facts["high_kg"] == pytest.approx(5.0)  # one batch, of the one or the other
    assert [each["from"] for each in gap.facts["components"]] == ["virgin", "regrind"]  # type: ignore[union-attr,index,call-overload]
    wsb(run, 20, 1, 14_000, 6_000)
    assert run.kg("press") == pytest.approx(2.0)


def test_another_controller_is_told_and_its_totals_are_no_doses():
    run = begun()
    wsb(run, 1, 57, 700_000, 300_000)
    (gap,) = noted(wsb(run, 90, 58, 714_000, 306_000, serial=8), "mass_gap")
    assert gap.facts["reason"] == "replaced"
    assert run.kg("press") == 0.0


def test_a_unit_that_nobody_knows_moves_nothing_and_is_told():
    run = begun()
    wsb(run, 1, 57, 700_000, 300_000)
    (unknown,) = noted(wsb(run, 6, 58, 714_000, 306_000, 3), "mass_unknown")
    assert (unknown.facts["unit"], unknown.facts["reason"]) == (3.0, "unit")
    assert wsb(run, 8, 58, 714_000, 306_000, 3) == []  # told once
    wsb(run, 11, 58, 714_000, 306_000)  # read well again: nothing was lost
    assert run.kg("press") == pytest.approx(2.0)


def test_readings_that_were_skipped_lose_nothing():
    run = begun()
    wsb(run, 1, 570, 700_000, 300_000)
    run(read(2, "wsb", TENTHS, 0, 0, 0, 7, bad=(1, 2, 3)))
    wsb(run, 600, 600, 1_120_000, 480_000)
    assert run.kg("press") == pytest.approx(60.0)
    assert noted(run.events, "mass_gap") == []


def test_totals_whose_points_are_scaled_are_counted_as_the_device_does():
    made_for = dosing_site()
    wsb_device = made_for.devices[0]
    group = wsb_device.groups[0]
    scaled = tuple(
        replace(point, uom="kg", field=replace(point.field, scale="0.0001"))
        if "total" in point.name
        else point
        for point in group.points
    )
    device = replace(wsb_device, groups=(replace(group, points=scaled),))
    run = Run(replace(made_for, devices=(device, *made_for.devices[1:])))
    run(Setting("start", at(0), {}))
    run(read(1, "wsb", TENTHS, 100, 7.0, 3.0, 7))
    run(read(6, "wsb", TENTHS, 101, 8.4, 3.6001, 7))
    run(read(11, "wsb", GRAMS, 101, 0.84, 0.36, 7))  # the same numbers of counts mean ten times as much
    run(read(16, "wsb", GRAMS, 102, 0.98, 0.42, 7))
    assert run.kg("press") == pytest.approx(2.0001 + 2.0, abs=1e-9)
    assert noted(run.events, "mass_gap") == []


def belt(run: Run, second: float, total: float) -> list[Noted]:
    return noted(run(read(second, "belt", total)), "mass_gap")


def test_a_belt_that_is_bounded_tells_a_clear_from_a_wrap():
    run = begun()
    for second, total in ((1, 65_530), (3, 65_532), (5, 65_534), (7, 0), (9, 2)):
        assert belt(run, second, total) == []
    (gap,) = belt(run, 10, 0)
    assert gap.facts["reason"] == "cleared"
    assert (gap.facts["low_kg"], gap.facts["high_kg"]) == (0.0, pytest.approx(1.0))
    assert run.kg("virgin") == pytest.approx(1008.0)


def feed(run: Run, seed: int = 1, seconds: int = 400) -> float:
    """A feeder at 36 kg/h with a refill of 12 kg at 200 s; what left its hopper."""
    chance, weight, left = random.Random(seed), 20.0, 0.0
    for second in range(1, seconds):
        weight += 1.0 if 200 <= second < 212 else 0.0
        weight, left = weight - 0.01, left + 0.01
        run(read(second, "feeder", weight + chance.gauss(0.0, 0.002)))
    return left


def test_a_feeder_moves_what_left_its_hopper_and_a_refill_comes_out_of_the_drum():
    run = begun()
    left = feed(run)
    (refilled,) = noted(run.events, "refilled")
    assert refilled.facts["kg"] == pytest.approx(12.0, abs=0.05)
    (gap,) = noted(run.events, "mass_gap")
    assert gap.facts["reason"] == "refill"
    assert gap.facts["low_kg"] < gap.facts["kg"] < gap.facts["high_kg"]  # type: ignore[operator]
    told = run.kg("press")
    assert (
        left - 0.45 < told < left
    )  # the last window is not told yet, nor the weights before the first level
    assert run.kg("drum") == pytest.approx(500.0 - 12.0, abs=0.05)
    assert run.kg("colour") == pytest.approx(20.0 + 12.0 - told, abs=0.05)


def test_a_hopper_that_runs_empty_is_told_once():
    made_for = dosing_site()
    meters = tuple(
        replace(meter, empty_kg=18.5) if meter.name == "feeder" else meter for meter in made_for.meters
    )
    run = Run(replace(made_for, meters=meters))
    run(Setting("start", at(0), {}))
    feed(run, seconds=195)  # to 18 kg
    assert noted(run.events, "feeder_starved") != []
    for second in range(195, 300):
        run(read(second, "feeder", 18.0 - 0.01 * (second - 194)))
    (told,) = noted(run.events, "feeder_starved")
    assert told.facts["kg"] == pytest.approx(18.4, abs=0.3)


def test_a_snapshot_holds_what_meters_were_followed_by():
    run = begun()
    wsb(run, 1, 100, 70_000, 30_000)
    feed(run, seconds=60)
    plain = to_plain(run.state)
    held: State = from_plain(State, json.loads(json.dumps(plain)))
    assert to_plain(held) == plain
    run.state = held
    wsb(run, 66, 101, 84_000, 36_000)
    assert run.kg("press") > 2.0
