"""The whole demo site by virtual time: what it plants, when, and what it leaves behind."""

import asyncio
import json

import pytest

from gateway.clock import VirtualClock
from gateway.config import load
from gateway.config.limits import solved
from gateway.model import AlarmChanged
from gateway.pipeline import Pipeline
from gateway.resources import config_dir
from simulators.demo import ONCE, SCRIPT, Demo, Wishes, planted
from simulators.faults import PROCESS, Faults, parse
from simulators.pace import Pace
from simulators.plant.line import Plant
from simulators.rig import Rig
from simulators.served import ServedLog, read_served
from simulators.virtual import BEGINS_NS, readings

SITE = solved(load(config_dir() / "demo" / "site.yaml"))


async def run(folder, seconds, **wishes):
    clock = VirtualClock()
    demo = Demo(SITE, Wishes(folder, **wishes), clock)
    task = asyncio.create_task(demo.run())
    await clock.advance(seconds)
    ports = json.loads((folder / "ports.json").read_text())
    demo.stop()
    await clock.advance(0.1)
    await task
    planted = [json.loads(line) for line in (folder / "planted.jsonl").read_text().splitlines()]
    began = clock.row().boottime_ns
    return ports, [(round((p["time_ns"] - 1_800_000_000_000_000_000) / 1e9, 3), p) for p in planted], began


async def test_changes_are_written_down_when_they_begin(tmp_path):
    ports, planted, _ = await run(tmp_path, 12.5)
    assert set(ports) == {bus.name for bus in SITE.buses}
    assert [(at, p["tag"], p["kind"], p["size"], p["about"]) for at, p in planted] == [
        (2.0, "moulding/line1/blending/regrind_share", "drift", 1.5, "process"),
        (5.0, "moulding/line1/press1/cushion", "step", -0.4, "process"),
        (9.0, "silo1", "silent", 0.0, "wire"),
        (10.0, "moulding/line1/drying/dew_point", "nan", 0.0, "sensor"),
        (11.0, "press2", "slow", 150.0, "wire"),
    ]
    assert not (tmp_path / "ports.json").exists()  # nobody listens any more
    books = json.loads((tmp_path / "books.json").read_text())
    assert all(abs(error) < 1e-9 for error in books["balance_kg"].values())
    assert books["packed"]


async def test_the_script_comes_round_and_speed_scales_it(tmp_path):
    _, planted, _ = await run(tmp_path, 14.0, speed=5.0)
    cushion = [at for at, p in planted if p["tag"].endswith("press1/cushion")]
    assert cushion == [1.0, 13.0]


async def test_without_faults_nothing_is_planted_and_it_ends_by_itself(tmp_path):
    clock = VirtualClock()
    demo = Demo(SITE, Wishes(tmp_path, seconds=3.0, script=None), clock)
    task = asyncio.create_task(demo.run())
    await clock.advance(2.9)
    assert not task.done()
    await clock.advance(0.2)
    await task
    assert (tmp_path / "planted.jsonl").read_text() == ""
    started, answers, codes = read_served(tmp_path / "served.db")
    assert (started, answers) == (1_800_000_000_000_000_000, [])
    assert codes == []  # nobody acknowledged any


def test_every_change_of_the_script_is_one_of_a_charted_point():
    charted = {row.tag for row in SITE.characteristics}
    tags = {
        (device.name, point.name): point.tag
        for device in SITE.devices
        for group in device.groups
        for point in group.points
    }
    changes = [fault for fault in parse(SCRIPT) if fault.kind in PROCESS]
    assert {tags[fault.target, fault.point] for fault in changes} <= charted
    assert changes


async def test_a_plant_that_waits_moves_when_every_device_was_asked(tmp_path):
    clock = VirtualClock()
    plant = Plant(1)
    pace = Pace(plant, clock, waits=True)
    rig = Rig(SITE, plant, pace, Faults(), clock, ServedLog(tmp_path / "served.db", clock))
    await rig.start()
    due = asyncio.create_task(pace.until(2_000_000_000))
    modbus = {bus.name for bus in SITE.buses if bus.driver.startswith("modbus.")}
    for name in [device.name for device in SITE.devices if device.bus in modbus]:
        await clock.advance(3.0)
        assert pace() == 0
        assert not due.done()
        rig.asked(name)
    await clock.advance(1.5)
    assert pace() == 1_500_000_000
    await clock.advance(0.6)
    assert due.done()
    await rig.stop()


def test_what_is_poured_past_the_blender_is_told_as_a_diversion():
    [fault] = parse(ONCE)
    line = planted(SITE, fault, 5)
    assert (line["tag"], line["about"], line["size"]) == ("blender1", "diversion", 20.0)


@pytest.mark.long
def test_regrind_poured_past_the_blender_is_found_within_half_a_minute():
    [fault] = parse(ONCE)
    plant, pipeline = Plant(1), Pipeline(SITE)
    plant.change(fault.target, fault.point, fault.change())
    state, told = pipeline.start(), []
    for given in readings(plant, SITE, 52):
        step = pipeline.step(state, given)
        state = step.state
        told += [event for event in step.events if isinstance(event, AlarmChanged)]
    [first, *_] = [event for event in told if event.kind == "phantom_regrind"]
    assert first.state == "active"
    assert dict(first.facts or {})["what"] == "metered but not declared"
    assert first.time_ns - BEGINS_NS > fault.at_ns


async def test_the_supplier_keeps_books_of_its_own(tmp_path):
    await run(tmp_path, 12.5)
    book = json.loads((tmp_path / "daybook.json").read_text())
    assert book["bags"] == [["R26-0001", 10.0]]
    assert len(book["rows"]) == 26  # each half second, and the beginning
    batches, virgin, regrind, ground = book["rows"][-1]
    assert batches == 6
    assert 0.2 < regrind / virgin < 0.5
    assert ground > 0.0
    assert [row[0] for row in book["rows"]] == sorted(row[0] for row in book["rows"])
