"""`lotwatch balance` as finance runs it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.site.score import Score, Store
from tests.unit.score.weeks import WEEK, Line, site

STORES = (
    Store("silo", "=PP-H 4711", "hall/line1", ("silo", "hopper")),
    Store("regrind", "regrind", "hall/line1", ("bin",)),
)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> tuple[Line, Path]:
    line = Line(2, site(score=replace(Score(), stores=STORES)))
    line.hours(WEEK, 48)
    folder = tmp_path_factory.mktemp("week") / "data"
    line.written(folder).close()
    return line, folder


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["balance", "--week", WEEK, "--data", str(folder), *words])


@pytest.mark.long
def test_in_words_as_csv_and_as_json(plant: tuple[Line, Path]) -> None:
    line, folder = plant
    done = run(folder)
    assert done.exit_code == 0, done.output
    assert "residual" in done.output
    assert "差额" in run(folder, "--lang", "zh").output
    rows = list(csv.DictReader(io.StringIO(run(folder, "--csv").output)))
    assert [row["store"] for row in rows] == ["silo", "regrind"]
    assert rows[0]["material"] == "'=PP-H 4711"  # a spreadsheet would have run it
    dosed = line.books.grams[WEEK, "bin", "dosed"] / 1000
    assert float(rows[1]["dosed"]) == pytest.approx(dosed, abs=1e-3)
    plain = json.loads(run(folder, "--json").output)["balances"][1]
    assert plain["kg"]["dosed"] == pytest.approx(dosed, abs=5e-4)
    assert {each["meter"] for each in plain["streams"]} == {"blend", "belt"}


def test_a_planted_mistake_is_named_with_its_line(plant: tuple[Line, Path], tmp_path: Path) -> None:
    line, folder = plant
    grams = {kind: line.books.grams[WEEK, "bin", kind] for kind in ("dosed", "ground")}
    text = f"{grams['dosed'] / 1000:.1f}"
    file = tmp_path / "w46.csv"
    head = "week,line,material,item,amount,unit\n"
    good = f"{WEEK},hall/line1,regrind,ground,{grams['ground'] / 1000:.1f},kg\n"
    file.write_text(f"{head}{good}{WEEK},hall/line1,regrind,dosed,{float(text) * 10:.1f},kg\n", "utf-8")
    done = run(folder, "--declared", str(file))
    assert done.exit_code == 1
    assert f"decimal point slipped, line 3: {float(text):.12g} kg" in done.output
    plain = json.loads(run(folder, "--declared", str(file), "--json").output)["declared"]
    assert [(each["item"], each["likely"]) for each in plain] == [("dosed", "decimal_slip"), ("ground", None)]
    file.write_text(f"{head}{good}{WEEK},hall/line1,regrind,dosed,{text},kg\n", "utf-8")
    assert run(folder, "--declared", str(file)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"week,line,material,item,amount\n2026-W46,hall/line1,regrind,dosed,1.2.3\n", "w46.csv:2: amount"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"", "w46.csv:1: has no column"),
    ],
)
def test_a_file_that_cannot_be_taken(
    plant: tuple[Line, Path], tmp_path: Path, text: bytes, said: str
) -> None:
    file = tmp_path / "w46.csv"
    file.write_bytes(text)
    done = run(plant[1], "--declared", str(file))
    assert done.exit_code == 2
    assert said in done.output


def test_a_row_of_a_store_that_is_not_there(plant: tuple[Line, Path], tmp_path: Path) -> None:
    file = tmp_path / "w46.csv"
    file.write_text(f"week,line,material,item,amount\n{WEEK},hall/line1,PA6,dosed,5\n", "utf-8")
    done = run(plant[1], "--declared", str(file))
    assert done.exit_code == 1
    assert "line 2: PA6 on hall/line1: no such store" in done.output


def test_what_cannot_be_asked(plant: tuple[Line, Path], tmp_path: Path) -> None:
    folder = plant[1]
    done = CliRunner().invoke(main, ["balance", "--week", "46", "--data", str(folder)])
    assert (done.exit_code, "is not an ISO week such as 2026-W46" in done.output) == (2, True)
    done = CliRunner().invoke(main, ["balance", "--week", "2020-W01", "--data", str(folder)])
    assert (done.exit_code, "nothing was read in 2020-W01" in done.output) == (1, True)
    assert CliRunner().invoke(main, ["balance", "--week", WEEK, "--data", str(tmp_path)]).exit_code == 2
    assert run(folder, "--json", "--csv").exit_code == 2
