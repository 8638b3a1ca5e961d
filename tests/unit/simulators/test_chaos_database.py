"""The simulated database: points by time, a repeated one overwrites itself, one that says something else is told."""

from __future__ import annotations

import random

import pytest

from gateway.ingest.writer import WriteFailed
from simulators.chaos.database import Database
from simulators.chaos.trace import Trace


def database() -> Database:
    return Database(random.Random(1), Trace())


def test_points_lie_in_order_however_they_come() -> None:
    """Backlog comes behind what is live."""
    held = database()
    for time in (30, 10, 20, 40, 10):
        held.write(f"reading,point=p value={time / 10},quality=0i {time}", "ns")
    assert list(held.series["reading,point=p"].points()) == [
        (10, 1.0, 0),
        (20, 2.0, 0),
        (30, 3.0, 0),
        (40, 4.0, 0),
    ]
    assert (held.repeated, held.altered) == (1, [])


@pytest.mark.parametrize(
    ("second", "altered"),
    [
        ("reading,point=p value=1,quality=0i 10", []),
        ("reading,point=p value=2,quality=0i 10", ["reading,point=p 10: 2.0 instead of 1.0"]),
        ("reading,point=p quality=8i 10", ["reading,point=p 10: nan instead of 1.0"]),
    ],
)
def test_a_point_that_comes_again(second: str, altered: list[str]) -> None:
    held = database()
    held.write("reading,point=p value=1,quality=0i 10", "ns")
    held.write(second, "ns")
    assert held.altered == altered


def test_an_answer_that_is_lost_leaves_the_points() -> None:
    held = database()
    held.losing_answers = 1
    lost = 0
    for time in range(20):
        try:
            held.write(f"reading,point=p value=1,quality=0i {time}", "ns")
        except WriteFailed as error:
            lost += error.gone
    assert 0 < lost < 20
    assert len(held.series["reading,point=p"].times) == 20
