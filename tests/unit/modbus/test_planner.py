"""Which requests are asked: cheapest, nothing split, and what was learned of refusals."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.blocks import PlanError, Range, atoms_of, limit, partition, problems
from drivers.modbus.cost import Cost, char_ns, first_guess, silence_ns
from drivers.modbus.planner import FIRST_RETRY_NS, LAST_RETRY_NS, GroupPlan
from gateway.site import Bus
from tests.unit.modbus.kit import device, point

CHEAP_WORDS = Cost(2_000_000, 5_000)
DEAR_WORDS = Cost(2_000_000, 1_000_000)


def reads(plan):
    return [(block.read.function, block.read.address, block.read.count) for block in plan.blocks]


def plan_of(*points, price=CHEAP_WORDS, **more):
    made = device(*points, **more)
    return GroupPlan(made, made.groups[0], price, price.worth)


def test_neighbours_come_in_one_request_and_holes_by_cost():
    points = [point(0), point(1), point(10)]
    assert reads(plan_of(*points)) == [(3, 0, 11)]
    assert reads(plan_of(*points, price=DEAR_WORDS)) == [(3, 0, 2), (3, 10, 1)]
    assert reads(plan_of(*points, max_gap=7)) == [(3, 0, 2), (3, 10, 1)]
    assert reads(plan_of(*points, max_gap=8)) == [(3, 0, 11)]


def test_tables_are_never_mixed_and_bits_are_many():
    points = [point(0), point(0, table="input"), point(0, "bit", "coil"), point(1999, "bit", "coil")]
    assert reads(plan_of(*points, price=Cost(1e9, 1.0))) == [(1, 0, 2000), (3, 0, 1), (4, 0, 1)]


def test_no_value_is_split_where_the_limit_falls_into_it():
    points = [point(address, "float32") for address in range(0, 130, 2)]
    assert all(address % 2 == 0 and count % 2 == 0 for _, address, count in reads(plan_of(*points)))
    assert len(plan_of(*points).blocks) == 2
    assert sum(count for _, _, count in reads(plan_of(*points))) == 130
    small = plan_of(*points[:5], max_words=5)
    assert all(count <= 5 for _, _, count in reads(small))
    assert all(address % 2 == 0 and count % 2 == 0 for _, address, count in reads(small))


def test_a_coherent_group_comes_in_one_request_whatever_it_costs():
    points = [point(0, coherent="shot"), point(3), point(100, coherent="shot")]
    assert reads(plan_of(*points, price=DEAR_WORDS)) == [(3, 0, 101)]


@pytest.mark.parametrize(
    ("points", "more", "text"),
    [
        ([point(0, coherent="shot"), point(200, coherent="shot")], {}, 'coherent "shot": 201 from 0 on'),
        ([point(0, coherent="s"), point(0, table="input", coherent="s")], {}, "two tables"),
        ([point(0, "float64")], {"max_words": 3}, "one request reads 3"),
        ([point(0, table="register")], {}, 'table "register" is none of'),
        ([point(0, "uint16", "coil")], {}, "a coil is a bit"),
        ([point(65535, "uint32")], {}, "outside of 0..65535"),
    ],
)
def test_what_cannot_be_read_as_mapped_is_said(points, more, text):
    with pytest.raises(PlanError, match="d1: ") as told:
        plan_of(*points, **more)
    assert text in str(told.value)
    assert problems(device(*points, **more)) == [str(told.value)]
    assert problems(device(point(0))) == []


@pytest.mark.long
@given(
    addresses=st.lists(st.integers(0, 60), min_size=1, max_size=7, unique=True),
    worth=st.integers(0, 40),
    limit_words=st.integers(2, 30),
    cuts=st.frozensets(st.integers(1, 6)),
    left_out=st.frozensets(st.integers(0, 6), max_size=2),
)
def test_the_partition_is_the_cheapest_there_is(addresses, worth, limit_words, cuts, left_out):
    price = Cost(worth * 1e6, 1e6)
    made = device(*(point(address) for address in addresses), max_words=limit_words)
    atoms = atoms_of(made, made.groups[0])
    left_out = frozenset(each for each in left_out if each < len(atoms))
    got = partition(atoms, made, price, cuts=cuts, left_out=left_out)

    def cost(spans):
        return sum(price.of(atoms[span.last - 1].end - atoms[span.first].start) for span in spans)

    kept = [index for index in range(len(atoms)) if index not in left_out]
    assert [index for span in got for index in range(span.first, span.last)] == kept
    best = min((cost(spans) for spans in _every_way(atoms, kept, made, cuts)), default=0.0)
    assert cost(got) == pytest.approx(best)


def _every_way(atoms, kept, made, cuts):
    """All legal ways, by brute force."""
    for ends in itertools.product([False, True], repeat=max(len(kept) - 1, 0)):
        runs, run = [], []
        for place, index in enumerate(kept):
            run.append(index)
            if place == len(kept) - 1 or ends[place]:
                runs.append(run)
                run = []
        legal = all(
            list(range(run[0], run[-1] + 1)) == run
            and not any(run[0] < cut <= run[-1] for cut in cuts)
            and atoms[run[-1]].end - atoms[run[0]].start <= limit(made, 3)
            for run in runs
        )
        if legal:
            yield [Range(run[0], run[-1] + 1) for run in runs]


def search(plan, holds, now_ns=0):
    """Polls until nothing is refused; how many requests each took. `holds(read)`: whether the device answers."""
    rounds = []
    for _ in range(10):
        waiting, asked, refused = list(plan.requests(now_ns)), 0, False
        while waiting:
            block = waiting.pop(0)
            asked += 1
            if holds(block.read):
                plan.accepted(block)
            else:
                refused = True
                waiting[:0] = plan.refused(block, 2, now_ns)
        rounds.append(asked)
        if not refused:
            break
    return rounds


def without(*missing):
    return lambda read: not any(read.address <= address < read.address + read.count for address in missing)


def test_one_bad_register_leaves_the_others_good_and_is_remembered():
    plan = plan_of(*(point(address) for address in range(64)))
    rounds = search(plan, without(37))
    assert plan.bad == {37: 2}
    assert reads(plan) == [(3, 0, 37), (3, 38, 26)]
    assert rounds[0] <= 13  # a binary search: two a step
    assert rounds[-1] == 2


@pytest.mark.long
@given(st.sets(st.integers(0, 39), max_size=6))
def test_every_bad_register_is_found_and_only_those(missing):
    plan = plan_of(*(point(address) for address in range(40)))
    search(plan, without(*missing))
    assert set(plan.bad) == missing


def test_a_hole_that_must_not_be_read_is_learned():
    plan = plan_of(point(0), point(1), point(20), point(21))
    rounds = search(plan, without(*range(2, 20)))
    assert plan.bad == {}
    assert reads(plan) == [(3, 0, 2), (3, 20, 2)]
    assert rounds[-1] == 2


def test_a_bad_register_gets_its_second_chance_rarely_then_is_good_again():
    plan = plan_of(point(0), point(1), point(2))
    search(plan, without(1))
    assert len(plan.requests(FIRST_RETRY_NS - 1)) == 2
    due = plan.requests(FIRST_RETRY_NS)
    assert [(block.read.address, block.read.count) for block in due] == [(0, 1), (2, 1), (1, 1)]
    plan.refused(due[-1], 2, FIRST_RETRY_NS)
    assert len(plan.requests(3 * FIRST_RETRY_NS - 1)) == 2
    due = plan.requests(3 * FIRST_RETRY_NS)
    plan.accepted(due[-1])
    assert plan.bad == {}
    assert reads(plan) == [(3, 0, 3)]


def test_the_pause_between_chances_ends_at_ten_minutes():
    plan = plan_of(point(0))
    now = 0
    for _ in range(12):
        plan.refused(plan.requests(now)[-1], 2, now)
        now += LAST_RETRY_NS
    assert plan.requests(now - 1) == []
    assert len(plan.requests(now)) == 1


def test_dearer_requests_make_a_new_plan():
    price = Cost(2_000_000, 1_000_000)
    plan = plan_of(point(0), point(30), price=price)
    assert len(plan.blocks) == 2
    price.asking_ns = 50_000_000
    plan.reprice(price.worth)
    assert reads(plan) == [(3, 0, 31)]


def test_cost_is_learned_from_round_trips():
    cost = Cost(10_000_000, 100_000)
    for turn in range(400):
        words = (1, 10, 60, 125)[turn % 4]
        cost.learn(words, 3_000_000 + words * 2_000)
    assert cost.asking_ns == pytest.approx(3_000_000, rel=0.02)
    assert cost.word_ns == pytest.approx(2_000, rel=0.2)


def test_cost_without_spread_stays_usable():
    cost = Cost(10_000_000, 100_000)
    for _ in range(1000):
        cost.learn(10, 5_000_000)
    assert cost.of(10) == pytest.approx(5_000_000, rel=0.05)
    assert cost.word_ns >= 0


@pytest.mark.parametrize(("baud", "ns"), [(9600, 4_010_416), (19_200, 2_005_208), (38_400, 1_750_000)])
def test_the_silence_of_the_standard(baud, ns):
    assert silence_ns(Bus("b", "modbus.rtu", "x", baud=baud)) == ns


def test_a_serial_line_is_dear_by_its_speed():
    bus = Bus("b", "modbus.rtu", "x", baud=9600, parity="E")
    assert char_ns(bus) == 11 * 1_000_000_000 // 9600
    assert first_guess(bus).word_ns == 2 * char_ns(bus)
