"""`lotwatch hold`, `held`, `release`, `record`, `amend` and `label` on a journal that nobody writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.journal import JournalReader
from gateway.model import LotMade
from tests.unit.restating.plant import Works

ME = ("--operator", "17", "--accept-clock")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with a bag PP-1 in the boxes B1 and B2, of which B1 has left."""
    folder = tmp_path_factory.mktemp("lots") / "journal"
    with Works(folder) as works:
        works.scan("bags", "PP-1")
        for number in (1, 2):
            works.box(f"B{number}", 3)
        works.box("B3", 0)
        for point in ("rack", "gate"):
            works.wait(1)
            works.scan(point, "B1")
    return folder


@pytest.fixture
def data(plant: Path, tmp_path: Path) -> Path:
    shutil.copytree(plant, tmp_path / "journal")
    return tmp_path / "journal"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_hold_holds_what_is_made_of_it_and_suspects_what_has_left(data: Path):
    done = run("hold", "PP-1", "--reason", "melt flow", *ME, "--data", data)
    assert done.exit_code == 0, done.output
    assert "PP-1: held (melt flow)" in done.stdout
    assert "B2: held (melt flow)" in done.stdout
    assert "B1: shipped, now suspect (melt flow)" in done.stdout
    shown = run("held", "--data", data)
    assert [line.split()[1] for line in shown.stdout.splitlines() if "Z  " in line] == ["PP-1", "B2"]
    assert "operator 17: melt flow" in shown.stdout
    [first, second] = json.loads(run("held", "--json", "--data", data).stdout)["held"]
    assert (first["lot"], second["why"][0]["about"]) == ("PP-1", "PP-1")
    again = run("hold", "PP-1", "--reason", "melt flow", *ME, "--data", data)
    assert again.exit_code == 1
    assert "it is held for that reason already" in again.stderr
    freed = run("release", "PP-1", "--reason", "measured again", *ME, "--data", data, "--json")
    assert freed.exit_code == 0
    kinds = [event.get("kind") for event in json.loads(freed.stdout)["events"]]
    assert set(kinds) == {"lot_released", "lot_made_of_held", "material_held"}
    refused = run("release", "PP-1", "--reason", "x", *ME, "--data", data)
    assert (refused.exit_code, "it is not held" in refused.stderr) == (1, True)


def test_a_lot_that_nobody_has_seen_can_be_held(data: Path):
    done = run("hold", "(01)09506000134352(10)R9", "--reason", "recall of the maker", *ME, "--data", data)
    assert done.exit_code == 0, done.output
    assert "09506000134352:R9 was not seen here yet" in done.stderr
    damaged = run("hold", "(01)09506000134353(10)R9", "--reason", "x", *ME, "--data", data)
    assert damaged.exit_code == 2


def test_a_result_outside_its_limits_holds(data: Path):
    done = run("record", "mfr", "27.5", "--lot", "PP-1", *ME, "--data", data)
    assert done.exit_code == 0, done.output
    assert "PP-1: held (mfr 27.5 is outside from 18 to 24)" in done.stdout
    assert "PP-1: version 2, late_result" in done.stdout
    assert run("record", "mfr", "high", "--lot", "PP-1", *ME, "--data", data).exit_code == 2


def test_a_wrong_scan_is_corrected(data: Path):
    done = run(
        "amend", "scan", "bags", "PP-1", "--instead", "PP-2", "--reason", "misread", *ME, "--data", data
    )
    assert done.exit_code == 0, done.output
    assert "B1: version 2, wrong_scan" in done.stdout
    with JournalReader(data) as reader:
        made = reader.made.made("B2")
    assert isinstance(made, LotMade)
    assert made.composition.sources == ("PP-2",)


def test_a_scan_that_was_corrected_is_of_the_other_lot_and_corrected_again(tmp_path: Path):
    with Works(tmp_path / "journal") as works:
        at = works.now().time_ns
        works.scan("bags", "PP-1")
        works.box("B1", 3)
        works.box("B2", 0)
        works.says("correct_scan", point="bags", time_ns=at, lot="PP-1", instead="PP-2", reason="misread")
        works.settle()
    words = ("amend", "scan", "bags", "PP-1", "--instead", "PP-3", "--reason", "x", *ME)
    again = run(*words, "--data", tmp_path / "journal")
    assert again.exit_code == 1
    assert "it is of PP-2, so name PP-2 and not PP-1" in again.stderr
    right = run("amend", "scan", "bags", "PP-2", *words[4:], "--data", tmp_path / "journal")
    assert right.exit_code == 0, right.output
    with JournalReader(tmp_path / "journal") as reader:
        made = reader.made.made("B1")
    assert made is not None
    assert made.composition.sources == ("PP-3",)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("scan", "bags", "PP-1", "--instead", "B1"), 1, "B1 was made at 20"),
        (("scan", "nowhere", "PP-1", "--instead", "PP-2"), 2, "nowhere is no scan point; there are bags, box"),
        (("scan", "bags", "PP-7", "--instead", "PP-2"), 1, "no lot PP-7 here"),
        (("scan", "bags", "B1", "--instead", "PP-2"), 1, "B1 was not scanned at bags"),
        (("scan", "bags", "PP-1", "--instead", "X", "--at", "2027-01-01"), 1, "PP-1 was not scanned at bags at 20"),
        (("scan", "bags", "PP-1", "--instead", "PP-1"), 1, "it is the same lot"),
        (("kg", "PP-7", "5"), 1, "PP-7 has no kilograms here"),
        (("kg", "B1", "-5"), 2, "kg is not a mass from 0"),
        (("kg", "B1", "5", "--of", "B2"), 1, "nothing of B2 went into B1 itself"),
    ],
)  # fmt: skip
def test_what_cannot_be_amended_is_said(data: Path, words: tuple[str, ...], code: int, says: str):
    options = ("--reason", "x", *ME, "--data", str(data))
    amount = ("--", *words[1:]) if "-5" in words else words[1:]
    done = run("amend", words[0], *options, *amount)
    assert (done.exit_code, says in done.stderr) == (code, True), done.output


def test_kilograms_are_counted_anew(data: Path):
    done = run("amend", "kg", "B1", "2.5", "--sigma", "0.01", "--reason", "scale", *ME, "--data", data)
    assert done.exit_code == 0, done.output
    with JournalReader(data) as reader:
        made = reader.made.made("B1")
    assert made is not None
    assert (made.kg, made.sigma_kg, made.version) == (2.5, 0.01, 2)


def test_words_for_the_next_shift_and_beside_a_sample(data: Path):
    done = run("handover", "the belt slips", *ME, "--data", data)
    assert (done.exit_code, done.stdout) == (0, "17: told to the next shift\n"), done.output
    none = run("note", "nothing", "seen", "--at", "2026-11-21T08:00:01Z", *ME, "--data", data)
    assert (none.exit_code, none.stderr) == (1, "lotwatch: nothing: there is no such characteristic\n"), (
        none.output
    )
    late = run("note", "nothing", "seen", "--at", "yesterday", *ME, "--data", data)
    assert (late.exit_code, "yesterday" in late.stderr) == (2, True)
    with JournalReader(data) as reader:
        kinds = [reader.entries()[0].input.kind, reader.entries()[1].input.kind]  # type: ignore[union-attr]
    assert kinds == ["note", "handover"]


@pytest.mark.long
def test_a_label_is_printed_once_and_again_when_somebody_says_so(data: Path, tmp_path: Path):
    first = run("label", "B1", *ME, "--data", data)
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("^XA")
    assert "3.000 kg" in first.stdout
    assert "0.0 _25" not in first.stdout
    again = run("label", "B1", *ME, "--data", data)
    assert (again.exit_code, "say --reprint" in again.stderr) == (1, True)
    out = tmp_path / "label.pdf"
    printed = run("label", "B1", "--reprint", "--reason", "torn", "--pdf", out, "--json", *ME, "--data", data)
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout)["copy"] == 2
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_new_lot_gets_a_label_out_of_the_counter(data: Path):
    names = [json.loads(run("label", "--new", "--json", *ME, "--data", data).stdout)["lot"] for _ in range(2)]
    assert [name[:-2] for name in names] == ["LW-PLANT-000001", "LW-PLANT-000002"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "name a lot, or say --new"),
        (("B1", "--new"), 2, "name a lot, or say --new"),
        (("B1", "--reprint"), 1, "B1 has no label yet"),
        (("x" * 60,), 1, "no barcode of at most 48 plain characters"),
        (("B1", "--pdf", "/nowhere/at/all.pdf"), 2, "the print is recorded"),
    ],
)
def test_what_cannot_be_labelled_is_said(data: Path, words: tuple[str, ...], code: int, says: str):
    done = run("label", *words, *ME, "--data", data)
    assert (done.exit_code, says in done.stderr) == (code, True), done.output
