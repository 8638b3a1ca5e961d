"""Lots and stocktakes by hand at the door: what is taken, and what is refused with which words."""

from __future__ import annotations

import pytest

from gateway.door import BadRequest, entry_of, request
from gateway.model import Instant

NOW = Instant(1_800_000_000_000_000_000, 5, 1)
INPUTS = [{"lot": "R1", "kg": 10.0}, {"lot": "R2", "kg": 30.0, "sigma_kg": 0.1}]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("make", {"lot": "MIX", "kg": 40.0}),
        (
            "make",
            {"lot": "MIX", "kg": 40.0, "kind": "blend", "inputs": INPUTS, "part": "cap", "recycled": 0.3},
        ),
        ("stocktake", {"vessel": "bin", "kg": 0.0}),
        ("stocktake", {"vessel": "bin", "kg": 45.5, "sigma_kg": 0.5, "reason": "yearly count"}),
    ],
)
def test_what_fits_is_the_entry(kind, body):
    assert entry_of(request(kind, "17", body), NOW).body == body


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("make", {"lot": "MIX"}, "make needs kg"),
        ("make", {"lot": "MIX", "kg": "40"}, "kg is not a number"),
        ("make", {"lot": "MIX", "kg": -1.0}, "kg is not a mass from 0"),
        ("make", {"lot": "MIX", "kg": 1.0, "recycled": 30.0}, "recycled is not a share from 0 to 1"),
        ("make", {"lot": "MIX", "kg": 1.0, "inputs": "R1"}, "inputs is not a list of lots"),
        ("make", {"lot": "MIX", "kg": 1.0, "inputs": [{"lot": "R1"}]}, "each of inputs has a lot and its kg"),
        ("make", {"lot": "MIX", "kg": 1.0, "colour": "red"}, "make has no colour"),
        ("stocktake", {"kg": 1.0}, "stocktake needs vessel"),
    ],
)
def test_what_does_not_fit_says_why(kind, body, said):
    with pytest.raises(BadRequest, match=said):
        entry_of(request(kind, "17", body), NOW)
