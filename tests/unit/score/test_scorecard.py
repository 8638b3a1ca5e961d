"""Numbers of the scorecard by hand-made records, and each opened down to what is behind it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.model import AlarmChanged, Event, LotChanged, Noted, NumberedEvent, Plain, Severity
from gateway.score.numbers import Month, numbers
from gateway.score.scorecard import Scored
from gateway.score.yields import (
    Count,
    Stay,
    Step,
    counted_by_machine,
    first_time,
    ppm,
    rolled,
    stays_at,
    steps_of,
)
from gateway.site.score import BoardStep, Driver, Score
from tests.unit.score.weeks import LINE, WEEK, Line, site

HOUR = 3_600_000_000_000
MINUTE = HOUR // 60


def numbered(*events: Event) -> list[NumberedEvent]:
    return [NumberedEvent(seq, 0, each) for seq, each in enumerate(events, 1)]


def alarm(at: int, name: str, version: int, state: str, kind: str = "signal", **facts: Plain) -> AlarmChanged:
    return AlarmChanged(
        at,
        name,
        version,
        state,
        kind,
        Severity.ALARM,
        f"{LINE}/press/cushion",
        "cushion",
        "look",
        ("A",),
        facts,
    )


def count(lot: str, step: str, good: int, reject: int, at: int = 0) -> Count:
    return Count(lot, step, good, reject, "hand", at, LINE)


def test_yields_of_a_printed_example() -> None:
    """Five steps of 98 %: 0.98^5 = 90.4 %, the usual table of rolled throughput yields."""
    steps = [Step(str(at), 98.0, 100.0) for at in range(5)]
    assert rolled(steps) == pytest.approx(0.9039207968)
    assert first_time(steps) == pytest.approx(0.98)
    assert ppm(steps) == pytest.approx(100_000)


def test_a_second_count_is_rework_and_makes_nothing_better() -> None:
    steps = steps_of(
        [
            count("A", "moulding", 90, 10, 1),
            count("A", "moulding", 100, 0, 9),
            count("B", "moulding", 100, 0, 2),
        ]
    )
    assert steps == [Step("moulding", 190.0, 200.0)]


def test_parts_go_to_the_lot_that_was_there() -> None:
    def at(time: int, lot: str, change: str, cell: str) -> LotChanged:
        return LotChanged(time, lot, change, f"{LINE}/{cell}", "product", lot)

    events = numbered(
        at(10, "A", "opened", "press"), at(20, "B", "opened", "press"), at(25, "A", "moved", "packing"),
        at(30, "B", "moved", "packing"), at(40, "C", "opened", "press"),
    )  # fmt: skip
    stays = stays_at(events, f"{LINE}/press", 50)
    assert stays == [Stay("A", 10, 20), Stay("B", 20, 30), Stay("C", 40, 50)]
    made = [(5, 4.0, 4.0), (15, 4.0, 3.0), (21, 4.0, 4.0), (35, 4.0, 2.0), (45, 4.0, 4.0)]
    found = {each.lot: (each.good, each.reject) for each in counted_by_machine(made, stays, "moulding", LINE)}
    assert found == {"": (6.0, 2.0), "A": (3.0, 1.0), "B": (4.0, 0.0), "C": (4.0, 0.0)}


def test_time_in_control_and_time_to_acknowledge() -> None:
    events = numbered(
        alarm(2 * HOUR, "a", 1, "active"),
        alarm(3 * HOUR, "a", 2, "acknowledged"),
        alarm(7 * HOUR, "a", 3, "closed"),
        alarm(6 * HOUR, "b", 1, "active"),  # the same characteristic: an hour of it is counted already
        alarm(8 * HOUR, "b", 2, "returned"),
        alarm(8 * HOUR + 10 * MINUTE, "b", 3, "closed", acknowledged_ns=8 * HOUR + 10 * MINUTE),
        alarm(9 * HOUR, "c", 1, "active", "limit_HH"),
    )
    month = Month(LINE, HOUR, 11 * HOUR, HOUR, 11 * HOUR, events, characteristics=2)
    found = numbers(month, ["in_control", "ack_minutes"])
    assert found["in_control"].value == pytest.approx(100 * (1 - 6 / 20))
    assert [each.seq for each in found["in_control"].evidence] == [1, 4]
    assert found["ack_minutes"].value == 120.0  # 60, 120 (not yet: two hours so far) and 130
    assert "not acknowledged yet" in found["ack_minutes"].evidence[2].what


def test_late_checks() -> None:
    rows = (("check_done", True), ("check_done", False), ("check_missed", False), ("check_done", False))
    events = numbered(
        *(Noted(at, kind, "moisture", Severity.INFO, {"late": late}) for at, (kind, late) in enumerate(rows))
    )
    assert numbers(Month(LINE, 0, 9, 0, 9, events), ["late_checks"])["late_checks"].value == 50.0


def test_what_nothing_says_is_unknown_and_never_zero() -> None:
    assert {each.value for each in numbers(Month(LINE, 0, 1, 0, 1)).values()} == {None}


def test_goal_and_trend_know_which_way_is_better() -> None:
    found = numbers(Month(LINE, 0, 1, 0, 1, counts=[count("A", "moulding", 95, 5)]), ["rty", "ppm"])
    rty = Scored("s", LINE, found["rty"], None, 90.0, "j")
    assert (rty.goal, rty.met, rty.trend) == (94.0, True, "better")
    bad = Scored("s", LINE, found["ppm"], Driver("ppm", 1000.0), 40_000.0, "j")
    assert (bad.met, bad.trend) == (False, "worse")
    assert Scored("s", LINE, found["ppm"], None, 50_000.0, "j").trend == "same"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    steps = (BoardStep("moulding", (f"{LINE}/press",)), BoardStep("packing", (f"{LINE}/packing",)))
    drivers = (
        Driver("rty", 94.0, "quality"),
        Driver("otd", 98.0, "logistics"),
        Driver("residual_z", 3.0, "finance"),
    )
    line = Line(6, site(score=replace(Score(), steps=steps, drivers=drivers)))
    line.hours(WEEK, 1)
    box = "(01)09506000134352(10){}(400)PO-{}"
    cells = (("opened", "press"), ("moved", "packing"), ("closed", "packing"))
    line.noted("order", "PO-1", part="cap", quantity=100, due_ns=line.now + 10 * HOUR)
    line.noted("order", "PO-2", part="cap", quantity=100, due_ns=line.now + 12 * HOUR)
    line.noted("order", "PO-3", part="cap", quantity=100, due_ns=line.now + 13 * HOUR)
    for lot, order, wait in (("A", 1, 2), ("B", 2, 12)):
        for change, cell in cells:
            event = LotChanged(
                line.now, f"09506000134352:{lot}", change, f"{LINE}/{cell}", "product", box.format(lot, order)
            )
            line.events.append(event)
            if change == "opened":
                line.hours(WEEK, wait)
        line.noted("counted", f"09506000134352:{lot}", step="inspection", good=95, reject=5, reason="flash")
    line.hours(WEEK, 24)
    made = tmp_path_factory.mktemp("card") / "data"
    line.written(made).close()
    return made


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["scorecard", "--month", "2026-11", "--data", str(folder), *words])


@pytest.mark.long
def test_the_command_and_what_is_behind_a_number(folder: Path) -> None:
    done = run(folder, "--json")
    assert done.exit_code == 1  # goals are missed
    rows = {row["number"]: row for row in json.loads(done.output)["rows"]}
    assert list(rows) == ["rty", "otd", "residual_z"]
    assert rows["otd"]["value"] == pytest.approx(100 / 3)  # one in time, one late, one that was never begun
    assert {row["lot"] for row in rows["otd"]["evidence"]} == {"09506000134352:A", "09506000134352:B", None}
    assert (rows["otd"]["verdict"], rows["otd"]["owner"]) == ("missed", "logistics")
    lots = {row["lot"]: row for row in rows["rty"]["evidence"] if "inspection" in row["what"]}
    assert lots["09506000134352:A"]["seq"] is not None
    first = rows["rty"]["value"] / 95.0
    machine = [row for row in rows["rty"]["evidence"] if "counter" in row["what"]]
    assert machine
    assert 0.8 < first < 1.0  # what the press itself counted
    opened = run(folder, "--open", "otd")
    assert "order PO-2: late  09506000134352:B  event" in opened.output
    table = list(csv.DictReader(io.StringIO(run(folder, "--open", "rty", "--csv").output)))
    assert {row["lot"] for row in table} >= {"09506000134352:A", "09506000134352:B"}
    assert "rolled throughput yield" in run(folder).output
    assert "滚动直通率" in run(folder, "--lang", "zh").output
    assert len(json.loads(run(folder, "--all", "--json").output)["rows"]) == 12


def test_what_cannot_be_asked(folder: Path) -> None:
    args = ["scorecard", "--data", str(folder), "--month"]
    done = CliRunner().invoke(main, [*args, "11"])
    assert (done.exit_code, "is not a month such as 2026-10" in done.output) == (2, True)
    done = CliRunner().invoke(main, [*args, "2020-01"])
    assert (done.exit_code, "nothing is known of 2020-01" in done.output) == (1, True)
    assert run(folder, "--open", "everything").exit_code == 2
