"""`lotwatch simulate` as a person runs it: processes, a table, one object, and what is told of one that died."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.whatif.players import PlayerDied, play

pytestmark = pytest.mark.system


def lotwatch(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", "simulate", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_two_scenarios_side_by_side(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "about: x\ndays: 1\ndisruptions:\n- {kind: press_down, from: 20min, press: press2}\n", "utf-8"
    )
    done = lotwatch("quiet", str(mine), "--days", "0.04", "--seed", "3")
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["quiet", "mine"]
    quiet, stopped = (
        next(row for row in rows if row.startswith("good parts")).removeprefix("good parts").split()
    )
    assert int(quiet.replace(",", "")) > int(stopped.replace(",", ""))
    assert "time to detect press_down" in done.stdout
    as_json = lotwatch("quiet", "--days", "0.04", "--seed", "3", "--json")
    [outcome] = json.loads(as_json.stdout)["outcomes"]
    assert outcome["good_parts"] == int(quiet.replace(",", ""))


def test_a_player_that_dies_has_last_words(tmp_path: Path) -> None:
    with pytest.raises(PlayerDied, match=r"none\.yaml could not be played \(code 78\): .*no such file"):
        play([tmp_path / "none.yaml"], None, None, print)
