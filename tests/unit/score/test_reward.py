"""Who is ranked where, what it pays, and that the same records give the same ranking and hash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.model import Noted, Plain, Severity
from gateway.score.reward import Shift, ranking
from gateway.shifts import month_span
from gateway.site.dosing import Component, Doser
from gateway.site.score import Band, Reward, Score
from tests.unit.score.weeks import LINE, Line, site

HOUR = 3_600_000_000_000


def event(mae: float, cycles: int = 500, **facts: Plain) -> Noted:
    whole: dict[str, Plain] = {
        "from_ns": 1, "component": "regrind", "recipe": "A", "setpoint_pct": 25.0, "mae_pct": mae, "cycles": cycles,
        "cycles_marked": {"refill": 3}, "basis": "of batch",
    }  # fmt: skip
    return Noted(1, "ratio_shift", "doser1", Severity.INFO, {**whole, **facts})


def rank(reward: Reward, *rows: tuple[str, Noted], expected: tuple[str, ...] = ()):
    return ranking(
        "2026-10", reward, [Shift("j", seq, who, each) for seq, (who, each) in enumerate(rows, 1)], expected
    )


def test_the_mean_is_over_cycles_not_over_shifts() -> None:
    found = rank(Reward(), ("a", event(0.1, 900)), ("a", event(1.1, 100)), ("b", event(0.25, 500)))
    assert [(row.who, row.place, row.pay) for row in found.rows] == [("a", 1, 800.0), ("b", 2, 500.0)]
    assert found.rows[0].mae_pct == pytest.approx(0.2)
    assert found.rows[0].seqs == (("j", 1), ("j", 2))


def test_a_tie_shares_its_places_and_their_pay() -> None:
    found = rank(Reward(), ("a", event(0.2)), ("b", event(0.2004)), ("c", event(0.3)), ("d", event(0.4)))
    assert [(row.place, row.pay, row.why) for row in found.rows] == [
        (1, 650.0, "tie"), (1, 650.0, "tie"), (3, 300.0, ""), (4, 0.0, ""),
    ]  # fmt: skip


def test_too_few_cycles_and_no_reading_are_listed_without_a_place() -> None:
    found = rank(Reward(), ("a", event(0.01, 199)), ("b", event(0.5, 200)), expected=("a", "b", "c"))
    assert [(row.who, row.place, row.why, row.pay) for row in found.rows] == [
        ("b", 1, "", 800.0), ("a", 0, "too few cycles", 0.0), ("c", 0, "no reading", 0.0),
    ]  # fmt: skip


def test_a_band_with_a_limit_is_not_handed_on() -> None:
    reward = Reward(bands=(Band(1, 800.0, 0.1), Band(2, 500.0)))
    found = rank(reward, ("a", event(0.2)), ("b", event(0.3)))
    assert [(row.pay, row.why) for row in found.rows] == [(0.0, "beyond the band"), (500.0, "")]


def test_per_cent_of_the_setpoint_are_turned_into_points() -> None:
    found = rank(Reward(), ("a", event(2.0, basis="of setpoint")))
    assert found.rows[0].mae_pct == pytest.approx(0.5)


def test_a_component_without_a_setpoint_cannot_win() -> None:
    found = rank(Reward(), ("a", event(0.0, component="natural", setpoint_pct=0.0)), ("a", event(0.5)))
    assert found.rows[0].mae_pct == pytest.approx(0.5)
    only = Reward(component="colour")
    assert rank(only, ("a", event(0.5)), expected=("a",)).rows[0].why == "no reading"


def test_cycles_that_cannot_tell_are_counted_once_a_shift_and_shown() -> None:
    found = rank(Reward(), ("a", event(0.5)), ("a", event(0.5, component="colour", setpoint_pct=2.0)))
    assert (found.rows[0].cycles, dict(found.rows[0].marked)) == (500, {"refill": 3})


def test_the_hash_is_of_rules_and_events_whatever_their_order() -> None:
    rows = [("a", event(0.1)), ("b", event(0.2))]
    shifts = [Shift("j", seq, who, each) for seq, (who, each) in enumerate(rows, 1)]
    one = ranking("2026-10", Reward(), shifts, ())
    assert one == ranking("2026-10", Reward(), shifts[::-1], ())
    assert one.hash != ranking("2026-11", Reward(), shifts, ()).hash
    assert one.hash != ranking("2026-10", replace(Reward(), currency="EUR"), shifts, ()).hash
    changed = [shifts[0], replace(shifts[1], event=event(0.2000001))]
    assert one.hash != ranking("2026-10", Reward(), changed, ()).hash


def test_the_command(tmp_path: Path) -> None:
    components = (Component("regrind", "regrind", f"{LINE}/blender/regrind", setpoint_pct=25.0),)
    doser = Doser("doser1", f"{LINE}/blender", f"{LINE}/blender/cycles", components)
    line = Line(1, site(dosers=(doser,), score=Score()))
    span = month_span(line.site.shifts, "2026-10")
    for day, mae in ((0, 9.0), (1, 0.5), (31, 0.5), (32, 9.0)):  # the last day of September is not in it
        line.now = span.from_ns + (day - 1) * 24 * HOUR
        line.noted(
            "ratio_shift", "doser1", **{**event(mae).facts, "from_ns": line.now - 8 * HOUR * (day == 1)}
        )
    line.events = [replace(each, time_ns=each.time_ns + 8 * HOUR) for each in line.events]
    folder = tmp_path / "data"
    line.written(folder).close()
    done = run(folder, "--json")
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.output)["rows"]
    assert (row["who"], row["mae_pct"], row["cycles"], row["pay"]) == ("plant hall/line1", 0.5, 500, 800.0)
    assert [each["seq"] for each in row["events"]] == [3]
    assert run(folder, "--json").output == done.output
    assert "800.00 CNY" in run(folder).output
    assert "平均绝对误差" in run(folder, "--lang", "zh").output
    assert run(folder, "--csv").output.startswith("month,place,who,mae_pct")
    wrong = CliRunner().invoke(main, ["reward", "--month", "October", "--data", str(folder)])
    assert (wrong.exit_code, "is not a month such as 2026-10" in wrong.output) == (2, True)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["reward", "--month", "2026-10", "--data", str(folder), *words])


def test_nobody_to_rank(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    Line(1).written(folder).close()
    done = run(folder)
    assert (done.exit_code, "nobody to rank" in done.output) == (1, True)


def test_a_shift_under_way_is_told_by_the_lots_of_one_cell(tmp_path: Path) -> None:
    components = (Component("regrind", "regrind", f"{LINE}/blender/regrind", setpoint_pct=25.0),)
    doser = Doser("doser1", f"{LINE}/blender", f"{LINE}/blender/cycles", components)
    line = Line(1, site(dosers=(doser,), score=Score(reward=Reward(least_cycles=10))))
    line.now += 5 * HOUR  # of a Monday
    for cell, lot, cycles, mae, ago in (
        ("press1", "A", 10, 0.4, 2), ("press1", "B", 30, 0.8, 1),
        ("press2", "C", 12, 9.0, 1), ("press1", "D", 90, 9.0, 9),
    ):  # fmt: skip
        facts = {**event(mae, cycles).facts, "cell": cell, "lot": lot, "from_ns": line.now - ago * HOUR}
        line.noted("ratio_lot", "doser1", **facts)
    line.read()
    folder = tmp_path / "data"
    line.written(folder).close()
    assert json.loads(run(folder, "--month", "2026-11", "--json").output)["rows"][0]["why"] == "no reading"
    told = json.loads(run(folder, "--month", "2026-11", "--json", "--unfinished").output)
    (row,) = told["rows"]
    # neither what the other press had of the same batches, nor a lot of the shift before
    assert (told["unfinished"], row["cycles"], row["mae_pct"]) == (True, 40, pytest.approx(0.7))
    assert "preliminary" in run(folder, "--month", "2026-11", "--unfinished").output
    assert "暂定" in run(folder, "--month", "2026-11", "--unfinished", "--lang", "zh").output
    assert "preliminary" not in run(folder, "--month", "2026-11").output
    card = ["scorecard", "--month", "2026-11", "--open", "ratio_mae", "--json", "--data", str(folder)]
    numbers = [
        json.loads(CliRunner().invoke(main, [*card, *more]).output)["rows"]
        for more in ((), ("--unfinished",))
    ]
    at = [row["line"] for row in numbers[1]].index(LINE)
    assert [rows[at]["value"] for rows in numbers] == [None, pytest.approx(0.7)]
