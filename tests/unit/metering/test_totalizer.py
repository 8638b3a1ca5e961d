"""Totals against a ledger that is never cleared: what is said to be exact is, and bounds hold, whatever was done."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.metering.totalizer import Frame, Grown, Limits, Track, between, elapsed_s, follow
from gateway.model import Instant
from simulators.plant.weigh_blender import GRAMS, TENTHS, WeighBlender
from simulators.weigh_history import FASTEST_S, MOST_TENTHS, Seen, history

KG = {TENTHS: 1e-4, GRAMS: 1e-3}
PLAY_KG = 1e-9  # a micro-gram: what binary fractions leave


def at(seconds: float) -> Instant:
    return Instant(round(seconds * 1e9), round(seconds * 1e9), 1)


def limits(bits: int = 32) -> Limits:
    return Limits(2.0**bits, 65_536.0, MOST_TENTHS * 1e-4, FASTEST_S)


def frame(
    seconds: float, cycles: float | None, *totals: float, kind: int = TENTHS, serial: float | None = None
):
    return Frame(at(seconds), totals, KG[kind], cycles, serial)


def seen_frame(seen: Seen, *, named: bool) -> Frame:
    return Frame(
        Instant(seen.time_ns, seen.time_ns, 1), tuple(map(float, seen.totals)), KG[seen.kind], float(seen.cycles),
        float(seen.serial) if named else None,
    )  # fmt: skip


def wrong(grown: Grown, before: Seen, after: Seen) -> bool:
    """Whether the ledger says otherwise."""
    truth = [(b - a) * 1e-4 for a, b in zip(before.ledger, after.ledger, strict=True)]
    inside = all(
        low - PLAY_KG <= kg <= high + PLAY_KG
        for low, kg, high in zip(grown.low, truth, grown.high, strict=True)
    )
    hit = all(abs(a - b) <= PLAY_KG for a, b in zip(grown.kg, truth, strict=True))
    return not inside or (grown.exact and not hit)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((32, 32, 16)), st.booleans())
def test_every_history_is_exact_or_inside_its_bounds(seed: int, bits: int, named: bool) -> None:
    track: Track | None = None
    before: Seen | None = None
    for seen in history(seed, 40, bits=bits):
        track, grown = follow(limits(bits), track, seen_frame(seen, named=named))
        if grown is not None and before is not None:
            assert not wrong(grown, before, seen), (before, seen, grown)
        before = seen


def test_the_histories_have_every_fault_in_them_and_the_checker_bites() -> None:
    marks, before, caught = set(), None, 0
    for seed in range(40):
        track = None
        for seen in history(seed, 60):
            track, grown = follow(limits(), track, seen_frame(seen, named=True))
            if grown is not None:
                marks.add((grown.mark, grown.exact))
                spoilt = grown._replace(kg=tuple(kg + 1e-4 for kg in grown.kg))
                caught += grown.exact and wrong(spoilt, before, seen)  # type: ignore[arg-type]
            before = seen
    assert {
        ("", True),
        ("cleared", False),
        ("replaced", False),
        ("unit_changed", True),
        ("reset", False),
    } <= marks
    assert caught > 1000


def test_a_wrap_is_exact_by_the_gram() -> None:
    blender = WeighBlender(2)
    blender.replace([2**32 - 5_000, 100], 65_535, 1)
    before = [float(total) for total in blender.totals]
    blender.batch([14_000, 6_001])
    grown = between(
        limits(), frame(0, 65_535, *before), frame(5, blender.cycles, *map(float, blender.totals))
    )
    assert grown.kg == grown.low == grown.high == pytest.approx((1.4, 0.6001), abs=PLAY_KG)
    assert (grown.cycles, grown.exact, grown.mark) == (1, True, "")


def test_a_clear_right_behind_a_batch_hides_nothing() -> None:
    track, _ = follow(limits(), None, frame(0, 7, 70_000.0))
    track, grown = follow(limits(), track, frame(2, 8, 80_000.0))
    assert grown is not None
    assert grown.exact
    track, grown = follow(limits(), track, frame(4, 0, 0.0))
    assert grown == Grown((0.0,), (0.0,), (0.0,), None, True, "cleared")


def test_without_a_count_a_total_is_bounded_by_what_the_device_can_move() -> None:
    belt = Limits(around=65_536.0, most_kg_h=3600.0, ordinary_s=10.0)
    kg = [Frame(at(s), (n,), 1.0) for s, n in ((0, 100.0), (5, 104.0), (10, 2.0), (3600, 2_000.0))]
    assert between(belt, kg[0], kg[1]).exact
    cleared = between(belt, kg[1], kg[2])
    assert (cleared.low, cleared.high, cleared.mark) == ((0.0,), (5.0,), "cleared")
    late = between(belt, kg[2], kg[3])  # in an hour it may have been cleared and have grown again
    assert (late.low, late.kg, late.mark) == ((1998.0,), (1998.0,), "first_after_gap")
    assert late.high == pytest.approx((3590.0,))


@pytest.mark.parametrize(
    ("last", "now", "mark"),
    [
        (frame(0, 5, 9_000.0, serial=1.0), frame(2, 5, 9_000.0, serial=2.0), "replaced"),
        (frame(0, 5_000, 9e8), frame(2, 4_990, 8.98e8), "reset"),  # came back older than it was
        (frame(0, 5_000, 9e8), frame(2, 5_100, 9.1e8), "reset"),  # a hundred batches in two seconds
    ],
)
def test_numbers_that_cannot_follow_each_other_say_nothing_but_what_is_possible(last, now, mark) -> None:
    grown = between(limits(), last, now)
    assert (grown.kg, grown.low, grown.exact, grown.mark) == ((0.0,), (0.0,), False, mark)
    assert grown.high == (2.5,)


def test_a_device_that_nothing_bounds_gives_no_upper_bound() -> None:
    grown = between(Limits(), frame(0, None, 9.0), frame(1, None, 2.0))
    assert grown.high == (math.inf,)
    assert not grown.exact


def test_the_time_between_two_readings_is_rather_too_long() -> None:
    late = Instant(50, 7, 2)  # of another boot, with another clock
    assert elapsed_s(Instant(20, 9_000, 1), late) == pytest.approx(30e-9)
    assert elapsed_s(Instant(90, 9_000, 1), late) == math.inf
    assert elapsed_s(Instant(0, 10, 1), Instant(10**12, 40, 1)) == pytest.approx(30e-9)


@pytest.mark.parametrize(
    ("before", "unit_before", "after", "unit_after"),
    [(99.0, 0.45359237, 46.0, 1.0), (1_584.0, 0.028349523125, 46.0, 1.0), (44.9, 1.0, 101.0, 0.45359237)],
)
def test_pounds_ounces_and_kilograms_are_known_to_within_a_count(
    before, unit_before, after, unit_after
) -> None:
    """44.9 kg before, about a kilogram more a minute later, in another unit."""
    bounded = Limits(around=65_536.0, most_kg_h=100.0, ordinary_s=120.0)
    grown = between(bounded, Frame(at(0), (before,), unit_before), Frame(at(60), (after,), unit_after))
    truth = after * unit_after - before * unit_before
    play = max(unit_before, unit_after)
    assert grown.mark == "unit_changed"
    assert not grown.exact
    assert grown.kg == pytest.approx((truth,))
    assert grown.low == pytest.approx((max(truth - play, 0.0),))
    assert grown.high == pytest.approx((truth + play,))
