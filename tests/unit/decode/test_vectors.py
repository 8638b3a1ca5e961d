"""Published codes are understood, damaged ones refused with their reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.codes.identify import CODES, Identified, Refused, Understood, lot_of, understand

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "gs1" / "codes.json").read_text("utf-8"))


@pytest.mark.parametrize("row", VECTORS["good"], ids=lambda row: row["code"])
def test_a_published_code_is_understood(row):
    found = understand(row["code"])
    assert isinstance(found, Understood), found
    assert found.kind == row["kind"]
    assert [f"{each.ai}={each.value}" for each in found.elements] == row["elements"]


@pytest.mark.parametrize("row", VECTORS["good"], ids=lambda row: row["code"])
def test_the_lot_is_named_or_said_to_be_missing(row):
    found = lot_of(row["code"])
    if "lot" in row:
        assert isinstance(found, Identified)
        assert (found.lot, found.kind) == (row["lot"], row["kind"])
    else:
        assert isinstance(found, Refused)
        assert found.code == "no_lot"


@pytest.mark.parametrize("row", VECTORS["refused"], ids=lambda row: row["code"] or "empty")
def test_a_damaged_code_is_refused_with_its_reason(row):
    found = understand(row["code"])
    assert isinstance(found, Refused), found
    assert found.code == row["error"], found.message
    assert lot_of(row["code"]) == found


def test_every_reason_has_a_vector():
    shown = {row["error"] for row in VECTORS["refused"]}
    assert shown == set(CODES) - {"no_lot", "not_hex"}  # test_identify has these
