"""`lotwatch design` as it is typed."""

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main


def run(*words):
    return CliRunner().invoke(main, ["design", *words])


def test_json_is_as_it_was_promised():
    done = run("--chart", "cusum", "--h", "5", "--shift", "0,1", "--json")
    assert done.exit_code == 0
    said = orjson.loads(done.output)
    assert list(said) == ["chart", "params", "limit", "arl"]
    assert said["chart"] == "cusum"
    assert said["params"] == {"k": 0.5, "headstart": 0.0, "sided": "two"}
    assert said["limit"] == 5.0
    assert [row["shift"] for row in said["arl"]] == [0.0, 1.0]
    assert said["arl"][0]["arl"] == pytest.approx(465, abs=0.5)  # Montgomery, table 9.3
    assert said["arl"][1] == {"shift": 1.0, "arl": pytest.approx(10.4, abs=0.05), "median": 9.0}


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        (("shewhart", "--arl0", "370.4"), 3.0),
        (("shewhart", "--arl0", "91.75", "--rules", "1,2,we3,WE4"), 3.0),
        (("ewma", "--arl0", "500", "--lambda", "0.5", "--limits", "asymptotic"), 3.071),
        (("cusum", "--arl0", "370", "--k", "0.25"), 8.01),
        (("t2", "--arl0", "200", "--p", "2"), 10.597),
        (("mewma", "--arl0", "500", "--p", "4", "--lambda", "0.25"), 16.38),
        (("mewma", "--arl0", "87.66", "--limits", "exact"), 6.98),
    ],
)
def test_limits_are_solved_for(words, limit):
    done = run("--chart", *words, "--shift", "0", "--json")
    assert done.exit_code == 0
    assert orjson.loads(done.output)["limit"] == pytest.approx(limit, rel=1e-3)


def test_people_get_a_table():
    done = run("--chart", "t2", "--ucl", "10.597")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "t2: p 2",
        "  limit h4 = 10.597",
        "     shift            ARL       median",
        "         0         200.04          139",
        "       0.5         115.55           80",
        "         1          41.92           29",
        "         2           6.88            5",
    ]
    far = run("--chart", "ewma", "--L", "9", "--shift", "0,1")
    assert "above 1e11" in far.output
    assert "e+09" in far.output
    assert (
        orjson.loads(run("--chart", "ewma", "--L", "9", "--shift", "0", "--json").output)["arl"][0]["arl"]
        is None
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("cusum",), "cusum: give --h or --arl0, one of them"),
        (("ewma", "--L", "3", "--arl0", "370"), "ewma: give --L or --arl0, not both"),
        (("cusum", "--L", "3"), "cusum: --L is not an option of cusum"),
        (("t2", "--lambda", "0.1", "--h4", "3"), "t2: --lambda is not an option of t2"),
        (("cusum", "--h", "4", "--k", "-1"), "cusum: k must be a number that is not negative"),
        (("ewma", "--L", "3", "--lambda", "1.5"), "ewma: lambda must be above 0 and at most 1"),
        (("ewma", "--arl0", "1"), "ewma: arl0 must be a number above 1, at most 1e+10"),
        (("ewma", "--L", "nan"), "ewma: a limit must be a number above 0"),
        (("ewma", "--L", "3", "--shift", "0,x"), '--shift 0,x: "x" is not a number; write such as 0,0.5,1'),
        (("ewma", "--L", "3", "--shift", ""), '--shift : "" is not a number; write such as 0,0.5,1'),
        (("shewhart", "--L", "3", "--rules", "1,9"), "shewhart: 9 is not a run rule; there are AIAG1,"),
        (("shewhart", "--L", "3", "--rules", " ,"), "shewhart: --rules is empty: name some"),
        (("shewhart", "--arl0", "500", "--rules", "1,4"), "no limit gives an average run length of 500"),
        (("cusum", "--h", "5000"), "too slow a chart to compute"),
        (("mewma", "--h4", "9", "--p", "0"), "mewma: p must be at least 1"),
        (("mewma", "--h4", "9", "--limits", "exact"), "in control only, for a shift of 0"),
        (("pear", "--h4", "9"), "'pear' is not one of"),
        (("cusum", "--h", "x"), "'x' is not a valid float"),
    ],
)
def test_what_is_wrong_is_said_in_words(words, told):
    done = run("--chart", *words)
    assert done.exit_code == 2
    assert told in done.output + done.stderr
    assert "Traceback" not in done.output + done.stderr
