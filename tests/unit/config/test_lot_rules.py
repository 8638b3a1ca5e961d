"""Materials, lot rules and limits of results: the rows they become, and each mistake at its place."""

# ruff: noqa: E501 # a case is a row of a table

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.resources import config_dir
from gateway.site import LotRule, Material, ResultLimit

from .conftest import SITE, write

GOOD = """
materials:
- {name: pp, lots: ["09506000134352:*", PP-7]}
- {name: pa, lots: ["PA-*"]}
lot_rules:
- {name: boxes}
- {name: medical, materials: [pp], parts: [P-1], cells: [moulding/line1/press1], kinds: [box, pallet], max_regrind: 0, max_passes: 2,
   passes_share: 0.5, apart: [[pp, pa]], trace: 0.2, expired: false, possible: hold, second_person: true, reaction: Call.}
result_limits:
- {result: melt_flow, materials: [pp], kinds: [material], low: 18, high: 24}
holds: {share: 1, second_person: true}
"""


def test_rows_say_what_the_file_says(tmp_path: Path) -> None:
    site = load(write(tmp_path, SITE + GOOD))
    assert site.materials == (Material("pp", ("09506000134352:*", "PP-7")), Material("pa", ("PA-*",)))
    boxes, medical = site.lot_rules
    assert boxes == LotRule("boxes")
    assert (boxes.max_regrind, boxes.kinds, boxes.possible) == (0.25, ("box",), "tell")
    assert medical == LotRule(
        "medical", ("box", "pallet"), ("moulding/line1/press1",), ("P-1",), ("pp",), 0.0, 2, 0.005,
        (("pp", "pa"),), 0.002, False, "hold", True, "Call.",
    )  # fmt: skip
    assert site.result_limits == (ResultLimit("melt_flow", ("pp",), ("material",), 18.0, 24.0),)
    assert (site.hold_share, site.second_person) == (0.01, True)


def test_a_site_has_no_rules_unless_it_says_so(tmp_path: Path) -> None:
    site = load(write(tmp_path))
    assert (site.materials, site.lot_rules, site.result_limits, site.hold_share) == ((), (), (), 0.001)


def test_a_scan_point_says_when_late_is_an_alarm_and_what_leaves(tmp_path: Path) -> None:
    text = SITE.replace("action: open", "action: close\n  late_after: 20min\n  ships: true")
    [point] = load(write(tmp_path, text)).scan_points
    assert (point.late_after_ns, point.ships) == (20 * 60_000_000_000, True)


def test_the_demo_has_a_rule_for_its_boxes() -> None:
    site = load(config_dir() / "demo" / "site.yaml")
    assert [rule.kinds for rule in site.lot_rules] == [("box",)]
    assert [point.name for point in site.scan_points if point.ships] == ["gate_out"]


MISTAKES = [
    ("materials: [{name: pp, lots: []}]", "is empty: at least one is needed"),
    ("materials: [{name: pp, lots: [a, a]}]", '"a" is here twice'),
    ("materials: [{name: pp, lots: [a*a*a*a*a*]}]", '"a*a*a*a*a*" has more than 4 stars'),
    ("materials: [{name: pp, lots: [a]}, {name: pp, lots: [b]}]", '"pp" is taken'),
    ("lot_rules: [{name: a, kinds: [crate]}]", '"crate" is not a kind of lot'),
    ("lot_rules: [{name: a, max_regrind: 101}]", "101 is out of range: 0 to 100"),
    ("lot_rules: [{name: a, max_regrind: much}]", '"much" is not a number'),
    ("lot_rules: [{name: a, max_passes: 8}]", "8 is out of range: 0 to 7"),
    ("lot_rules: [{name: a, materials: [pp]}]", '"pp" is not a material of this site'),
    ("lot_rules: [{name: a, apart: [[pp]]}]", "is empty: at least one is needed"),
    ("lot_rules: [{name: a, cells: [moulding/line1/pres1]}]", '"moulding/line1/pres1" is not a cell of this site; did you mean "moulding/line1/press1"?'),
    ("lot_rules: [{name: a, possible: maybe}]", '"maybe" is not what to do'),
    ("lot_rules: [{name: a}, {name: a}]", '"a" is taken'),
    ("result_limits: [{result: mfr}]", "mfr has neither low nor high: it limits nothing"),
    ("result_limits: [{result: mfr, low: 3, high: 2}]", "low must not be above high, 2"),
    ("result_limits: [{result: mfr, high: 2, materials: [x]}]", '"x" is not a material of this site'),
    ("holds: {share: -1}", "-1 is out of range: 0 to 100"),
    ("holds: {shares: 1}", '"shares" is not a key here; did you mean "share"?'),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "text"), MISTAKES)
def test_a_mistake_is_said(tmp_path: Path, rows: str, text: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(write(tmp_path, f"{SITE}\n{rows}\n"))
    assert any(text in each.text for each in caught.value.problems), str(caught.value)


def test_a_material_cannot_be_kept_apart_from_itself(tmp_path: Path) -> None:
    rows = "materials: [{name: pp, lots: [a]}]\nlot_rules: [{name: a, apart: [[pp, pp]]}]"
    with pytest.raises(ConfigErrors, match='"pp" cannot be kept apart from itself'):
        load(write(tmp_path, f"{SITE}\n{rows}\n"))


def test_nothing_that_is_opened_leaves_the_site(tmp_path: Path) -> None:
    text = SITE.replace("action: open", "action: open\n  ships: true")
    with pytest.raises(ConfigErrors, match="what leaves the site is closed or moved, not opened"):
        load(write(tmp_path, text))
