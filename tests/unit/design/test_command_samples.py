"""`lotwatch design --baseline --confidence --phi` as it is typed."""

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main


def run(*words):
    return CliRunner().invoke(main, ["design", *words])


def test_a_baseline_asks_for_a_wider_limit():
    said = orjson.loads(
        run("--chart", "shewhart", "--arl0", "370", "--baseline", "50", "--shift", "0", "--json").output
    )
    assert list(said) == ["chart", "params", "limit", "arl", "baseline"]
    assert said["limit"] == pytest.approx(3.478, abs=0.002)
    assert said["baseline"] == {"samples": 50, "confidence": 0.9, "arl0": 370.0}


def test_a_limit_says_what_it_promises():
    done = run("--chart", "shewhart", "--L", "3", "--baseline", "50", "--confidence", "0.9")
    assert done.exit_code == 0
    assert "from 50 samples it keeps an ARL0 of 103" in done.output
    assert "10 or less" in run("--chart", "shewhart", "--L", "1", "--baseline", "50").output
    none = run("--chart", "shewhart", "--L", "1", "--baseline", "50", "--json")
    assert orjson.loads(none.output)["baseline"]["arl0"] is None


@pytest.mark.long
def test_phi_shows_the_cusum_that_ignores_it_and_that_of_residuals():
    done = run("--chart", "cusum", "--h", "4.774", "--phi", "0.4", "--shift", "0,1", "--json")
    said = orjson.loads(done.output)
    assert said["params"]["phi"] == 0.4
    assert [round(row["arl"]) for row in said["arl"]] == [61, 10]
    assert [round(row["arl"]) for row in said["residual"]["arl"]] == [370, 20]
    shown = run("--chart", "cusum", "--h", "4.774", "--phi", "0.4", "--shift", "0").output
    assert "ignored" in shown
    assert "of residuals" in shown


def test_phi_of_an_ewma_takes_asymptotic_limits():
    said = orjson.loads(run("--chart", "ewma", "--L", "2.7", "--phi", "0.3", "--shift", "0", "--json").output)
    assert said["params"]["limits"] == "asymptotic"
    assert "residual" not in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("cusum", "--h", "5", "--confidence", "0.9"), "--confidence goes with --baseline"),
        (("cusum", "--arl0", "370", "--phi", "0.3", "--baseline", "300", "--confidence", "0.9"), "one in the mean"),
        (("cusum", "--h", "5", "--phi", "0.3", "--baseline", "300"), "give --arl0"),
        (("cusum", "--arl0", "370", "--sided", "one", "--phi", "0.3", "--baseline", "300"), "two sides"),
        (("cusum", "--arl0", "370", "--baseline", "5"), "a baseline of 5 is too short"),
        (("shewhart", "--arl0", "370", "--baseline", "50", "--confidence", "2"), "less than 1"),
        (("mewma", "--arl0", "370", "--baseline", "50"), "shewhart, ewma, cusum and t2 only"),
        (("t2", "--arl0", "370", "--phi", "0.5"), "what autocorrelation does is known of"),
        (("ewma", "--L", "2.7", "--phi", "0.3", "--limits", "exact"), "asymptotic"),
        (("cusum", "--h", "5", "--phi", "1"), "a process beyond it wanders"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(words, says):
    done = run("--chart", *words)
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output
