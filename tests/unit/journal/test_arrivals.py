"""What a replica lacks of records that come twice, out of order, or under a number that another one has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gateway.journal.arrivals import Columns, New, new_columns, new_records, runs_of, seqs_of
from gateway.journal.intervals import IntervalSet
from gateway.model import Instant, NumberedInput, Tick
from gateway.rows import Rows, columns_of
from tests.unit.journal.plant import T0, Plant, make_group

NOTHING = IntervalSet()


def part(*seqs: int, group: str = "press1/fast", points: int = 5) -> tuple[str, Rows]:
    plant = Plant(1, make_group(group))
    [(name, rows)] = columns_of(plant.readings(1, len(seqs)))
    return name, replace(rows, seq=np.array(seqs, np.int64), quality=rows.quality[:, :points])


def tick(seq: int, time_ns: int = T0) -> NumberedInput:
    return NumberedInput(seq, Tick(Instant(time_ns, seq, 1)))


def numbers(columns: Columns) -> list[tuple[str, list[int]]]:
    return [(group, rows.seq.tolist()) for group, rows in columns]


@pytest.mark.parametrize(
    "runs", [[], [(1, 10)], [(1, 3)], [(5, 20)], [(3, 4), (7, 9)], [(2, 2), (10, 10)], [(1, 1)], [(11, 12)]]
)
def test_of_readings_only_those_are_new_that_are_not_held(runs) -> None:
    held = IntervalSet.of(runs)
    wanted = [seq for seq in range(1, 11) if seq not in held]
    assert numbers(new_columns(held, [part(*range(1, 11))], [])) == (
        [("press1/fast", wanted)] if wanted else []
    )


def test_readings_between_which_others_lie_are_told_from_them() -> None:
    held = IntervalSet.of([(4, 6), (9, 9)])
    assert numbers(new_columns(held, [part(2, 4, 7, 9, 12)], [])) == [("press1/fast", [2, 7, 12])]


def test_one_that_comes_twice_is_stored_once_and_in_order() -> None:
    assert numbers(new_columns(NOTHING, [part(5, 6), part(1, 5), part(6)], [])) == [
        ("press1/fast", [1, 5, 6])
    ]


def test_a_number_that_another_kind_of_input_has_is_taken() -> None:
    assert numbers(new_columns(NOTHING, [part(1, 2, 3)], [2])) == [("press1/fast", [1, 3])]
    assert numbers(new_columns(NOTHING, [part(1, 2, 3)], [4])) == [("press1/fast", [1, 2, 3])]


def test_of_two_groups_with_one_number_the_first_keeps_it() -> None:
    found = new_columns(NOTHING, [part(1, 2), part(2, 3, group="dryer/slow"), part(3, 4, group="x/y")], [])
    assert numbers(found) == [("press1/fast", [1, 2]), ("dryer/slow", [3]), ("x/y", [4])]


def test_readings_of_another_shape_stay_apart() -> None:
    found = new_columns(NOTHING, [part(1, 4), part(2, points=3), part(3)], [])
    assert numbers(found) == [("press1/fast", [1, 3, 4]), ("press1/fast", [2])]


@pytest.mark.parametrize("seqs", [(0, 1), (-3, 4)])
def test_numbers_begin_at_one(seqs) -> None:
    with pytest.raises(ValueError, match=rf"^{seqs[0]}: numbers begin at 1$"):
        new_columns(NOTHING, [part(*seqs)], [])
    with pytest.raises(ValueError, match=rf"^{seqs[0]}: numbers begin at 1$"):
        new_records(NOTHING, [tick(seqs[0])])


def test_records_come_in_order_without_those_held_and_the_first_of_two_stays() -> None:
    first, again = tick(7, T0), tick(7, T0 + 1)
    held = IntervalSet.of([(3, 4)])
    assert new_records(held, [tick(9), first, tick(3), again, tick(1)]) == [tick(1), first, tick(9)]


def test_how_many_were_stored() -> None:
    assert New([(1, 3), (7, 7)], [(2, 3)], []).records() == (4, 2)
    assert New([], [], []).records() == (0, 0)


def test_numbers_of_all_kinds_make_runs() -> None:
    seqs = seqs_of([tick(9), tick(4)], [part(1, 2, 5), part(8)])
    assert seqs.tolist() == [1, 2, 4, 5, 8, 9]
    assert runs_of(seqs) == [(1, 2), (4, 5), (8, 9)]
    assert runs_of(seqs[:0]) == []
    assert runs_of(seqs[:1]) == [(1, 1)]
