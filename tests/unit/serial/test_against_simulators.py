"""Drivers against the simulators' ports: two readings of the same manuals, written apart, on one virtual clock."""

from __future__ import annotations

import asyncio

import pytest

from gateway.model import Quality, Scan
from simulators.faults import Faults, parse
from simulators.served import Shown
from simulators.wire.barcode import ScannerPort
from simulators.wire.port import World
from simulators.wire.rfid import ReaderPort
from simulators.wire.scale import ScalePort
from tests.unit.serial.kit import S, codes, mass, notes, readings

EPC = "E2004074850A0103163070E1"


class Cable(asyncio.WriteTransport):
    """What a simulated port writes comes out of a desk's line."""

    def __init__(self, line) -> None:
        super().__init__()
        self._line = line

    def write(self, data) -> None:
        self._line.feed(bytes(data))

    def close(self) -> None: ...


class Plugged:
    """A simulated port on a desk's line."""

    def __init__(self, desk, kind, script="", **given) -> None:
        self.shown: list[Shown] = []
        self.faults = Faults()
        for fault in parse(script):
            self.faults.add(fault)
        self.port = None
        self.its = desk(kind, respond=lambda sent: self.port and self.port.data_received(sent), **given)
        clock = self.its.clock
        begin = clock.boottime_ns()
        self.world = World(clock, lambda: clock.boottime_ns() - begin, self.faults, self.shown.append)

    def plug(self, port) -> None:
        self.port = port
        port.connection_made(Cable(self.its.line))


@pytest.fixture
async def plugged(desk):
    made = []

    def make(kind, script="", **given) -> Plugged:
        made.append(Plugged(desk, kind, script, **given))
        return made[-1]

    yield make
    for each in made:
        if each.port is not None:
            each.port.stop()
    await asyncio.sleep(0)  # noqa: TID251 # the ports' tasks end


SHOWN = {"mass": 12.5, "stable": 1}


async def test_the_scale_that_is_asked(plugged):
    bench = plugged(
        "serial.scale",
        "at 2 s: scale1 silent for 2 s\nat 5 s: scale1 corrupt for 1 s",
        points=mass(),
        period_ns=S,
    )
    signals = dict(SHOWN)
    bench.plug(ScalePort("scale1", lambda: signals, lambda: None, bench.world))
    its, told = bench.its, []
    for second in range(8):
        signals["mass"] = 10.0 + second
        reading = await its.poll()
        told.append((round(float(reading.values[0]), 3), int(reading.quality[0])))
        await its.clock.advance(1 - (its.clock.boottime_ns() % S) / S)
    assert told[:2] == [(10.0, 0), (11.0, 0)]
    assert [quality for _, quality in told] == [0, 0, *[Quality.NO_ANSWER] * 2, 0, Quality.CORRUPT, 0, 0]
    assert told[4][0] == 14.0
    assert told[6][0] == 16.0
    signals["mass"] = 2000.0
    assert (await its.poll()).quality[0] == Quality.SENSOR_FAULT
    signals |= {"mass": 1.0, "stable": 0}
    assert (await its.poll()).quality[0] == Quality.UNSTABLE


@pytest.mark.parametrize("words", ["sics", "st"])
async def test_the_scale_that_talks(plugged, words):
    bench = plugged(
        "serial.scale_continuous", "at 3 s: scale1 silent for 10 s", points=mass(), options={"format": words}
    )
    bench.plug(ScalePort("scale1", lambda: SHOWN, lambda: None, bench.world, every_s=0.5, words=words))
    heard = readings(await bench.its.listen(20))
    qualities = [int(reading.quality[0]) for reading in heard]
    assert qualities.count(Quality.NO_ANSWER) == 3
    assert qualities.count(Quality.GOOD) == pytest.approx(20, abs=2)
    assert {float(reading.values[0]) for reading in heard if reading.quality[0] == 0} == {12.5}


async def test_the_scanner_gives_each_code_once_though_acks_are_slow(plugged):
    bench = plugged("serial.barcode", "at 4 s: s silent for 3 s\nat 8 s: s corrupt for 2 s")
    port = ScannerPort("s", bench.world)
    bench.plug(port)
    its = bench.its
    scanned = [f"]C1LOT-{n}" for n in range(12)]
    for code in scanned:
        port.scan(code)
    committed = 0
    for _ in range(40):  # every commit comes 1.3 s late, after the scanner has sent its code again
        await its.listen(1.3)
        waiting, committed = its.heard[committed:], len(its.heard)
        for scan in waiting:
            if isinstance(scan, Scan):
                await its.run(its.driver.acknowledge(scan))
    heard = its.heard
    assert codes(heard) == [f"LOT-{n}" for n in range(12)]
    assert {scan.symbology for scan in heard if isinstance(scan, Scan)} == {"]C1"}
    assert [shown.taken for shown in bench.shown] == [True] * 12
    assert any(shown.tries > 1 for shown in bench.shown)
    assert notes(heard, "scan_refused")  # the torn ones


async def test_the_gate_tells_who_comes_and_goes(plugged):
    bench = plugged("serial.rfid")
    port = ReaderPort("gate1", bench.world)
    bench.plug(port)
    its = bench.its
    await its.listen(30)  # an empty field is no dead reader
    assert its.heard == []
    port.pass_by(EPC, 2 * S)
    heard = await its.listen(20)
    assert [(scan.code, scan.phase) for scan in heard] == [(EPC, "seen"), (EPC, "left")]
    assert -60 <= heard[0].rssi_dbm <= -50
    assert (heard[1].at.boottime_ns - heard[0].at.boottime_ns) / 1e9 == pytest.approx(5, abs=1)
