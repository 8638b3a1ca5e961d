"""The budget's account, and how long a unit is waited for."""

from __future__ import annotations

import random

from gateway.poll.units import BURST_NS, DEATHS_AFTER, LONGEST_PAUSE_NS, PATIENT, SHARE, Budget, Unit
from tests.unit.poll.kit import MS, device

S = 1_000 * MS


def test_the_budget_is_never_overspent_in_the_long_run():
    chance, budget, now, spent = random.Random(5), Budget(0), 0, 0
    while now < 3600 * S:
        cost = chance.choice((50, 80, 200, 1000)) * MS
        now = budget.affordable_at(now, cost)
        assert budget.affordable_at(now, cost) == now
        budget.spend(now, cost)
        spent += cost
        now += cost
    assert spent <= SHARE * now + BURST_NS + 1000 * MS
    assert spent >= 0.95 * SHARE * now  # and what there is can be used


def test_a_quiet_bus_saves_up_a_little_only():
    budget = Budget(0)
    budget.spend(3600 * S, BURST_NS)
    assert not budget.in_debt
    assert budget.affordable_at(3600 * S, 40 * MS) == 3600 * S + round(40 * MS / SHARE) + 1


def test_what_costs_more_than_can_be_saved_waits_for_a_full_account():
    budget = Budget(0)
    assert budget.affordable_at(0, 5 * S) == 0
    budget.spend(0, 5 * S)
    assert budget.in_debt
    assert budget.affordable_at(0, 5 * S) == round(5 * S / SHARE) + 1


def test_a_unit_that_answers_gets_all_its_time():
    unit = Unit(device("press", 100))
    unit.answered(20 * MS)
    assert unit.wait_ns(0, in_debt=True) == S


def test_a_unit_that_never_answered_gets_all_its_time_while_there_is_some():
    unit = Unit(device("press", 100))
    assert unit.wait_ns(20 * MS, in_debt=False) == S
    assert unit.wait_ns(20 * MS, in_debt=True) == 80 * MS
    assert unit.wait_ns(0, in_debt=True) == S  # nobody has answered: nothing is known


def test_silence_shortens_the_wait_to_what_the_unit_has_needed():
    unit = Unit(device("press", 100))
    for took in (20, 150, 20, 20):
        unit.answered(took * MS)
    unit.silent(0)
    assert 580 * MS < unit.wait_ns(5 * MS, in_debt=False) <= 600 * MS
    unit.answered(20 * MS)
    assert unit.wait_ns(5 * MS, in_debt=False) == S


def test_no_wait_is_longer_than_the_config_allows():
    unit = Unit(device("press", 100, timeout_ms=60))
    unit.answered(50 * MS)
    unit.silent(0)
    assert unit.wait_ns(0, in_debt=False) == 60 * MS


def test_patience_comes_round():
    unit = Unit(device("press", 100, timeout_ms=5000))
    unit.answered(10 * MS)
    assert [unit.silent(0) for _ in range(DEATHS_AFTER)] == [False, False, True]
    waits = []
    for n in range(PATIENT**2):
        waits.append(unit.wait_ns(0, in_debt=False) // MS)
        unit.probed_in_vain(n * S)
    assert set(waits) == {50, 1000, 5000}
    assert waits.count(1000) == PATIENT - 1
    assert waits[-1] == 5000
    assert unit.pause_ns == LONGEST_PAUSE_NS


def test_a_slow_answer_is_forgotten_slowly():
    unit = Unit(device("press", 100))
    unit.answered(500 * MS)
    for _ in range(1000):
        unit.answered(10 * MS)
    unit.silent(0)
    assert unit.wait_ns(0, in_debt=False) < 100 * MS
