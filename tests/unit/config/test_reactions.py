"""What a person is to do, in one language or in both."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.plan.compare import Change, Plan, differences
from gateway.plan.diffwords import words

from .conftest import PLAN, SITE, write

BOTH = "{en: Look at the mould., zh: 检查模具。}"


def test_a_plan_says_it_in_both_languages(tmp_path: Path) -> None:
    (row,) = load(write(tmp_path, plan=PLAN.replace("reaction: look", f"reaction: {BOTH}"))).characteristics
    assert (row.reaction, row.line.reaction_zh) == ("Look at the mould.", "检查模具。")


def test_a_limit_of_the_site_does_too(tmp_path: Path) -> None:
    site = load(write(tmp_path, SITE.replace("reaction: stop", f"reaction: {BOTH}")))
    assert [(row.reaction, row.reaction_zh) for row in site.alarm_limits] == [
        ("Look at the mould.", "检查模具。"),
        ("look", ""),
    ]


def test_one_text_stands_for_both(tmp_path: Path) -> None:
    (row,) = load(write(tmp_path)).characteristics
    assert (row.reaction, row.line.reaction_zh) == ("look", "")


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("{en: look}", "zh is missing: write {en: ..., zh: ...}, or one text for both"),
        ("{en: look, de: schau}", '"de" is not a language: write a text, or {en: ..., zh: ...}'),
        ("{en: look, zh: ''}", "is empty"),
        ("{en: look, zh: 7}", "7 is not text: write it in quotes"),
        ("[look]", "a list is not text"),
    ],
)
def test_what_is_neither_is_told_at_its_place(tmp_path: Path, said: str, wrong: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(write(tmp_path, plan=PLAN.replace("reaction: look", f"reaction: {said}")))
    (problem,) = caught.value.problems
    assert problem.text == wrong
    assert problem.path == "characteristics[0].reaction"


def test_a_second_language_is_one_change_of_a_plan() -> None:
    def plan(reaction: object, read: tuple[str, str]) -> Plan:
        row = {"id": "c", "reaction": read}
        return Plan(
            {"characteristics": [row], "duties": []}, {"characteristics": [{**row, "reaction": reaction}]}
        )

    (change,) = differences(plan("look", ("look", "")), plan({"en": "look", "zh": "看"}, ("look", "看")))
    assert change == Change("changed", "characteristics", "c", "reaction", "look", {"en": "look", "zh": "看"})
    assert words(change) == "c: reaction plan: en look, zh 看, was look"
