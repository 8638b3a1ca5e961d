"""Every folder of tests/cases, run by `lotwatch replay`: a bug becomes a folder.

`site.yaml`, `inputs.jsonl`, and `expected.jsonl` (the events, each with the line of its input) or `expected.err` (what
stderr must contain). After a change that is meant, look at what `lotwatch replay --inputs ... --config ...` prints.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main

CASES = sorted(path.parent for path in (Path(__file__).parents[1] / "cases").glob("*/inputs.jsonl"))


def replay(case: Path):
    words = ["replay", "--inputs", str(case / "inputs.jsonl"), "--config", str(case / "site.yaml")]
    return CliRunner().invoke(main, words)


@pytest.mark.usefixtures("sites_read_here")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path):
    done = replay(case)
    assert not isinstance(done.exception, Exception), done.exception
    wrong = case / "expected.err"
    if wrong.exists():
        assert done.exit_code != 0
        assert wrong.read_text("utf-8").strip() in done.stderr
        return
    assert done.exit_code == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    expected = [json.loads(line) for line in (case / "expected.jsonl").read_text("utf-8").splitlines()]
    assert told == expected


def test_there_are_cases():
    assert len(CASES) >= 5
