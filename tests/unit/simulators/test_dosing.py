"""Simulated dosing equipment forgets as the real one does, and its ledger does not."""

from __future__ import annotations

import pytest

from gateway.clock import VirtualClock
from gateway.config import load
from gateway.resources import config_dir
from simulators.dosing import DosingRig
from simulators.dosing_day import DosingDay
from simulators.plant.dosing import HopperScale, Wsb
from simulators.plant.weigh_blender import GRAMS, WeighBlender
from simulators.wire.image import ILLEGAL_ADDRESS, ILLEGAL_VALUE, Refused
from simulators.wire.tunnel import Tunnel

SITE = config_dir() / "dosing" / "site.yaml"


def test_totals_are_cleared_at_the_end_of_a_batch_and_with_it() -> None:
    """Manual, page 15: the totals go at the end of the current cycle."""
    blender = WeighBlender(2)
    blender.batch([100, 10])
    blender.clear()
    assert (blender.totals, blender.cycles) == ([100, 10], 1)
    blender.batch([50, 5])
    assert (blender.totals, blender.cycles, blender.ledger) == ([0, 0], 0, [150, 15])


def test_it_wraps_counts_in_grams_and_comes_back_older() -> None:
    blender = WeighBlender(1, bits=16)
    for _ in range(12):
        blender.batch([6_009])
    assert blender.totals == [12 * 6_009 % 65_536]
    blender.lose_power("restored")
    assert (blender.cycles, blender.totals) == (10, [60_090])
    blender.count_in(GRAMS)
    blender.batch([6_009])  # load cells of whole grams weigh 600 g of it
    assert (blender.totals, blender.ledger) == ([6_009 + 600], [12 * 6_009 + 6_000])
    blender.lose_power("lost")
    assert blender.totals == [0]


def test_the_tunnel_answers_whole_commands_and_obeys_who_asks_carelessly() -> None:
    rig = DosingRig(load(SITE), VirtualClock())
    machine = rig.machines["wsb4"]
    assert isinstance(machine, Wsb)
    device = next(device for device in load(SITE).devices if device.name == "wsb4")
    tunnel = Tunnel(device, machine.signals)
    assert tunnel.read("holding", 16 * 256, 23)[:5] == [2, 4, 0, 0, 0]
    assert tunnel.read("input", 85 * 256, 1) == [4]
    for address, count, code in (
        (16 * 256, 22, ILLEGAL_VALUE),
        (16 * 256 + 3, 1, ILLEGAL_ADDRESS),
        (99, 1, ILLEGAL_ADDRESS),
    ):
        with pytest.raises(Refused) as refused:
            tunnel.read("holding", address, count)
        assert refused.value.code == code
    with pytest.raises(Refused):
        tunnel.read("holding", 24 * 256, 1)
    assert tunnel.obeyed == [24]


def test_a_day_of_its_own_has_refills_and_everything_that_people_do() -> None:
    rig, said = DosingRig(load(SITE), VirtualClock()), list[str]()
    for machine in rig.machines.values():
        if isinstance(machine, HopperScale):
            machine.rate = 500.0
    day = DosingDay(rig, 1, said.append)
    for _ in range(900):
        day.step()
    for what in ("clear", "unit", "power", "a refill begins", "refilled"):
        assert any(what in line for line in said), what
    feeder, wsb = rig.machines["feeder1"], rig.machines["wsb4"]
    assert isinstance(feeder, HopperScale)
    assert isinstance(wsb, Wsb)
    assert feeder.held == pytest.approx(250_000.0 + feeder.refilled - feeder.ledger)
    assert wsb.blender.batches == 90
    assert sum(wsb.blender.totals) < sum(wsb.blender.ledger)
