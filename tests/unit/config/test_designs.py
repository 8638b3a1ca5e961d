"""False alarms shared out over a plan, and the limits that keep them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load, read
from gateway.config.limits import NoLimit, solved
from gateway.design.catalogue import limits_of
from gateway.design.parameters import LIMIT_OF
from gateway.spc import load_chart
from tests.unit.config.conftest import PLAN, SITE, write

BUDGET = f"false_alarms_per_day: 2\n{SITE}"
SECOND = """\
- id: cushion2
  tag: moulding/line1/press1/cushion
  method: cusum
  params: {center: 6.0, sigma: 0.1}
  sampling: {every: time, period: 10s}
  reaction: look
"""


def plan(per_day: str = "per_day: 8640", second: str = SECOND) -> str:
    return PLAN.replace("    every: counter", f"    {per_day}\n    every: counter") + second


def test_a_budget_is_split_by_samples_a_day(tmp_path: Path) -> None:
    site = load(write(tmp_path, BUDGET, plan=plan()))
    first, second = site.characteristics
    assert first.design is not None
    assert second.design is not None
    assert site.false_alarms_per_day == 2.0
    # one false alarm a day each; from one to the next 8 samples that the alarm stays, and the run length
    assert first.design.arl0 == pytest.approx(8640 - 8)
    assert second.design.arl0 == pytest.approx(8640 - 8)
    assert second.design.parameter == "h"


def test_weights_and_an_arl0_of_its_own(tmp_path: Path) -> None:
    own = SECOND.replace("  reaction", "  design: {arl0: 500, confidence: 0.95}\n  reaction")
    other = SECOND.replace("cushion2", "cushion3").replace("  reaction", "  design: {weight: 3}\n  reaction")
    rows = load(write(tmp_path, BUDGET, plan=plan(second=own + other))).characteristics
    designs = [row.design for row in rows]
    assert all(design is not None for design in designs)
    assert [round(design.arl0) for design in designs if design] == [17272, 500, 5752]
    assert designs[1] is not None
    assert designs[1].confidence == 0.95


def test_a_chart_with_limits_of_its_own_is_outside_and_is_warned_of(tmp_path: Path) -> None:
    text = plan().replace("lambda: 0.2", "lambda: 0.2, L: 3")
    loaded = read(write(tmp_path, BUDGET, plan=text))
    assert loaded.site.characteristics[0].design is None
    assert [each.text for each in loaded.warnings] == [
        "cushion1 is outside of the site's false_alarms_per_day: its plan gives its limit"
    ]


def test_a_chart_that_cannot_be_designed_is_outside_too(tmp_path: Path) -> None:
    text = plan(second=SECOND.replace("cusum", "imr"))
    (warning,) = read(write(tmp_path, BUDGET, plan=text)).warnings
    assert "a designed imr chart listens to its limit alone: write rules: [WE1]" in warning.text


def test_a_counter_says_nothing_of_samples_a_day(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"sampling.per_day: .*how many samples a day"):
        load(write(tmp_path, BUDGET, plan=plan(per_day="size: 1")))


def test_a_budget_that_so_few_samples_cannot_use_up_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigErrors, match=r"site.yaml:1:23: false_alarms_per_day: 500 is too many: cushion1 has 96 "
    ):
        load(write(tmp_path, BUDGET.replace(": 2\n", ": 500\n", 1), plan=plan(per_day="per_day: 96")))


def test_limits_are_those_of_published_designs(tmp_path: Path) -> None:
    wish = "  design: {arl0: 465.4}\n  reaction"
    site = solved(load(write(tmp_path, plan=PLAN + SECOND.replace("  reaction", wish))))
    design = site.characteristics[1].design
    assert design is not None
    assert design.known == pytest.approx(5.0, abs=0.003)  # two-sided, k 0.5: ARL0 465 (Montgomery, table 9.3)
    assert design.table == ()  # center and sigma are given


def test_limits_from_a_baseline_are_wider_and_come_as_a_table(tmp_path: Path) -> None:
    second = SECOND.replace(
        "  params: {center: 6.0, sigma: 0.1}", "  params: {baseline: 100}\n  rules: [WE1]"
    ).replace("cusum", "imr")
    wish = "  design: {arl0: 370.4}\n  reaction"
    site = solved(load(write(tmp_path, plan=PLAN + second.replace("  reaction", wish))))
    design = site.characteristics[1].design
    assert design is not None
    assert design.known == pytest.approx(3.0, abs=1e-4)
    limits = [limit for _, limit in design.table]
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] > 3.0


def test_a_baseline_too_short_to_promise_anything_is_said(tmp_path: Path) -> None:
    second = SECOND.replace(
        "  params: {center: 6.0, sigma: 0.1}", "  params: {baseline: 5}\n  rules: [WE1]"
    ).replace("cusum", "imr")
    wish = "  design: {arl0: 370.4}\n  reaction"
    with pytest.raises(
        NoLimit, match=r"cushion2: design: 5 samples of phase I are too few .*baseline to \d+ or more"
    ):
        solved(load(write(tmp_path, plan=PLAN + second.replace("  reaction", wish))))


@pytest.mark.parametrize("kind", sorted(LIMIT_OF))
def test_every_chart_that_can_be_designed_is_and_has_the_parameter(kind: str) -> None:
    width = 2 if load_chart(kind).TAKES == "vector" else 1
    known, _ = limits_of(kind, (), width, 500.0, None)
    assert known > 0
    assert LIMIT_OF[kind] in load_chart(kind).__dataclass_fields__


def test_a_chart_without_guaranteed_limits_is_warned_of(tmp_path: Path) -> None:
    row = SECOND.replace("cusum", "multi-cusum").replace(
        "params: {center: 6.0, sigma: 0.1}", "params: {baseline: 30}"
    )
    wish = "  design: {arl0: 1000}\n  reaction"
    (warning,) = read(write(tmp_path, plan=PLAN + row.replace("  reaction", wish))).warnings
    assert "the limit of multi-cusum is that of known parameters" in warning.text


@pytest.mark.parametrize(
    ("given", "key", "text"),
    [
        ("sizes: 0.5 1", "intervals", "sizes of your own need one for each, or the word equal"),
        ("sizes: 0.5 x, intervals: equal", "sizes", '"x" is not a number'),
        ("sizes: 0.5 1, intervals: '5'", "intervals", "1 given for 2 sizes; write one for each"),
        ("sizes: [0.5, 1]", "sizes", "a list is not a word, such as 0.25 0.53 0.94 1.67 3.1"),
    ],
)
def test_sizes_that_cannot_be_are_said_with_their_place(
    tmp_path: Path, given: str, key: str, text: str
) -> None:
    row = SECOND.replace("cusum", "multi-cusum").replace("sigma: 0.1}", f"sigma: 0.1, {given}}}")
    with pytest.raises(ConfigErrors) as caught:
        load(write(tmp_path, plan=PLAN + row))
    assert f"characteristics[1].params.{key}: " in str(caught.value)
    assert text in str(caught.value)


def test_sizes_of_ones_own_are_not_designed(tmp_path: Path) -> None:
    row = SECOND.replace("cusum", "multi-cusum").replace(
        "sigma: 0.1}", "sigma: 0.1, sizes: 1 2, intervals: 5 3}"
    )
    assert load(write(tmp_path, plan=PLAN + row)).characteristics[1].params["sizes"] == "1 2"
    with pytest.raises(
        ConfigErrors, match="designed multi-cusum looks for its own five sizes: leave out sizes and"
    ):
        load(write(tmp_path, plan=PLAN + row.replace("  reaction", "  design: {arl0: 500}\n  reaction")))
