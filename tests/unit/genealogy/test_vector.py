"""Vector and Composition are the same, digit by digit, and a vector survives a snapshot."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings

from gateway.genealogy import Vector, check, from_composition, regrind_share, share_of, source, to_composition
from gateway.genealogy.bounds import recycled
from gateway.model import Composition
from gateway.plain import from_plain, to_plain
from tests.unit.genealogy.plants import plants, vectors


@settings(max_examples=30)
@given(plants(20, ("", "fifo", "mixed")))
def test_there_and_back_loses_nothing(drawn):
    for vector in vectors(drawn).values():
        composition = to_composition(vector)
        plain = json.loads(json.dumps(to_plain(composition)))
        again = to_composition(from_composition(from_plain(Composition, plain)))
        assert again == composition
        stored: Vector = from_plain(Vector, json.loads(json.dumps(to_plain(vector))))
        assert to_composition(stored) == composition
        assert share_of(stored, "L0") == share_of(composition, "L0")
        assert regrind_share(stored) == regrind_share(composition)
        assert recycled(stored) == recycled(composition)
        assert check(composition) == check(vector)


def test_a_source_is_all_of_itself():
    composition = to_composition(source("bag 7", recycled=0.3, recycled_sigma=0.01))
    assert composition == Composition(
        ("bag 7",), ((1.0,),), (0.0,), (0.0,), ((1.0, *[0.0] * 8),), 0.0, (0.3,), 0.01
    )


def test_members_of_one_row_count_in_both():
    told = Composition(
        ("a", "b"), ((0.25, 0.75), (0.5, 0.5)), (0.0, 0.0), (0.0,), ((1.0, *[0.0] * 8),), recycled=(0.1,)
    )
    assert from_composition(told).recycled.tolist() == [0.1, 0.1]
    assert share_of(told, "a") == (0.25, 0.5, 0.0)


def test_check_finds_what_is_missing():
    vector = source("a")
    short = Vector.of(vector.sources, vector.shares - 1e-9, vector.tail, vector.sigma)
    assert check(short) == pytest.approx(1e-9, rel=1e-6)
    assert math.isnan(check(Vector.of(vector.sources, vector.shares * np.nan, vector.tail, vector.sigma)))


@pytest.mark.parametrize("declared", [-0.1, 1.1, math.nan])
def test_recycled_content_is_a_share(declared):
    with pytest.raises(ValueError, match="bag: recycled content is a share from 0 to 1"):
        source("bag", recycled=declared)


def test_its_uncertainty_is_one():
    with pytest.raises(ValueError, match="bag: sigma of the recycled content is -1"):
        source("bag", recycled_sigma=-1)
