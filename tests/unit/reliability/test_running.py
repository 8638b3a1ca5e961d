"""The runner: batches by number, a record to go on by, budgets, and the command."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.reliability import __main__ as command
from benchmarks.reliability.row import FINDINGS_KEPT, Outcome, Row, dice, generator
from benchmarks.reliability.rows import rows
from benchmarks.reliability.running import Ran, pace, run_row
from gateway.journal import database
from tests.kills.stage import NoServer
from tests.reliability_seconds import PROPERTY, lines

SCHEMAS = list((Path(database.__file__).parent / "schema").glob("*.sql"))


def row(run, *, budget_s=60.0) -> Row:
    return Row(
        "toy", "throws", "none is a six", per_run=100, nightly=1_000, budget_s=budget_s, batch=10, run=run
    )


class Toy:
    """Notes which batches were run; finds something in one of them."""

    def __init__(self, bad: int = -1) -> None:
        self.ran: list[tuple[int, int, int]] = []
        self.bad = bad

    def __call__(self, seed: int, number: int, count: int) -> Outcome:
        self.ran.append((seed, number, count))
        outcome = Outcome(count)
        outcome.facts["throws"] += count
        if number == self.bad:
            outcome.find("a six")
        return outcome


def test_batches_come_in_order_and_the_last_is_cut_to_the_count():
    toy = Toy()
    ran = run_row(row(toy), 3, 25)
    assert toy.ran == [(3, 0, 10), (3, 1, 10), (3, 2, 5)]
    assert (ran.count, ran.facts["throws"], ran.findings) == (25, 25, [])
    assert ran.passed(1.0)


def test_a_record_is_gone_on_with_and_another_seed_is_another_run(tmp_path):
    record, toy = tmp_path / "deep" / "record.jsonl", Toy(bad=1)
    run_row(row(toy), 3, 20, record=record)
    with record.open("ab") as file:
        file.write(b'{"row": "toy", "se')  # the line that a run was cut short in
    ran = run_row(row(toy), 3, 40, record=record)
    ran = run_row(
        row(toy), 3, 40, record=record
    )  # all of it is there: what was cut short spoils no line after it
    assert [number for _, number, _ in toy.ran] == [0, 1, 2, 3]
    assert ran.count == 40
    assert ran.findings == ["a six\n    again: python -m benchmarks reliability --row toy --seed 3 --batch 1"]
    run_row(row(toy), 4, 10, record=record)
    assert toy.ran[-1] == (4, 0, 10)


def test_a_time_limit_begins_no_batch_more_and_says_so_by_the_count(tmp_path):
    toy = Toy()
    ran = run_row(row(toy), 1, 100, seconds=0.0, record=tmp_path / "record")
    assert (toy.ran, ran.count) == ([], 0)
    assert not ran.passed(0.0)  # nothing was shown


def test_a_finding_and_a_budget_that_is_over_fail():
    assert not run_row(row(Toy(bad=0)), 1, 10).passed(0.0)
    ran = Ran(row(Toy(), budget_s=2.0), 1, count=100)
    assert ran.passed(2.0)
    assert not ran.passed(2.1)
    ran.count = 1_000  # of a night: as long for each
    assert ran.passed(20.0)
    assert pace() >= 1.0


def test_a_flood_of_findings_is_counted_and_cut():
    outcome = Outcome()
    for _ in range(FINDINGS_KEPT + 5):
        outcome.find("x" * 5_000)
    assert len(outcome.findings) == FINDINGS_KEPT
    assert outcome.facts["found"] == FINDINGS_KEPT + 5
    assert len(outcome.findings[0]) < 1_000


def test_chance_is_of_row_seed_and_batch():
    draws = {dice(name, seed, number).random() for name in ("a", "b") for seed in (1, 2) for number in (1, 2)}
    draws |= {float(generator("a", seed, 1).random()) for seed in (1, 2)}
    assert len(draws) == 10
    assert dice("a", 1, 2).random() == dice("a", 1, 2).random()


def test_the_table_is_that_of_the_issue():
    """Counts of `make test` and of the night, and the budgets; a row that is dropped or made small shows here."""
    table = {each.name: (each.per_run, each.nightly) for each in rows()}
    assert table == {
        "kills": (60, 20_000),
        "power": (50_000, 100_000_000),
        "frames": (1_000_000, 100_000_000),
        "scans": (100_000, 10_000_000),
        "payloads": (100_000, 10_000_000),
        "configs": (2_000, 200_000),
        "http": (10_000, 1_000_000),
        "lines": (100_000, 10_000_000),
        "codec": (100_000, 10_000_000),
        "ports": (60, 10_000),
        "schemas": (len(SCHEMAS), len(SCHEMAS)),
    }


@pytest.mark.parametrize(("bad", "code"), [(-1, 0), (1, 1)])
def test_the_command_prints_and_ends_by_what_was_found(bad, code, monkeypatch, capsys):
    monkeypatch.setattr(command, "rows", lambda: [row(Toy(bad))])
    monkeypatch.setattr("logging.disable", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["reliability", "--count", "20", "--seed", "5"])
    assert command.main() == code
    told = capsys.readouterr().out
    assert "toy: 20 throws, seed 5" in told
    assert ("FOUND in toy: a six" in told) == bool(code)
    assert ("--row toy --seed 5 --batch 1" in told) == bool(code)


def test_a_row_whose_server_is_not_there_is_named_and_the_others_run(monkeypatch, capsys):
    def lacking(seed, number, count):
        raise NoServer("no influxd on this machine")

    monkeypatch.setattr(command, "rows", lambda: [replace(row(lacking), name="kills"), row(Toy())])
    monkeypatch.setattr("logging.disable", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["reliability"])
    assert command.main() == 1
    told = capsys.readouterr().out
    assert "kills: not run: no influxd on this machine" in told
    assert "toy: 100 throws, seed 1" in told


def test_a_batch_alone_wants_one_row(monkeypatch, capsys):
    toy = Toy(bad=2)
    monkeypatch.setattr(command, "rows", lambda: [row(toy)])
    monkeypatch.setattr("logging.disable", lambda _: None)
    monkeypatch.setattr(sys, "argv", ["reliability", "--batch", "2"])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 2
    monkeypatch.setattr(sys, "argv", ["reliability", "--row", "toy", "--batch", "2", "--seed", "9"])
    assert command.main() == 1
    assert toy.ran == [(9, 2, 10)]
    assert "FOUND: a six" in capsys.readouterr().out


def test_the_seconds_of_a_row_are_added_up_and_one_that_is_over_shows():
    told = lines([
        (PROPERTY, ["toy", 10, 2.0, 1.0, 3.0]), ("other", 7), (PROPERTY, ["slow", 5, 9.0, 8.0, 3.0]),
        (PROPERTY, ["toy", 20, 1.0, 0.5, 3.0]),
    ])  # fmt: skip
    assert told == [
        "toy: 30 cases, 3.0 s of CPU, 1.5 s at the budget's pace of 6 s",
        "slow: 5 cases, 9.0 s of CPU, 8.0 s at the budget's pace of 3 s: OVER",
    ]
