"""The scale that talks: every line a reading, silence and garbage bad with their reasons."""

from __future__ import annotations

from gateway.lines import Delay
from gateway.model import Quality
from tests.unit.serial.kit import mass, notes, readings


def scale(desk, **options):
    return desk("serial.scale_continuous", points=mass("kg"), options=options)


def qualities(heard) -> list[int]:
    return [int(reading.quality[0]) for reading in readings(heard)]


async def test_every_line_is_a_reading(desk):
    heard = await scale(desk).listen(
        1, b"S S     1.0 kg\r\nS D     1.5 kg\r\n", Delay(0.1), b"S S     2.0 kg\r\n"
    )
    assert [reading.values[0] for reading in readings(heard)] == [1.0, 1.5, 2.0]
    assert qualities(heard) == [Quality.GOOD, Quality.UNSTABLE, Quality.GOOD]
    assert readings(heard)[2].at.boottime_ns - readings(heard)[0].at.boottime_ns == 100_000_000


async def test_the_first_line_may_have_begun_before(desk):
    heard = await scale(desk).listen(1, b"2.50 kg\r\nS S     1.0 kg\r\n")
    assert [reading.values[0] for reading in readings(heard)] == [1.0]


async def test_later_garbage_is_corrupt(desk):
    heard = await scale(desk).listen(1, b"S S     1.0 kg\r\nS S  \xff\r\nS S     2.0 kg\r\n")
    assert qualities(heard) == [Quality.GOOD, Quality.CORRUPT, Quality.GOOD]


async def test_silence_is_bad_and_told_again(desk):
    its = scale(desk, silent="2s")
    await its.listen(0.1, b"S S     1.0 kg\r\n")
    assert qualities(await its.listen(7)) == [Quality.NO_ANSWER] * 3
    assert qualities(await its.listen(0.1, b"S S     1.0 kg\r\n")) == [Quality.GOOD]


async def test_half_a_line_and_silence_is_corrupt(desk):
    its = scale(desk, silent="2s")
    await its.listen(0.1, b"S S     1.0 kg\r\n")
    assert qualities(await its.listen(2.1, b"S S     1.")) == [Quality.CORRUPT]


async def test_only_as_often_as_wanted(desk):
    said = [item for n in range(50) for item in (f"S S     {n}.0 kg\r\n".encode(), Delay(0.1))]
    heard = await scale(desk, every="1s").listen(5, *said)
    assert [reading.values[0] for reading in readings(heard)] == [0, 10, 20, 30, 40]


async def test_it_is_told_to_talk_when_the_line_opens_when_it_is_silent_and_when_the_line_is_back(desk):
    its = scale(desk, start="SIR CR LF", silent="3s")
    await its.listen(0.1)
    assert its.line.sent == [b"SIR\r\n"]
    await its.listen(3.1)
    assert its.line.sent == [b"SIR\r\n"] * 2
    its.line.cut()
    assert len(notes(await its.listen(5), "bus_down")) == 1
    its.line.mend()
    assert len(notes(await its.listen(2), "bus_up")) == 1
    assert its.line.sent == [b"SIR\r\n"] * 3


async def test_the_other_format(desk):
    heard = await scale(desk, format="st").listen(1, b"ST,GS,+00012.34kg\r\nOL,GS,+99999.99kg\r\n")
    assert qualities(heard) == [Quality.GOOD, Quality.SENSOR_FAULT]
    assert readings(heard)[0].values.tolist() == [12.34]


async def test_another_unit_is_not_believed(desk):
    heard = await scale(desk).listen(1, b"S S     1.0 kg\r\nS S     1.0 lb\r\n")
    assert qualities(heard) == [Quality.GOOD, Quality.CORRUPT]
