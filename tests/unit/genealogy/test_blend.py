"""Mixing by mass: numbers worked out by hand, and formulas in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gateway.genealogy import CannotMix, Vector, check, mix, regrind_share, share_of, source

A, B, C = source("A"), source("B"), source("C")


def shares(vector: Vector, row: int = 0) -> dict[str, float]:
    return {
        name: round(share, 12)
        for name, share in zip(vector.sources, vector.shares[row].tolist(), strict=True)
    }


def test_kilograms_are_the_weights():
    first = mix([(A, 30.0, 0.0, ""), (B, 10.0, 0.0, "")])
    second = mix([(first, 20.0, 0.0, ""), (C, 60.0, 0.0, "")])
    assert shares(first) == {"B": 0.25, "A": 0.75}
    assert shares(second) == {"A": 0.1875, "B": 0.0625, "C": 0.75}


def test_a_silo_of_unknown_mixing_by_hand():
    """60 kg of A, 40 kg of B on top, two batches of 50 kg. First in, first out: the first batch is A, the second
    10 kg of A and 40 of B. Mixed: both are 60 % A."""
    content = mix([(A, 60.0, 0.0, "mixed"), (B, 40.0, 0.0, "mixed")])
    first = mix([(A, 50.0, 0.0, "fifo"), (content, 50.0, 0.0, "mixed")])
    second = mix([(A, 10.0, 0.0, "fifo"), (B, 40.0, 0.0, "fifo"), (content, 50.0, 0.0, "mixed")])
    assert (shares(first), shares(first, 1)) == ({"A": 1.0, "B": 0.0}, {"A": 0.6, "B": 0.4})
    assert (shares(second), shares(second, 1)) == ({"A": 0.2, "B": 0.8}, {"A": 0.6, "B": 0.4})
    assert share_of(first, "A")[:2] == pytest.approx((0.6, 1.0))
    assert share_of(second, "A")[:2] == pytest.approx((0.2, 0.6))
    assert share_of(second, "B")[:2] == pytest.approx((0.4, 0.8))
    both = mix([(first, 50.0, 0.0, ""), (second, 50.0, 0.0, "")])
    # all of the silo: it does not matter how it mixed
    assert share_of(both, "A")[:2] == pytest.approx((0.6, 0.6))


def test_each_row_is_divided_by_its_own_kilograms():
    vector = mix([(A, 30.0, 0.0, "fifo"), (B, 60.0, 0.0, "mixed"), (C, 30.0, 0.0, "")])
    assert shares(vector) == {"B": 0.0, "A": 0.5, "C": 0.5}
    assert vector.shares[1].tolist() == pytest.approx(
        [1 / 3 if name == "C" else 2 / 3 if name == "B" else 0 for name in vector.sources]
    )


def test_steady_regrind_is_geometric():
    """With a share r of every blend out of the granulator, (1 - r) r^(n - 1) of it goes through the screw for the
    n-th time: the resin it was came in n - 1 rounds ago."""
    r, blend = 0.25, A
    for _ in range(60):
        regrind = mix([(blend, 1.0, 0.0, "")], ground=True)
        blend = mix([(A, 1 - r, 0.0, ""), (regrind, r, 0.0, "")])
    expected = [(1 - r) * r ** (n - 1) for n in range(1, 9)]
    assert blend.passes[0].tolist() == pytest.approx([*expected, r**8], abs=1e-15)
    assert regrind_share(blend).low == pytest.approx(r, abs=1e-15)


def test_the_last_bin_keeps():
    vector = A
    for _ in range(12):
        vector = mix([(vector, 1.0, 0.0, "")], ground=True)
    assert vector.passes[0].tolist() == [0.0] * 8 + [1.0]


def test_what_is_too_small_is_in_the_rest_and_stays_there():
    first = mix([(A, 1.0, 0.0, ""), (B, 4e-6, 0.0, ""), (C, 5e-7, 0.0, "")])
    assert set(first.sources) == {"A", "B"}
    assert first.rest[0] == pytest.approx(5e-7, rel=1e-5)
    second = mix([(first, 1.0, 0.0, ""), (C, 1.0, 0.0, "")])
    assert second.rest[0] == pytest.approx(2.5e-7, rel=1e-5)
    assert share_of(second, "C")[:2] == pytest.approx((0.5, 0.5 + 2.5e-7))
    assert share_of(first, "C") == (0.0, first.rest[0], 0.0)


def test_a_share_is_kept_where_one_row_is_large_enough():
    vector = mix([(A, 1.0, 0.0, ""), (B, 1e-7, 0.0, "fifo"), (B, 1e-3, 0.0, "mixed")])
    assert "B" in vector.sources
    assert vector.rest.tolist() == [0.0, 0.0]


def test_uncertainty_is_the_first_order_of_the_mean():
    """Against the difference quotient by each kilogram, and the shares' own uncertainties by their weights."""
    kg, sigma = (30.0, 50.0, 20.0), (0.3, 0.4, 0.5)
    first = mix([(A, 10.0, 0.2, ""), (B, 30.0, 0.1, "")])
    parts = (first, A, C)

    def share(kilograms: tuple[float, ...]) -> float:
        made = mix([(part, k, 0.0, "") for part, k in zip(parts, kilograms, strict=True)])
        return share_of(made, "A").low

    step = 1e-4
    slopes = [
        (
            share(tuple(k + step * (i == j) for j, k in enumerate(kg)))
            - share(tuple(k - step * (i == j) for j, k in enumerate(kg)))
        )
        / (2 * step)
        for i in range(3)
    ]
    own = 0.3 * share_of(first, "A").sigma
    expected = math.sqrt(sum((slope * s) ** 2 for slope, s in zip(slopes, sigma, strict=True)) + own**2)
    made = mix([(part, k, s, "") for part, k, s in zip(parts, kg, sigma, strict=True)])
    assert share_of(made, "A").sigma == pytest.approx(expected, rel=1e-7)
    # JCGM 100:2008, 5.1.2 by hand for the blend of two: 10 +- 0.2 and 30 +- 0.1 kg
    assert share_of(first, "A").sigma == pytest.approx(
        math.hypot(30 / 1600 * 0.2, 10 / 1600 * 0.1), rel=1e-12
    )


def test_an_error_that_comes_by_many_ways_is_not_averaged_away():
    """One unsure lot in two others, and both in a third: the error is one, and mixing is linear in what goes in."""
    unsure = mix([(A, 10.0, 1.0, ""), (B, 10.0, 0.0, "")])
    one = mix([(unsure, 5.0, 0.0, ""), (C, 5.0, 0.0, "")])
    other = mix([(unsure, 5.0, 0.0, ""), (source("D"), 5.0, 0.0, "")])
    both = mix([(one, 7.0, 0.0, ""), (other, 3.0, 0.0, "")])
    assert share_of(both, "A").low == pytest.approx(0.25)
    assert share_of(both, "A").sigma == pytest.approx(0.5 * share_of(unsure, "A").sigma, rel=1e-12)


def test_regrind_and_recycled_content_are_two_numbers():
    declared = source("R", recycled=0.5, recycled_sigma=0.02)
    ground = mix([(A, 5.0, 0.0, "")], ground=True)
    made = mix([(declared, 50.0, 0.0, ""), (ground, 25.0, 0.5, ""), (A, 25.0, 0.0, "")])
    assert made.recycled.tolist() == pytest.approx([0.25])
    assert made.regrind.tolist() == pytest.approx([0.25])
    assert made.sigma[-1] == pytest.approx(math.hypot(0.5 * 0.02, 0.5 / 100 * 0.25))
    assert made.sigma[-2] == pytest.approx(0.5 / 100 * 0.75)
    again = mix([(made, 10.0, 1.0, "")], ground=True)
    assert (
        again.recycled.tolist() == made.recycled.tolist()
    )  # grinding recycles nothing in the sense of ISO 14021
    assert (again.regrind.tolist(), again.sigma[-2]) == ([1.0], 0.0)


def test_boxes_of_one_batch_are_as_unsure_as_the_batch():
    batch = mix([(A, 30.0, 0.3, ""), (B, 10.0, 0.1, "")])
    pallet = mix([(batch, 9.0 + box, 0.1, "") for box in range(8)])
    assert pallet.sigma.tolist() == batch.sigma.tolist()
    assert pallet.shares.tolist() == batch.shares.tolist()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([], "0 kg together"),
        ([(A, 0.0, 0.0, "")], "0.0 kg together"),
        ([(A, -1.0, 0.0, "")], "is no mass"),
        ([(A, math.nan, 0.0, "")], "is no mass"),
        ([(A, math.inf, 0.0, "")], "is no mass"),
        ([(A, 1.0, -0.1, "")], "is no mass"),
        ([(A, 1.0, 0.0, "stirred")], "not 'stirred'"),
    ],
)
def test_what_cannot_be_mixed_is_refused(parts, words):
    with pytest.raises(CannotMix, match=words):
        mix(parts)


def test_many_sources_and_sums():
    chance = np.random.default_rng(5)
    lots = [source(f"S{i}") for i in range(300)]
    blend = mix([(lot, kg, 0.0, "") for lot, kg in zip(lots, chance.random(300) + 0.01, strict=True)])
    assert check(blend) <= 1e-15


def test_what_may_be_in_a_lot_is_named_though_it_rather_is_not():
    """0 kg, give or take 0.5 kg, in 10: no share, and a sigma of 5 %. Where both are small, it is rest."""
    maybe = mix([(A, 10.0, 0.0, ""), (B, 0.0, 0.5, "")])
    assert share_of(maybe, "B") == pytest.approx((0.0, 0.0, 0.05))
    thinned = mix([(maybe, 1e-5, 0.0, ""), (C, 1.0, 0.0, "")])
    assert "B" not in thinned.sources
    assert check(thinned) <= 1e-12
