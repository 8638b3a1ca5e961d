"""The mass balance's laws on drawn histories: every kilogram is in one place, replay is exact, shares sum to one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.folding.foldstate import State
from gateway.genealogy import EXACT, check
from gateway.mass import MassState
from gateway.mass.heaps import mass
from gateway.model import LotMade, Setting
from gateway.plain import from_plain, to_plain

from .small_line import Run, at, entry, read, scan, site

SITES = {mixing: site(mixing=mixing) for mixing in ("fifo", "mixed", "unknown")}
ACTS = st.sampled_from(
    ["batch", "batch", "shot", "shot", "shot", "mill", "truck", "bag", "box", "ship", "count", "make"]
)
FEWER = settings(max_examples=settings().max_examples // 4)


@st.composite
def histories(draw):
    """Inputs of a line whose counts grow, jump, fall and are not read; scans come late now and then."""
    now, cycles, shots, good, ground, filled, boxes = 2.0, 0, 0, 0, 0, 0, 0
    inputs = [Setting("start", at(0), {}), read(1, "blender", 0, 0, 0), read(1, "press", 0, 0, 0, 0)]
    inputs += [read(1, "mill", 0), read(1, "silo", 0, 0.1)]
    for _ in range(draw(st.integers(1, 30))):
        now += draw(st.sampled_from([0.5, 1.0, 3.0, 70.0]))
        bad = draw(st.sampled_from([(), (), (), (0,), (1,)]))
        match draw(ACTS):
            case "batch":
                cycles = draw(st.sampled_from([cycles + 1, cycles + 1, cycles + 3, 0]))
                doses = draw(st.floats(0.0, 9.0)), draw(st.floats(0.0, 4.0))
                inputs.append(read(now, "blender", cycles, *doses, bad=bad))
            case "shot":
                more = draw(st.sampled_from([1, 1, 2]))
                shots, good = shots + more, good + draw(st.sampled_from([0, 4 * more]))
                inputs.append(
                    read(now, "press", shots, 1000.0, draw(st.sampled_from([200.0, 260.0])), good, bad=bad)
                )
            case "mill":
                ground += draw(st.sampled_from([0, 1, 5]))
                inputs.append(read(now, "mill", ground))
            case "truck":
                filled += draw(st.sampled_from([0, 7]))
                inputs.append(read(now, "silo", filled, 0.1))
            case "bag":
                inputs.append(scan(now, "bag", f"]C1010950600013435231030040001{boxes % 3}"))
            case "box":
                boxes += 1
                late = draw(st.sampled_from([0.0, 0.0, 0.4, 20.0]))
                inputs.append(scan(max(now - late, 1.5), "box", f"B{boxes}"))
            case "ship":
                where = draw(st.sampled_from(["weigh", "stack", "gate", "pallet"]))
                inputs.append(scan(now, where, "P1" if where == "pallet" else f"B{max(boxes - 1, 0)}"))
            case "count":
                inputs.append(
                    entry(now, "stocktake", vessel="bin", kg=draw(st.floats(0.0, 60.0)), sigma_kg=0.1)
                )
            case "make":
                inputs.append(entry(now, "make", lot=f"M{boxes}", kg=5.0))
    return inputs


def held(state: MassState) -> float:
    """Kilograms that are somewhere on the site."""
    kg = sum(content.kg for content in state.vessels.values())
    kg += sum(mass(each.heap) for each in state.waiting)
    kg += sum(mass(product.every()) for lots in state.products.values() for product in lots.values())
    kg += sum(mass(product.heap) for _, product in state.packs.values())
    kg += sum(lot.kg for lot in state.whole.values())
    return kg + sum(mass(meter.pending.heap) for meter in state.meters.values() if meter.pending is not None)


@pytest.mark.long
@FEWER
@given(histories(), st.sampled_from(sorted(SITES)))
def test_every_kilogram_is_in_one_place(history, mixing):
    run = Run(SITES[mixing])
    run(*history)
    made = {(event.lot, event.version): event for event in run.events if isinstance(event, LotMade)}
    newest = {lot: event for (lot, _), event in sorted(made.items(), key=lambda item: item[0][1])}
    brought = sum(lot.kg for lot in newest.values() if not lot.inputs)
    gone = sum(lot.kg for lot in newest.values() if lot.kind in {"shipment", "loss"})
    ground = [lot for lot in newest.values() if lot.kind == "regrind" and lot.ground]
    dust = sum(sum(each.kg for each in lot.inputs if each.mixing != "mixed") - lot.kg for lot in ground)
    assert held(run.mass) + gone + dust == pytest.approx(brought, abs=1e-5)
    for lot in newest.values():
        assert check(lot.composition) <= EXACT
        assert lot.kg >= 0.0
        assert all(each.kg >= 0.0 for each in lot.inputs)


@pytest.mark.long
@FEWER
@given(histories(), st.data())
def test_a_snapshot_anywhere_and_the_rest_give_the_same(history, data):
    cut = data.draw(st.integers(0, len(history)))
    whole, first = Run(SITES["mixed"]), Run(SITES["mixed"])
    whole(*history)
    first(*history[:cut])
    again = Run(SITES["mixed"])
    again.state = from_plain(State, json.loads(json.dumps(to_plain(first.state))))
    again(*history[cut:])
    assert to_plain(first.events + again.events) == to_plain(whole.events)
    assert to_plain(again.mass) == to_plain(whole.mass)
