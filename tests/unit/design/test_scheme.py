"""What all schemes have in common."""

import math

import numpy as np
import pytest

from gateway.design.chain import Chain, nodes
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.mewma import MewmaScheme
from gateway.design.scheme import Scheme, limit_for
from gateway.design.shewhart import ShewhartScheme
from gateway.design.t2 import T2Scheme

SCHEMES = [
    ShewhartScheme(),
    ShewhartScheme(rules=("WE1", "WE2")),
    CusumScheme(),
    CusumScheme(0.5, 2.0),
    EwmaScheme(0.1),
    EwmaScheme(0.2, "asymptotic"),
    T2Scheme(3),
    MewmaScheme(2, 0.2),
]


@pytest.mark.parametrize("scheme", SCHEMES, ids=repr)
@pytest.mark.parametrize("arl0", [50.0, 370.0, 1e6, 1e9])
def test_a_limit_that_was_solved_for_gives_what_was_asked(scheme, arl0):
    assert isinstance(scheme, Scheme)
    assert float(scheme.mean(scheme.solve(arl0))) == pytest.approx(arl0, rel=1e-8 if arl0 < 1e8 else 1e-5)


@pytest.mark.parametrize("scheme", SCHEMES, ids=repr)
def test_results_have_the_shape_of_shift_and_scale(scheme):
    limit = scheme.solve(50.0)
    length = scheme.run_length(limit, np.zeros((1, 2)), np.array([[1.0], [1.1]]))
    assert length.mean.shape == length.median.shape == (2, 2)
    assert (length.mean[1] < length.mean[0]).all()
    assert length.mean[0, 0] == pytest.approx(50.0, rel=1e-4)  # nodes are as dense as the smallest scale asks
    assert float(scheme.quantile(limit, 0.999)) > 5 * float(scheme.quantile(limit, 0.5)) > 100


@pytest.mark.parametrize("scheme", SCHEMES, ids=repr)
def test_what_cannot_be_is_refused(scheme):
    for limit in (0.0, -1.0, math.nan, math.inf, 1e300):
        with pytest.raises(ValueError, match="a limit must be a number above 0"):
            scheme.mean(limit)
    for arl0 in (1.0, -5.0, math.nan, math.inf, 1e11):
        with pytest.raises(ValueError, match="arl0 must be a number above 1"):
            scheme.solve(arl0)
    with pytest.raises(ValueError, match="shifts must be numbers"):
        scheme.mean(3.0, math.nan)
    with pytest.raises(ValueError, match="at most 10000"):
        scheme.mean(3.0, 1e300)
    with pytest.raises(ValueError, match="scales numbers above 0"):
        scheme.mean(3.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        scheme.quantile(3.0, 1.0)


def test_a_chain_of_one_state_is_geometric():
    chain = Chain(np.array([[[0.9]]]), np.ones((1, 1)), np.ones(1), np.empty((0, 1)))
    assert chain.mean() == pytest.approx([10.0])
    assert [float(chain.quantile(q)[0]) for q in (0.05, 0.5, 0.95)] == [1, 7, 29]
    assert chain.reduced().mean() == pytest.approx([10.0])


def test_quantiles_before_the_chain_begins():
    chain = Chain(np.array([[[0.5]]]), np.full((1, 1), 0.25), np.ones(1), np.array([[1.0], [0.6]]))
    assert chain.mean() == pytest.approx([1.0 + 0.6 + 0.5])
    assert [float(chain.quantile(q)[0]) for q in (0.3, 0.4, 0.7, 0.8, 0.9)] == [1, 1, 2, 3, 4]


def test_a_reduced_chain_has_the_same_law():
    rng = np.random.default_rng(3)
    matrix = rng.random((1, 90, 90)) ** 4 / 20
    chain = Chain(matrix, np.eye(90)[None, 0], np.ones(90), np.ones((1, 1)))
    assert chain.reduced().mean() == pytest.approx(chain.mean(), rel=1e-12)
    assert chain.reduced().quantile(0.9) == chain.quantile(0.9)


def test_nodes_integrate_a_bell():
    x, weight = nodes(-8.0, 8.0, 1.0)
    assert float(weight @ np.exp(-0.5 * x * x)) == pytest.approx(math.sqrt(2 * math.pi), rel=1e-12)
    with pytest.raises(ValueError, match="too slow a chart"):
        nodes(0.0, 1e6, 1.0)


def test_limit_for_a_mean_with_a_floor():
    assert limit_for(lambda limit: 3.0 + limit**3, 30.0, 1.0) == pytest.approx(3.0)
    with pytest.raises(ValueError, match="no limit gives an average run length of 2"):
        limit_for(lambda limit: 3.0 + limit**3, 2.0, 1.0)
    with pytest.raises(ValueError, match="no limit gives an average run length of 9"):
        limit_for(lambda limit: 8.0 - 1.0 / (1.0 + limit), 9.0, 1.0)
