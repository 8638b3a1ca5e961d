"""Run lengths of the Shewhart chart with run rules against Champ & Woodall's tables."""

import itertools

import numpy as np
import pytest

from gateway.design import ranks
from gateway.design.shewhart import RULES, ShewhartScheme
from gateway.stats.special import chi2_sf

# Champ & Woodall (1987), Technometrics 29, table 1: the 3 sigma limits alone, with WE2, with WE3, with WE4
CHAMP_WOODALL = {
    0.0: (370.40, 225.44, 166.05, 152.73), 0.4: (200.08, 104.46, 63.88, 59.76), 1.0: (43.89, 20.01, 12.66, 14.58),
    2.0: (6.30, 3.65, 3.68, 4.89), 3.0: (2.00, 1.68, 1.89, 1.99),
}  # fmt: skip


@pytest.mark.parametrize("column", range(4))
def test_table_of_champ_and_woodall(column):
    rules = ("WE1",) if column == 0 else ("WE1", f"WE{column + 1}")
    got = ShewhartScheme(rules=rules).mean(3.0, list(CHAMP_WOODALL))
    assert got == pytest.approx([row[column] for row in CHAMP_WOODALL.values()], abs=0.0051)


def test_all_four_give_92_samples():
    # Champ & Woodall (1987): 91.75
    got = ShewhartScheme(rules=("WE1", "WE2", "WE3", "WE4")).run_length(3.0)
    assert float(got.mean) == pytest.approx(91.75, abs=0.0051)


def test_rules_that_coincide_count_once():
    same = ShewhartScheme(rules=("WE1", "WE2", "WE3", "N1", "N5", "AIAG6"))
    assert float(same.mean(3.0)) == float(ShewhartScheme(rules=("WE1", "WE2", "WE3")).mean(3.0))
    assert float(ShewhartScheme(rules=("WE4",), same_side=9).mean(3.0)) == float(
        ShewhartScheme(rules=("N2",)).mean(3.0)
    )


def test_runs_on_one_side_have_a_closed_form():
    # runs of r alike of a fair coin: Feller I, XIII.7; (1 - 2**-r) / 2**-r for one side is 2**(r+1) - 2, both: 2**r - 1
    for rule, length in (("AIAG2", 7), ("WE4", 8), ("N2", 9)):
        assert float(ShewhartScheme(rules=(rule,)).mean(3.0)) == pytest.approx(2**length - 1, rel=1e-12)


def test_fifteen_within_one_sigma_has_a_closed_form():
    p = 1 - float(chi2_sf(1.0, 1))
    assert float(ShewhartScheme(rules=("N7",)).mean(3.0)) == pytest.approx((p**-15 - 1) / (1 - p), rel=1e-10)
    assert float(ShewhartScheme(rules=("N8",)).mean(3.0)) == pytest.approx(((1 - p) ** -8 - 1) / p, rel=1e-10)


def test_trends_and_alternations_by_counting_permutations():
    steps = np.diff(np.array(list(itertools.permutations(range(8)))), axis=1) > 0
    windows = [steps[:, at : at + 5] for at in range(3)]
    trend = np.any([window.all(axis=1) | ~window.any(axis=1) for window in windows], axis=0)
    assert ranks.survival(("N3",))[0][8] == pytest.approx(1 - trend.mean(), abs=1e-12)
    # alternating permutations of 14: Euler's zigzag number E14 = 199360981, twice, of 14!
    assert ranks.survival(("N4",))[0][14] == pytest.approx(1 - 2 * 199360981 / 87178291200, abs=1e-12)


def test_rank_rules_do_not_care_for_the_shift():
    got = ShewhartScheme(rules=("N3", "N4")).run_length(3.0, [0.0, 2.0])
    assert got.mean[0] == pytest.approx(got.mean[1])
    assert float(ShewhartScheme(rules=("WE1", "N3")).mean(3.0)) < 370.4


def test_one_side_has_half_the_false_alarms():
    assert float(ShewhartScheme("one").mean(3.0)) == pytest.approx(740.8, abs=0.051)
    assert ShewhartScheme().solve(370.398) == pytest.approx(3.0, abs=1e-6)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="WE5 is not a run rule; there are AIAG1, "):
        ShewhartScheme(rules=("WE5",))
    with pytest.raises(ValueError, match="run rules look at both sides"):
        ShewhartScheme("one", ("WE1",))
    with pytest.raises(ValueError, match="no limit gives an average run length of 500"):
        ShewhartScheme(rules=("WE1", "WE4")).solve(500.0)
    assert {f"N{number}" for number in range(1, 9)} <= set(RULES)
