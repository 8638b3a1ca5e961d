"""What a database still has to get."""

from __future__ import annotations

from gateway.ingest.feed import PATIENCE_S, Feed
from gateway.journal.intervals import IntervalSet


def feed(*held: tuple[int, int], done: int = 0, delay: float = 0.0) -> Feed:
    return Feed(delay, IntervalSet.of(held), done)


def test_goes_on_from_where_the_database_is():
    here = feed((1, 100), done=40)
    assert here.owed(30, 0) == (41, 70)
    here.accept(41, 70, 0)
    assert here.owed(30, 0) == (71, 100)
    here.accept(71, 100, 0)
    assert here.owed(30, 0) is None
    assert here.durable() == 100


def test_a_hole_holds_what_is_behind_it_for_a_while():
    here = feed((1, 10), (21, 30), done=10)
    assert here.owed(5, 0) is None
    assert here.owed(5, PATIENCE_S - 1) is None
    assert here.owed(5, PATIENCE_S) == (21, 25)
    here.accept(21, 30, PATIENCE_S)
    here.add(11, 20)
    assert here.owed(50, PATIENCE_S) == (11, 20)


def test_a_hole_that_is_filled_costs_no_patience():
    here = feed((1, 10), (21, 30), done=10)
    assert here.owed(5, 0) is None
    here.add(11, 20)
    assert here.owed(50, 1) == (11, 30)


def test_what_is_not_on_the_disk_yet_is_owed_again_when_the_database_falls():
    here = feed((1, 100), delay=15)
    here.accept(1, 50, now_s=0)
    here.accept(51, 100, now_s=10)
    assert not here.ripe(14)
    assert here.ripe(15)
    here.ripen(15)
    assert here.durable() == 50
    here.fell()
    assert here.owed(100, 16) == (51, 100)
    here.ripen(1000)
    assert here.durable() == 50
