"""Dosing equipment on real sockets: our drivers against simulators, and the fold's kilograms against their ledgers."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient

from drivers import load_driver
from gateway.clock import SystemClock
from gateway.config import load
from gateway.lines import open_line
from gateway.model import BAD_FROM, Instant, Noted, Quality, Reading, Setting
from gateway.pipeline import Pipeline
from gateway.ports import PollingDriver
from gateway.resources import config_dir
from gateway.site import Device, Group, Site
from simulators.dosing import DosingRig
from simulators.plant.dosing import Gravimetric, HopperScale, Wsb
from simulators.plant.weigh_blender import GRAMS, TENTHS
from simulators.wire.tunnel import Tunnel

SITE = config_dir() / "dosing" / "site.yaml"
WALL_NS = 1_800_000_000_000_000_000


class Plant:
    """Simulators, drivers on sockets to them, and the fold behind; plant time is the test's."""

    def __init__(self, site: Site, rig: DosingRig) -> None:
        self.site, self.rig, self.clock = site, rig, SystemClock()
        self.drivers: dict[str, PollingDriver] = {}
        self.pipeline = Pipeline(site)
        self.state = self.pipeline.start()
        self.events: list[Noted] = []
        self.second = 0.0

    def connect(self, addresses: dict[str, str]) -> None:
        for bus in self.site.buses:
            here = replace(bus, address=addresses[bus.name])
            devices = [device for device in self.site.devices if device.bus == bus.name]
            self.drivers[bus.name] = load_driver(bus.driver).build(
                bus=here, devices=devices, line=open_line(here, self.clock), clock=self.clock
            )
        self.take(Setting("start", self.instant(), {}))

    def instant(self) -> Instant:
        since = round(self.second * 1e9)
        return Instant(WALL_NS + since, 10**12 + since, 1)

    def take(self, given: Reading | Setting) -> None:
        step = self.pipeline.step(self.state, given)
        self.state = step.state
        self.events += [event for event in step.events if isinstance(event, Noted)]

    def wait(self, seconds: float) -> None:
        self.second += seconds
        self.rig.wait(seconds)

    async def poll(self, name: str, poll_class: str = "normal") -> Reading:
        """Ask a device over its socket, and fold what it said at plant time."""
        device = next(each for each in self.site.devices if each.name == name)
        group = group_of(device, poll_class)
        reading = await self.drivers[device.bus].poll(device, group)
        self.take(replace(reading, at=self.instant(), spread_ns=0))
        return reading

    def gaps(self, meter: str) -> list[Noted]:
        return [event for event in self.events if event.kind == "mass_gap" and event.subject == meter]

    def kg(self, vessel: str) -> float:
        return self.state.mass.vessels[vessel].kg

    def wsb(self, name: str = "wsb4") -> Wsb:
        machine = self.rig.machines[name]
        assert isinstance(machine, Wsb)
        return machine


def group_of(device: Device, poll_class: str) -> Group:
    return next(group for group in device.groups if group.id == f"{device.name}/{poll_class}")


@pytest.fixture
async def plant() -> AsyncIterator[Plant]:
    site = load(SITE)
    patient = tuple(replace(device, timeout_ns=120_000_000_000) for device in site.devices)
    site = replace(site, devices=patient)
    made = Plant(site, DosingRig(site, SystemClock()))
    made.connect(await made.rig.start())
    yield made
    for driver in made.drivers.values():
        await driver.close()
    await made.rig.stop()


def values(plant: Plant, reading: Reading) -> dict[str, float]:
    groups = plant.site.groups()
    points = groups[reading.group].points
    return {point.name: value for point, value in zip(points, reading.values.tolist(), strict=True)}


async def test_the_totals_are_one_answer_in_the_unit_that_it_names(plant: Plant) -> None:
    blender = plant.wsb().blender
    blender.replace([11, 22, 2**32 - 1, 70_000], 65_535, 1)
    shown = values(plant, await plant.poll("wsb4"))
    assert [shown[f"total_{i}"] for i in (1, 2, 3, 4)] == [11, 22, 2**32 - 1, 70_000]
    assert (shown["cycles"], shown["system_type"], shown["software_type"]) == (65_535, 2, 4)
    twelve = values(plant, await plant.poll("wsb12"))
    assert twelve["software_type"] == 12
    assert twelve["total_12"] == 0


async def test_a_shift_with_everything_in_it_is_exact_or_bounded_over_the_socket(plant: Plant) -> None:
    """Batches, wrap, unit, a skipped reading, busy, a clear, a loss of power, another controller."""
    chance, blender = random.Random(5), plant.wsb().blender
    blender.replace([2**32 - 30_000, 500, 500, 500], 65_530, 1)
    await plant.poll("wsb4")

    async def batches(number: int, *, skip: bool = False) -> None:
        for _ in range(number):
            blender.batch([chance.randrange(10_000, 16_000), 5_000, 600, 200])
            plant.wait(10.0)
            if not skip:
                await plant.poll("wsb4")

    def moved() -> float:
        return plant.kg("press_hopper")

    await batches(12)  # both counters wrap
    blender.count_in(GRAMS)
    await plant.poll("wsb4")
    await batches(5)
    blender.count_in(TENTHS)
    await plant.poll("wsb4")
    await batches(4, skip=True)
    plant.rig.fault("wsb4", "busy", 5.0)
    busy = await plant.poll("wsb4")
    assert set(busy.quality.tolist()) == {Quality.BUSY}
    plant.wait(6.0)
    await plant.poll("wsb4")
    assert plant.gaps("wsb4") == []
    truth = sum(blender.ledger) * 1e-4
    assert moved() == pytest.approx(truth, abs=1e-7)

    blender.clear()
    await batches(1)  # goes with the totals
    (gap,) = plant.gaps("wsb4")
    hidden = sum(blender.ledger) * 1e-4 - truth
    assert gap.facts["reason"] == "cleared"
    assert float(str(gap.facts["low_kg"])) <= hidden
    blender.lose_power("lost")
    plant.wait(20.0)
    await plant.poll("wsb4")
    await batches(3)
    blender.replace([99, 98, 97, 96], 40_000, 2)
    plant.wait(20.0)
    await plant.poll("wsb4")
    await batches(3)
    low, high = (
        moved()
        + sum(float(str(event.facts[key])) - float(str(event.facts["kg"])) for event in plant.gaps("wsb4"))
        for key in ("low_kg", "high_kg")
    )
    assert low - 1e-7 <= sum(blender.ledger) * 1e-4 <= high + 1e-7
    assert {event.facts["reason"] for event in plant.gaps("wsb4")} <= {"cleared", "reset", "first_after_gap"}


async def test_twelve_components_whose_points_are_scaled_move_the_same_and_have_a_ratio(plant: Plant) -> None:
    blender = plant.wsb("wsb12").blender
    blender.batch([7_100, 2_600, 300, *[0] * 9])
    for _ in range(6):
        plant.wait(10.0)
        await plant.poll("wsb12")
        blender.batch([7_100, 2_601, 300, *[0] * 9])
    assert plant.gaps("wsb12") == []
    assert plant.kg("press_hopper") == pytest.approx(5 * 1.0001, abs=1e-9)
    assert 5_000.0 - plant.kg("regrind") == pytest.approx(5 * 0.2601, abs=1e-9)
    assert set(plant.state.dosing.dosers) == {"wsb12"}


async def test_what_is_counted_in_a_unit_is_believed_only_in_that_unit(plant: Plant) -> None:
    wsb = plant.wsb()
    wsb.blender.batch([453_592, 0, 0, 0])
    assert values(plant, await plant.poll("wsb4", "slow"))["batch_total"] == 45
    wsb.shown_in = 0
    pounds = values(plant, await plant.poll("wsb4", "slow"))
    assert (pounds["weight_units"], pounds["batch_total"]) == (0, 99)
    tunnel = plant.rig.images["wsb4"]
    asked, plain_read = [], tunnel.read

    def read(table: str, address: int, count: int) -> list[int]:
        asked.append(address >> 8)
        words = plain_read(table, address, count)
        if address >> 8 == 84:
            wsb.shown_in = 4  # changed right behind it
        return words

    tunnel.read = read  # type: ignore[method-assign] # somebody presses a key between two commands
    torn = await plant.poll("wsb4", "slow")
    shown = dict(zip(values(plant, torn), torn.quality.tolist(), strict=True))
    assert asked == [85, 53, 84, 85]
    assert shown["batch_total"] == shown["weight_units"] == Quality.CORRUPT
    assert shown["alarm_status"] == Quality.GOOD


async def test_a_blender_of_the_other_software_is_refused_not_misread(plant: Plant) -> None:
    plant.wsb().software = 12
    reading = await plant.poll("wsb4")
    assert set(reading.quality.tolist()) == {Quality.REFUSED}
    plant.wsb().software = 7
    assert set((await plant.poll("wsb4")).quality.tolist()) == {Quality.CORRUPT}


async def test_we_clear_nothing_and_a_client_that_scans_registers_would(plant: Plant) -> None:
    tunnel = plant.rig.images["wsb4"]
    assert isinstance(tunnel, Tunnel)
    device = next(each for each in plant.site.devices if each.name == "wsb4")
    for poll_class in ("normal", "slow"):
        await plant.poll("wsb4", poll_class)
    assert await plant.drivers[device.bus].probe(device)
    assert tunnel.obeyed == []
    server = plant.rig._units[0].transport  # noqa: SLF001 # the port it listens on
    port = server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    answer = await client.read_holding_registers(24 * 256, count=1, device_id=1)
    client.close()
    assert answer.isError()
    assert tunnel.obeyed == [24]


async def test_a_command_that_acts_cannot_be_mapped(plant: Plant) -> None:
    device = next(each for each in plant.site.devices if each.name == "wsb4")
    group = device.groups[0]
    clear = replace(group.points[0], name="clear", address=24 * 256)
    wrong = replace(device, groups=(replace(group, points=(clear,)),))
    bus = plant.site.buses[0]
    with pytest.raises(
        ValueError, match="wsb4: clear: address 6144 is command 24, which is not one that only reads"
    ):
        load_driver("modbus.maguire_tcp").build(
            bus=bus, devices=[wrong], line=open_line(bus, plant.clock), clock=plant.clock
        )


async def test_a_feeder_and_a_doser_over_their_sockets(plant: Plant) -> None:
    feeder, doser = plant.rig.machines["feeder1"], plant.rig.machines["doser1"]
    assert isinstance(feeder, HopperScale)
    assert isinstance(doser, HopperScale)
    doser.rate = 20.0
    for second in range(260):
        feeder.filling = 15_000.0 if 120 <= second < 130 else 0.0
        feeder.knocked = 4_000.0 if 180 <= second < 184 else 0.0
        for machine in (feeder, doser):
            machine.step(1.0)
        plant.wait(1.0)
        for name in ("feeder1", "doser1"):
            assert (await plant.poll(name)).quality.max() < BAD_FROM
    (refilled,) = [event for event in plant.events if event.kind == "refilled"]
    assert float(str(refilled.facts["kg"])) == pytest.approx(15.0, abs=0.05)
    told = 25.0 + 15.0 - plant.kg("feeder_hopper")
    assert told == pytest.approx(feeder.ledger * 1e-4, abs=0.75)  # less the window not told yet
    assert [event.facts["reason"] for event in plant.gaps("feeder1")] == ["refill"]
    assert plant.gaps("doser1") == []
    drawn = 25.0 - plant.kg("doser_hopper")
    assert drawn == pytest.approx(doser.ledger * 1e-4, abs=0.16)


async def test_the_generic_blender_is_exact_by_the_batch_that_it_latches(plant: Plant) -> None:
    machine = plant.rig.machines["blender1"]
    assert isinstance(machine, Gravimetric)
    await plant.poll("blender1", "fast")
    for _ in range(10):
        machine.blender.batch([13_370, 5_003, 600, 201])
        plant.wait(5.0)
        await plant.poll("blender1", "fast")
    weighed = sum(machine.blender.ledger[:2]) * 1e-4  # the meter has two of the four
    assert plant.kg("press_hopper") == pytest.approx(weighed, abs=1e-5)  # float32
    assert np.isclose(20_000.0 - plant.kg("virgin"), machine.blender.ledger[0] * 1e-4, atol=1e-5)
