"""Pauses between dials: fast through an outage, wide at a broker that is overrun; and what that does to a fleet."""

from __future__ import annotations

import heapq
import random

import pytest

from gateway.publish.backoff import FAST_NS, FAST_TRIES, HELD_NS, WIDEST_NS, Backoff

SECOND = 1_000_000_000


def test_a_port_that_does_not_answer_is_knocked_at_twice_a_second_for_ever() -> None:
    backoff = Backoff()
    assert {backoff.failed(reached=False, chance=0.999) <= FAST_NS for _ in range(1_000)} == {True}
    assert backoff.failed(reached=False, chance=0.0) == FAST_NS // 4


def test_a_broker_that_answers_and_gives_no_session_is_left_alone_longer_and_longer() -> None:
    backoff = Backoff()
    waits = [backoff.failed(reached=True, chance=0.9999999999) for _ in range(30)]
    assert waits[:FAST_TRIES] == pytest.approx([FAST_NS] * FAST_TRIES)
    assert waits[FAST_TRIES : FAST_TRIES + 4] == pytest.approx([2 * FAST_NS << step for step in range(4)])
    assert waits[-1] == pytest.approx(WIDEST_NS)


def test_a_session_that_breaks_at_once_counts_as_none() -> None:
    """As when two boxes have one name: each takes the other's session over."""
    backoff = Backoff()
    waits = [backoff.ended(SECOND, chance=0.5) for _ in range(20)]
    assert waits[-1] > 10 * SECOND
    assert backoff.ended(HELD_NS, chance=0.5) == FAST_NS // 2
    assert backoff.failed(reached=True, chance=0.5) < FAST_NS


def test_the_end_of_a_long_session_is_dialled_within_half_a_second_not_in_step() -> None:
    waits = {Backoff().ended(HELD_NS, chance=chance / 100) for chance in range(100)}
    assert len(waits) == 100
    assert max(waits) <= FAST_NS


def served(sites: int, rate: float, *, widens: bool) -> tuple[float, int]:
    """A broker that works on handshakes in the order they came, also on those given up after 5 s.

    Returns when the last site had its session, in s, and how many handshakes that took; it ends after 40 a site.
    """
    chance = random.Random(7)
    backoffs = [Backoff() for _ in range(sites)]
    due = [(chance.uniform(0.0, 0.5), site) for site in range(sites)]
    heapq.heapify(due)
    free, handshakes = 0.0, 0
    while due and handshakes < 40 * sites:
        at, site = heapq.heappop(due)
        free = max(free, at) + 1 / rate
        handshakes += 1
        if free - at > 5.0:
            wait = backoffs[site].failed(reached=widens, chance=chance.random()) / SECOND
            heapq.heappush(due, (at + 5.0 + wait, site))
    return free, handshakes


def test_a_fleet_at_an_overrun_broker_gets_through() -> None:
    """500 sites, 10 handshakes a second: with pauses that never widen, the broker works for those who gave up."""
    assert served(500, 10.0, widens=False)[1] == 40 * 500
    seconds, handshakes = served(500, 10.0, widens=True)
    assert handshakes < 32 * 500
    assert seconds < 1_600
