"""Rows come when they are due, and whole."""

import struct

import pytest

from gateway.clock import VirtualClock
from simulators.player import Player, player_site, points_of, unit_of
from simulators.recording import Recording, RecordingError
from simulators.wire.station import Answer

RECORDING = Recording(
    ("a", "b"), (1000, 2000, 2000, 5000), ((1.5, 10.0), (2.5, 20.0), (3.5, 30.0), (4.5, float("nan")))
)


def whole(station):
    return station.answer("holding", 0, 12)


def row_of(answer):
    return answer.words[2] << 16 | answer.words[3]


async def rows_over_time(player, clock, times):
    station, seen, passed = unit_of(player), [], 0.0
    for at in times:
        await clock.advance(at - passed)
        passed = at
        seen.append(row_of(whole(station)))
    return seen


async def test_rows_come_as_recorded():
    clock = VirtualClock()
    player = Player(RECORDING, clock)
    assert await rows_over_time(player, clock, (0.0, 0.9, 1.0, 1.002, 3.9, 4.1, 9.0)) == [1, 1, 2, 3, 3, 4, 4]
    assert player.finished.is_set()


async def test_rows_come_faster_or_by_period_and_again():
    clock = VirtualClock()
    assert await rows_over_time(Player(RECORDING, clock, speed=10.0), clock, (0.05, 0.1, 0.15)) == [1, 2, 3]
    clock = VirtualClock()
    player = Player(RECORDING, clock, period_s=0.5, loop=True)
    assert await rows_over_time(player, clock, (0.4, 0.5, 1.6, 2.1, 4.1)) == [1, 2, 4, 5, 9]
    assert not player.finished.is_set()


async def test_a_patient_player_waits_until_a_row_was_read_whole():
    clock = VirtualClock()
    player = Player(RECORDING, clock, period_s=0.1, patient=True)
    station = unit_of(player)
    await clock.advance(5.0)
    half = station.answer("holding", 0, 6)
    player.served(station, "holding", 0, half)
    await clock.advance(5.0)
    answer = whole(station)
    assert row_of(answer) == 1
    player.served(station, "holding", 0, answer)
    assert row_of(whole(station)) == 2  # its time had come long ago
    assert row_of(whole(station)) == 2


async def test_a_row_on_the_wire():
    clock = VirtualClock()
    station = unit_of(Player(RECORDING, clock))
    words = whole(station).words
    assert struct.pack(">12H", *words) == struct.pack(">IIQff", 1, 1, 1000, 1.5, 10.0)
    await clock.advance(10.0)
    last = struct.unpack(">IIQff", struct.pack(">12H", *whole(station).words))
    assert last[:4] == (2, 4, 5000, 4.5)
    assert last[4] != last[4]
    assert isinstance(whole(station), Answer)


async def test_too_many_columns_are_refused():
    wide = Recording(tuple(f"c{n}" for n in range(59)), (0,), (tuple([0.0] * 59),))
    with pytest.raises(RecordingError, match="59 columns"):
        unit_of(Player(wide, VirtualClock()))


def test_registers_do_not_overlap_and_the_site_names_them():
    assert points_of(("a", "b"))[2:] == [
        ("row_time_ms", 4, "uint64"),
        ("a", 8, "float32"),
        ("b", 10, "float32"),
    ]
    text = player_site(("a", "b"), "127.0.0.1:5", "50ms")
    assert (
        "- {name: b, table: holding, address: 10, type: float32, poll: fast, coherent: row}"
        in text.map_yaml()
    )
    assert "address: '127.0.0.1:5'" in text.site_yaml()
