"""`lotwatch spc` with every chart: which columns make its samples, capability, exclusions, frozen limits."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import stdev

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from gateway.cli import main
from gateway.spc import chart_kinds, load_chart

VECTORS = Path(__file__).parents[2] / "vectors" / "spc"
ATTRIBUTES = json.loads((VECTORS / "attributes.json").read_text("utf-8"))
VARIABLES = json.loads((VECTORS / "variables.json").read_text("utf-8"))
WORDS = {
    "value": ("--value", "a"),
    "subgroup": ("--value", "a", "--subgroup", "5"),
    "count": ("--count-column", "bad"),
    "count_size": ("--count-column", "bad", "--size-column", "all"),
    "vector": ("--value", "a", "--value", "b", "--value", "c"),
}


def invoke(file: Path, *words: str, code: int | None = 0):
    result = CliRunner().invoke(main, ["spc", str(file), *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert code is None or result.exit_code == code, result.output
    return result


def as_json(file: Path, *words: str, code: int | None = 0):
    return json.loads(invoke(file, *words, "--json", code=code).stdout)


def table(folder: Path, **columns) -> Path:
    file = folder / "x.csv"
    rows = zip(*columns.values(), strict=True)
    file.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    return file


@pytest.fixture
def usual(tmp_path) -> Path:
    """60 rows with something for every chart."""
    rng = np.random.default_rng(2)
    common = rng.normal(50, 1, 60)
    numbers = {name: np.round(common + rng.normal(0, 1, 60), 3) for name in "abc"}
    return table(tmp_path, **numbers, bad=rng.binomial(100, 0.2, 60), all=[100] * 60)


def rings(tmp_path) -> Path:
    phase1 = VARIABLES["rings"]["phase1"]
    return table(
        tmp_path,
        sample=[i for i, row in enumerate(phase1) for _ in row],
        value=[x for row in phase1 for x in row],
    )


@pytest.mark.parametrize("kind", chart_kinds())
def test_every_chart_runs_on_a_file(kind, usual):
    words = (*WORDS[load_chart(kind).TAKES], "--chart", kind)
    found = as_json(usual, *words, code=None)
    assert found["chart"] == kind
    assert found["n"] == (12 if "--subgroup" in words else 60)
    for panel in found["panels"]:
        assert panel["points"]
        for line in ("center", "ucl", "lcl"):
            assert isinstance(panel[line], float) or len(panel[line]) == len(panel["points"])
        for point in panel["points"]:
            assert set(point) == {"i", "value", "rules"}
    assert found["in_control"] == (not any(p["rules"] for panel in found["panels"] for p in panel["points"]))
    assert invoke(usual, *words, code=None).stdout.startswith(f"{kind}: {found['n']} samples")


@pytest.mark.parametrize(("kind", "panels"), [
    ("imr", ["i", "mr"]), ("xbar-r", ["xbar", "r"]), ("xbar-s", ["xbar", "s"]), ("ewma", ["ewma"]),
    ("cusum", ["upper", "lower"]), ("p", ["p"]), ("np", ["np"]), ("c", ["c"]), ("u", ["u"]), ("g", ["g"]), ("t", ["t"]),
    ("laney-p", ["laney-p"]), ("laney-u", ["laney-u"]), ("t2", ["t2"]),
])  # fmt: skip
def test_panels_have_the_names_that_others_rely_on(kind, panels, usual):
    found = as_json(usual, *WORDS[load_chart(kind).TAKES], "--chart", kind, code=None)
    assert [panel["name"] for panel in found["panels"]] == panels


def test_piston_rings_by_number_by_word_and_side_by_side(tmp_path):
    file = rings(tmp_path)
    by_number = as_json(file, "--chart", "xbar-r", "--subgroup", "5")
    by_word = as_json(file, "--chart", "xbar-r", "--subgroup-column", "sample")
    side = tmp_path / "side"
    side.mkdir()
    members = zip(*VARIABLES["rings"]["phase1"], strict=True)
    wide = table(side, **{f"m{i}": column for i, column in enumerate(members)})
    columns = as_json(wide, "--chart", "xbar-r", "--value", "m0,m1", "--value", "m2", "--value", "m3,m4")
    assert by_number == by_word == columns
    assert by_number["mean"] == pytest.approx(74.001, abs=5e-4)
    assert by_number["panels"][0]["ucl"] == pytest.approx(74.014, abs=6e-4)
    assert [point["i"] for point in by_number["panels"][1]["points"]] == list(range(25))


def test_single_values_in_subgroups_are_charted_as_means(tmp_path):
    file = rings(tmp_path)
    (ewma,) = as_json(file, "--chart", "ewma", "--subgroup", "5")["panels"]
    assert len(ewma["points"]) == 25


def test_cans_by_column_and_by_a_size_that_all_have(tmp_path):
    given = ATTRIBUTES["cans"]
    file = table(tmp_path, count=given["count"], size=[given["size"]] * 30)
    named = as_json(file, "--chart", "p", "--count-column", "count", "--size-column", "size", code=1)
    assert named == as_json(file, "--chart", "p", code=1)  # the usual names
    assert named == as_json(file, "--chart", "p", "--value", "count", "--subgroup", "50", code=1)
    (panel,) = named["panels"]
    assert (panel["lcl"], panel["ucl"]) == pytest.approx((given["lcl"], given["ucl"]), abs=1.5e-4)
    assert [point["i"] + 1 for point in panel["points"] if point["rules"]] == given["beyond"]
    assert set(named["dispersion"]) == {"index", "p_value", "advice"}


def test_lines_are_lists_where_sizes_vary(tmp_path):
    given = ATTRIBUTES["orders"]
    file = table(tmp_path, count=given["count"], size=given["size"])
    (panel,) = as_json(file, "--chart", "p", code=1)["panels"]
    assert len(panel["ucl"]) == 25
    assert isinstance(panel["center"], float)


def test_known_shares_exact_limits_and_other_parameters(tmp_path):
    file = table(tmp_path, count=[6, 9, 12, 8], size=[50] * 4)
    exact = as_json(file, "--chart", "np", "--mean", "0.2", "--limits", "exact", "--L", "2")
    assert exact["panels"][0]["center"] == pytest.approx(10)
    assert exact["panels"][0]["ucl"] == int(exact["panels"][0]["ucl"])
    same = as_json(
        file, "--chart", "np", "--param", "center=0.2", "--param", "limits=exact", "--param", "L=2"
    )
    assert same["panels"] == exact["panels"]
    times = table(tmp_path, value=[3.0, 9.0, 12.0, 4.0])
    assert as_json(times, "--chart", "t", "--param", "shape=2")["phase1"]["params"]["shape"] == 2


def test_a_target_is_what_short_runs_deviate_from(usual):
    words = ("--chart", "short-run", "--value", "a")
    aimed = as_json(usual, *words, "--target", "48", code=None)
    assert aimed["phase1"]["params"]["nominal"] == 48
    assert aimed == as_json(usual, *words, "--param", "nominal=48", code=None)
    assert aimed["mean"] == pytest.approx(
        as_json(usual, *words, code=None)["phase1"]["params"]["nominal"] - 48
    )


def test_parts_made_in_turn_deviate_each_from_its_own_nominal(tmp_path):
    parts = table(tmp_path, value=[51, 50, 26, 24, 25, 49], nominal=[50, 50, 25, 25, 25, 50])
    found = as_json(parts, "--chart", "short-run", "--nominal-column", "nominal")
    means, ranges = found["panels"]
    assert [point["value"] for point in means["points"]] == [1, 0, 1, -1, 0, -1]
    assert [point["value"] for point in ranges["points"]] == [1, 1, 2, 1, 1]
    assert means["center"] == 0
    assert means["ucl"] == pytest.approx(3 * 1.2 / 1.128379)  # mean moving range 6/5, d2(2)
    grouped = as_json(parts, "--chart", "short-run", "--nominal-column", "nominal", "--subgroup", "2")
    assert [point["value"] for point in grouped["panels"][0]["points"]] == [0.5, 0, -0.5]


def test_rules_by_name_and_by_number(tmp_path):
    file = table(tmp_path, value=[0.5] * 8)
    known = ("--chart", "imr", "--mean", "0", "--sigma", "1")
    for words, rules in (("1,4", ["WE4"]), ("WE4", ["WE4"]), ("N1,N2", []), ("AIAG2", ["AIAG2"])):
        points = as_json(file, *known, "--rules", words, code=None)["panels"][0]["points"]
        assert points[-1]["rules"] == rules


# --- capability ------------------------------------------------------------------------------------------------------


def test_capability_has_the_keys_that_others_rely_on(usual):
    words = ("--chart", "imr", "--value", "a", "--usl", "56", "--lsl", "44", "--rules", "WE1")
    found = as_json(usual, *words, code=None)
    assert list(found["capability"]) == ["cp", "cpk", "pp", "ppk", "cpm"]
    for index in found["capability"].values():
        assert list(index) == ["value", "low", "high"]
        assert index["low"] < index["value"] < index["high"]
    assert found["capability"]["cp"]["value"] == pytest.approx(12 / (6 * found["sigma"]))
    assert set(found["ppm"]) == {"within", "overall", "observed"}
    assert as_json(usual, *words, code=None)["capability"] == found["capability"]
    one = as_json(usual, *words[:6], code=None)["capability"]
    assert one["cp"] == {"value": None, "low": None, "high": None}


def test_capability_of_another_law_is_the_same_every_time(usual):
    words = ("--chart", "imr", "--value", "a", "--usl", "56", "--target", "50", "--distribution", "lognormal")
    found = as_json(usual, *words, code=None)
    assert found == as_json(usual, *words, code=None)
    assert found["capability"]["cpk"]["value"] is None
    assert found["distribution"] == "lognormal"
    assert "not defined" in invoke(usual, *words, code=None).stdout


def test_a_process_out_of_control_has_no_index_without_a_word(tmp_path):
    file = table(tmp_path, value=[10.0, 10.2, 9.9, 10.1, 10.0, 9.8, 10.1, 14.0])
    words = ("--chart", "imr", "--usl", "12", "--lsl", "8")
    found = as_json(file, *words, code=1)
    assert found["in_control"] is False
    assert found["notes"][0].startswith("not in control")
    assert "! not in control" in invoke(file, *words, code=1).stdout


# --- exclusions and frozen limits ------------------------------------------------------------------------------------


def frozen(file: Path, target: Path, *words: str, code: int = 0):
    return invoke(file, "--chart", "xbar-r", "--subgroup", "5", "--freeze", str(target), *words, code=code)


def test_limits_are_frozen_version_by_version(tmp_path):
    file, target = rings(tmp_path), tmp_path / "limits.yaml"
    first = frozen(
        file, target, "--approved-by", "17", "--effective", "2026-11-22", "--exclude", "0-2:sensor cleaned"
    )
    assert "version 1 of the limits, from 2026-11-22T00:00:00Z" in first.stderr
    frozen(file, target, "--approved-by", "18", "--effective", "2026-12-01T08:00:00+02:00")
    one, two = yaml.safe_load(target.read_text())["limits"]
    assert (one["version"], one["from"], one["approved_by"], one["samples"]) == (
        1,
        "2026-11-22T00:00:00Z",
        "17",
        24,
    )
    assert one["excluded"] == [{"rows": "0-2", "reason": "sensor cleaned"}]
    assert set(one["params"]) == {"center", "sigma"}
    assert len(one["baseline"]) == 32
    assert (two["version"], two["from"], two["from_file"]) == (2, "2026-12-01T06:00:00Z", "x.csv")
    assert "excluded" not in two


def test_limits_begin_now_if_nothing_is_said(tmp_path):
    frozen(rings(tmp_path), tmp_path / "limits.yaml", "--approved-by", "17")
    (row,) = yaml.safe_load((tmp_path / "limits.yaml").read_text())["limits"]
    assert row["from"].endswith("Z")


def test_limits_of_an_unquiet_series_are_frozen_with_a_word(tmp_path):
    file = table(tmp_path, value=[10.0, 10.2, 9.9, 10.1, 10.0, 9.8, 10.1, 14.0])
    words = ("--chart", "imr", "--freeze", str(tmp_path / "limits.yaml"), "--approved-by", "1")
    assert "not in control" in invoke(file, *words, code=1).stderr


def test_instants_that_yaml_reads_as_such_are_kept(tmp_path):
    target = tmp_path / "limits.yaml"
    target.write_text(
        "limits:\n- version: 4\n  from: 2026-11-22T00:00:00Z\n  approved_by: '17'\n  params: {}\n"
    )
    frozen(rings(tmp_path), target, "--approved-by", "17", "--effective", "2026-11-23")
    old, new = yaml.safe_load(target.read_text())["limits"]
    assert (old["from"], new["version"]) == ("2026-11-22T00:00:00Z", 5)


@pytest.mark.parametrize(("words", "told"), [
    ((), "give --approved-by, an operator's number"),
    (("--approved-by", "Wang"), "--approved-by Wang: an operator's number has 1 to 12 digits"),
    (("--approved-by", "17", "--effective", "tomorrow"), "--effective tomorrow: write a date"),
])  # fmt: skip
def test_limits_that_nobody_answers_for_are_not_frozen(tmp_path, words, told):
    assert told in frozen(rings(tmp_path), tmp_path / "limits.yaml", *words, code=2).stderr
    assert not (tmp_path / "limits.yaml").exists()


@pytest.mark.parametrize(("text", "told"), [
    ("limits:\n- {version: 1, from: '2027-01-01T00:00:00Z'}\n", "there are limits from 2027-01-01T00:00:00Z"),
    ("points: []\n", "this is no file of frozen limits"),
    ("limits:\n- {version: one}\n", "this is no file of frozen limits"),
    ("{", "cannot be read as frozen limits"),
])  # fmt: skip
def test_a_file_that_is_something_else_is_left_alone(tmp_path, text, told):
    target = tmp_path / "limits.yaml"
    target.write_text(text)
    result = frozen(rings(tmp_path), target, "--approved-by", "17", "--effective", "2026-11-22", code=2)
    assert told in result.stderr
    assert target.read_text() == text


def test_limits_that_cannot_be_written_are_told(tmp_path):
    result = frozen(rings(tmp_path), tmp_path / "none" / "limits.yaml", "--approved-by", "17", code=2)
    assert "no such file or directory" in result.stderr


def test_exclusions_are_shown_with_their_reason(tmp_path):
    file = table(tmp_path, value=[10.0, 10.2, 9.9, 10.1, 40.0, 9.8, 10.1, 10.0])
    words = ("--chart", "imr", "--exclude", "4:sensor cleaned", "--rules", "WE1")
    assert as_json(file, *words)["excluded"] == [{"rows": "4", "reason": "sensor cleaned"}]
    assert "rows 4 left out: sensor cleaned" in invoke(file, *words).stdout


def test_t2_of_the_samples_it_learnt_from_has_the_limit_of_phase_1(usual):
    # beta distribution (Tracy, Young and Mason 1992), 60 samples of two tags: (m - 1)**2 / m * B(0.9973; 1, 28.5)
    own = as_json(usual, "--chart", "t2", "--value", "a,b", code=None)["panels"][0]
    assert own["ucl"] == pytest.approx(59**2 / 60 * (1 - 0.0027 ** (1 / 28.5)))
    # F distribution (Montgomery, 6th ed., 11.24), p = 2: F(0.9973; 2, 48) = 24 (0.0027 ** (-1 / 24) - 1)
    later = as_json(usual, "--chart", "t2", "--value", "a,b", "--phase1", "50", code=None)["panels"][0]
    assert later["ucl"] == pytest.approx(2 * 51 * 49 / (50 * 48) * 24 * (0.0027 ** (-1 / 24) - 1))
    told = as_json(usual, "--chart", "t2", "--value", "a,b", "--param", "phase=II", code=None)["panels"][0]
    assert told["ucl"] > own["ucl"]


def test_t2_of_subgroups_is_of_their_means_and_the_covariance_within_them(usual):
    found = as_json(usual, "--chart", "t2", "--value", "a,b", "--subgroup", "5", "--phase1", "50", code=None)
    rows = np.loadtxt(usual, delimiter=",", skiprows=1)[:, :2].reshape(12, 5, 2)
    inverse = np.linalg.inv(np.mean([np.cov(group.T) for group in rows[:10]], axis=0))
    off = rows.mean(axis=1) - rows[:10].mean(axis=(0, 1))
    panel = found["panels"][0]
    assert [point["value"] for point in panel["points"]] == pytest.approx(
        5 * np.einsum("ij,jk,ik->i", off, inverse, off)
    )
    # Montgomery, 6th ed., 11.21: p (m + 1) (n - 1) / (m n - m - p + 1) F(p, m n - m - p + 1), m = 10, n = 5, p = 2
    assert panel["ucl"] == pytest.approx(2 * 11 * 4 / 39 * 19.5 * (0.0027 ** (-1 / 19.5) - 1))
    words = ("--chart", "t2", "--value", "a,b", "--subgroup", "5")
    own = as_json(usual, *words, code=None)["panels"][0]["ucl"]  # 11.20: m - 1 instead of m + 1, of 12
    assert own == pytest.approx(2 * 11 * 4 / 47 * 23.5 * (0.0027 ** (-1 / 23.5) - 1))


def test_a_known_mean_of_times_is_in_their_unit(tmp_path):
    times = table(tmp_path, value=[20.0, 150.0, 90.0, 310.0])
    panel = as_json(times, "--chart", "t", "--mean", "100", "--limits", "exact")["panels"][0]
    # quantiles of the exponential distribution: -100 ln(0.99865), -100 ln(0.00135)
    assert (panel["lcl"], panel["ucl"]) == pytest.approx((0.13509, 660.77), rel=1e-4)
    # Nelson (1994): times to the power 1/3.6 have the mean 0.9011 scale and the standard deviation 0.2780 scale
    normal = as_json(times, "--chart", "t", "--mean", "100")["panels"][0]
    assert normal["ucl"] ** (1 / 3.6) == pytest.approx((0.90111 + 3 * 0.27802) * 100 ** (1 / 3.6), rel=1e-5)


@pytest.mark.parametrize(("rows", "chart", "told"), [
    (["3,10", "-1,10"], "p", "x.csv:3: -1 is not a count"),
    (["3,10", "1.5,10"], "u", "x.csv:3: 1.5 is not a count"),
    (["3,10", "1,-10"], "u", "x.csv:3: a size of -10 is below 0"),
    (["3,10", "1,0"], "p", "x.csv:3: 1 were counted in a sample of 0"),
    (["3,10", "11,10"], "laney-p", "x.csv:3: 11 were counted in a sample of 10"),
    (["3,10", "1,10.5"], "np", "x.csv:3: a size of 10.5 is no number of items"),
    (["3,10", "-1,1"], "c", "x.csv:3: -1 is not a count"),
    (["3,10", "1e300,1"], "g", "x.csv:3: 1e+300 is more than can be counted one by one"),
    (["3,10", "1,1e300"], "u", "x.csv:3: a size of 1e+300 is too large"),
])  # fmt: skip
def test_a_count_that_cannot_be_is_told_with_its_line(tmp_path, rows, chart, told):
    file = tmp_path / "x.csv"
    file.write_text("\n".join(["count,size", *rows]) + "\n")
    assert told in invoke(file, "--chart", chart, code=2).stderr


@pytest.mark.parametrize("kind", ["imr", "ewma", "cusum", "multi-cusum"])
def test_sigma_of_single_values_by_their_standard_deviation(tmp_path, kind):
    given = json.loads((VECTORS / "published.json").read_text("utf-8"))["nist_flowrate"]
    file = table(tmp_path, value=given["x"])
    found = as_json(file, "--chart", kind, "--estimator", "s", "--usl", "60", code=None)
    assert found["sigma"] == pytest.approx(stdev(given["x"]) / 0.9727, rel=1e-4)  # c4(10)
    plain = as_json(file, "--chart", kind, "--usl", "60", code=None)
    assert plain["sigma"] == pytest.approx(given["mean_moving_range"] / 1.128, rel=1e-3)
    assert (
        found["capability"] == plain["capability"]
    )  # within is between neighbours, however the chart is drawn


@pytest.mark.parametrize(("rows", "words", "told"), [
    (["1e308,1", "-1e308,2"] * 6, ("group", "--value", "a,b"), "too far apart"),
    (["1e308,1", "-1e308,2"] * 6, ("t2", "--value", "a,b"), "too far apart"),
    (["1e308,1", "-1e308,2"] * 6, ("pca", "--value", "a,b"), "too far apart"),
    (["1e308,1", "-1e308,2"] * 6, ("self-starting-cusum", "--value", "a"), "too far apart"),
    (["5,1"] * 12, ("self-starting-cusum", "--value", "a"), "the samples do not vary"),
    (["5,1", "6,1"], ("self-starting-cusum", "--value", "a"), "three samples or more are needed"),
    (["5,1"] * 12, ("imr", "--value", "a", "--estimator", "s"), "the samples do not vary"),
    (["5,1"], ("imr", "--value", "a", "--estimator", "s"), "one sample has no spread"),
    (["5,1", "6,1"], ("imr", "--value", "a", "--estimator", "s", "--sigma", "1"), "sigma is given"),
    (["5,1", "6,1"], ("xbar-s", "--value", "a", "--subgroup", "2", "--estimator", "s"), "only charts of single values"),
    (["1e308,1", "-1e308,2"], ("imr", "--value", "a", "--estimator", "s"), "too far apart"),
])  # fmt: skip
def test_samples_that_cannot_be_judged_are_told(tmp_path, rows, words, told):
    file = tmp_path / "x.csv"
    file.write_text("\n".join(["a,b", *rows]) + "\n")
    result = invoke(file, "--chart", *words, code=2)
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_units_may_be_parts_and_nothing_in_nothing_is_no_sample(tmp_path):
    found = as_json(table(tmp_path, count=[3, 0, 4, 5], size=[1.5, 0, 2, 2.5]), "--chart", "u")
    assert found["mean"] == pytest.approx(12 / 6)
    assert [point["i"] for point in found["panels"][0]["points"]] == [0, 2, 3]


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "told"), [
    (("--chart", "xbar-r", "--value", "a"), "xbar-r takes subgroups: give --subgroup N or --subgroup-column C"),
    (("--chart", "xbar-r", "--value", "a", "--subgroup", "0"), "--subgroup must be 1 or more"),
    (("--chart", "xbar-r", "--value", "a", "--subgroup", "1"), "subgroups of one have no spread"),
    (("--chart", "xbar-r", "--value", "a,b", "--subgroup", "5"), "a row is a subgroup: leave --subgroup out"),
    (("--chart", "xbar-r", "--value", "a", "--subgroup", "5", "--subgroup-column", "all"), "say the same: give one"),
    (("--chart", "xbar-s", "--value", "a", "--subgroup-column", "none"), 'there is no column "none"'),
    (("--chart", "imr", "--value", "a", "--value", "b"), "imr takes one column, not 2"),
    (("--chart", "imr", "--nominal-column", "a"), "--nominal-column is not an option of imr"),
    (("--chart", "short-run", "--nominal-column", "a", "--target", "5"), "row by row: leave --target out"),
    (("--chart", "imr", "--count-column", "bad"), "--count-column is not an option of imr: it takes values"),
    (("--chart", "c", "--count-column", "bad", "--size-column", "all"), "--size-column is not an option of c"),
    (("--chart", "c", "--count-column", "bad", "--subgroup", "5"), "--subgroup is not an option of c"),
    (("--chart", "c", "--count-column", "bad", "--value", "a"), "c takes one column of counts"),
    (("--chart", "c", "--value", "a"), "is not a count: that is a whole number"),
    (("--chart", "c"), 'there is no column "value"; the columns are a, b, c, bad, all'),
    (("--chart", "p", "--count-column", "bad"), "p takes sizes too: give --size-column C, or --subgroup N"),
    (("--chart", "p", "--count-column", "all", "--size-column", "bad"), "were counted in a sample of"),
    (("--chart", "p", "--count-column", "bad", "--subgroup", "9", "--size-column", "all"), "both say the size"),
    (("--chart", "p", "--count-column", "bad", "--subgroup-column", "all"), "--subgroup-column is not an option of p"),
    (("--chart", "t2", "--value", "a"), "t2 takes several columns"),
    (("--chart", "mewma", "--value", "a,b", "--subgroup", "5"), "--subgroup is not an option of mewma: a row is a"),
    (("--chart", "t2", "--value", "a,b", "--subgroup", "8"), "subgroup 7 is one of 4, where the first is one of 8"),
    (("--chart", "t2", "--value", "a,b", "--subgroup", "1"), "give more of them, whole, of two or more"),
    (("--chart", "t", "--value", "a", "--mean", "0"), "the mean time and its shape must be numbers above 0"),
    (("--chart", "cusum", "--value", "a", "--headstart", "5"), "a head start of 5 is not below the limit 5"),
    (("--chart", "p", "--k", "1"), "--k is not an option of p"),
    (("--chart", "cusum", "--value", "a", "--rules", "WE1"), "--rules is not an option of cusum"),
    (("--chart", "imr", "--value", "a", "--rules", ","), "--rules ,: name rules, or none"),
    (("--chart", "group", "--value", "a,b", "--param", "same_stream=-2"), "same_stream is a whole number of samples"),
    (("--chart", "p", "--limits", "asymptotic"), "--limits asymptotic: p has normal and exact"),
    (("--chart", "p", "--param", "x=1"), "--param x=1: write NAME=VALUE; p has center, L, limits"),
    (("--chart", "p", "--param", "L"), "--param L: write NAME=VALUE"),
    (("--chart", "p", "--param", "L=x"), '--param L=x: "x" is not a number'),
    (("--chart", "p", "--param", "limits=none"), "limits is one of normal, exact"),
    (("--chart", "imr", "--value", "a", "--exclude", "1-2"), "--exclude 1-2: write ROWS:REASON"),
    (("--chart", "imr", "--value", "a", "--exclude", "60:x"), "there is no row 60 to leave out"),
    (("--chart", "imr", "--value", "a", "--lsl", "5", "--usl", "4"), "lsl must be below usl"),
    (("--chart", "imr", "--value", "a", "--usl", "inf"), "--usl, --lsl and --target are numbers"),
    (("--chart", "imr", "--value", "a", "--target", "4"), "capability needs a specification"),
    (("--chart", "imr", "--value", "a", "--distribution", "weibull"), "capability needs a specification"),
    (("--chart", "imr", "--value", "a", "--usl", "60", "--distribution", "empirical"), "60 values do not know"),
    (("--chart", "c", "--count-column", "bad", "--usl", "60"), "capability is of single values: c has none"),
    (("--chart", "imr", "--value", "a", "--approved-by", "17"), "--approved-by belongs to --freeze"),
    (("--chart", "imr", "--value", "a", "--effective", "2026-11-22"), "--effective belongs to --freeze"),
    (("--chart", "p", "--count-column", "bad", "--size-column", "all", "--sigma", "1"), "sigma is not a setting"),
])  # fmt: skip
def test_what_does_not_fit_is_one_line(usual, words, told):
    result = invoke(usual, *words, code=2)
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
