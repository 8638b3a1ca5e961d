"""Capability against printed examples, its intervals against printed tables, other laws against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gateway.spc.imr import Imr
from gateway.spc.xbar_r import XbarR
from gateway.spc.xbar_s import XbarS
from gateway.stats.special import normal_ppf
from gateway.study.capability import Process, Spec, capability, indices
from gateway.study.exclusions import Exclusion
from gateway.study.normality import anderson_darling
from gateway.study.quantiles import HIGH, LOW, quantiles, weibull_fit
from gateway.study.report import capable
from gateway.study.samples import counts, means, subgroups, values
from gateway.study.study import study
from gateway.study.within import freedom_of

INDICES = ("cp", "cpk", "pp", "ppk", "cpm")
# Lieblein and Zelen (1956): millions of turns to the failure of ball bearings
BEARINGS = [
    17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.48, 51.84, 51.96, 54.12, 55.56, 67.80,
    68.64, 68.64, 68.88, 84.12, 93.12, 98.64, 105.12, 105.84, 127.92, 128.04, 173.40,
]  # fmt: skip


def normal(n: int, mean=0.0, sigma=1.0):
    """Values that are as normal as can be, in an order without drift."""
    z = normal_ppf((np.arange(1, n + 1) - 0.5) / n)
    return mean + sigma * np.random.default_rng(5).permutation(z)


def process(**changed):
    return Process(**{"mean": 16.0, "within": 2.0, "overall": 2.0, "n": 20, "freedom": 19.0, **changed})


def test_indices_of_the_e_handbook():
    # NIST/SEMATECH e-Handbook of Statistical Methods, 6.1.6: USL 20, LSL 8, mean 16, s 2
    found = indices(process(), Spec(lsl=8, usl=20))
    assert found.cp.value == pytest.approx(1.0)
    assert found.cpk.value == pytest.approx(0.6667, abs=5e-5)
    assert found.cpm.value == pytest.approx(0.7071, abs=5e-5)
    assert (found.pp, found.ppk) == (found.cp, found.cpk)


def test_interval_of_cp():
    # Montgomery, 6th ed., example 8.4: specification 38 to 62, n = 20, s = 1.75
    found = indices(process(mean=50.0, within=1.75, overall=1.75), Spec(lsl=38, usl=62)).cp
    assert (found.value, found.low, found.high) == pytest.approx((2.29, 1.57, 3.01), abs=6e-3)


def test_interval_of_cpk():
    # Montgomery, 6th ed., example 8.5: n = 20, Cpk 1.33
    found = indices(process(mean=0.0, within=1.0, overall=1.0), Spec(usl=3.99)).cpk
    assert (found.value, found.low, found.high) == pytest.approx((1.33, 0.88, 1.78), abs=6e-3)


def test_interval_of_cpm_on_target():
    # Boyles (1991): chi-square with n degrees of freedom on target; 9.591 and 34.170 are printed for 20
    found = indices(process(mean=14.0), Spec(lsl=8, usl=20)).cpm
    assert found.value == pytest.approx(1.0)
    assert (found.low, found.high) == pytest.approx((math.sqrt(9.591 / 20), math.sqrt(34.170 / 20)), rel=1e-4)


def test_a_target_of_ones_own():
    on, off = (indices(process(), Spec(lsl=8, usl=20, target=aim)).cpm.value for aim in (16.0, 14.0))
    assert on == pytest.approx(1.0)
    assert off == pytest.approx(0.7071, abs=5e-5)


def test_one_limit_leaves_some_undefined():
    for spec in (Spec(usl=20), Spec(lsl=12)):
        found = indices(process(), spec)
        assert found.cpk.value == found.ppk.value == pytest.approx(2 / 3)
        assert all(math.isnan(getattr(found, name).value) for name in ("cp", "pp", "cpm"))


def test_parts_per_million():
    # 0.27 % beyond three sigma, as every table says; and half of it on one side
    found = indices(process(mean=14.0), Spec(lsl=8, usl=20))
    assert found.ppm_within == found.ppm_overall == pytest.approx(2699.8, abs=0.1)
    assert indices(process(mean=14.0), Spec(usl=20)).ppm_within == pytest.approx(1349.9, abs=0.1)


def test_a_known_sigma_has_no_interval_for_cp():
    found = indices(process(freedom=math.inf), Spec(lsl=8, usl=20))
    assert found.cp.low == found.cp.value == found.cp.high
    assert found.cpk.high > found.cpk.value  # the mean is estimated


@pytest.mark.parametrize(("chart", "block", "printed"), [
    # degrees of freedom of mean ranges, 20 subgroups of 5 and of 2: Duncan's table, as in AIAG's MSA, appendix C
    (XbarR, np.zeros((20, 5)), 72.7),
    (XbarR, np.zeros((20, 2)), 17.8),
    # and of a moving range of two: 0.62 of n - 1 or so (Montgomery, 6th ed., 8.2.5, cites 0.60 to 0.62)
    (Imr, np.zeros(101), 61.0),
])  # fmt: skip
def test_how_well_sigma_within_is_known(chart, block, printed):
    assert freedom_of(chart, block) == pytest.approx(printed, rel=0.02)


def test_standard_deviations_know_more_than_ranges():
    block = np.zeros((20, 8))
    assert freedom_of(XbarR, block) < freedom_of(XbarS, block) < 20 * 7
    assert freedom_of(XbarR, np.full((3, 1), 1.0)) == math.inf
    assert freedom_of(object(), np.zeros((4, 3))) == 8


# --- other laws --------------------------------------------------------------------------------------------------


def test_weibull_of_the_ball_bearings():
    # Lawless (1982), Statistical Models and Methods for Lifetime Data, example 4.1.2: shape 2.10, scale 81.9
    shape, scale = weibull_fit(np.log(BEARINGS))
    assert shape == pytest.approx(2.102, abs=5e-4)
    assert scale == pytest.approx(81.88, abs=5e-3)


def chance():
    return np.random.default_rng(1)


def test_quantiles_of_a_weibull_are_its_own():
    found = quantiles(np.array(BEARINGS), "weibull", chance(), 500, (math.nan, 150.0))
    assert found.at == pytest.approx(81.88 * (-np.log([1 - LOW, 0.5, 1 - HIGH])) ** (1 / 2.102), rel=1e-3)
    assert found.above == pytest.approx(math.exp(-((150 / 81.88) ** 2.102)), rel=1e-3)
    assert math.isnan(found.below)


def test_quantiles_of_a_lognormal_are_those_of_its_logarithm():
    z = normal(400, 2.0, 0.3)
    spread = np.std(z, ddof=1)
    found = quantiles(np.exp(z), "lognormal", chance(), 500, (math.nan, math.exp(2 + 2 * spread)))
    assert found.at == pytest.approx(np.exp(2.0 + np.array([-3, 0, 3]) * spread))
    assert found.above == pytest.approx(0.02275, abs=1e-5)


def test_empirical_quantiles_of_many_normals_give_the_normal_indices():
    x = normal(20_000, 10.0, 1.0)
    plain = capability(x, Spec(lsl=6, usl=13), (1.0, math.inf))
    other = capability(x, Spec(lsl=6, usl=13), (1.0, math.inf), distribution="empirical", chance=chance())
    for name in ("pp", "ppk", "cpm"):
        index = getattr(other, name)
        assert index.value == pytest.approx(getattr(plain, name).value, rel=0.01)
        assert index.low < index.value < index.high
    assert math.isnan(other.cp.value)
    assert other.ppm_overall == other.ppm_observed == pytest.approx(1350, abs=51)  # one value is 50
    assert plain.ppm_observed == other.ppm_observed


@pytest.mark.parametrize("distribution", ["lognormal", "weibull"])
def test_intervals_cover_what_they_should(distribution):
    """Of 60 samples of 50 whose true Ppk is known, about 57 intervals hold it."""
    draw, held = np.random.default_rng(11), 0
    if distribution == "weibull":
        true = (3.0 - math.log(2) ** 0.5) / ((-math.log(1 - HIGH)) ** 0.5 - math.log(2) ** 0.5)
    else:
        true = (math.exp(1.2) - 1.0) / (math.exp(0.9) - 1.0)
    for _ in range(60):
        if distribution == "weibull":
            x, spec = draw.weibull(2.0, 50), Spec(usl=3.0)
        else:
            x, spec = np.exp(0.3 * draw.standard_normal(50)), Spec(usl=math.exp(1.2))
        found = capability(x, spec, (1.0, math.inf), distribution=distribution, chance=chance()).ppk
        held += found.low <= true <= found.high
    assert held >= 53


@pytest.mark.parametrize(("x", "settings", "told"), [
    ([1.0, 2.0, -1.0], {"distribution": "lognormal"}, "has values above 0 only"),
    ([1.0, 2.0, 3.0], {"distribution": "empirical"}, "3 values do not know their 0.135 % quantile: 1000 do"),
    ([2.0, 2.0, 2.0], {"distribution": "weibull"}, "do not vary"),
    ([2.0, 2.0, 2.0], {}, "do not vary"),
    ([2.0], {}, "one value has no capability"),
    ([1.0, 2.0], {"distribution": "weibull", "chance": None}, "give chance"),
])  # fmt: skip
def test_values_that_have_no_capability_are_refused(x, settings, told):
    with pytest.raises(ValueError, match=told):
        capability(np.array(x), Spec(usl=5.0), (1.0, math.inf), **{"chance": chance(), **settings})


def test_limits_that_cross_are_refused():
    with pytest.raises(ValueError, match="lsl must be below usl"):
        Spec(lsl=2.0, usl=2.0)


# --- beside a chart ----------------------------------------------------------------------------------------------


def test_capability_of_a_quiet_process():
    made = values(normal(200, 10.0, 0.5))
    done = study("cusum", made, h=9.0)
    found, notes = capable(done, made, Spec(lsl=8, usl=12))
    assert done.in_control
    assert notes == ()
    assert found.cp.value == pytest.approx(4 / (6 * done.sigma))
    assert found.pp.value == pytest.approx(4 / (6 * 0.5), rel=0.01)


def test_a_process_that_is_not_in_control_says_so_beside_the_number():
    made = values(np.append(normal(60), [9.0]))
    done = study("imr", made, rules=("WE1",))
    found, notes = capable(done, made, Spec(lsl=-12, usl=12))
    assert found.cpk.value > 0
    assert not done.in_control
    assert "points violate a rule" in notes[0]


def test_what_is_left_out_has_no_capability_either():
    made = values(np.append(normal(60), [99.0]))
    done = study("cusum", made, h=9.0, exclusions=(Exclusion(60, 60, "dropped"),))
    found, notes = capable(done, made, Spec(usl=4))
    assert notes == ()
    assert found.ppm_observed == 0


def test_values_that_are_not_normal_are_told():
    made = values(np.exp(normal(200)))
    done = study("cusum", made, h=50.0)
    _, notes = capable(done, made, Spec(usl=30))
    assert notes[-1].startswith("not normal (Anderson-Darling, p =")


def test_sigma_of_another_scale_is_not_sigma_within():
    made = values(normal(100, 50.0, 2.0))
    done = study("t", made)
    found, _ = capable(done, made, Spec(lsl=40, usl=60))
    assert done.sigma < 0.5  # of transformed times
    assert found.cp.value == pytest.approx(20 / 12, rel=0.2)


def test_subgroups_and_known_sigma():
    x = normal(100, 10.0, 1.0)
    made = subgroups(x, np.arange(100) // 4)
    learnt, _ = capable(study("xbar-r", made), made, Spec(lsl=5, usl=15))
    known, _ = capable(study("xbar-r", made, sigma=1.0), made, Spec(lsl=5, usl=15))
    assert learnt.cp.low < learnt.cp.value < learnt.cp.high
    assert known.cp.low == known.cp.value == pytest.approx(10 / 6)


def test_counts_and_means_have_no_capability():
    for made, kind in ((counts(np.array([3.0, 4, 5])), "c"), (means(normal(20), np.arange(20) // 4), "imr")):
        with pytest.raises(ValueError, match=f"capability is of single values: {kind} has none"):
            capable(study(kind, made), made, Spec(usl=9))


def test_anderson_darling():
    assert anderson_darling(normal(100))[1] > 0.99
    assert anderson_darling(np.exp(normal(100)))[1] < 1e-6
    # d'Agostino and Stephens (1986), table 4.7: 0.752 at 5 %, 1.035 at 1 %
    assert all(math.isnan(part) for part in anderson_darling(np.ones(20)))
    assert all(math.isnan(part) for part in anderson_darling(np.arange(5.0)))
