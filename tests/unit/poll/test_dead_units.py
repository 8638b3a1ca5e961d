"""A dead unit: what is told of it, what it may cost the living, and how it is found again."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.model import Quality
from tests.unit.poll.kit import MS, device


async def test_the_living_keep_their_rate_beside_the_dead(rig):
    bus = rig(device("alive", 100), device("dead", 100), took_ms=20)
    bus.wire.dead.add("dead")
    await bus.run(60)  # the first timeouts, at full length, are in it
    polls = len(bus.times_ms("alive/100"))
    assert polls >= 0.95 * 600
    before = polls
    await bus.run(100)
    assert len(bus.times_ms("alive/100")) - before >= 0.98 * 1000


@pytest.mark.long
@pytest.mark.parametrize("timeout_ms", [200, 1000, 5000])
async def test_many_dead_units_share_one_budget(rig, timeout_ms):
    dead = [device(f"dead{i}", 500, timeout_ms=timeout_ms) for i in range(10)]
    bus = rig(device("alive", 100), *dead, took_ms=5)
    bus.wire.dead |= {each.name for each in dead}
    await bus.run(30)
    before = len(bus.times_ms("alive/100"))
    await bus.run(120)
    assert len(bus.times_ms("alive/100")) - before >= 0.95 * 1200
    assert {name for name, _, _ in bus.wire.probes} == {each.name for each in dead}


async def test_one_bad_reading_per_group_at_death_and_at_each_probe(rig):
    bus = rig(device("alive", 100), device("dead", 100, 1000))
    bus.wire.dead.add("dead")
    await bus.run(10)
    (died,) = bus.notes("unit_dead")
    assert died.subject == "dead"
    assert died.facts["unanswered"] == 3
    at_death = bus.told.index(died)
    probes = len(bus.wire.probes)
    assert probes >= 3
    for group in ("dead/100", "dead/1000"):
        after = [each for each in bus.told[at_death - 1 :] if getattr(each, "group", "") == group]
        assert len(after) == 1 + probes
    for reading in bus.readings("dead"):
        assert reading.quality.tolist() == [Quality.NO_ANSWER]
        assert np.isnan(reading.values).all()
        assert reading.raw.tolist() == [0]


async def test_probes_back_off(rig):
    bus = rig(device("dead", 100, timeout_ms=50))
    bus.wire.dead.add("dead")
    await bus.run(60)
    times = [at / 1e9 for _, at, _ in bus.wire.probes]
    pauses = np.diff(times)
    assert (np.diff(pauses) >= -1e-9).all()
    assert pauses[0] < 0.6
    assert 5 <= pauses[-1] < 5.2


async def test_a_unit_that_comes_back_is_found_and_is_on_its_grid_again(rig):
    bus = rig(device("alive", 100), device("ill", 100, 1000))
    await bus.run(2)
    bus.wire.dead.add("ill")
    await bus.run(60)
    assert len(bus.notes("unit_dead")) == 1
    bus.wire.dead.clear()
    await bus.run(6)
    (back,) = bus.notes("unit_alive")
    assert back.subject == "ill"
    assert 55 <= back.facts["away_s"] <= 66
    before = len(bus.times_ms("ill/100"))
    await bus.run(5)
    assert len(bus.times_ms("ill/100")) - before == 50
    assert set(bus.off_grid("ill/100", 50)) == {0}
    assert len(bus.readings("ill/1000", Quality.GOOD)) >= 6


async def test_one_lost_answer_is_no_death(rig):
    bus = rig(device("press", 100, timeout_ms=80))
    await bus.run(1)
    bus.wire.dead.add("press")
    await bus.run(0.2)
    bus.wire.dead.clear()
    await bus.run(1)
    assert bus.readings("press", Quality.NO_ANSWER)
    assert not bus.notes("unit_dead")


async def test_a_silent_unit_gets_less_time_than_a_healthy_one(rig):
    bus = rig(device("alive", 100), device("ill", 100), took_ms=20)
    await bus.run(5)
    bus.wire.dead.add("ill")
    start = bus.clock.boottime_ns()
    await bus.run(20)
    died = bus.notes("unit_dead")[0].time_ns - bus.clock.now().time_ns + bus.clock.boottime_ns()
    assert (died - start) / MS < 1000 + 2 * 80 + 300  # one full timeout, two of four times 20 ms
    assert {timeout / MS for _, _, timeout in bus.wire.probes} == {80}


async def test_now_and_then_a_probe_is_patient(rig):
    bus = rig(device("alive", 100), device("dead", 100))
    bus.wire.dead.add("dead")
    await bus.run(200)
    waits = [timeout / MS for _, _, timeout in bus.wire.probes]
    assert set(waits) == {50, 1000}
    assert waits.count(1000) == pytest.approx(len(waits) / 8, abs=1)


async def test_a_slow_unit_that_comes_up_late_on_a_fast_bus_is_found(rig):
    bus = rig(device("fast", 100), device("slow", 2000), took_ms=5)
    bus.wire.dead.add("slow")
    await bus.run(30)
    bus.wire.dead.clear()
    probe, poll = bus.wire.probe, bus.wire.poll

    async def slow_probe(unit):  # it takes 400 ms, eighty times as long as its neighbour
        bus.wire.took_ns = 400 * MS if unit.name == "slow" else 5 * MS
        if unit.name == "slow" and unit.timeout_ns < 400 * MS:
            bus.wire.dead.add("slow")
        there = await probe(unit)
        bus.wire.dead.clear()
        return there

    async def slow_poll(unit, group):
        bus.wire.took_ns = 400 * MS if unit.name == "slow" else 5 * MS
        if unit.name == "slow" and unit.timeout_ns < 400 * MS:
            bus.wire.dead.add("slow")
        reading = await poll(unit, group)
        bus.wire.dead.clear()
        return reading

    bus.wire.probe, bus.wire.poll = slow_probe, slow_poll
    await bus.run(60)
    assert [note.subject for note in bus.notes("unit_alive")] == ["slow"]
    before = len(bus.readings("slow", Quality.GOOD))
    await bus.run(20)
    assert len(bus.readings("slow", Quality.GOOD)) - before == 10


async def test_a_unit_that_fails_every_other_poll_does_not_starve_the_rest(rig):
    bus = rig(device("alive", 100), device("flaky", 100), took_ms=5)
    poll, turn = bus.wire.poll, [0]

    async def flaky_poll(unit, group):
        if unit.name == "flaky":
            turn[0] += 1
            (bus.wire.dead.add if turn[0] % 2 else bus.wire.dead.discard)("flaky")
        return await poll(unit, group)

    bus.wire.poll = flaky_poll
    await bus.run(20)
    before = len(bus.times_ms("alive/100"))
    await bus.run(60)
    assert len(bus.times_ms("alive/100")) - before >= 0.9 * 600


async def test_a_gateway_that_fails_slowly_for_its_unit_is_treated_alike(rig):
    bus = rig(device("alive", 100), device("behind", 100))
    bus.wire.says["behind"] = (Quality.DEVICE_FAILURE, 900)
    await bus.run(10)
    assert [note.subject for note in bus.notes("unit_dead")] == ["behind"]
    await bus.run(120)
    assert not bus.notes("unit_alive")  # the gateway answers the probe, but no value comes


async def test_a_device_that_says_at_once_that_it_failed_is_alive(rig):
    bus = rig(device("press", 100))
    bus.wire.says["press"] = (Quality.DEVICE_FAILURE, 5)
    await bus.run(3)
    assert len(bus.readings("press", Quality.DEVICE_FAILURE)) == 30
    assert not bus.notes("unit_dead")


async def test_a_full_bus_still_probes(rig):
    bus = rig(device("a", 100), device("b", 100), device("dead", 100), took_ms=60)
    bus.wire.dead.add("dead")
    await bus.run(120)
    before = len(bus.wire.probes)
    await bus.run(60)
    assert len(bus.wire.probes) > before
