"""`lotwatch spc`: limits, violations, exit codes, and one clear line for every file that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.cli import main
from gateway.plan.methods import methods
from gateway.spc import chart_kinds

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "spc" / "published.json").read_text("utf-8"))


def write(folder: Path, content: bytes | list[float]) -> Path:
    file = folder / "x.csv"
    if isinstance(content, list):
        content = "\n".join(["batch,value", *(f"{i},{x}" for i, x in enumerate(content))]).encode()
    file.write_bytes(content)
    return file


def run(file: Path, *words: str, code: int = 0):
    result = CliRunner().invoke(main, ["spc", str(file), *words])
    assert result.exit_code == code, result.output
    return result


def as_json(file: Path, *words: str, code: int = 0):
    return json.loads(run(file, *words, "--json", code=code).stdout)


def test_the_flowrate_of_the_e_handbook(tmp_path):
    given_ = VECTORS["nist_flowrate"]
    found = as_json(write(tmp_path, given_["x"]), "--chart", "imr")
    i, mr = found["panels"]
    assert (found["chart"], found["n"], found["mean"]) == ("imr", 10, pytest.approx(given_["mean"]))
    assert found["sigma"] == pytest.approx(given_["mean_moving_range"] / 1.128, rel=5e-4)
    assert (i["name"], mr["name"]) == ("i", "mr")
    assert (i["lcl"], i["ucl"]) == pytest.approx(
        (given_["lcl"], given_["ucl"]), abs=2e-3
    )  # d2 is not rounded here
    assert [point["i"] for point in i["points"]] == list(range(10))
    assert [point["value"] for point in i["points"]] == given_["x"]
    assert [point["i"] for point in mr["points"]] == list(range(1, 10))
    assert mr["center"] == pytest.approx(given_["mean_moving_range"], abs=5e-5)


def test_phase_one_sets_limits_and_phase_two_finds_what_left_them(tmp_path):
    quiet = [10.0, 11.0, 9.5, 10.5, 9.0, 10.0, 11.0, 10.0]
    found = as_json(write(tmp_path, [*quiet, 14.5, 10.0]), "--chart", "imr", "--phase1", "8", code=1)
    assert found["mean"] == pytest.approx(np.mean(quiet))
    flagged = {point["i"]: point["rules"] for point in found["panels"][0]["points"] if point["rules"]}
    assert flagged == {8: ["WE1"]}
    assert [point["i"] for point in found["panels"][1]["points"] if point["rules"]] == [8, 9]


def test_cusum_and_ewma_of_montgomery(tmp_path):
    given_ = VECTORS["montgomery_9"]
    file = write(tmp_path, given_["x"])
    upper, lower = as_json(file, "--chart", "cusum", "--mean", "10", "--sigma", "1", code=1)["panels"]
    assert [point["value"] for point in upper["points"]] == pytest.approx(given_["upper"], abs=0.005)
    assert [point["value"] for point in lower["points"]] == pytest.approx(given_["lower"], abs=0.005)
    assert (upper["name"], upper["ucl"], lower["name"]) == ("upper", 5.0, "lower")
    words = ("--chart", "ewma", "--mean", "10", "--sigma", "1", "--lambda", "0.1", "--L", "2.7")
    (ewma,) = as_json(file, *words, code=1)["panels"]
    assert (ewma["name"], ewma["center"], len(ewma["ucl"])) == ("ewma", 10.0, 30)
    assert [p["i"] for p in ewma["points"] if p["rules"] == ["EWMA"]] == given_["ewma_signals"]
    (ewma,) = as_json(file, *words, "--limits", "asymptotic", code=1)["panels"]
    assert ewma["ucl"] == pytest.approx(10.62, abs=0.005)


def test_rules_and_their_settings_are_options(tmp_path):
    file = write(tmp_path, [0.5] * 7 + [3.0])
    words = (file, "--chart", "imr", "--mean", "0", "--sigma", "1")
    assert as_json(*words, code=1)["panels"][0]["points"][-1]["rules"] == ["WE4"]
    assert as_json(*words, "--rules", "WE1,WE2")["panels"][0]["points"][-1]["rules"] == []
    rules = as_json(*words, "--edge", "beyond", "--same-side", "9", code=1)["panels"][0]["points"][-1][
        "rules"
    ]
    assert rules == ["WE1"]


def test_people_see_limits_and_rows(tmp_path):
    shown = run(
        write(tmp_path, [0.0] * 5 + [9.0]), "--chart", "imr", "--mean", "0", "--sigma", "1", code=1
    ).stdout
    assert "row 5" in shown
    assert "WE1" in shown
    many = run(write(tmp_path, [9.0] * 90), "--chart", "cusum", "--mean", "0", "--sigma", "1", code=1).stdout
    assert "more: --json has them all" in many


@pytest.mark.parametrize(("content", "words", "told"), [
    (b"value\n1\nx\n", (), 'x.csv:3: "x" is not a number'),
    (b"value\n1\n\n\n2\n\n", (), "x.csv:3: there is no value"),
    (b"value\n1\n2,5\n", (), "x.csv:3: 2 fields, where the header has 1"),
    (b"value\n1\n\xd9\xa3\n", (), "is not a number that can be charted"),
    (b"a,value\nx,1\n,2\n", ("--subgroup-column", "a"), "x.csv:3: there is no word for the subgroup"),
    (b"a;value\n1;2,5\n", (), 'x.csv:2: "2,5" is not a number; write a decimal point'),
    (b"a,value\n1,\n", (), "x.csv:2: there is no value"),
    (b"value\n1\nNaN\n", (), 'x.csv:3: "NaN" is not a number that can be charted'),
    (b"value\n1\n-inf\n", (), 'x.csv:3: "-inf" is not a number'),
    (b"", (), "x.csv:1: the file is empty"),
    (b"value\n", (), "x.csv:2: there are no rows"),
    (b"x,y\n1,2\n", (), 'x.csv:1: there is no column "value"; the columns are x, y'),
    (b"value,value\n1,2\n", (), "x.csv:1: there are several columns"),
    (b"value\n1\n\xff\n", (), "x.csv:3: not UTF-8"),
    ("value\n1\n".encode("utf-16"), (), "x.csv:1: not UTF-8"),
    (b'value\n1\n"2\n', (), "x.csv:3: not CSV"),
    (b"value\n1\n1\n1\n", (), "do not vary"),
    (b"value\n1e308\n-1e308\n", (), "too far apart"),
    (b"value\n1\n", (), "one sample has no spread"),
    (b"value\n1\n2\n", ("--phase1", "3"), "phase I takes 2 to 2 of 2 samples, not 3"),
    (b"value\n1\n2\n", ("--sigma", "0"), "sigma must be above 0"),
    (b"value\n1\n2\n", ("--mean", "nan"), "mean must be a number"),
    (b"value\n1\n2\n", ("--k", "1"), "--k is not an option of imr"),
    (b"value\n1\n2\n", ("--same-side", "40"), "same_side must be a whole number"),
    (b"value\n1\n2\n", ("--rules", "WE1,N9"), "N9 is not a run rule"),
])  # fmt: skip
def test_what_is_wrong_is_one_line_with_its_place(tmp_path, content, words, told):
    result = run(write(tmp_path, content), "--chart", "imr", *words, code=2)
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_what_is_no_file_is_said(tmp_path):
    assert "no such file" in run(tmp_path / "none.csv", "--chart", "imr", code=2).stderr
    assert "is a directory" in run(tmp_path, "--chart", "imr", code=2).stderr


def test_a_byte_order_mark_other_separators_and_line_ends_are_read(tmp_path):
    for content in (
        b"\xef\xbb\xbfvalue\r\n1\r\n2\r\n4\r\n",
        b"a\tvalue\n0\t1\n0\t2\n0\t4\n",
        b'a;"value"\n0;1\n0;2\n0;4',
    ):
        found = as_json(write(tmp_path, content), "--chart", "imr")
        assert [point["value"] for point in found["panels"][0]["points"]] == [1.0, 2.0, 4.0]


@pytest.mark.long
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda tail: b"value\n1\n2\n" + tail))
def test_no_bytes_give_a_traceback(tmp_path, content):
    result = CliRunner().invoke(main, ["spc", str(write(tmp_path, content)), "--chart", "cusum"])
    assert result.exit_code in {0, 1, 2}
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


def test_the_command_knows_every_chart():
    assert methods() == chart_kinds()
