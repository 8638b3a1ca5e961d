"""`lot`, `trace` and `export` on a folder of replicas."""

from __future__ import annotations

import csv
import io

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.journal import Replica
from gateway.model import (
    BAD_FROM,
    Identity,
    LotChanged,
    Noted,
    NumberedEvent,
    NumberedInput,
    Severity,
    Signal,
)
from tests.unit.journal.plant import T0, Plant, config, make_site, readings_in

S = 1_000_000_000
CELL = "hall/line1/press1"
TEMP = f"{CELL}/temp"


def lot(seq, at, name, change, cell, role="product", parents=()):
    return NumberedEvent(
        seq, 0, LotChanged(T0 + at * S, name, change, cell, role, f"]C1{name}", tuple(parents))
    )


@pytest.fixture
def data(tmp_path):
    """Resin R1 and regrind G1 feed lot L1 at plant a; plant b makes L2 of it, and G1 comes of L2: a loop."""
    signal = Signal(T0 + 50 * S, "temp1", TEMP, "imr", "", ("WE1", "WE4"), 9.0, 1.0, 0.0, 2.0, 8.0, ("L1",))
    with Replica.open(tmp_path / "a" / "gw1-e1", Identity("a", "gw1", "e1")) as replica:
        replica.store(
            [NumberedInput(1, config(make_site(), "h1")), *Plant().readings(2, 300)],
            [
                lot(1, 5, "R1", "opened", CELL, "material"),
                lot(2, 10, "L1", "opened", CELL, parents=["R1", "G1"]),
                NumberedEvent(3, 9, signal),
                lot(4, 200, "L1", "closed", CELL),
            ],
        )
    with Replica.open(tmp_path / "b" / "gw1-e2", Identity("b", "gw1", "e2")) as replica:
        replica.store(
            [],
            [
                lot(1, 900, "L2", "opened", "pack", parents=["L1"]),
                lot(2, 950, "G1", "opened", "mill", parents=["L2"]),
            ],
        )
    return tmp_path


def run(*words, code=0):
    found = CliRunner().invoke(main, [str(word) for word in words])
    assert found.exit_code == code, (found.output, found.exception)
    assert found.exception is None or isinstance(found.exception, SystemExit)
    return found


def test_lot_tells_windows_tags_links_and_signals(data) -> None:
    told = orjson.loads(run("lot", "L1", "--data", data, "--json").stdout_bytes)
    at, other = told["at"]
    assert (other["site"], other["windows"], other["children"]) == ("b", [], ["L2"])
    assert (at["site"], at["parents"], at["children"]) == ("a", ["G1", "R1"], [])
    [window] = at["windows"]
    assert (window["cell"], window["role"]) == (CELL, "product")
    assert (window["since"], window["until"]) == (
        "2027-01-15T08:00:10.000000000Z",
        "2027-01-15T08:03:20.000000000Z",
    )
    temp = next(each for each in window["tags"] if each["tag"] == TEMP)
    inside = readings_in(Plant().readings(2, 300), T0 + 10 * S, T0 + 200 * S)
    good = [float(given.values[0]) for given in inside if given.quality[0] < BAD_FROM]
    assert (temp["count"], temp["bad"]) == (len(good), len(inside) - len(good))
    assert (temp["min"], temp["max"]) == (min(good), max(good))
    name = next(each for each in window["tags"] if each["tag"] == f"{CELL}/name")
    assert (name["count"], name["bad"]) == (len([each for each in inside if each.quality[4] < BAD_FROM]), 6)
    assert len(name["texts"]) == 5
    assert [event["rules"] for event in at["events"]] == [["WE1", "WE4"]]
    said = run("lot", "L1", "--data", data).stdout
    assert "made of    G1, R1" in said
    assert "not how much of it went in" in said
    assert "WE1 WE4" in said


def test_a_lot_is_found_by_its_code_too(data) -> None:
    assert orjson.loads(run("lot", "]C1L2", "--data", data, "--json").stdout_bytes)["lot"] == "L2"


def test_an_unknown_lot_is_code_1_with_near_matches(data) -> None:
    for name in ("lot", "trace"):
        found = run(name, "l11", "--data", data, code=1)
        assert "no lot l11 here; near to it: L1" in found.stderr
        assert found.stdout == ""


def test_trace_goes_over_sites_and_ends_in_a_loop(data) -> None:
    told = orjson.loads(run("trace", "L1", "--data", data, "--json").stdout_bytes)
    back, on = told["backward"], told["forward"]
    assert [(each["lot"], each["depth"], each["known"]) for each in back["lots"]] == [
        ("L1", 0, True),
        ("G1", 1, True),
        ("R1", 1, True),
        ("L2", 2, True),
    ]
    assert {(link["parent"], link["child"]) for link in back["links"]} == {
        ("G1", "L1"),
        ("R1", "L1"),
        ("L2", "G1"),
        ("L1", "L2"),
    }
    assert [each["lot"] for each in on["lots"]] == ["L1", "L2", "G1"]
    assert told["basis"] == "scans"
    one_way = orjson.loads(run("trace", "L1", "--forward", "--data", data, "--json").stdout_bytes)
    assert "backward" not in one_way
    assert one_way["forward"] == on
    said = run("trace", "L1", "--data", data).stdout
    assert "(above)" in said
    assert "not how much of it went in" in said


def test_export_readings(data) -> None:
    words: tuple = ("export", "readings", "--data", data, "--tag", "*/temp", "--tag", f"{CELL}/name")
    words += ("--from", "2027-01-15T08:00:01Z", "--to", "2027-01-15T09:00:20+01:00")
    rows = list(csv.DictReader(io.StringIO(run(*words).stdout)))
    inside = readings_in(Plant().readings(2, 300), T0 + S, T0 + 20 * S)
    assert len(rows) == 2 * len(inside) == 38
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    temps = [row for row in rows if row["tag"] == TEMP]
    for row, given in zip(temps, inside, strict=True):
        assert row["quality"] == ("good" if given.quality[0] < BAD_FROM else "no_answer")
        expected = float(given.values[0])
        assert (
            row["value"] == ""
            if given.quality[0] >= BAD_FROM
            else float(row["value"]) == pytest.approx(expected)
        )
    lines = [orjson.loads(line) for line in run(*words, "--json").stdout_bytes.splitlines()]
    assert [(line["time"], line["tag"]) for line in lines] == [(row["time"], row["tag"]) for row in rows]
    assert lines[0]["site"] == "a"


def test_export_events(data) -> None:
    rows = list(csv.DictReader(io.StringIO(run("export", "events", "--data", data).stdout)))
    assert [row["kind"] for row in rows] == ["LotChanged", "LotChanged", "Signal", "LotChanged"] + 2 * [
        "LotChanged"
    ]
    lines = run("export", "events", "--data", data, "--json", "--kind", "Signal").stdout_bytes.splitlines()
    [told] = [orjson.loads(line) for line in lines]
    assert (told["seq"], told["cause"], told["rules"]) == (3, 9, ["WE1", "WE4"])
    assert told["time"] == "2027-01-15T08:00:50.000000000Z"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("lot", "L1", "--data", "/nowhere/at/all"), 2, "name a folder"),
        (("export", "readings", "--from", "yesterday"), 2, "write a time as"),
        (("export", "events", "--from", "2027-01-02", "--to", "2027-01-01"), 2, "is not after"),
        (("export", "readings", "--tag", "hall/line1/press1/tamp"), 1, "near to it: hall/line1/press1/temp"),
    ],
)
def test_what_is_wrong_is_one_line(data, words, code, said) -> None:
    if "--data" not in words:
        words = (*words, "--data", data)
    found = run(*words, code=code)
    assert said in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_folder_that_is_no_journal(tmp_path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"something else" * 500)
    found = run("export", "events", "--data", tmp_path, code=1)
    assert "it is not a journal: name another folder" in found.stderr


def test_a_note_with_odd_words_survives_csv(tmp_path) -> None:
    odd = Noted(T0, "test", 'a "quoted",\nbroken', Severity.INFO, {"text": "ä,;\n"})
    with Replica.open(tmp_path, Identity("a", "gw1", "e1")) as replica:
        replica.store([], [NumberedEvent(1, 0, odd)])
    [row] = csv.DictReader(io.StringIO(run("export", "events", "--data", tmp_path).stdout, newline=""))
    assert orjson.loads(row["body"])["facts"] == {"text": "ä,;\n"}
