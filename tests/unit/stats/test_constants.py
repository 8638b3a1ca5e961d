"""Factors against the printed tables."""

import math

import pytest

from gateway.stats.constants import d3, factors

# Montgomery, Introduction to Statistical Quality Control, 6th ed., appendix VI
PRINTED = {
    2: {"A2": 1.880, "A3": 2.659, "B3": 0, "B4": 3.267, "B6": 2.606, "D2": 3.686, "D4": 3.267, "d3": 0.853},
    5: {"A2": 0.577, "A3": 1.427, "B3": 0, "B4": 2.089, "B6": 1.964, "D2": 4.918, "D4": 2.114, "d3": 0.864},
    7: {
        "A2": 0.419,
        "A3": 1.182,
        "B3": 0.118,
        "B4": 1.882,
        "B5": 0.113,
        "D1": 0.204,
        "D3": 0.076,
        "d3": 0.833,
    },
    10: {
        "A2": 0.308,
        "A3": 0.975,
        "B3": 0.284,
        "B4": 1.716,
        "B5": 0.276,
        "D1": 0.687,
        "D3": 0.223,
        "d3": 0.797,
    },
    25: {
        "A2": 0.153,
        "A3": 0.606,
        "B3": 0.565,
        "B4": 1.435,
        "B5": 0.559,
        "D1": 1.806,
        "D4": 1.541,
        "d3": 0.708,
    },
}


@pytest.mark.parametrize("n", PRINTED)
def test_factors_of_the_table(n):
    computed = factors(n)
    for name, printed in PRINTED[n].items():
        # the table multiplied factors that were rounded already, so its last digit may be one off
        assert getattr(computed, name) == pytest.approx(printed, abs=1.05e-3), name


def test_d3_of_the_tables_and_in_closed_form():
    # Harter 1960, table of the range's moments
    assert [round(d3(n), 4) for n in (3, 4, 5, 10)] == [0.8884, 0.8798, 0.8641, 0.7971]
    assert d3(2) == math.sqrt(2 - 4 / math.pi)


def test_one_value_has_no_spread():
    with pytest.raises(ValueError, match="a subgroup of 1 has no spread"):
        factors(1)
