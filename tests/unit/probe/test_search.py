"""The search on scripted lines, time being virtual: nobody there, somebody late, a stop; nothing is written."""

from __future__ import annotations

import asyncio

import pytest

from drivers.modbus.exchange import RtuExchange, TcpExchange
from gateway.clock import VirtualClock
from gateway.config import read
from gateway.lines import DOWN, Delay, FakeLine
from gateway.poll import predict_load
from gateway.probe import Unit, siteyaml, sweep
from gateway.probe.tables import lines, plain
from gateway.probing import BadTarget, Places, Search, target_of
from tests.contracts.modbus_unit import rtu_unit, tcp_unit

REGISTERS = dict(enumerate([0x42C8, 0x2000, 0x41A4, 0xCCCD, 0x41BC, 0x0000], start=10))  # 100.06, 20.6, 23.5


async def searched(search, places, clock):
    """Runs it to its end, however much virtual time that takes."""
    task = asyncio.create_task(search.run(places))
    while not task.done():
        await clock.advance(5)
    return task.result()


class Bus:
    """A serial line with one unit, at one setting; notes what was sent."""

    def __init__(self, clock, unit=7, setting=("E", 19_200), late_s=0.0):
        self.clock, self.unit, self.setting, self.late_s = clock, unit, setting, late_s
        self.answer = rtu_unit(REGISTERS)
        self.sent = []
        self.settings = []

    def make(self, setting):
        self.settings.append((setting.parity, setting.baud))
        there = self.settings[-1] == self.setting

        def respond(frame):
            self.sent.append(frame)
            if not there or frame[0] != self.unit or frame[1] not in {1, 2, 3, 4}:
                return None
            return [Delay(self.late_s), self.answer(frame)] if self.late_s else self.answer(frame)

        line = FakeLine(clock=self.clock, respond=respond)
        return RtuExchange(line, self.clock, silence_ns=setting.silence_ns)


def places(**more):
    return Places(**{"ids": range(1, 21), "settings": sweep.settings(sweep.BAUDS, sweep.PARITIES), **more})


@pytest.mark.long
async def test_nobody_at_4446_questions_takes_less_than_ten_minutes():
    clock = VirtualClock()
    bus = Bus(clock, setting=None)
    began = clock.boottime_ns()
    found = await searched(Search(bus.make, clock), places(ids=sweep.IDS), clock)
    took_s = (clock.boottime_ns() - began) / 1e9
    assert (found.units, found.asked, len(bus.sent)) == ([], 4446, 4446)
    assert took_s <= 600
    assert (
        took_s <= sweep.worst_ns(sweep.IDS, places().settings) / 1e9 + 5
    )  # what was announced, and the last step


async def test_one_unit_is_found_at_its_setting_and_the_others_are_not_tried():
    clock = VirtualClock()
    bus = Bus(clock)
    found = await searched(Search(bus.make, clock), places(reads=2), clock)
    (unit,) = found.units
    assert (unit.unit, unit.baud, unit.parity, unit.whole) == (7, 19_200, "E", True)
    assert [
        (area.table, area.first, area.count) for area in unit.tables.areas if area.table == "holding"
    ] == [("holding", 10, 6)]
    assert {guess.field.type for guess in unit.guesses} == {"float32"}
    assert [round(guess.last, 2) for guess in unit.guesses if guess.table == "holding"] == [
        100.06,
        20.6,
        23.5,
    ]
    assert bus.settings[-1] == ("E", 19_200)
    assert len(bus.settings) == 5


async def test_a_unit_that_thinks_for_longer_than_it_is_given_is_found_all_the_same():
    clock = VirtualClock()
    bus = Bus(clock, setting=("N", 9600), late_s=0.25)
    found = await searched(Search(bus.make, clock), places(reads=1), clock)
    assert [unit.unit for unit in found.units] == [7]
    assert found.units[0].timeout_ns == sweep.PATIENT_NS


async def test_only_reads_are_ever_sent():
    """Functions 1 to 4, 17 and 43: see V1.1b3, 6; no other is in any byte that left."""
    clock = VirtualClock()
    bus = Bus(clock)
    await searched(Search(bus.make, clock), places(reads=1), clock)
    assert {frame[1] for frame in bus.sent} == {1, 2, 3, 4, 17, 43}


async def test_a_search_that_is_stopped_keeps_what_it_found():
    clock = VirtualClock()
    bus = Bus(clock, setting=("N", 9600))
    search = Search(bus.make, clock, stop=lambda: len(bus.sent) > 60)
    found = await searched(search, places(), clock)
    (unit,) = found.units
    assert (found.stopped, unit.whole) == (True, False)
    assert "no register answered yet" in "\n".join(lines(unit))


async def test_a_line_that_breaks_ends_the_search_with_its_reason():
    clock = VirtualClock()

    def make(_):
        return RtuExchange(FakeLine([DOWN], clock), clock, silence_ns=0)

    found = await searched(Search(make, clock), places(), clock)
    assert (found.units, found.trouble) == ([], "scripted")


def socket_with(units, clock):
    """A socket behind which units answer, and a gateway says of the others that they do not."""

    def respond(sent):
        unit = sent[6]
        if unit in units and sent[7] > 4:
            return sent[:4] + b"\0\x03" + bytes((unit, sent[7] | 0x80, 1))
        if unit in units:
            return tcp_unit(units[unit])(sent)
        return sent[:4] + b"\0\x03" + bytes((unit, sent[7] | 0x80, 11))

    return lambda _: TcpExchange(FakeLine(clock=clock, respond=respond), clock)


async def test_a_device_that_answers_to_every_id_is_one():
    clock = VirtualClock()
    make = socket_with(dict.fromkeys((1, 255, 0), REGISTERS), clock)
    found = await searched(Search(make, clock), Places(sweep.TCP_IDS, reads=1), clock)
    assert [(unit.unit, unit.same_as) for unit in found.units] == [(1, None), (255, 1), (0, 1)]


async def test_units_behind_a_gateway_are_told_apart():
    clock = VirtualClock()
    other = {at: word ^ 0x0101 for at, word in REGISTERS.items()}
    make = socket_with({3: REGISTERS, 9: other}, clock)
    found = await searched(Search(make, clock), Places(range(1, 20), reads=2), clock)
    assert [(unit.unit, unit.same_as) for unit in found.units] == [(3, None), (9, None)]


async def test_what_is_written_is_what_check_takes_and_says_what_it_was(tmp_path):
    clock = VirtualClock()
    bus = Bus(clock)
    found = await searched(Search(bus.make, clock), places(reads=2), clock)
    for name, text in siteyaml.files(siteyaml.Bus("modbus.rtu", "/dev/ttyS1"), found.units).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    loaded = await asyncio.to_thread(read, tmp_path / "site.yaml", {})
    assert loaded.warnings == []
    (row,) = loaded.site.buses
    assert (row.baud, row.parity, row.driver) == (19_200, "E", "modbus.rtu")
    (device,) = loaded.site.devices
    assert {point.name for group in device.groups for point in group.points} == {
        f"{table}_{at}" for table in ("holding", "input") for at in (10, 12, 14)
    }
    assert predict_load(row, loaded.site.devices) < 1


def test_what_a_device_says_of_itself_cannot_break_the_config(tmp_path):
    unit = Unit(1, identity={"vendor": 'a"\n# b: [\\', "product": "{x}"})
    for name, text in siteyaml.files(siteyaml.Bus("modbus.tcp", "h:502"), [unit]).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert "has no points" in str(read(tmp_path / "site.yaml", {}).warnings[0])
    assert plain(unit)["identity"]["product"] == "{x}"


@pytest.mark.parametrize(
    "text", ["", "tcp:/x", "tcp://", "tcp://h:x", "tcp://h:99999", "rtu:COM1", "udp://h:1", "tcp://h:1/path"]
)
def test_places_that_are_none(text):
    with pytest.raises(BadTarget, match="no place to search"):
        target_of(text)


def test_places():
    assert target_of("rtu+tcp://[::1]:4001").address == "[::1]:4001"
