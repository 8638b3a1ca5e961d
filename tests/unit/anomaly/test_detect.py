"""`lotwatch detect`: rows out as they come in, the same however they come; one line for every file that is wrong."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gateway.anomaly import Watcher
from gateway.cli import main
from gateway.cli.csvstream import Place, seconds


def write(folder: Path, text: str | bytes, name: str = "x.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def run(file: Path | str, *words: str, code: int = 0, stdin: str | None = None):
    result = CliRunner().invoke(main, ["detect", str(file), *words], input=stdin)
    assert result.exit_code == code, result.output
    return result


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def series(rows: int = 200) -> str:
    x = np.random.default_rng(1).normal(20.0, 1.0, rows)
    x[150:] += 8.0
    lines = [f"2026-01-01 00:{row // 60:02}:{row % 60:02},{value:.3f}" for row, value in enumerate(x)]
    return "\n".join(["timestamp,value", *lines]) + "\n"


def test_every_row_gets_a_score_and_keeps_its_text(tmp_path):
    text = series()
    rows = table(run(write(tmp_path, text)).stdout)
    assert list(rows[0]) == ["timestamp", "value", "anomaly_score"]
    assert [f"{row['timestamp']},{row['value']}" for row in rows] == text.splitlines()[1:]
    scores = [float(row["anomaly_score"]) for row in rows]
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert int(np.argmax(scores)) == 150


def test_scores_are_those_of_the_watcher(tmp_path):
    rows = table(run(write(tmp_path, "value\n" + "\n".join(str(x % 7) for x in range(60)))).stdout)
    watcher = Watcher(1)
    state = watcher.start()
    for at, row in enumerate(rows):
        state, scores = watcher.step(state, at * 10**9, None, [float(at % 7)])
        assert row == {"timestamp": str(at), "value": str(at % 7), "anomaly_score": f"{scores.device:.6f}"}


def test_a_pipe_and_a_file_give_the_same(tmp_path):
    text = series()
    out = tmp_path / "out.csv"
    there = run(write(tmp_path, text), "-o", str(out))
    assert there.stdout == ""
    assert out.read_text("utf-8") == run("-", stdin=text).stdout
    first = run(write(tmp_path, "".join(text.splitlines(keepends=True)[:101]))).stdout
    assert out.read_text("utf-8").startswith(first)  # what comes later changes nothing


def test_semicolons_byte_order_mark_and_a_named_column(tmp_path):
    file = write(
        tmp_path, "\ufeffdatetime;a;b;anomaly\n2026-01-01 00:00:00;1.5;2;0\n2026-01-01 00:00:01;1.6;3;1\n"
    )
    rows = table(run(file, "--value", "b").stdout)
    assert [row["value"] for row in rows] == ["2", "3"]
    assert rows[0]["timestamp"] == "2026-01-01 00:00:00"


def test_several_columns_are_one_device(tmp_path):
    file = write(tmp_path, "when,a,b\n0,1,2\n1,1.5,2.5\n")
    rows = table(run(file, "--time", "when", "--value", "a", "--value", "b").stdout)
    assert list(rows[0]) == ["timestamp", "a", "b", "anomaly_score"]
    rows = table(run(file, "--time", "when", "--value", "a", "--value", "b", "--each").stdout)
    assert list(rows[0]) == ["timestamp", "a", "b", "a_score", "b_score", "anomaly_score"]


def test_the_only_column_with_numbers_is_taken(tmp_path):
    rows = table(run(write(tmp_path, "timestamp,name,temperature\n2026-01-01,x,1\n2026-01-02,y,2\n")).stdout)
    assert [row["value"] for row in rows] == ["1", "2"]


@pytest.mark.parametrize("word", ["", "NaN", "nan", "null", "NA"])
def test_a_value_that_was_not_read_has_no_score(tmp_path, word):
    rows = table(run(write(tmp_path, f"timestamp,value\n0,1\n1,{word}\n2,3\n")).stdout)
    assert [row["anomaly_score"] for row in rows] == ["0.000000", "", "0.000000"]
    assert rows[1]["value"] == word


@pytest.mark.parametrize("values", ["5\n", "5\n" * 300])
def test_one_value_and_a_constant_column_are_not_strange_and_it_is_said(tmp_path, values):
    done = run(write(tmp_path, "value\n" + values))
    assert {row["anomaly_score"] for row in table(done.stdout)} == {"0.000000"}
    assert done.stderr.endswith("x.csv: what was to be judged never changes, so no row could be strange\n")


def test_a_time_that_goes_back_is_said_once_and_judged_on(tmp_path):
    file = write(tmp_path, "time,value\n10,1\n9,2\n8,3\n11,4\n")
    done = run(file)
    assert done.stderr == f"{file}:3: the time goes back here; rows are judged in the order they stand in\n"
    assert len(table(done.stdout)) == 4


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "the file is empty"),
        ("\n\n", 1, "the file is empty"),
        ("timestamp,value\n", 2, "there are no rows below the header"),
        ("timestamp,value\n0,1\n1,abc\n", 3, '"abc" is not a number'),
        ("timestamp;value\n0;1,5\n", 2, '"1,5" is not a number; write a decimal point'),
        ("timestamp,value\n0,inf\n", 2, '"inf" is not a number that can be judged'),
        ("timestamp,value\n0,1e300\n", 2, '"1e300" is not a number that can be judged'),
        ("timestamp,value\n0,1_0\n", 2, '"1_0" is not a number that can be judged'),
        ("timestamp,value\nsoon,1\n", 2, '"soon" is not a time: write ISO 8601, or a count since 1970'),
        ("timestamp,value\n0,1\n1\n", 3, "1 fields, where the header has 2"),
        ("timestamp,a,b\n0,1,2\n", 1, 'there is no column "value"; name one or more with --value, of a, b'),
        ("timestamp,value,value\n0,1,2\n", 1, 'there are several columns "value"'),
        ("timestamp\n0\n", 1, 'there is no column "value"'),
        ("1,2\n3,4\n", 1, "the first line must name the columns, and it has numbers only"),
        (b"timestamp,value\n0,\xff\n", 2, "not UTF-8"),
        ('timestamp,value\n0,"1\n', 2, "not CSV"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(tmp_path, text, line, said):
    file = write(tmp_path, text)
    result = run(file, code=2)
    assert f"{file}:{line}: " in result.stderr
    assert said in result.stderr


def test_a_column_or_a_file_that_is_not_there(tmp_path):
    file = write(tmp_path, "timestamp,value\n0,1\n")
    assert (
        'there is no column "x"; the columns are timestamp, value' in run(file, "--value", "x", code=2).stderr
    )
    assert 'there is no column "when"' in run(file, "--time", "when", code=2).stderr
    assert "no such file" in run(tmp_path / "none.csv", code=2).stderr
    assert "is a directory" in run(tmp_path, code=2).stderr
    assert "no such file" in run(file, "-o", str(tmp_path / "no" / "out.csv"), code=2).stderr
    assert "is the file that is read" in run(file, "-o", str(file), code=2).stderr
    assert file.read_text("utf-8") == "timestamp,value\n0,1\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1970-01-02", 86400.0),
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970/01/01 00:01:00", 60.0),
        ("1970-01-01 01:00:00.5+01:00", 0.5),
        ("1500000000", 1.5e9),
        ("1500000000000", 1.5e9),
        ("1500000000000000000", 1.5e9),
    ],
)
def test_times(text, wanted):
    assert seconds(text, Place("x")) == wanted
