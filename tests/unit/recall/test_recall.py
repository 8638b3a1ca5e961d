"""A recall package holds, and does not after one flipped byte: by our code, and by the program that stands alone."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main as lotwatch
from gateway.clock import VirtualClock
from gateway.journal import open_readers
from gateway.journal.signer import sign_now
from gateway.model import Block, Entry
from gateway.proof.merkle import ProofWrong
from gateway.proof.note import PublicKey, SigningKey
from gateway.recall.build import CannotRecall, build
from gateway.recall.check import check
from gateway.recall.package import hashes_of, package_bytes, package_of
from gateway.recall.pdf import pdf
from gateway.recall.summary import lines
from tests.unit.journal.plant import Dice, open_journal
from tests.unit.journal.test_ledger import fill
from tests.unit.recall.plants import NORTH, SOUTH, made, write

ALONE = Path(__file__).parents[3] / "docs" / "verify_recall.py"
LEAST = 0.001


def package(folder: Path, lot: str, least: float = LEAST) -> bytes:
    readers = open_readers(folder)
    try:
        plain = build(readers, lot, lot, least=least, made_ns=1_800_000_000_000_000_000)
    finally:
        for reader in readers:
            reader.close()
    return package_bytes({**plain, "epcis": {"type": "EPCISDocument"}, "summary": "\n".join(lines(plain))})


@pytest.fixture(scope="module")
def north(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("north") / "data", "north", NORTH)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("both")
    write(folder / "north" / "box-1", "north", NORTH)
    write(folder / "south" / "box-1", "south", SOUTH)
    return folder


def shares(data: bytes) -> dict[str, list[float]]:
    return {row["lot"]: [round(x, 9) for x in row["share"]] for row in check(data).answer["lots"]}


def test_a_source_is_found_by_compositions(north) -> None:
    """C-1 is all R-1 or half of it; B-1 holds 0.8 of that and 0.2 of regrind that is R-1."""
    found = package(north, "R-1")
    assert shares(found) == {
        "X-1": [0.6, 1.0], "X-2": [0.4801, 0.8001], "P-1": [0.54005, 0.90005], "S-1": [0.54005, 0.90005],
    }  # fmt: skip
    assert shares(package(north, "R-1", 0.0001))["X-3"] == [0.0005, 0.0005]
    totals = check(found).answer["totals"]
    assert totals["box"]["count"] == 2
    assert totals["box"]["held_kg"] == pytest.approx([25 * 1.0801, 25 * 1.8001])
    assert package_of(found)["basis"] == "composition"


def test_a_lot_made_here_is_found_from_lot_to_lot(north) -> None:
    found = package(north, "B-1")
    assert package_of(found)["basis"] == "edges"
    assert shares(found) == {"X-1": [1.0, 1.0], "X-2": [0.8, 0.8], "P-1": [0.9, 0.9], "S-1": [0.9, 0.9]}
    assert shares(package(north, "C-1"))["X-1"] == [0.8, 0.8]


def test_sites_together_are_one_recall(both) -> None:
    """South took in a box of north: of R-1, which south never saw, a fifth of what was in the box is in Y-1."""
    found = package(both, "R-1")
    assert shares(found)["Y-1"] == [0.12, 0.2]
    assert [each["origin"].split("/")[2] for each in package_of(found)["journals"]] == ["north", "south"]
    assert shares(package(both, "R-9"))["Y-1"] == [0.8, 0.8]


def alone(file: Path, *keys: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(ALONE), str(file), *keys], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.long
def test_the_program_that_stands_alone_says_the_same(both, north, tmp_path) -> None:
    file = tmp_path / "recall.json"
    for folder, lot in ((both, "R-1"), (north, "B-1")):
        file.write_bytes(package(folder, lot))
        keys = [journal["key"] for journal in package_of(file.read_bytes())["journals"]]
        code, words = alone(file, *keys)
        assert (code, words.split(";")[0]) == (0, f"verified: {lot} is in {_count(file)}")
    assert alone(file, SigningKey("elsewhere", bytes(32)).public.line())[0] == 1
    file.write_bytes(b"x")
    assert alone(file)[0] == 1
    code, words = alone(tmp_path / "nothing")
    assert (code, words.startswith("NOT verified: ")) == (1, True)
    assert len(ALONE.read_text().splitlines()) <= 200


def _count(file: Path) -> str:
    totals = package_of(file.read_bytes())["answer"]["totals"]
    return ", ".join(f"{row['count']} {kind}" for kind, row in totals.items())


def test_any_flipped_byte_is_found(north, tmp_path) -> None:
    """By us each of many places, by the program of its own some."""
    data, dice = package(north, "R-1"), random.Random(4)
    file = tmp_path / "recall.json"
    for number in range(300):
        changed = bytearray(data)
        changed[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        with pytest.raises(ProofWrong):
            check(bytes(changed))
        if number < 3:
            file.write_bytes(changed)
            assert alone(file)[0] == 1


CHANGES = (
    *(
        "a share",
        "a lot left out",
        "a sum",
        "a record",
        "a record's place",
        "a path",
        "a leaf",
        "a head",
        "a size",
    ),
    *("another key", "a kind", "the least", "the basis", "no journals", "a lot twice"),
    *("a composition", "another composition", "no place for it", "two of them", "no compositions"),
)


def changed_members(plain: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Packages whose digest fits, for whoever changes them makes it again: only proofs and signatures can tell."""

    def copy() -> dict[str, Any]:
        made: dict[str, Any] = json.loads(json.dumps(plain))
        del made["sha256"]
        return made

    found = {}
    for name in CHANGES:
        found[name] = copy()
    found["a share"]["answer"]["lots"][0]["share"][1] = 0.1
    found["a lot left out"]["answer"]["lots"].pop()
    found["a sum"]["answer"]["totals"]["box"]["count"] = 1
    record = found["a record"]["records"][-1]
    record["record"] = record["record"].replace('"kg":', '"kg":1')
    found["a record's place"]["records"][0]["index"] += 1
    found["a path"]["records"][-1]["path"] = "AAAA"
    found["a leaf"]["leaves"][0]["data"] = found["a leaf"]["leaves"][0]["data"].replace("event 3", "event 4")
    journal = found["a head"]["journals"][0]
    journal["checkpoint"] = journal["checkpoint"].replace("\n5\n", "\n6\n")
    found["a size"]["journals"][0]["checkpoint"] = "x"
    other = SigningKey(plain["journals"][0]["origin"], bytes(32))
    found["another key"]["journals"][0]["key"] = other.public.line()
    found["a kind"]["kinds"] = ["box"]
    found["the least"]["least"] = 0.9
    found["the basis"]["basis"] = "edges"
    found["no journals"]["journals"] = []
    shared = found["a composition"]["compositions"]
    shared[-1] = shared[-1].replace('"rest":[', '"rest":[0.5,', 1)
    other_place = found["another composition"]["records"][-1]
    other_place["composition"] = (other_place["composition"] + 1) % len(plain["compositions"])
    bare = found["no place for it"]["records"][-1]
    bare["record"] = bare["record"].replace('"composition":', '"compositions":')
    filled = found["two of them"]["records"][-1]
    filled["record"] = filled["record"].replace('"composition":', '"composition":' + shared[0] + ',"x":')
    found["no compositions"]["compositions"] = []
    found["a lot twice"]["answer"]["lots"].append(found["a lot twice"]["answer"]["lots"][0])
    return found


def test_a_package_that_was_made_again_is_found_by_its_proofs(north, tmp_path) -> None:
    plain = package_of(package(north, "R-1"))
    file = tmp_path / "recall.json"
    for name, each in changed_members(plain).items():
        data = package_bytes(each)
        with pytest.raises(ProofWrong):
            check(data)
        file.write_bytes(data)
        assert _verified(data) == 1, name


def _verified(data: bytes) -> int:
    """By the functions of the program that stands alone, without a process each."""
    scope: dict[str, Any] = {"__name__": "alone"}
    exec(compile(ALONE.read_text(), str(ALONE), "exec"), scope)
    try:
        scope["verify"](data, [])
    except (scope["InvalidSignature"], ValueError, KeyError, TypeError, IndexError, AttributeError):
        return 1
    return 0


def test_keys_from_elsewhere(north) -> None:
    data = package(north, "R-1")
    key = PublicKey.of_line((north / "ledger.pub").read_text())
    assert check(data, [key]).trusted
    with pytest.raises(ProofWrong, match="not one of those given"):
        check(data, [SigningKey("elsewhere", bytes(32)).public])


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"format":1,"sha256":"', package_bytes({}), package_bytes({"format": 2})]
)
def test_files_that_are_no_packages(data: bytes) -> None:
    with pytest.raises(ProofWrong):
        check(data)


def test_a_package_without_its_members() -> None:
    with pytest.raises(ProofWrong, match="KeyError"):
        check(package_bytes({"format": "lotwatch/recall/1"}))
    for text in ("x", "AAAA"):
        with pytest.raises(ProofWrong):
            hashes_of(text)


def test_what_cannot_be_recalled(north, tmp_path) -> None:
    with pytest.raises(CannotRecall, match="no mass of"):
        package(north, "nobody")
    unsigned = write(tmp_path / "data", "north", NORTH)
    (unsigned / "ledger.pub").unlink()
    with pytest.raises(CannotRecall, match="no signed head"):
        package(unsigned, "R-1")


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(lotwatch, [str(each) for each in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_the_commands(north, tmp_path) -> None:
    file, paper = tmp_path / "recall.json", tmp_path / "recall.pdf"
    code, words = run("recall", "R-1", "-o", file, "--pdf", paper, "--data", north, "--json")
    told = orjson.loads(words)
    assert (code, told["boxes"], told["shipments"], told["lots"]) == (0, 2, 1, 4)
    assert paper.read_bytes().startswith(b"%PDF")
    plain = package_of(file.read_bytes())
    assert plain["epcis"]["type"] == "EPCISDocument"
    assert pdf("t", ["\u4e00"]) == pdf("t", ["\u4e00"])
    code, words = run("verify", file)
    assert code == 0
    assert "hold them against" in words
    code, words = run("verify", file, "--key", north / "ledger.pub", "--json")
    assert (code, orjson.loads(words)["key_given"]) == (0, True)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert run("verify", file)[0] == 1
    assert orjson.loads(run("verify", file, "--json")[1])["ok"] is False
    code, words = run("recall", "R-1", "-o", file, "--data", north)
    assert code == 0
    assert "2 box" in words


def test_the_commands_refuse(north, both, tmp_path) -> None:
    file = tmp_path / "r.json"
    assert run("recall", "nobody", "-o", file, "--data", north)[0] == 1
    assert run("recall", "R-1", "-o", tmp_path / "no" / "r.json", "--data", north)[0] == 2
    assert "--operator" in run("recall", "R-1", "-o", file, "--data", north, "--drill")[1]
    assert run("recall", "R-1", "-o", file, "--data", both, "--drill", "--operator", "7")[0] == 2
    assert run("verify", ALONE)[0] == 1
    assert run("verify", ALONE, "--head", ALONE)[0] == 2
    assert run("verify", north, "--key", "a+b")[0] == 2
    assert run("verify", north, "--key", tmp_path / "none")[0] == 2
    assert run("verify", north, "--head", ALONE)[0] == 1
    assert run("verify", tmp_path)[0] == 2


def test_verify_a_folder_by_a_head_kept_elsewhere(north, both, tmp_path) -> None:
    head = tmp_path / "head"
    with open_readers(north)[0] as reader:
        newest = reader.ledger.newest_head()
        assert newest is not None
        head.write_text(newest.note)
    code, words = run("verify", north, "--head", head)
    assert (code, "nothing before the kept head" in words) == (0, True)
    assert run("verify", both, "--json")[0] == 0
    told = orjson.loads(run("verify", north, "--head", head, "--key", north / "ledger.pub", "--json")[1])
    assert (told["ok"], told["at"][0]["events"], told["at"][0]["head"]) == (True, len(NORTH), 5)
    head.write_text(newest.note.replace("north", "south"))
    assert run("verify", north, "--head", head)[0] == 1


def test_a_drill_is_a_record(tmp_path) -> None:
    """It is entered where no daemon runs, with what it found, and is under a signed head at once."""
    folder, file = tmp_path / "data", tmp_path / "drill.json"
    fill(folder, 2)
    with open_journal(folder) as journal:
        journal.take_in([Block((), tuple(made(NORTH, journal.last().event + 1)))])
        sign_now(journal, VirtualClock(), Dice(3))
    code, words = run("recall", "R-1", "-o", file, "--data", folder, "--drill", "--operator", 7, "--json")
    told = orjson.loads(words.splitlines()[-1])
    assert (code, told["boxes"], package_of(file.read_bytes())["drill"]) == (0, 2, True)
    with open_readers(folder)[0] as reader:
        entry = next(reader.inputs(told["drill"], told["drill"])).input
        assert isinstance(entry, Entry)
        assert (entry.kind, entry.operator, entry.body["lot"], entry.body["boxes"]) == (
            "drill",
            "7",
            "R-1",
            2,
        )
        assert {*entry.body} == {"lot", "seconds", "lots", "boxes", "kilograms"}
        newest = reader.ledger.newest_head()
        assert newest is not None
        assert reader.ledger.prove("input", told["drill"], newest.size) is not None
    assert run("verify", folder)[0] == 0
