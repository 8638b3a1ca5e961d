"""Machines' time and OEE, time to empty, time to the limit: against hand-made numbers and by coverage."""

from __future__ import annotations

import csv
import io
import json
import math
import random
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.score.machines import Ran
from gateway.score.outlook import Fit, arrival, fit
from gateway.site import Characteristic, Sampling
from gateway.site.score import Machine, Score
from tests.unit.score.weeks import LINE, WEEK, Line, site

PRESS = Machine(
    "press", f"{LINE}/press", f"{LINE}/press/state", ("1",), ("0",), ("2",), "shots", 1_800_000_000_000
)


NORRIS = """
    0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5
    668.5 666.3 998.5 996.3 449.1 448.6 778.9 777.0 559.2 558.2 0.3 0.4
    0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6
    557.7 556.0 228.3 228.1 998.0 995.8 888.8 887.6 119.6 120.2 0.3 0.3
    0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0 778.9 779.0
    10.2 11.1 117.6 118.3 228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5
"""


def test_oee_by_the_formulas_of_iso_22400() -> None:
    """8 h of which 1 h nobody wanted it and 1 h it was down; 300 shots of 60 s planned; 1,140 of 1,200 parts good."""
    found = Ran(
        PRESS,
        {"1": 21_600.0, "0": 3_600.0, "2": 3_600.0},
        0.0,
        21_600.0,
        3_600.0,
        300,
        1200.0,
        1140.0,
        0,
        0,
        57.0,
    )
    found = replace(found, machine=replace(PRESS, cycle_ns=60_000_000_000))
    assert found.availability == pytest.approx(6 / 7)
    assert found.performance == pytest.approx(300 / 360)
    assert found.quality == pytest.approx(0.95)
    assert found.oee == pytest.approx(6 / 7 * 300 / 360 * 0.95)
    assert found.utilisation == pytest.approx(0.75)
    assert found.energy_per_part == pytest.approx(0.05)
    assert found.scrap_share is None


def test_a_line_without_noise_arrives_when_it_arrives() -> None:
    line = fit([float(hour) for hour in range(-24, 0)], [10.0 + 0.5 * hour for hour in range(-24, 0)])
    assert line is not None
    found = arrival(line, 12.0)
    assert found is not None
    assert (found.hours, found.low, found.high) == pytest.approx((4.0, 4.0, 4.0))
    assert arrival(line, 9.0) is None  # it goes the other way


def test_the_slope_is_the_one_of_norris() -> None:
    """NIST StRD, Norris: certified slope 1.00211681802045, its standard deviation 0.429796848199937e-3."""
    rows = [float(each) for each in NORRIS.split()]
    y, x = rows[0::2], rows[1::2]
    line = fit(x, y)
    assert line is not None
    assert line.slope == pytest.approx(1.00211681802045, rel=1e-9)
    assert line.level == pytest.approx(-0.262323073774029, rel=1e-7)
    assert line.slope_se >= 0.429796848199937e-3  # widened, never narrowed


def test_the_interval_holds_the_truth_nine_times_in_ten() -> None:
    """500 hourly series that trend: between 86 and 94 % of the 90 % intervals hold the true time."""
    dice, held, tried = random.Random(4), 0, 0
    hours = [float(hour) for hour in range(-48, 0)]
    for _ in range(500):
        line = fit(hours, [0.1 * hour + dice.gauss(0, 1.0) for hour in hours])
        found = arrival(line, 5.0) if line else None
        if found:
            tried += 1
            held += found.low <= 50.0 <= found.high
    assert tried > 480
    assert 0.86 <= held / tried <= 0.94


def test_a_slope_that_may_be_nothing_has_no_arrival_and_one_that_hardly_is_has_no_end() -> None:
    assert arrival(Fit(0.0, 0.1, 0.1, 0.05, 0.0, 24), 5.0) is None
    found = arrival(Fit(0.0, 0.1, 0.1, 0.032, 0.0, 3), 5.0)
    assert found is not None
    assert math.isinf(found.high)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    level = Characteristic(
        "bin-level", f"{LINE}/mill/bin", "imr", {}, (), Sampling(), "look", usl=1e6, lsl=0.0
    )
    line = Line(5, site(score=replace(Score(), machines=(PRESS,)), characteristics=(level,)))
    line.hours(WEEK, 24)
    line.books.shown["state"] = 2
    line.hours(WEEK, 24)
    made = tmp_path_factory.mktemp("outlook") / "data"
    line.written(made).close()
    return made


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["outlook", "--data", str(folder), *words])


@pytest.mark.long
def test_the_command(folder: Path) -> None:
    plain = json.loads(run(folder, "--hours", "48", "--json").output)
    (press,) = plain["machines"]
    assert press["shots"] == 48
    # read once an hour and silent after ten minutes: 23 or 24 of each state, the rest is not read
    assert set(press["states_s"]) == {"1", "2"}
    assert press["availability"] == pytest.approx(0.5, abs=0.03)
    silo = next(row for row in plain["stocks"] if row["store"] == "silo")
    assert silo["low"] < silo["empty_in"] < silo["high"]
    assert silo["empty_in"] == pytest.approx(silo["kg"] / silo["kg_per_hour"])
    assert "OEE" in run(folder).output
    assert "预计耗尽" in run(folder, "--lang", "zh").output
    rows = list(csv.DictReader(io.StringIO(run(folder, "--csv", "--of", "stocks").output)))
    assert {row["store"] for row in rows} == {"silo", "bin", "press_hopper"}


def test_what_cannot_be_asked(folder: Path) -> None:
    assert run(folder, "--csv").exit_code == 2
    done = run(folder, "--at", "2020-01-01T00:00:00Z")
    assert (done.exit_code, "nothing was read before" in done.output) == (2, True)
