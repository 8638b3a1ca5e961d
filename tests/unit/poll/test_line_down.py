"""A line that breaks: told once, tried with back-off, and all is on its grid again afterwards."""

from __future__ import annotations

import numpy as np

from gateway.model import Quality
from tests.unit.poll.kit import device


async def test_a_broken_line_is_told_once_and_found_again(rig):
    bus = rig(device("press", 100), device("dryer", 100, 1000))
    await bus.run(2)
    bus.wire.down = True
    await bus.run(30)
    (down,) = bus.notes("bus_down")
    assert down.subject == "line1"
    assert down.facts["why"] == "unplugged"
    down_readings = len(bus.readings("", Quality.LINE_DOWN))
    assert {each.group for each in bus.readings("", Quality.LINE_DOWN)} == {
        "press/100",
        "dryer/100",
        "dryer/1000",
    }
    assert down_readings <= 3 + 35  # once each, then one per attempt
    bus.wire.down = False
    await bus.run(1.5)
    (up,) = bus.notes("bus_up")
    assert 29 <= up.facts["down_s"] <= 31
    before = len(bus.wire.polls)
    await bus.run(10)
    assert len(bus.wire.polls) - before == 100 + 100 + 10
    assert bus.off_grid("press/100", 50) == [0] * 50
    assert not bus.notes("poll_overrun")


async def test_a_line_that_is_down_from_the_start(rig):
    bus = rig(device("press", 100))
    bus.wire.down = True
    await bus.run(5)
    assert len(bus.notes("bus_down")) == 1
    assert not bus.notes("unit_dead")
    assert bus.poller.dead() == ["press"]  # as people are told: it does not answer
    bus.wire.down = False
    await bus.run(2)
    assert bus.readings("press", Quality.GOOD)
    assert bus.poller.dead() == []


async def test_attempts_back_off(rig):
    bus = rig(device("press", 100))
    bus.wire.down = True
    await bus.run(20)
    pauses = np.diff(bus.times_ms("press/100"))
    assert pauses[0] <= 100
    assert pauses[-1] == 1000
    assert (np.diff(pauses) > -0.01).all()


async def test_a_unit_that_died_with_the_line_is_told_dead_not_down(rig):
    bus = rig(device("press", 100), device("dead", 100))
    bus.wire.dead.add("dead")
    await bus.run(10)
    bus.wire.down = True
    await bus.run(5)
    bus.wire.down = False
    await bus.run(5)
    assert [note.kind for note in bus.told if hasattr(note, "kind")].count("unit_dead") == 1
    assert bus.readings("press", Quality.GOOD)
