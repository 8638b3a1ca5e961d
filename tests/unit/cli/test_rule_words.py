"""Run rules as people write them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.rulewords import rule_names


@pytest.mark.parametrize(("text", "names"), [
    ("1,2,3,4", "WE1 WE2 WE3 WE4"),
    ("WE1, n2,aiag5,N2", "WE1 N2 AIAG5"),
    ("western-electric", "WE1 WE2 WE3 WE4"),
    ("nelson", "N1 N2 N3 N4 N5 N6 N7 N8"),
    ("N6-8,WE1", "N6 N7 N8 WE1"),
    ("WE2-WE4", "WE2 WE3 WE4"),
    ("1-3", "WE1 WE2 WE3"),
    ("none", ""),
    ("N3-N1", "N3-N1"),  # for the chart to refuse
    ("N1-WE2", "N1-WE2"),
    ("nonsense", "NONSENSE"),
    ("sigma", "sigma"),
])  # fmt: skip
def test_rules_are_meant(text, names):
    assert rule_names(text) == tuple(names.split())


def test_rules_alone_have_limits_of_three_sigma():
    # Champ and Woodall (1987), table 1: rules 1 to 4, no shift: 91.75
    result = CliRunner().invoke(main, ["design", "--chart", "shewhart", "--rules", "WE", "--json"])
    found = json.loads(result.stdout)
    assert found["limit"] == 3.0
    assert found["arl"][0]["arl"] == pytest.approx(91.75, abs=0.005)


def test_an_arl0_out_of_reach_says_what_is_in_the_way():
    result = CliRunner().invoke(main, ["design", "--chart", "shewhart", "--rules", "WE", "--arl0", "370"])
    assert result.exit_code == 2
    # eight in a row on one side, however wide the limits: 2**8 - 1 samples
    assert "the chart signals every 255 samples" in result.stderr


def test_limits_beyond_arithmetic_are_told_without_a_warning():
    result = CliRunner().invoke(main, ["design", "--chart", "shewhart", "--L", "40", "--json"])
    assert json.loads(result.stdout)["arl"][0]["arl"] is None
