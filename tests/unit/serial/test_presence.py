"""Presence: many reads, one "seen"; a while of none, one "left". Time is just numbers here."""

from __future__ import annotations

import random

from drivers.serial.presence import Left, Presence, Seen

MS = 1_000_000
S = 1_000 * MS


def field(**given: float) -> Presence:
    options = {"least": 3, "window_ns": S, "leave_ns": 5 * S, "gate_dbm": -70} | given
    return Presence(**options)  # type: ignore[arg-type] # numbers


def test_seen_once_however_often_it_is_read():
    gate = field()
    told = [gate.read("E1", -60, at * 100 * MS) for at in range(50)]
    assert told[2] == Seen("E1", 3, -60)
    assert [each for each in told if each] == [told[2]]


def test_reads_too_far_apart_are_no_presence():
    gate = field()
    assert [gate.read("E1", -60, at * 600 * MS) for at in range(20)] == [None] * 20


def test_weak_reads_do_not_count():
    gate = field()
    assert [gate.read("E1", -71, at * MS) for at in range(20)] == [None] * 20
    assert gate.weak == 20
    assert gate.deadline_ns is None


def test_at_the_gate_is_loud_enough():
    gate = field(least=1)
    assert gate.read("E1", -70, 0) == Seen("E1", 1, -70)


def test_it_leaves_after_the_last_loud_read():
    gate = field(least=1)
    gate.read("E1", -60, 0)
    gate.read("E1", -50, 2 * S)
    gate.read("E1", -90, 4 * S)  # too weak to keep it
    assert gate.deadline_ns == 7 * S
    assert gate.left(7 * S - 1) == []
    assert gate.left(7 * S) == [Left("E1", 2, -50)]
    assert gate.left(100 * S) == []


def test_what_was_never_present_does_not_leave():
    gate = field()
    gate.read("E1", -60, 0)
    assert gate.left(60 * S) == []
    assert gate.deadline_ns is None


def test_it_may_come_again():
    gate = field(least=1)
    assert gate.read("E1", -60, 0)
    gate.left(6 * S)
    assert gate.read("E1", -60, 10 * S) == Seen("E1", 1, -60)


def test_they_leave_in_the_order_of_their_last_reads():
    gate = field(least=1)
    for at, code in ((0, "B"), (1, "A"), (2, "C")):
        gate.read(code, -60, at * S)
    gate.read("B", -60, 3 * S)
    assert [gone.code for gone in gate.left(60 * S)] == ["A", "C", "B"]


def test_while_the_reader_is_away_nobody_leaves():
    gate = field(least=1)
    gate.read("E1", -60, 0)
    gate.postpone(60 * S)
    assert gate.left(64 * S) == []
    assert gate.left(65 * S) == [Left("E1", 1, -60)]


def test_a_crowd_is_bounded_and_counted():
    gate = field(least=1, most=10)
    told = [gate.read(f"E{n}", -60, n) for n in range(25)]
    assert sum(each is not None for each in told) == 10
    assert gate.crowded == 15


def test_each_stay_is_one_seen_and_one_left_whatever_the_traffic():
    chance, gate, inside, told = random.Random(7), field(), {}, []
    for tick in range(0, 600_000, 50):  # ten minutes, a read round every 50 ms
        now = tick * MS
        if chance.random() < 0.01:
            inside[f"E{tick}"] = now + chance.randint(1, 20) * S
        inside = {code: leaves for code, leaves in inside.items() if leaves > now}
        heard = [code for code in inside if chance.random() < 0.7]
        reads = (gate.read(code, chance.randint(-69, -40), now) for code in heard)
        told += [("seen", seen.code) for seen in reads if seen]
        told += [("left", gone.code) for gone in gate.left(now)]
    told += [("left", gone.code) for gone in gate.left(10_000 * S)]
    seen = [code for phase, code in told if phase == "seen"]
    left = [code for phase, code in told if phase == "left"]
    assert len(seen) == len(set(seen)) > 50
    assert sorted(seen) == sorted(left)
