"""What a unit answers, and what the script makes of it."""

import struct
from dataclasses import replace

import pytest

from simulators.faults import Faults, ScriptError, parse
from simulators.plant.line import Plant
from simulators.wire.image import Image, MapMismatch, Refused
from simulators.wire.station import Station
from tests.unit.simulators.sites import press


@pytest.fixture
def plant():
    return Plant(1)


def station(plant, script=""):
    machine = plant.machines["press1"]
    return Station(Image(press(), lambda: machine.signals), Faults(parse(script)), lambda: plant.time_ns)


def float32(words):
    return struct.unpack(">f", struct.pack(">2H", *words))[0]


def test_a_read_shows_the_machine_of_this_instant(plant):
    unit = station(plant)
    plant.step(3.0)
    answer = unit.answer("holding", 100, 16)
    assert answer.words[:2] == (0, 3)
    assert float32(answer.words[2:4]) == pytest.approx(plant.presses[0].signals["cushion"], rel=1e-6)
    assert struct.pack("<6H", *answer.words[10:16]) == b"SIM-0001-1\0\0"
    assert unit.answer("discrete", 0, 2).words == (1, 0)


def test_only_reads_that_cover_the_answer_number_are_numbered(plant):
    unit = station(plant)
    assert unit.answer("holding", 100, 8).number == 1
    assert unit.answer("holding", 100, 7).number == 0  # half of it
    assert unit.answer("input", 0, 1).number == 0
    second = unit.answer("holding", 106, 2)
    assert (second.number, second.words) == (2, (0, 2))


def test_gaps_read_as_zero_and_outside_is_refused(plant):
    unit = station(plant)
    assert unit.answer("holding", 108, 2).words == (0, 0)
    assert unit.answer("holding", 99, 2).code == 2
    assert unit.answer("holding", 115, 2).code == 2
    assert unit.answer("input", 0, 2).code == 2
    assert unit.answer("coil", 5, 1).code == 2


def test_a_map_with_a_point_the_machine_has_not_is_refused(plant):
    with pytest.raises(MapMismatch, match="silo1 has no shots; it shows fills, level, net_filled"):
        Image(press("silo1"), lambda: plant.silo.signals)


def test_too_long_a_read_is_refused_as_the_device_does(plant):
    image = Image(replace(press(), max_words=8), lambda: plant.presses[0].signals)
    with pytest.raises(Refused, match="exception 3"):
        image.read("holding", 100, 9)


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("press1 silent", {"silent": True}),
        ("presses silent", {"silent": True}),
        ("press1 drop", {"drop": True}),
        ("press1 busy", {"code": 6}),
        ("press1 fail", {"code": 4}),
        ("press1.cushion refuse", {"code": 2}),
        ("press1.oil_temperature refuse", {"code": 0}),
        ("press1 slow 150 ms", {"delay_ns": 150_000_000}),
        ("press1 corrupt", {"corrupt": True}),
        ("press2 silent", {"silent": False}),
    ],
)
def test_faults_of_the_wire_while_they_last(plant, line, seen):
    unit = station(plant, f"at 1 s: {line} for 2 s")
    for at, struck in ((0.5, False), (1.0, True), (2.9, True), (3.0, False)):
        plant.step(at - plant.time_s)
        answer = unit.answer("holding", 100, 8)
        if struck:
            assert {name: getattr(answer, name) for name in seen} == seen
        else:
            assert answer.code == 0
            assert not any((answer.silent, answer.drop, answer.corrupt, answer.delay_ns))


def test_nan_and_frozen_spoil_one_point(plant):
    unit = station(plant, "at 2 s: press1.cushion frozen for 3 s\nat 2 s: press1.part_weight nan for 3 s")
    plant.step(2.0)
    first = unit.answer("holding", 100, 6).words
    plant.step(2.0)
    second = unit.answer("holding", 100, 6).words
    assert second[0:2] == (0, 4)  # the counter runs on
    assert second[2:4] == first[2:4]
    assert (second[5], second[4]) == (0x7FC0, 0)  # a quiet nan, words swapped
    plant.step(1.0)
    third = unit.answer("holding", 100, 6).words
    assert third[2:4] != first[2:4]
    assert third[5] != 0x7FC0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("at 8 s blender1 silent", "line 1: 'at 8 s blender1 silent' is not"),
        ("\nat 8 s: blender1 sleeps", "line 2: 'sleeps' is none of"),
        ("at 8 s: blender1 step 1", "step needs a point"),
        ("at 8 s: blender1.x drift", "drift needs a size"),
    ],
)
def test_a_script_that_says_nothing_we_know_says_where(line, complaint):
    with pytest.raises(ScriptError, match=complaint):
        parse(line)


def test_a_script_is_read_in_order_of_time_and_forgets_what_is_over():
    faults = Faults(parse("at 9 s: a silent for 1 s # why\n\nat 3 s: a slow 20 for 1 s\nat 4 s: a busy"))
    assert [f.kind for f in faults.now("a", 9_500_000_000)] == ["busy", "silent"]
    faults.forget(11_000_000_000)
    assert [f.kind for f in faults.now("a", 9_500_000_000)] == ["busy"]
