"""What the demo reckons at its end, from a week that a test made: a planted mistake is found, a true list agrees."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.demo import reckoning
from gateway.demo.broker import RunningBroker
from gateway.demo.stage import Stage, Wishes
from gateway.site.score import Score, Store
from tests.unit.score.weeks import WEEK, Line, site

STORES = (Store("regrind", "regrind", "hall/line1", ("bin",)),)
HEAD = "week,line,material,item,amount,unit,document\n"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Line, Stage]:
    """Two days of a plant, as the replica of a stage."""
    folder = tmp_path_factory.mktemp("stage")
    line = Line(2, site(score=replace(Score(), stores=STORES)))
    line.hours(WEEK, 48)
    line.written(folder / "replicas" / "plant").close()
    return line, Stage(folder, RunningBroker("127.0.0.1", 1, "5", "none"))


def reckoned(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, listed: dict[str, object] | str, *, faults: bool = True
) -> dict[str, Any]:
    async def declare(stage: Stage, wishes: Wishes, week: str) -> dict[str, object] | str:
        del stage, wishes
        assert week == WEEK
        return listed

    monkeypatch.setattr(reckoning, "declare", declare)
    return asyncio.run(reckoning.reckoned(stage, Wishes(stage.folder, faults=faults)))


def listed(line: Line, folder: Path, wrong: str = "") -> dict[str, object]:
    """The plant's own list, with `wrong` for what was dosed."""
    kg = {item: f"{line.books.grams[WEEK, 'bin', item] / 1000:.2f}" for item in ("ground", "dosed")}
    rows = [f"{WEEK},hall/line1,regrind,ground,{kg['ground']},kg,"]
    rows += [f"{WEEK},hall/line1,regrind,dosed,{wrong or kg['dosed']},kg,"]
    file = folder / "declared.csv"
    file.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    mistake = {"line_no": 3, "material": "regrind", "item": "dosed", "kind": "decimal_slip", "wrote": wrong}
    return {"file": str(file), "rows": 2, "mistake": mistake | {"should_say": kg["dosed"]} if wrong else None}


def test_the_planted_mistake_is_found_with_its_row_and_kind(
    played: tuple[Line, Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, stage = played
    right = f"{line.books.grams[WEEK, 'bin', 'dosed'] / 1000:.2f}"
    wrong = f"{float(right) * 10:.1f}"
    balance = reckoned(stage, monkeypatch, listed(line, tmp_path, wrong))["balance"]
    assert (balance["week"], balance["found"], balance["planted"]["wrote"]) == (WEEK, True, wrong)
    told = "\n".join(balance["words"])
    assert f"one mistake planted: line 3, regrind dosed, {wrong} kg for {right} kg" in told
    assert "decimal point slipped in line 3, it should say" in told
    assert "1 figure agrees with the meters within 3 sigma" in told


def test_a_mistake_of_another_kind_than_was_planted_is_not_called_found(
    played: tuple[Line, Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, stage = played
    given = listed(line, tmp_path, "123.45")  # no slip and no swap of what was dosed
    balance = reckoned(stage, monkeypatch, given)["balance"]
    assert balance["found"] is False
    assert any("no likely mistake, a real difference or several" in each for each in balance["words"])


def test_a_true_list_agrees_and_nothing_is_found(
    played: tuple[Line, Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, stage = played
    balance = reckoned(stage, monkeypatch, listed(line, tmp_path), faults=False)["balance"]
    assert (balance["planted"], balance["found"]) == (None, None)
    assert balance["words"][:2] == [
        "the supplier's list, declared.csv: 2 rows, no mistake planted",
        "2 figures agree with the meters within 3 sigma",
    ]
    assert balance["words"][2].startswith("store regrind: ")
    short = reckoned(stage, monkeypatch, listed(line, tmp_path))["balance"]
    assert "no mistake planted: too short for one" in short["words"][0]


def test_without_a_list_it_says_why_and_balances_all_the_same(
    played: tuple[Line, Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = reckoned(played[1], monkeypatch, "no list: nothing was read of a/b/c")
    assert told["balance"]["words"][0] == "no list: nothing was read of a/b/c"
    assert told["balance"]["found"] is None
    assert "too short for a ranking" in told["reward"]["words"][0]
    assert "too short for it" in told["scorecard"]["words"][-1]


def test_where_nothing_was_read_nothing_is_reckoned(tmp_path: Path) -> None:
    stage = Stage(tmp_path, RunningBroker("127.0.0.1", 1, "5", "none"))
    assert asyncio.run(reckoning.reckoned(stage, Wishes(tmp_path))) == {}
