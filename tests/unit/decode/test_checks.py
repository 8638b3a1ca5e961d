"""Checks of parts of values against the tests that GS1 publishes beside its own routines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.codes.gs1_checks import CHECKS

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "gs1" / "checks.json").read_text("utf-8"))[
    "checks"
]


def test_every_check_has_vectors():
    assert set(VECTORS) == set(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_check_takes_what_is_right_and_nothing_else(name):
    assert [text for text in VECTORS[name]["right"] if not CHECKS[name](text)] == []
    assert [text for text in VECTORS[name]["wrong"] if CHECKS[name](text)] == []


@pytest.mark.parametrize(("text", "right"), [("0614", True), ("A614", False), ("061", False)])
def test_a_key_begins_with_a_company_prefix(text, right):
    assert CHECKS["gcppos1"](text) is right
