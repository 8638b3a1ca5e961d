"""The faults of a kill round: as many as were wanted, the same for a seed, and others for another."""

from __future__ import annotations

from tests.kills.faults import LINKS, VICTIMS, drawn


def test_a_seed_gives_the_same_faults_again() -> None:
    assert drawn(20, 7) == drawn(20, 7)
    assert drawn(20, 7) != drawn(20, 8)


def test_every_kind_is_there_and_kills_are_counted() -> None:
    faults = drawn(400, 1)
    kills = [fault for fault in faults if fault.kind == "kill"]
    assert len(kills) == 400
    assert {fault.on for fault in kills} == set(VICTIMS)
    cuts = [fault for fault in faults if fault.kind in {"cut", "freeze"}]
    assert len(cuts) == 80
    assert {fault.on for fault in cuts} == set(LINKS)
    assert [fault.on for fault in faults if fault.kind == "fill"] == ["disk"]
    assert all(fault.after_s >= 0 and 0 <= fault.lasts_s <= 2 for fault in faults)


def test_some_may_be_left_out() -> None:
    faults = drawn(10, 3, ("broker",), links=False, disk=False)
    assert [(fault.kind, fault.on) for fault in faults] == [("kill", "broker")] * 10
