"""Counts, totals and scans become lots; what was missed, cleared, bad or short is told and never moves in silence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.folding.foldstate import State
from gateway.genealogy import EXACT, check
from gateway.mass import MassState, boxes
from gateway.model import LotMade, Setting, Severity, Tick
from gateway.plain import from_plain, to_plain

from .small_line import LINE, Run, at, entry, made, noted, read, scan, shares, site

BAG = "]C10109506000134352310300400010BAG7"  # 4 kg
BAG_LOT = "09506000134352:BAG7"


def begun(**options) -> Run:
    run = Run(site(**options))
    run(Setting("start", at(0), {}))
    run(
        read(1, "blender", 0, 0, 0), read(1, "press", 0, 0, 0, 0), read(1, "mill", 0), read(1, "silo", 0, 0.1)
    )
    return run


def batch(run: Run, seconds: float, cycle: int, virgin: float = 3.0, regrind: float = 1.0):
    return run(read(seconds, "blender", cycle, virgin, regrind))


def shot(run: Run, seconds: float, number: int, good: int, grams: float = 1000.0):
    """A shot of 1 kg, of which 4 parts are 200 g each, just before it is read; the blender is read after it."""
    last = run.mass.meters["press"]
    told = run(read(seconds - 0.1, "press", last.count, 1000.0, 200.0, last.good))
    told += run(read(seconds, "press", number, grams, 200.0, good))
    cycles = run.mass.meters["blender"].count
    return told + run(read(seconds + 0.05, "blender", cycles, 3.0, 1.0))


def test_a_start_tells_what_is_in_the_vessels():
    run = Run(site())
    told = run(Setting("start", at(0), {}))
    assert {lot.lot: lot.kg for lot in made(told, "material")} == {
        "RESIN-1": 100.0, "RESIN-0": 10.0, "OLD": 50.0, "FEED": 20.0,
    }  # fmt: skip
    (regrind,) = made(told, "regrind")
    assert (regrind.inputs[0].lot, regrind.ground, regrind.composition.passes[0][1]) == ("OLD", True, 1.0)
    assert run(Setting("start", at(9), {})) == []  # another run goes on with what is there


def test_a_batch_is_a_lot_of_its_doses_and_fills_what_calls_for_it():
    run = begun()
    (blend,) = made(batch(run, 2, 1), "blend")
    assert blend.kg == pytest.approx(4.0)
    assert shares(blend) == pytest.approx({"RESIN-0": 0.75, "OLD": 0.25})
    assert 1 - blend.composition.passes[0][0] == pytest.approx(0.25)
    assert run.kg("feed") == pytest.approx(24.0)
    assert run.kg("hopper") == pytest.approx(7.0)
    batch(run, 4, 2)
    assert (run.kg("hopper"), run.kg("silo")) == pytest.approx((7.0, 97.0))  # filled up before the second


@pytest.mark.parametrize("box", ["", "B1"], ids=["no-box-scanned", "box-never-changed"])
def test_a_product_that_nobody_scans_for_long_keeps_few_lots_and_every_gram(box, monkeypatch):
    """Its oldest parts go on as one lot: what is remembered stays small, what is traced stays whole."""
    monkeypatch.setattr(boxes, "MOST_PARCELS", 10)
    run = begun(mixing="fifo")
    if box:
        run(scan(1.5, "box", box))
    charges, cycles = [], 160
    for cycle in range(1, cycles + 1):
        told = batch(run, 2 * cycle, cycle, 0.8, 0.2) + shot(run, 2 * cycle + 1, cycle, 4 * cycle)
        charges += made(told, "charge")
    assert charges
    product = run.mass.products[f"{LINE}/press"][box]
    assert len(product.every()) < 60
    assert len(run.mass.vectors) < cycles
    run(scan(2 * cycles + 2, "box", "B2"))
    (whole,) = made(shot(run, 2 * cycles + 4, cycles + 1, 4 * cycles + 4), "box" if box else "batch")
    assert whole.kg == pytest.approx(0.8 * cycles)
    assert sum(shares(whole).values()) == pytest.approx(1.0)
    assert {each.lot for each in charges} & {each.lot for each in whole.inputs}


def test_shots_fill_the_box_that_was_scanned_and_the_rest_goes_to_be_ground():
    run = begun()
    run(scan(2, "box", "B1"))
    shot(run, 3, 1, 4)
    shot(run, 4, 2, 4)  # all four are rejected
    run(scan(5, "box", "B2"))
    (box,) = made(shot(run, 6, 3, 8), "box")
    assert (box.lot, box.kg, box.time_ns) == ("B1", pytest.approx(0.8), at(5).time_ns)
    assert shares(box) == {"FEED": 1.0}
    assert run.kg("scrap") == pytest.approx(0.2 + 1.0 + 0.2)
    ground = [*run(read(7, "mill", 1)), *batch(run, 8, 1)]
    (regrind,) = made(ground, "regrind")
    assert (regrind.kg, regrind.inputs[0].kg) == pytest.approx((1.0, 1.0 / 0.9))  # a tenth is dust
    assert regrind.composition.passes[0][:2] == (0.0, 1.0)


def test_a_box_changed_between_two_polls_is_unsure_by_half_a_shot():
    run = begun()
    run(scan(2, "box", "B1"))
    shot(run, 3, 1, 4)
    run(scan(3.6, "box", "B2"))
    told = run(read(4, "press", 2, 1000.0, 200.0, 8))  # after 3, before 4: mostly under B1
    told += run(read(4.05, "blender", 0, 0, 0))
    (box,) = made(told, "box")
    assert (box.kg, box.sigma_kg) == (pytest.approx(1.6), pytest.approx(0.4, rel=1e-2))
    shot(run, 5, 3, 12)
    run(scan(6, "box", "B3"))
    (other,) = made(shot(run, 7, 4, 16), "box")
    assert (other.lot, other.kg) == ("B2", pytest.approx(0.8))
    assert other.sigma_kg == pytest.approx(0.4, rel=1e-2)  # it may have got the shot before as well


def test_a_late_scan_cuts_the_box_where_it_was_changed():
    run = begun()
    run(scan(2, "box", "B1"))
    for number in range(1, 41):
        shot(run, 3 + number, number, 4 * number)
    run(scan(38.5, "box", "B2"))  # told late: five shots are in the wrong box
    (box,) = made(run(read(46, "press", 40, 1000.0, 200.0, 160)), "box")
    assert (box.lot, box.kg, box.time_ns) == ("B1", pytest.approx(35 * 0.8), at(38.5).time_ns)
    run(scan(47, "box", "B3"))
    (other,) = made(run(read(48, "press", 40, 1000.0, 200.0, 160)), "box")
    assert (other.lot, other.kg) == ("B2", pytest.approx(5 * 0.8))
    (late,) = noted(run(scan(20, "box", "B0")), "scan_too_late")
    assert late.subject == "B0"


def test_a_late_scan_from_long_ago_is_as_sure_as_what_is_remembered():
    run = begun()
    run(scan(2, "box", "B1"))
    for number in range(1, 101):
        shot(run, 3 + number, number, 4 * number)
    run(scan(30.5, "box", "B2"))
    (box,) = made(run(read(120, "press", 100, 1000.0, 200.0, 400)), "box")
    assert box.kg + 3 * box.sigma_kg >= 27 * 0.8 >= box.kg - 3 * box.sigma_kg
    run(scan(121, "box", "B3"))
    (other,) = made(run(read(122, "press", 100, 1000.0, 200.0, 400)), "box")
    assert box.kg + other.kg == pytest.approx(80.0)


def test_a_counter_that_jumped_moves_what_was_missed_as_a_guess():
    run = begun()
    told = batch(run, 2, 3)
    (guess,) = noted(told, "mass_estimated")
    assert (guess.facts["guessed"], guess.facts["kg"], guess.facts["reason"]) == (2, 8.0, "missed")
    (blend,) = made(told, "blend")
    assert blend.kg == pytest.approx(12.0)
    assert blend.sigma_kg > 0.25 * 6.0


def test_nothing_moves_on_bad_data_and_the_gap_is_told():
    run = begun()
    batch(run, 2, 1)
    before = {name: content.kg for name, content in run.mass.vessels.items()}
    assert made(run(read(3, "blender", 2, 3.0, 1.0, bad=(0,))), "blend") == []
    assert {name: content.kg for name, content in run.mass.vessels.items()} == before
    told = run(read(4, "blender", 2, 3.0, 1.0, bad=(1, 2)))  # counted, and its doses were not read
    (guess,) = noted(told, "mass_estimated")
    assert (guess.facts["reason"], guess.facts["from_ns"]) == ("figures not read", at(2).time_ns)
    assert made(told, "blend")[0].kg == pytest.approx(4.0)
    assert noted(batch(run, 5, 3), "mass_estimated") == []


def test_a_cleared_count_is_told_and_a_wrapped_one_is_not():
    run = begun()
    batch(run, 2, 65_530)
    run.events.clear()
    told = batch(run, 3, 2)
    assert noted(told, "count_cleared") == []
    (guess,) = noted(told, "mass_estimated")
    assert guess.facts["cycles"] == 8
    (cleared,) = noted(batch(run, 4, 1), "count_cleared")
    assert (cleared.facts["before"], cleared.facts["after"], cleared.severity) == (2.0, 1.0, Severity.WARNING)


def test_what_is_not_there_comes_from_an_unknown_source():
    run = begun(hopper_from_silo=False)
    told = batch(run, 2, 1, virgin=13.0)
    (short,) = noted(told, "vessel_short")
    assert (short.subject, short.facts["kg"], short.facts["held_kg"]) == ("hopper", pytest.approx(3.0), 10.0)
    (blend,) = made(told, "blend")
    assert shares(blend)[str(short.facts["lot"])] == pytest.approx(3.0 / 14.0)


def test_a_bag_waits_for_the_blender_and_its_code_says_its_mass():
    run = begun()
    assert {lot.lot: lot.kg for lot in made(run(scan(2, "bag", BAG)), "material")} == {BAG_LOT: 4.0}
    assert run.kg("hopper") == 10.0
    run(read(3, "blender", 0, 0, 0))
    assert run.kg("hopper") == 14.0
    assert noted(run(scan(6, "bag", BAG)), "bag_repeated") == []  # the next bag of the same lot
    assert noted(run(scan(7, "bag", BAG)), "bag_repeated") != []  # the same bag twice
    (none,) = noted(run(scan(8, "bag", "PLAIN")), "mass_unknown")
    assert none.subject == "PLAIN"


def test_a_truck_is_a_lot_of_its_own_or_the_one_that_was_scanned():
    run = begun()
    run(read(2, "silo", 5, 0.105), read(3, "silo", 15, 0.115))
    (truck,) = made(run(read(80, "silo", 15, 0.115)), "material")
    assert (truck.kg, truck.facts["unknown"]) == (15.0, "fill")
    assert run.kg("silo") == pytest.approx(115.0)
    run(scan(90, "delivery", "TRUCK-9"), read(91, "silo", 35, 0.135))
    (named,) = made(run(read(200, "silo", 35, 0.135)), "material")
    assert (named.lot, named.kg) == ("TRUCK-9", 20.0)


def test_a_level_that_says_something_else_is_told_once():
    run = begun()
    (off,) = noted(run(read(2, "silo", 0, 0.110)), "level_differs")
    assert (off.facts["level_kg"], off.facts["held_kg"]) == (pytest.approx(110.0), 100.0)
    assert noted(run(read(3, "silo", 0, 0.110)), "level_differs") == []
    assert noted(run(read(4, "silo", 0, 0.100)), "level_agrees") != []


def test_boxes_are_weighed_stacked_and_shipped():
    run = begun()
    run(scan(2, "box", "B1"))
    shot(run, 3, 1, 4)
    run(scan(4, "box", "B2"))
    shot(run, 5, 2, 8)
    run(scan(6, "pallet", "P1"), scan(6, "weigh", "B1"), read(7, "scale", 1.79), read(8, "scale", 1.81))
    told = run(scan(9, "stack", "B1"), read(10, "scale", 0.0))
    (weighed,) = noted(told, "lot_weighed")
    assert (weighed.subject, weighed.facts["off_kg"]) == ("B1", pytest.approx(0.01))
    run(scan(11, "box", "B3"), scan(11, "weigh", "B2"), read(12, "scale", 2.5))
    (differs,) = noted(run(scan(13, "stack", "B2"), read(14, "scale", 0.0)), "weight_differs")
    assert differs.facts["off_kg"] == pytest.approx(0.7)
    told = run(scan(20, "gate", "P1"))
    (pallet,), (shipment,) = made(told, "pallet"), made(told, "shipment")
    assert (pallet.lot, pallet.kg, pallet.aggregated) == ("P1", pytest.approx(1.6), True)
    assert [each.lot for each in pallet.inputs] == ["B1", "B2"]
    assert [each.lot for each in shipment.inputs] == ["P1"]
    assert not run.mass.whole
    assert noted(run(scan(21, "gate", "NEVER")), "lot_not_made") != []


def test_what_is_stacked_where_no_pallet_is_open_begins_one():
    run = begun()
    run(scan(2, "box", "B1"))
    shot(run, 3, 1, 4)
    (told,) = noted(run(scan(4, "stack", "B1")), "pack_not_open")
    (pallet,) = made(run(scan(5, "pallet", "P2")), "pallet")
    assert pallet.lot == told.facts["lot"]


def test_parts_without_a_box_are_a_batch():
    run = begun()
    shot(run, 3, 1, 4)
    run(scan(4, "box", "B1"))
    (loose,) = made(shot(run, 5, 2, 8), "batch")
    assert (loose.kg, loose.lot.startswith("plant:press:")) == (pytest.approx(0.8), True)


def test_a_vessel_of_unknown_mixing_gives_an_interval():
    run = begun(mixing="unknown")
    batch(run, 2, 1)
    run(scan(2, "box", "B1"))
    shot(run, 3, 1, 4)
    run(scan(4, "box", "B2"))
    (box,) = made(shot(run, 5, 2, 8), "box")
    fifo, mixed = (shares(box, row) for row in (0, 1))
    assert fifo == pytest.approx({**dict.fromkeys(fifo, 0.0), "FEED": 1.0})
    assert mixed["FEED"] == pytest.approx(20.0 / 24.0)
    for row in box.composition.passes:
        assert sum(row) == pytest.approx(1.0, abs=1e-12)


def test_a_stocktake_scales_what_is_there_and_names_the_difference():
    run = begun()
    told = run(entry(2, "stocktake", vessel="bin", kg=45.0, sigma_kg=0.5))
    (count,), (loss,) = noted(told, "stocktake"), made(told, "loss")
    assert (count.facts["off_kg"], count.facts["lot"], count.severity) == (-5.0, loss.lot, Severity.WARNING)
    assert (loss.kg, run.kg("bin")) == pytest.approx((5.0, 45.0))
    told = run(entry(3, "stocktake", vessel="silo", kg=101.0, sigma_kg=1.0))
    (gain,) = made(told, "material")
    assert (gain.kg, gain.facts["unknown"], noted(told, "stocktake")[0].severity) == (1.0, "stocktake", 0)
    for body in (
        {"vessel": "tank", "kg": 1.0},
        {"vessel": "bin", "kg": -1.0},
        {"vessel": "bin", "kg": "much"},
    ):
        assert noted(run(entry(4, "stocktake", **body)), "stocktake_refused") != []


def test_lots_made_by_hand():
    run = begun()
    run(entry(2, "make", lot="R1", kg=25.0, recycled=0.3), entry(2, "make", lot="R2", kg=75.0))
    told = run(entry(3, "make", lot="MIX", kind="blend", kg=40.0, sigma_kg=0.1, part="cap",
                     inputs=[{"lot": "R1", "kg": 10.0}, {"lot": "R2", "kg": 30.0, "sigma_kg": 0.1}]))  # fmt: skip
    (mix,) = made(told, "blend")
    assert shares(mix) == pytest.approx({"R1": 0.25, "R2": 0.75})
    assert (mix.composition.recycled, mix.facts["part"]) == (pytest.approx((0.075,)), "cap")
    assert run.mass.whole["R2"].kg == pytest.approx(45.0)
    refused = {
        "there is such a lot": {"lot": "R1", "kg": 1.0},
        "not above 0": {"lot": "X", "kg": 0.0},
        "kind is one of": {"lot": "X", "kg": 1.0, "kind": "soup"},
        "not a lot that is there": {"lot": "X", "kg": 1.0, "inputs": [{"lot": "NONE", "kg": 1.0}]},
        "of which there are": {"lot": "X", "kg": 1.0, "inputs": [{"lot": "R2", "kg": 99.0}]},
        "twice": {"lot": "X", "kg": 1.0, "inputs": [{"lot": "R2", "kg": 1.0}, {"lot": "R2", "kg": 1.0}]},
        "inputs is not": {"lot": "X", "kg": 1.0, "inputs": "R2"},
        "share": {"lot": "X", "kg": 1.0, "recycled": 3.0},
    }
    for why, body in refused.items():
        (no,) = noted(run(entry(4, "make", **body)), "make_refused")
        assert why in str(no.facts["reason"])
    assert run.mass.whole["R2"].kg == pytest.approx(45.0)


def test_a_lot_of_our_own_goes_into_a_vessel_by_its_scan():
    run = begun()
    run(entry(2, "make", lot="MIX", kg=6.0), scan(3, "bag", "MIX"), read(4, "blender", 0, 0, 0))
    assert run.kg("hopper") == pytest.approx(16.0)
    assert "MIX" not in run.mass.whole


def test_a_restart_loses_nothing_and_a_snapshot_is_the_state():
    run = begun()
    run(scan(2, "box", "B1"), scan(2, "bag", BAG))
    shot(run, 3, 1, 4)
    plain = json.loads(json.dumps(to_plain(run.state)))
    again = Run(site())
    again.state = from_plain(State, plain)
    more = (
        Setting("start", at(50), {"stopped_ns": at(4).time_ns}), read(51, "press", 3, 1000.0, 200.0, 12),
        read(51.05, "blender", 1, 3.0, 1.0), scan(52, "box", "B2"), read(53, "press", 3, 1000.0, 200.0, 12),
    )  # fmt: skip
    one, other = run(*more), again(*more)
    assert to_plain(one) == to_plain(other)
    assert to_plain(run.mass) == to_plain(again.mass)
    (guess,) = noted(one, "mass_estimated")
    assert guess.facts["guessed"] == 1
    (box,) = made(one, "box")
    assert box.kg == pytest.approx(2.4)
    assert isinstance(run.mass, MassState)


@pytest.mark.long
def test_no_lot_stays_that_nothing_holds():
    run = begun()
    for number in range(1, 400):
        batch(run, 2 + number, number, 0.3, 0.1)
        run(read(2 + number + 0.5, "press", number, 400.0, 100.0, 4 * number))
        if number % 5 == 0:
            run(scan(2 + number + 0.6, "box", f"B{number}"), scan(2 + number + 0.7, "gate", f"B{number - 5}"))
    assert len(run.mass.vectors) < 200
    for lot in (event for event in run.events if isinstance(event, LotMade)):
        assert check(lot.composition) <= EXACT
    assert sum(lot.kg for lot in made(run.events, "box")) == pytest.approx(0.4 * 399, abs=4.0)
    assert {event.subject for event in noted(run.events, "vessel_short")} == {
        "hopper"
    }  # the silo is empty by then


def test_shares_that_do_not_sum_to_one_are_an_alarm():
    run = begun()
    vector = run.mass.vectors["RESIN-0"]
    broken = type(vector)(vector.sources, vector.table * (1 + 1e-9))
    mass = replace(run.mass, vectors={**run.mass.vectors, "RESIN-0": broken})
    run.state = replace(run.state, mass=mass)
    told = batch(run, 2, 1)
    assert [event.kind for event in told if type(event).__name__ == "AlarmChanged"] == ["mass_sum"]


def test_a_site_without_meters_pays_nothing():
    bare = replace(site(), vessels=(), meters=(), scan_points=site().scan_points[2:3])
    run = Run(bare)
    run(Setting("start", at(0), {}), scan(1, "box", "B1"), read(2, "press", 1, 1.0, 1.0, 1), Tick(at(3)))
    assert to_plain(run.mass) == to_plain(MassState())


def test_a_clock_that_is_set_back_stops_nothing():
    run = begun()
    run(scan(20, "box", "B1"))
    shot(run, 30, 1, 4)
    back = Setting("clock", at(10), {})
    run(back)
    (box,) = [
        lot
        for lot in made([*shot(run, 11, 2, 8), *run(scan(12, "box", "B2")), *shot(run, 13, 3, 12)], "box")
        if lot.lot == "B1"
    ]
    assert box.kg == pytest.approx(1.6)


def test_where_nothing_is_packed_finished_boxes_are_not_kept():
    plain = replace(
        site(), scan_points=tuple(p for p in site().scan_points if not (p.ships or p.into == "pallet"))
    )
    run = Run(plain)
    run(Setting("start", at(0), {}), read(1, "press", 0, 0, 0, 0))
    for number in range(1, 60):
        run(
            scan(2 * number, "box", f"B{number}"),
            read(2 * number + 1, "press", number, 100.0, 25.0, 4 * number),
        )
    assert len(run.mass.whole) == 32
    assert noted(run.events, "lot_forgotten") == []
