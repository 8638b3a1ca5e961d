"""A bus of units as the gateway sees it: every poll is a Reading, honest about each value."""

from __future__ import annotations

import asyncio
import math

import numpy as np
import pytest

from drivers.modbus.errors import DeviceSilent
from gateway.clock import VirtualClock
from gateway.lines.fake import DOWN, TIMEOUT, Delay
from gateway.model import Quality
from tests.unit.modbus.kit import SECOND, Unit, device, drive, point, session

TABLES = {
    1: dict.fromkeys(range(8), 1) | {3: 0},
    2: {100: 1},
    3: {n: 1000 + n for n in range(130)},
    4: {0: 0x4148, 1: 0, 2: 0x7FC0, 3: 0, 4: 0x8000},
}


def words(reading):
    return reading.raw.tolist()


async def poll(unit, *points, clock=None, times=1, **more):
    clock = clock or VirtualClock()
    made = device(*points, **more)
    driver, line = session(unit, clock, made)
    readings = [await drive(driver.poll(made, made.groups[0]), clock) for _ in range(times)]
    return readings[-1], line


@pytest.mark.parametrize("rtu", [False, True])
async def test_a_block_as_it_is(rtu):
    reading, _ = await poll(Unit(TABLES, rtu_frames=rtu), *(point(n, scale="0.1") for n in range(5)))
    assert reading.values.tolist() == [100.0, 100.1, 100.2, 100.3, 100.4]
    assert reading.quality.tolist() == [0] * 5
    assert words(reading) == [1000, 1001, 1002, 1003, 1004]
    assert reading.raw.dtype == np.uint16
    assert reading.spread_ns == 0


@pytest.mark.parametrize("rtu", [False, True])
async def test_tables_holes_and_an_order_of_their_own(rtu):
    """Points in any order, bits among them, two points on one register."""
    points = [
        point(9),
        point(3, "bit", "coil"),
        point(2),
        point(0, "float32", "input"),
        point(100, "bit", "discrete"),
        point(9, mask=0xFF, name="low"),
    ]
    unit = Unit(TABLES, rtu_frames=rtu)
    reading, _ = await poll(unit, *points)
    assert reading.values.tolist() == [1009.0, 0.0, 1002.0, 12.5, 1.0, float(1009 & 0xFF)]
    assert words(reading) == [1009, 0, 1002, 0x4148, 0, 1, 1009]
    assert unit.asked == [(1, 3, 1), (2, 100, 1), (3, 2, 8), (4, 0, 2)]


async def test_spread_is_from_the_first_answer_to_the_last():
    clock = VirtualClock()
    unit = Unit(TABLES)
    made = device(point(0), point(0, table="input"))
    driver, _ = session(unit, clock, made, respond=lambda data: [Delay(0.02), unit(data)])
    reading = await drive(driver.poll(made, made.groups[0]), clock)
    assert reading.spread_ns == 20_000_000
    assert reading.at.boottime_ns == 1_000_000_000 + 40_000_000


async def test_nan_infinity_and_sentinels():
    points = [
        point(0, "float32", "input"),
        point(2, "float32", "input"),
        point(4, "int16", "input", invalid=(0x8000,)),
    ]
    reading, _ = await poll(Unit(TABLES), *points)
    assert reading.quality.tolist() == [0, Quality.NOT_A_NUMBER, Quality.SENSOR_FAULT]
    assert reading.values[0] == 12.5
    assert math.isnan(reading.values[1])
    assert math.isnan(reading.values[2])
    assert words(reading) == [0x4148, 0, 0, 0, 0]


async def test_a_sentinel_in_a_swapped_order():
    unit = Unit({3: {0: 0xFFFF, 1: 0x7F7F}})
    reading, _ = await poll(unit, point(0, "uint32", order="CDAB", invalid=(0x7F7FFFFF,)))
    assert reading.quality.tolist() == [Quality.SENSOR_FAULT]


async def test_strings_are_good_and_their_words_are_kept():
    unit = Unit({3: {0: 0x4142, 1: 0x4300, 2: 7}})
    reading, _ = await poll(unit, point(0, "string", words=2), point(2, "float32", "holding", name="none"))
    assert reading.quality.tolist() == [Quality.GOOD, Quality.REFUSED]
    assert words(reading)[:2] == [0x4142, 0x4300]


@pytest.mark.parametrize("rtu", [False, True])
async def test_one_bad_register_leaves_the_others_good(rtu):
    unit = Unit({3: {n: n for n in range(40) if n != 17}}, rtu_frames=rtu)
    points = [point(n) for n in range(40)]
    reading, _ = await poll(unit, *points)
    assert reading.quality[17] == Quality.REFUSED
    assert np.delete(reading.quality, 17).tolist() == [0] * 39
    assert reading.values[16] == 16.0
    assert words(reading)[17] == 0
    before = len(unit.asked)
    reading, _ = await poll(Unit(unit.tables, rtu_frames=rtu), *points, times=2)
    assert reading.quality[17] == Quality.REFUSED
    assert before > 4


async def test_what_was_learned_is_used_in_the_next_poll():
    clock = VirtualClock()
    unit = Unit({3: {n: n for n in range(40) if n != 17}})
    made = device(*(point(n) for n in range(40)))
    driver, _ = session(unit, clock, made)
    await drive(driver.poll(made, made.groups[0]), clock)
    unit.asked.clear()
    reading = await drive(driver.poll(made, made.groups[0]), clock)
    assert unit.asked == [(3, 0, 17), (3, 18, 22)]
    assert np.flatnonzero(reading.quality).tolist() == [17]


@pytest.mark.parametrize(
    ("code", "quality"),
    [
        (1, Quality.REFUSED),
        (2, Quality.REFUSED),
        (3, Quality.REFUSED),
        (4, Quality.DEVICE_FAILURE),
        (5, Quality.BUSY),
        (6, Quality.BUSY),
        (8, Quality.DEVICE_FAILURE),
        (10, Quality.DEVICE_FAILURE),
        (11, Quality.DEVICE_FAILURE),
        (99, Quality.DEVICE_FAILURE),
    ],
)
async def test_what_an_exception_means(code, quality):
    unit = Unit(TABLES)
    unit.pdu = lambda function, *_: bytes((function | 0x80, code))  # type: ignore[method-assign]
    reading, _ = await poll(unit, point(0))
    assert reading.quality.tolist() == [quality]
    assert math.isnan(reading.values[0])


async def test_a_bisection_on_exception_4_only_where_the_device_is_known_for_it():
    def broken(function, address, count):
        return (
            bytes((function | 0x80, 4)) if address <= 1 < address + count else good(function, address, count)
        )

    for options, expected in (({}, [0x84] * 4), ({"bisect_on": [2, 3, 4]}, [0, 0x84, 0, 0])):
        unit = Unit(TABLES)
        good = unit.pdu
        unit.pdu = broken  # type: ignore[method-assign]
        reading, _ = await poll(unit, *(point(n) for n in range(4)), options=options)
        assert reading.quality.tolist() == expected


@pytest.mark.parametrize("rtu", [False, True])
async def test_a_silent_device_reads_bad_never_old(rtu):
    clock = VirtualClock()
    unit = Unit(TABLES, rtu_frames=rtu)
    made = device(point(0), point(1))
    driver, _ = session(unit, clock, made)
    good = await drive(driver.poll(made, made.groups[0]), clock)
    unit.instead[1] = [TIMEOUT]
    silent = await drive(driver.poll(made, made.groups[0]), clock)
    assert good.quality.tolist() == [0, 0]
    assert silent.quality.tolist() == [Quality.NO_ANSWER] * 2
    assert np.isnan(silent.values).all()
    assert words(silent) == [0, 0]
    assert (await drive(driver.poll(made, made.groups[0]), clock)).quality.tolist() == [0, 0]


async def test_a_line_that_breaks_and_comes_back():
    clock = VirtualClock()
    unit = Unit(TABLES)
    made = device(point(0))
    driver, line = session(unit, clock, made)
    line.feed(DOWN)
    assert (await drive(driver.poll(made, made.groups[0]), clock)).quality.tolist() == [Quality.LINE_DOWN]
    assert (await drive(driver.poll(made, made.groups[0]), clock)).quality.tolist() == [Quality.GOOD]


async def test_after_one_silent_block_the_rest_is_not_asked():
    clock = VirtualClock()
    unit = Unit(TABLES)
    unit.instead = {0: [TIMEOUT]}
    made = device(point(0, "bit", "coil"), point(0), point(0, "float32", "input"))
    driver, _ = session(unit, clock, made)
    reading = await drive(driver.poll(made, made.groups[0]), clock)
    assert reading.quality.tolist() == [Quality.NO_ANSWER, Quality.NOT_ASKED, Quality.NOT_ASKED]
    assert reading.at.boottime_ns == 2 * SECOND
    assert len(unit.asked) == 1


async def test_one_lost_answer_among_others_costs_only_its_own_points():
    clock = VirtualClock()
    unit = Unit(TABLES)
    unit.instead = {1: [TIMEOUT]}
    made = device(point(0, "bit", "coil"), point(0), point(0, "float32", "input"))
    driver, _ = session(unit, clock, made)
    reading = await drive(driver.poll(made, made.groups[0]), clock)
    assert reading.quality.tolist() == [Quality.GOOD, Quality.NO_ANSWER, Quality.GOOD]
    assert reading.spread_ns == SECOND


async def test_a_torn_serial_answer_is_corrupt():
    clock = VirtualClock()
    unit = Unit(TABLES, rtu_frames=True)
    unit.instead = {0: b"\x01\x03\x04\x03\xe8\x03"}
    made = device(point(0), point(1))
    driver, _ = session(unit, clock, made)
    reading = await drive(driver.poll(made, made.groups[0]), clock)
    assert reading.quality.tolist() == [Quality.CORRUPT] * 2


async def test_a_late_serial_answer_is_never_another_blocks():
    """The scene that pymodbus loses: 2 registers from 0 answered late, 2 registers from 20 asked next."""
    clock = VirtualClock()
    unit = Unit(TABLES, rtu_frames=True)
    made = device(groups={"a": [point(0), point(1)], "b": [point(20), point(21)]})
    driver, _ = session(unit, clock, made)
    late = unit.wrap(b"", unit.pdu(3, 0, 2))
    unit.instead[0] = [TIMEOUT]
    first = await drive(driver.poll(made, made.groups[0]), clock)
    unit.instead[1] = [
        late,
        unit.wrap(b"", unit.pdu(3, 20, 1)),
    ]  # the settling question; the late answer first
    second = await drive(driver.poll(made, made.groups[1]), clock)
    assert first.quality.tolist() == [Quality.NO_ANSWER] * 2
    assert second.values.tolist() == [1020.0, 1021.0]
    assert unit.asked == [(3, 0, 2), (3, 20, 1), (3, 20, 2)]


async def test_a_cancelled_question_is_a_debt_too():
    clock = VirtualClock()
    unit = Unit(TABLES, rtu_frames=True)
    made = device(point(0), point(1))
    driver, _ = session(unit, clock, made)
    unit.instead[0] = [TIMEOUT]
    task = asyncio.ensure_future(driver.poll(made, made.groups[0]))
    await clock.advance(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await drive(driver.poll(made, made.groups[0]), clock)
    assert unit.asked == [(3, 0, 2), (3, 0, 1), (3, 0, 2)]


async def test_t35_is_kept_between_an_answer_and_the_next_question():
    clock = VirtualClock()
    unit = Unit(TABLES, rtu_frames=True)
    made = device(point(0))
    driver, _ = session(unit, clock, made, baud=9600)
    first = await drive(driver.poll(made, made.groups[0]), clock)
    second = await drive(driver.poll(made, made.groups[0]), clock)
    assert second.at.boottime_ns - first.at.boottime_ns == 4_010_416  # 3.5 characters of 11 bits at 9600


async def test_probe_asks_one_register():
    clock = VirtualClock()
    unit = Unit(TABLES)
    made = device(*(point(n) for n in range(10, 20)))
    driver, _ = session(unit, clock, made)
    assert await drive(driver.probe(made), clock)
    assert unit.asked == [(3, 10, 1)]
    unit.instead[1] = [TIMEOUT]
    assert not await drive(driver.probe(made), clock)


async def test_three_silences_without_a_byte_reopen_the_socket():
    clock = VirtualClock()
    unit = Unit(TABLES)
    unit.instead = {number: [TIMEOUT] for number in range(3)}
    made = device(point(0))
    driver, line = session(unit, clock, made)
    for count in (0, 0, 1):
        await drive(driver.poll(made, made.groups[0]), clock)
        assert line.closed == count
    assert (await drive(driver.poll(made, made.groups[0]), clock)).quality.tolist() == [Quality.GOOD]


async def test_identify_follows_up():
    clock = VirtualClock()
    made = device(point(0))
    first = bytes.fromhex("2b0e0101ff0101000441636d65")
    second = bytes.fromhex("2b0e010100000101024131")
    script = [first, second, bytes.fromhex("110342ff43")]
    unit = Unit(TABLES)
    driver, line = session(unit, clock, made, respond=lambda data: unit.wrap(data, script.pop(0)))
    identity = await drive(driver.identify(made), clock)
    assert identity.objects == {0: b"Acme", 1: b"A1"}
    assert identity.server_id == b"B\xffC"
    assert [sent[7:].hex() for sent in line.sent] == ["2b0e0100", "2b0e0101", "11"]


async def test_identify_a_silent_unit():
    clock = VirtualClock()
    made = device(point(0))
    unit = Unit(TABLES)
    driver, _ = session(unit, clock, made, respond=lambda _: [TIMEOUT])
    with pytest.raises(DeviceSilent):
        await drive(driver.identify(made), clock)


def test_cost_is_known_before_anything_was_measured():
    clock = VirtualClock()
    made = device(*(point(n) for n in range(100)))
    driver, _ = session(Unit({}, rtu_frames=True), clock, made, baud=9600)
    assert (
        200_000_000 < driver.cost_ns(made, made.groups[0]) < 260_000_000
    )  # 213 bytes of 10 bits, and silences
