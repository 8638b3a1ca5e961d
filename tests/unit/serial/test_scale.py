"""The scale that is asked: values, reasons, and late answers that are never taken for new ones."""

from __future__ import annotations

import math

import pytest

from gateway.layout import Field
from gateway.lines import DOWN, TIMEOUT, Delay, Stray
from gateway.model import Quality
from gateway.site import Point
from tests.unit.serial.kit import S, mass

STABLE = Point("stable", "a/b/c/stable", Field("bit"))
I4 = b'I4 A "0123456789"\r\n'


def scale(desk, *script, points=None, **given):
    return desk("serial.scale", points=points or mass("kg", STABLE), period_ns=S, script=script, **given)


async def test_a_stable_weight(desk):
    its = scale(desk, b"S S     12.345 kg\r\n")
    reading = await its.poll()
    assert its.line.sent == [b"SI\r\n"]
    assert reading.values.tolist() == [12.345, 1.0]
    assert reading.quality.tolist() == [Quality.GOOD, Quality.GOOD]
    assert reading.raw.tolist() == [0x4028, 0xB0A3, 0xD70A, 0x3D71, 1]  # IEEE 754 of 12.345, then the bit


async def test_a_weight_in_motion_is_uncertain(desk):
    reading = await scale(desk, b"S D     12.3 kg\r\n").poll()
    assert reading.values.tolist() == [12.3, 0.0]
    assert reading.quality.tolist() == [Quality.UNSTABLE, Quality.GOOD]


@pytest.mark.parametrize(
    ("said", "quality"),
    [
        (b"S +\r\n", Quality.SENSOR_FAULT),
        (b"S -\r\n", Quality.SENSOR_FAULT),
        (b"S I\r\n", Quality.BUSY),
        (b"ES\r\n", Quality.REFUSED),
        (b"S S     12.5 lb\r\n", Quality.CORRUPT),  # another unit than the point's
        (b"@#!\r\n", Quality.CORRUPT),
    ],
)
async def test_no_weight_is_bad_with_its_reason(desk, said, quality):
    reading = await scale(desk, said, points=mass("kg")).poll()
    assert reading.quality.tolist() == [quality]
    assert math.isnan(reading.values[0])
    assert reading.raw.tolist() == [0, 0, 0, 0]


async def test_the_transcript_good_silent_torn(desk):
    its = scale(desk, b"S S   12.50 kg\r\n", TIMEOUT, TIMEOUT, I4, b"S S   12.", points=mass("kg"))
    assert [int((await its.poll()).quality[0]) for _ in range(4)] == [
        Quality.GOOD,
        Quality.NO_ANSWER,
        Quality.NO_ANSWER,
        Quality.CORRUPT,
    ]


async def test_a_late_answer_is_not_taken_for_the_next_one(desk):
    its = scale(desk, TIMEOUT, b"S S     1.0 kg\r\n", I4, b"S S     2.0 kg\r\n", points=mass("kg"))
    assert (await its.poll()).quality[0] == Quality.NO_ANSWER
    reading = await its.poll()
    assert its.line.sent == [b"SI\r\n", b"I4\r\n", b"SI\r\n"]
    assert reading.values.tolist() == [2.0]


async def test_a_late_answer_in_one_piece_with_the_sync(desk):
    its = scale(desk, TIMEOUT, b"S S     1.0 kg\r\n" + I4, b"S S     2.0 kg\r\n", points=mass("kg"))
    await its.poll()
    assert (await its.poll()).values.tolist() == [2.0]


async def test_a_clone_without_i4_says_so_in_order(desk):
    its = scale(desk, TIMEOUT, b"S S     1.0 kg\r\n", b"ES\r\n", b"S S     2.0 kg\r\n", points=mass("kg"))
    await its.poll()
    assert (await its.poll()).values.tolist() == [2.0]


async def test_two_answers_to_one_question_are_not_believed(desk):
    its = scale(desk, b"S S     1.0 kg\r\nS S     2.0 kg\r\n", I4, b"S S     3.0 kg\r\n", points=mass("kg"))
    assert (await its.poll()).quality[0] == Quality.CORRUPT
    assert (await its.poll()).values.tolist() == [3.0]


async def test_what_came_before_the_question_is_thrown_away(desk):
    its = scale(desk, Stray(b"S S     9.9 kg\r\n"), b"S S     1.0 kg\r\n", points=mass("kg"))
    assert (await its.poll()).values.tolist() == [1.0]


async def test_a_broken_line(desk):
    its = scale(desk, DOWN, I4, b"S S     1.0 kg\r\n", points=mass("kg"))
    assert (await its.poll()).quality.tolist() == [Quality.LINE_DOWN]
    assert (await its.poll()).values.tolist() == [1.0]


async def test_the_stamp_is_when_the_answer_was_whole(desk):
    its = scale(desk, b"S S     1", Delay(0.12), b".0 kg\r\n", points=mass("kg"))
    before = its.clock.boottime_ns()
    reading = await its.poll()
    assert reading.at.boottime_ns - before == 120_000_000


async def test_a_stable_weight_can_be_waited_for(desk):
    its = scale(desk, b"S S     1.0 kg\r\n", points=mass("kg"), options={"command": "S"})
    await its.poll()
    assert its.line.sent == [b"S\r\n"]


async def test_a_point_without_a_unit_takes_any(desk):
    assert (await scale(desk, b"S S     12.5 lb\r\n", points=mass("")).poll()).values.tolist() == [12.5]


def test_points_a_scale_cannot_fill_are_refused(desk):
    with pytest.raises(ValueError, match=r"unit\.count: a scale fills float64"):
        scale(desk, points=(Point("count", "a/b/c/count", Field("uint16")),))
    with pytest.raises(ValueError, match=r"unit\.mass: a scale fills float64"):
        scale(desk, points=(Point("mass", "a/b/c/mass", Field("float64", scale="0.001")),))


def test_a_wrong_command_is_refused(desk):
    with pytest.raises(ValueError, match=r"options\.command: 'SIR' is not one of SI, S"):
        scale(desk, options={"command": "SIR"})
