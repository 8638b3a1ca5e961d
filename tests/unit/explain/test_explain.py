"""Every code that any command prints is explained, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.output import Code
from gateway.codes.reasons import CODES as REFUSALS
from gateway.explain import codes, explained, finding
from gateway.explain.codes_chinese import CODES as CHINESE_CODES
from gateway.explain.codes_english import CODES as ENGLISH_CODES
from gateway.explain.findings_chinese import FINDINGS as CHINESE
from gateway.explain.findings_english import FINDINGS as ENGLISH
from gateway.model import Quality
from gateway.spc.ruletable import NAMES

ROOT = Path(__file__).parents[3]
HOLES = re.compile(r"\{[a-z_]+\}")


def run(*words):
    return CliRunner().invoke(main, ["explain", *words])


def test_both_languages_have_the_same_codes():
    assert list(ENGLISH) == list(CHINESE)
    assert list(ENGLISH_CODES) == list(CHINESE_CODES)


@pytest.mark.parametrize("code", ENGLISH)
def test_both_languages_name_the_same_facts(code):
    english, chinese = ENGLISH[code], CHINESE[code]
    assert set(HOLES.findall(english.said)) == set(HOLES.findall(chinese[0]))
    known = set(HOLES.findall("".join(english)))
    assert set(HOLES.findall("".join(chinese))) <= known


def test_every_code_of_a_finding_in_the_program_is_explained_and_every_explained_one_is_used():
    said = {
        code
        for file in [*(ROOT / "gateway" / "doctor").rglob("*.py"), *(ROOT / "gateway" / "cli").rglob("*.py")]
        for code in re.findall(r'"(LW\d+)"', file.read_text("utf-8"))
    }
    assert said == set(ENGLISH)


def test_every_exit_code_run_rule_quality_and_refusal_is_explained():
    wanted = {
        *(f"exit {int(code)}" for code in Code),
        *NAMES,
        *(quality.name.lower() for quality in Quality),
        *REFUSALS,
    }
    assert wanted == set(ENGLISH_CODES)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_says_what_it_is_why_it_matters_and_what_to_do(lang):
    for code in codes():
        row = explained(code, lang)
        assert row is not None
        assert all((row.said, row.means, row.fix)), code
        chinese = re.search(r"[\u4e00-\u9fff]", row.said) is not None
        assert chinese == (lang == "zh"), code


@pytest.mark.parametrize("code", ENGLISH)
def test_a_finding_has_a_command(code):
    assert ENGLISH[code].command


def test_an_unknown_code_names_the_nearest():
    made = run("LW40")
    assert made.exit_code == 2
    assert "did you mean LW40" in made.output


@pytest.mark.parametrize("word", ["lw404", "we1", "69", "exit 69", "no_answer", "check_digit"])
def test_codes_are_taken_as_people_write_them(word):
    made = run(word)
    assert made.exit_code == 0
    assert made.output.startswith(f"{word}: ")


def test_all_of_them_are_listed():
    assert len(run("--lang", "zh").output.splitlines()) == len(codes())


def test_a_brace_in_a_fact_is_no_fact():
    row = finding("LW401", {"broker": "{why}", "why": "no", "host": "h", "port": "1"})
    assert row.said == "the broker {why} cannot be reached: no"
