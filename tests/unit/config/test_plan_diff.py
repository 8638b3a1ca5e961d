"""`lotwatch plan diff`: what differs between two revisions, in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.plan.compare import Change, Plan, differences
from gateway.plan.diffwords import _NOUNS, LANGUAGES, noun, words
from gateway.plan.models import PlanFile

OLD = """\
plan: bracket
revision: A
characteristics:
- id: cushion
  tag: m/l1/press1/cushion
  method: imr
  params: {center: 6.0, sigma: 0.08}
  usl: 7.5
  lsl: 5
  key: [m/l1/press1/tool]
  reaction: look
  limits:
  - {version: 1, from: 2026-01-01T00:00:00Z, approved_by: "42", params: {center: 6.0, sigma: 0.08}}
- id: colour
  check: {every: shift, cell: m/l1/press1, within: 1h}
  method: inspection
  usl: 0
  reaction: look
"""
NEW = """\
plan: bracket
revision: B
effective: 2026-12-01T00:00:00Z
characteristics:
- id: weight
  about: weight of the part
  tag: m/l1/press1/weight
  method: ewma
  reaction: weigh
- id: cushion
  tag: m/l1/press1/cushion
  method: imr
  params: {sigma: 0.08, center: 6.05}
  sampling: {every: reading}
  usl: 7
  key: [m/l1/press1/tool, m/l1/press1/recipe]
  reaction: look
  limits:
  - {version: 1, from: 2026-01-01T00:00:00Z, approved_by: "42", params: {center: 6.0, sigma: 0.08}}
  - {version: 2, from: 2026-06-01T00:00:00Z, approved_by: "43", params: {center: 6.1, sigma: 0.08}}
- id: colour
  check: {every: shift, cell: m/l1/press1, within: 60min, quarantine: false, second_person: true}
  method: inspection
  usl: 0
  reaction: look
duties:
- {name: oil, kind: maintenance, days: 90, reaction: change it}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "a.yaml").write_text(OLD, "utf-8")
    (tmp_path / "b.yaml").write_text(NEW, "utf-8")
    return str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")


def diff(*words: str):
    return CliRunner().invoke(main, ["plan", "diff", *words])


def test_what_differs_is_said_in_words(files: tuple[str, str]) -> None:
    done = diff(*files)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "revision: B, was A",
        "effective from: now 2026-12-01T00:00:00Z, was not given",
        "weight is new: weight of the part, m/l1/press1/weight, ewma",
        "cushion: params.center: raised from 6 to 6.05",
        "cushion: key of the process: m/l1/press1/tool, m/l1/press1/recipe, was m/l1/press1/tool",
        "cushion: upper specification limit: lowered from 7.5 to 7",
        "cushion: lower specification limit: no longer given, was 5",
        (
            "cushion: version 2 of the limits: now version 2, from 2026-06-01T00:00:00Z, approved_by 43, "
            "params center 6.1, sigma 0.08, was not given"
        ),
        "colour: a second person agrees: now yes, was not given",
        "duty oil is new: maintenance",
    ]


def test_and_in_chinese(files: tuple[str, str]) -> None:
    lines = diff(*files, "--lang", "zh").stdout.splitlines()
    assert "cushion：规格上限：由 7.5 降低到 7" in lines
    assert "新增 weight：weight of the part, m/l1/press1/weight, ewma" in lines


def test_as_an_object(files: tuple[str, str]) -> None:
    changes = json.loads(diff(*files, "--json").stdout)["changes"]
    assert changes[0] == {
        "what": "changed", "section": "", "row": "", "key": "revision", "before": "A", "after": "B",
        "words": "revision: B, was A",
    }  # fmt: skip
    assert [each["row"] for each in changes if each["what"] == "added"] == ["weight", "oil"]


def test_backwards_is_the_mirror(files: tuple[str, str]) -> None:
    lines = diff(*reversed(files)).stdout.splitlines()
    assert "weight is left out: weight of the part, m/l1/press1/weight, ewma" in lines
    assert "duty oil is left out: maintenance" in lines
    assert "cushion: upper specification limit: raised from 7 to 7.5" in lines


def test_a_plan_does_not_differ_from_itself_however_it_is_written(
    files: tuple[str, str], tmp_path: Path
) -> None:
    assert (diff(files[0], files[0]).exit_code, diff(files[0], files[0]).stdout) == (0, "")
    (tmp_path / "c.yaml").write_text(OLD.replace("within: 1h", "within: 60min, outside: hold"), "utf-8")
    assert diff(files[0], str(tmp_path / "c.yaml")).exit_code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("characteristics: [", "c.yaml:1"),
        ("characteristics: 3\n", "is not a list"),
        ("rows: []\n", '"rows" is not a key'),
    ],
)
def test_what_is_no_plan(files: tuple[str, str], tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "c.yaml").write_text(text, "utf-8")
    done = diff(files[0], str(tmp_path / "c.yaml"))
    assert done.exit_code == 78
    assert says in done.stderr


def test_every_noun_is_of_a_key_that_there_is_in_both_languages() -> None:
    schema = PlanFile.model_json_schema(by_alias=True)
    known = {key for section in (schema, *schema["$defs"].values()) for key in section["properties"]}
    for key, both in _NOUNS.items():
        assert all(both)
        assert set(key.split(".")) <= known, key
    assert {noun("usl", lang) for lang in LANGUAGES} == {"upper specification limit", "规格上限"}


def test_a_value_over_several_lines_is_one_line() -> None:
    change = Change("changed", "characteristics", "c", "reaction", "a\n  b", "c")
    assert words(change) == "c: reaction plan: c, was a b"


def test_nothing_against_nothing() -> None:
    empty = Plan({"characteristics": [], "duties": []}, {})
    assert differences(empty, empty) == []
