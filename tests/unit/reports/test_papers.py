"""Batch record and certificate: what they say, in which language, and the same bytes again."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli.report import command
from gateway.journal import open_readers
from gateway.journal.ledgerview import KeptHead
from gateway.model import Noted, NumberedEvent, Severity
from gateway.reports import KINDS, LANGUAGES, NothingKnown, chinese, english, facts_of
from gateway.reports.blocks import Pairs, Remark, Table
from gateway.reports.pdf import marked, pdf
from gateway.reports.proof import _HOUR_NS, covering
from tests.unit.journal.plant import T0, commit, open_journal
from tests.unit.repository.plant import BOX, CELL, RESIN, S, fill


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("reports") / "data"
    fill(made)
    return made


@pytest.fixture(scope="module")
def facts(folder):
    readers = open_readers(folder)
    yield facts_of(readers, BOX)
    for each in readers:
        each.close()


def texts(paper):
    found = []
    for section in paper.sections:
        found.append(section.title)
        for block in section.blocks:
            match block:
                case Remark():
                    found.append(block.text)
                case Pairs():
                    found += [f"{name}: {value}" for name, value in block.rows]
                case Table():
                    found += [" | ".join(row) for row in (block.header, *block.rows)]
    return found


def test_the_facts_are_those_of_the_lot(facts):
    assert (facts["lot"], facts["mass"]["kg"], facts["mass"]["version"]) == (BOX, 24.0, 2)
    assert [(each["lot"], each["share"]["high"]) for each in facts["sources"]] == [(RESIN, 0.9)]
    assert [each["kind"] for each in facts["holds"]] == ["lot_held", "lot_released"]
    assert (facts["held"], facts["finished"]) == (False, True)
    (row,) = facts["characteristics"]
    assert (row["id"], row["signals"], row["capability"]) == ("temp", 0, None)
    assert 240 < row["n"] < 280  # a second each for 280 s, some of them bad
    assert facts["proof"]["event"] == 12


def test_upto_makes_the_paper_that_was_made_then(folder, facts):
    (reader,) = open_readers(folder)
    with reader:
        before = facts_of([reader], BOX, 8)
        assert (before["mass"]["version"], before["holds"], before["proof"]["event"]) == (1, [], 7)
        assert facts_of([reader], BOX, 12) == facts
        with pytest.raises(NothingKnown, match="up to event 1"):
            facts_of([reader], BOX, 1)


@pytest.mark.long
def test_a_paper_is_the_same_bytes_again_and_after_more_has_happened(tmp_path):
    fill(tmp_path / "data")
    journal = open_journal(tmp_path / "data")
    held = NumberedEvent(
        15, 0, Noted(T0 + 700 * S, "lot_held", BOX, Severity.WARNING, {"reason": "again", "by": "x"})
    )

    def made(upto=None):
        (reader,) = open_readers(tmp_path / "data")
        with reader:
            found = facts_of([reader], BOX, *([] if upto is None else [upto]))
            return {(k, lang): pdf(KINDS[k](found, lang)) for k in KINDS for lang in LANGUAGES}

    first = made()
    assert made() == first
    asyncio.run(commit(journal, [], [held]))
    journal.close()
    assert made() != first
    assert made(12) == first
    assert len(set(first.values())) == 4
    for (_, lang), paper in first.items():
        assert paper.startswith(b"%PDF-1.")
        assert b"/FontFile" not in paper  # nothing is embedded
        assert (b"STSong-Light" in paper) or lang == "en"


def test_a_record_says_it_in_both_languages(facts):
    said = {lang: "\n".join(texts(KINDS["record"](facts, lang))) for lang in LANGUAGES}
    for words in (
        f"{RESIN} | ",
        "21.600 ± 0.240",
        "90.00 ± 1.00 %",
        "odd colour",
        "recount",
        "10.00 %",
        CELL,
    ):
        assert words in said["en"]
        assert words in said["zh"]
    assert "operator 17" in said["en"]
    assert "操作员 17" in said["zh"]
    assert "lotwatch report LOT --upto 12" in said["en"]


def test_a_certificate_that_is_no_release_says_so(facts):
    assert "Nobody has decided about this lot yet: this paper is no release." in texts(
        KINDS["certificate"](facts, "en")
    )
    held = {**facts, "held": True, "finished": False}
    loud = [
        block.text
        for block in KINDS["certificate"](held, "en").sections[0].blocks
        if isinstance(block, Remark) and block.loud
    ]
    assert loud == [english.WORDS["unfinished"], english.WORDS["held_now"]]
    decided = {
        **facts,
        "disposition": {"disposition": "reject", "operator": "9", "time": "2027-01-15T08:00:00Z"},
    }
    said = texts(KINDS["certificate"](decided, "en"))
    assert "THIS LOT WAS REJECTED." in said
    assert "Disposition: reject, operator 9, 2027-01-15 08:00:00" in said


def test_results_against_the_specification_name_how_many_are_outside(facts):
    (row,) = facts["characteristics"]
    about = {"lsl": 1.0, "usl": 2.0, "target": 1.5, "mean": 1.4, "s": 0.1, "min": 0.9, "max": 1.9, "n": 40}
    index = {"value": 1.13, "low": 0.9, "high": 1.36}
    given = {**facts, "characteristics": [{**row, **about, "outside": 1, "capability": {"cpk": index}}]}
    found = [line for line in texts(KINDS["certificate"](given, "en")) if line.startswith("temp")]
    assert found == ["temp |  | 1 – 2 (1.5) | 40 | 1.4 | 0.1 | 0.9 – 1.9 | 1.13 (0.90 – 1.36) | outside: 1"]
    none = {**facts, "characteristics": [{**row, **about, "n": 0, "outside": 0, "capability": None}]}
    assert "no value" in "\n".join(texts(KINDS["certificate"](none, "en")))


def test_words_of_strangers_are_words(facts):
    hostile = '<b>&</b><para><font size="99">X</font>\u200b\x00𝌆' + "W" * 300
    holds = [{**facts["holds"][0], "reason": hostile}]
    paper = replace(KINDS["record"]({**facts, "holds": holds}, "zh"), lot=hostile)
    assert pdf(paper).startswith(b"%PDF")
    assert marked("<b>\x07") == "&lt;b&gt; "
    assert marked("𝌆") == "?"


@pytest.mark.long
def test_a_long_record_has_its_pages_numbered(facts):
    many = [{**facts["sources"][0], "lot": f"R-{n:05}"} for n in range(300)]
    made = pdf(KINDS["record"]({**facts, "sources": many}, "en"))
    assert len(re.findall(rb"/Type /Page\b", made)) > 5


def test_words_are_in_both_languages_with_the_same_holes():
    assert set(english.WORDS) == set(chinese.WORDS)
    holes = {
        key: set(re.findall(r"{(\w+)}", words)) ^ set(re.findall(r"{(\w+)}", chinese.WORDS[key]))
        for key, words in english.WORDS.items()
    }
    assert {key for key, wrong in holes.items() if wrong} == set()


def test_the_head_that_stays_is_chosen_and_the_rest_is_provisional():
    heads = [KeptHead(5, 0, "a"), KeptHead(8, 1, "b"), KeptHead(9, _HOUR_NS, "c")]
    assert covering(heads, 3) == (heads[1], True)
    assert covering(heads, 9) == (heads[2], False)
    assert covering([], 1) == (None, False)


def test_the_command_writes_the_paper_and_says_what_is_wrong(folder, tmp_path):
    run = CliRunner().invoke
    at = ["--data", str(folder)]
    paper = tmp_path / "a.pdf"
    done = run(command, [BOX, *at, "-o", str(paper), "--kind", "certificate", "--lang", "zh"])
    assert (done.exit_code, "certificate of" in done.stderr) == (0, True)
    assert (
        run(command, [BOX, *at, "-o", "-", "--kind", "certificate", "--lang", "zh"]).stdout_bytes
        == paper.read_bytes()
    )
    assert orjson.loads(run(command, [BOX, *at, "--json"]).stdout)["lot"] == BOX
    for words, code, why in (
        ([BOX, *at], 2, "where to?"),
        (["NONE", *at, "-o", "-"], 1, "no lot NONE here"),
        ([BOX, *at, "-o", str(tmp_path / "no" / "a.pdf")], 2, "No such file"),
        ([BOX, *at, "-o", "-", "--upto", "1"], 1, "up to event 1"),
        ([BOX, "--data", str(tmp_path), "-o", "-"], 2, "no journal"),
    ):
        found = run(command, words)
        assert (found.exit_code, why in found.stderr) == (code, True), found.stderr
