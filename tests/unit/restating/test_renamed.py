"""Kilograms that are of another lot: in layers, in heaps, on their way; each goes over once, the newest first."""

from __future__ import annotations

import math

import pytest

from gateway.genealogy import source, to_composition
from gateway.mass.contents import Content, Layer
from gateway.mass.heaps import Parcel, mass
from gateway.mass.reach import reach
from gateway.mass.renamed import renamed, settled
from gateway.mass.values import Bought, MassState, MeterState, Pending, Waiting
from gateway.model import LotMade, Plain
from gateway.site import Bus, Dose, Flow, Meter, ScanPoint, Site, Vessel

LAYERS = Content(layers=(Layer((Parcel("A", 4.0),)), Layer((Parcel("B", 3.0),)), Layer((Parcel("A", 2.0),))))
BOTH = Content(
    heap=(Parcel("A", 5.0, mixing="mixed"),), layers=(Layer((Parcel("A", 5.0, 1.0, mixing="fifo"),)),)
)


def lots(content: Content) -> list[tuple[str, float]]:
    return [(parcel.lot, parcel.kg) for layer in content.layers for parcel in layer.heap]


def test_the_newest_layers_go_over_first():
    state, kg = renamed(MassState({"hopper": LAYERS}), "A", "X", 3.0, ["hopper"])
    assert kg == 3.0
    assert sorted(lots(state.vessels["hopper"])) == [("A", 3.0), ("B", 3.0), ("X", 1.0), ("X", 2.0)]
    assert mass(state.vessels["hopper"].layers[0].heap) == 4.0
    assert "X" in state.vectors


def test_a_vessel_that_is_solved_both_ways_goes_over_in_both():
    state, kg = renamed(MassState({"silo": BOTH}), "A", "X", 2.0, ["silo"])
    content = state.vessels["silo"]
    assert kg == 2.0
    assert [(each.lot, each.kg, each.mixing) for each in content.heap] == [
        ("X", 2.0, "mixed"),
        ("A", 3.0, "mixed"),
    ]
    assert [(each.lot, each.kg, each.var) for each in content.layers[0].heap] == [
        ("X", 2.0, 0.4),
        ("A", 3.0, 0.6),
    ]


def test_what_waits_and_what_is_on_its_way_goes_over_too():
    waiting = (Waiting("hopper", (Parcel("A", 10.0),), 1),)
    meters = {"belt": MeterState(pending=Pending("A", (Parcel("A", 1.0),)))}
    state, kg = renamed(MassState(meters=meters, waiting=waiting), "A", "X", math.inf, [])
    assert kg == math.inf
    assert state.waiting[0].heap == (Parcel("X", 10.0),)
    assert state.meters["belt"].pending == Pending("X", (Parcel("X", 1.0),))


def test_nothing_of_the_lot_changes_nothing():
    state = MassState({"hopper": LAYERS})
    assert renamed(state, "Z", "X", 3.0, ["hopper"]) == (state, 0.0)


def test_what_was_used_before_its_scan_leaves_the_vessel_and_is_counted_off():
    facts: dict[str, Plain] = {"instead": "B", "moved_kg": 2.0}
    made = LotMade(
        1,
        "U",
        "material",
        "c",
        0.0,
        0.0,
        (),
        to_composition(source("U")),
        version=2,
        reason="late_scan",
        facts=facts,
    )
    state = settled(MassState({"hopper": LAYERS}, bought={"U": Bought(2.0, 1, 1)}), made)
    assert ("B", 1.0) in lots(state.vessels["hopper"])
    assert (state.bought["U"].kg, state.bought["U"].version) == (0.0, 2)


def test_where_material_of_a_scan_point_gets_to():
    point = ScanPoint("bags", "a/l/mix", "open", "material", into="hopper")
    vessels = (
        Vessel("hopper", "a/l/mix", "hopper", "fifo"),
        Vessel("dryer", "a/l/dry", "dryer", "mixed", keeps_kg=5.0, source="hopper"),
        Vessel("mill", "a/l/mill", "bin", "mixed"),
        Vessel("other", "a/l/other", "bin", "mixed"),
    )
    meters = (
        Meter("press", "a/l/press", "shots", "g", "t", source="dryer", rest="mill"),
        Meter("blend", "a/l/blend", "batch", "g", "t", doses=(Dose("d", "mill"),)),
        Meter("truck", "a/l/other", "totalizer", "g", "t", targets=("other",)),
    )
    site = Site(
        "s",
        "g",
        (Bus("b", "d", "h:1"),),
        (),
        (point,),
        flows=(Flow("a/l/mix", "a/l/pack"),),
        vessels=vessels,
        meters=meters,
    )
    found = reach(site, point)
    assert found.vessels == ("hopper", "dryer", "mill")
    assert set(found.cells) == {"a/l/mix", "a/l/pack", "a/l/dry", "a/l/press", "a/l/mill", "a/l/blend"}
    assert reach(site, ScanPoint("truck", "a/l/other", "open", "material")).vessels == ("other",)


@pytest.mark.parametrize("kg", [0.0, -1.0])
def test_no_kilograms_move_nothing(kg: float):
    state = MassState({"hopper": LAYERS})
    assert renamed(state, "A", "X", kg, ["hopper"])[0] is state
