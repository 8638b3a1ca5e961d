"""`lotwatch import genealogy`: all of it or nothing, and every refusal at its line."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.journal import JournalReader, Replica
from gateway.journal.lock import FolderLock
from gateway.model import Identity

NODES = """lot,kind,kg,closed_at
R1,material,100,2026-11-21T08:00:00Z
R2,material,100,2026-11-21T08:00:00Z
B1,batch,50,2026-11-21T09:00:00Z
G1,regrind,10,2026-11-21T10:00:00Z
B2,batch,40,2026-11-21T11:00:00Z
X1,box,20,2026-11-21T12:00:00Z
P1,pallet,20,2026-11-21T12:00:00Z
"""
EDGES = """from,to,kg,sigma_kg
R1,B1,40,0.1
R2,B1,10,0.1
B1,G1,10,0.1
G1,B2,10,0.1
R2,B2,30,0.1
B2,X1,20,0.05
X1,P1,20,0
"""


def run(folder, nodes=NODES, edges=EDGES, code=0, options=()):
    for name, text in (("nodes.csv", nodes), ("edges.csv", edges)):
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    files = [str(folder / "nodes.csv"), str(folder / "edges.csv")]
    done = CliRunner().invoke(main, ["import", "genealogy", *files, "--data", str(folder / "j"), *options])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def test_a_history_is_composed_and_can_be_traced(tmp_path) -> None:
    told = orjson.loads(run(tmp_path, options=["--json", "--site", "north"]).stdout_bytes)
    assert told == {
        "data": str(tmp_path / "j"), "site": "north", "gateway": "import", "lots": 7, "edges": 7, "sources": 2,
    }  # fmt: skip
    with JournalReader(tmp_path / "j") as reader:
        assert reader.last().event == 7
        pallet = reader.made.made("P1")
        assert pallet is not None
        shares = dict(zip(pallet.composition.sources, pallet.composition.shares[0], strict=True))
        assert shares == pytest.approx({"R1": 0.2, "R2": 0.8})
        assert pallet.composition.passes[0][:2] == pytest.approx((0.75, 0.25))
        assert (pallet.aggregated, reader.made.made("G1").ground) == (True, True)  # type: ignore[union-attr]
        assert [each.seq for each in reader.events(1, 9)] == list(range(1, 8))


def test_columns_and_rows_in_any_order(tmp_path) -> None:
    lines = NODES.splitlines()
    turned = "\n".join([lines[0], *reversed(lines[1:])])
    swapped = "\n".join(",".join(reversed(line.split(","))) for line in EDGES.splitlines())
    run(tmp_path, turned, swapped)
    with JournalReader(tmp_path / "j") as reader:
        assert reader.made.made("P1").composition.passes[0][:2] == pytest.approx((0.75, 0.25))  # type: ignore[union-attr]


def test_regrind_of_regrind_alone_is_no_pass_more(tmp_path) -> None:
    more = "H1,regrind,10,2026-11-21T10:30:00Z\n"
    run(tmp_path, NODES + more, EDGES.replace("G1,B2", "H1,B2") + "G1,H1,10,0\n")
    with JournalReader(tmp_path / "j") as reader:
        held = reader.made.made("H1")
        assert (held.ground, held.composition.passes[0][1]) == (False, 1.0)  # type: ignore[union-attr]


BAD_NODES = [
    ("", 1, "the columns are lot, kind, kg, closed_at; here they are none"),
    ("lot,kind,kg\n", 1, "here they are lot, kind, kg"),
    ("lot,kind,kg,closed_at\n", 2, "there are no rows"),
    (NODES + "R3,material,5\n", 9, "3 fields, where the header has 4"),
    (NODES + "R1,material,5,2026-11-21\n", 9, '"R1" is there already, in line 2'),
    (NODES + ",material,5,2026-11-21\n", 9, "no name for the lot"),
    (NODES + "R\x07,material,5,2026-11-21\n", 9, "is no name"),
    (NODES + "R" * 201 + ",material,5,2026-11-21\n", 9, "is no name"),
    (NODES + "R3,,5,2026-11-21\n", 9, "is no kind of lot"),
    (NODES + "R3,material,0,2026-11-21\n", 9, "kg 0 is not above 0"),
    (NODES + "R3,material,-1,2026-11-21\n", 9, "kg -1 is not above 0"),
    (NODES + "R3,material,1e308,2026-11-21\n", 9, "kg 1e+308 is above 1e+15"),
    (NODES + "R3,material,nan,2026-11-21\n", 9, 'kg "nan" is not a number'),
    (NODES + "R3,material,1_0,2026-11-21\n", 9, 'kg "1_0" is not a number'),
    (NODES + "R3,material,inf,2026-11-21\n", 9, 'kg "inf" is not a number'),
    (NODES + "R3,material,,2026-11-21\n", 9, "there is no kg"),
    (NODES + 'R3,material,"1,5",2026-11-21\n', 9, "write a decimal point"),
    (NODES + "R3,material,1,\n", 9, "there is no closed_at"),
    (NODES + "R3,material,1,yesterday\n", 9, 'closed_at "yesterday"'),
    (NODES + "R3,material,1,9999-12-31\n", 9, 'closed_at "9999-12-31"'),
    (NODES.encode() + b"\xff,material,1,2026-11-21\n", 9, "not UTF-8"),
    (NODES + '"R3,material,1,2026-11-21\n', 9, "not CSV"),
]
BAD_EDGES = [
    ("from,to,kg\n", 1, "the columns are from, to, kg, sigma_kg"),
    (EDGES + "R9,B1,1,0\n", 9, 'there is no lot "R9" in'),
    (EDGES + "R1,B9,1,0\n", 9, 'there is no lot "B9" in'),
    (EDGES + "B1,B1,1,0\n", 9, '"B1" cannot go into itself'),
    (EDGES + "R1,B1,0,0\n", 9, "kg 0 is not above 0"),
    (EDGES + "R1,B1,-2,0\n", 9, "kg -2 is not above 0"),
    (EDGES + "R1,B1,1,-0.1\n", 9, "sigma_kg -0.1 is below 0"),
    (EDGES + "R1,B1,1,\n", 9, "there is no sigma_kg"),
    (EDGES + "B2,B1,1,0\n", 9, '"B2" was closed after "B1", and cannot be in it'),
    (EDGES + "P1,X1,1,0\n", 9, "a circle"),
    (EDGES + "B1,B2,60,0.1\n", 9, '70 kg are taken from "B1" in all, which has 50 kg'),
]


@pytest.mark.parametrize(("nodes", "line", "said"), BAD_NODES)
def test_a_row_of_lots_that_cannot_be(tmp_path, nodes, line, said) -> None:
    done = run(tmp_path, nodes=nodes, code=2)
    assert f"nodes.csv:{line}: " in done.stderr
    assert said in done.stderr
    assert not (tmp_path / "j").exists()


@pytest.mark.parametrize(("edges", "line", "said"), BAD_EDGES)
def test_an_edge_that_cannot_be(tmp_path, edges, line, said) -> None:
    done = run(tmp_path, edges=edges, code=2)
    assert f"edges.csv:{line}: " in done.stderr
    assert said in done.stderr
    assert not (tmp_path / "j").exists()


def test_lots_without_edges_are_sources(tmp_path) -> None:
    run(tmp_path, edges="from,to,kg,sigma_kg\n")
    with JournalReader(tmp_path / "j") as reader:
        assert reader.made.made("P1").composition.sources == ("P1",)  # type: ignore[union-attr]


def test_what_weighings_explain_is_not_too_much(tmp_path) -> None:
    run(tmp_path, edges=EDGES.replace("B2,X1,20,0.05", "B2,X1,40.2,0.05"))


def test_more_is_added_to_a_journal_but_never_a_lot_twice(tmp_path) -> None:
    run(tmp_path)
    done = run(tmp_path, code=2)
    assert 'nodes.csv:2: "R1" is in the journal already' in done.stderr
    head = "lot,kind,kg,closed_at\n"
    told = run(tmp_path, head + "R7,material,5,2026-11-22\n", "from,to,kg,sigma_kg\n", options=["--json"])
    assert orjson.loads(told.stdout_bytes)["site"] == "imported"
    with JournalReader(tmp_path / "j") as reader:
        assert reader.last().event == 8
        assert reader.made.knows("R7")


def test_a_journal_that_is_in_use_is_left_alone(tmp_path) -> None:
    run(tmp_path)
    lock = FolderLock(tmp_path / "j")
    done = run(
        tmp_path, "lot,kind,kg,closed_at\nQ1,material,5,2026-11-22\n", "from,to,kg,sigma_kg\n", code=75
    )
    assert "writes this journal" in done.stderr
    lock.release()


def test_replicas_are_no_place_to_import_to(tmp_path) -> None:
    with Replica.open(tmp_path / "j" / "gw1-e1", Identity("a", "gw1", "e1")) as replica:
        replica.set_cursor("x", replica.last())
    assert "a folder of replicas" in run(tmp_path, code=2).stderr


def test_a_replica_is_no_place_to_import_to(tmp_path) -> None:
    run(tmp_path)
    with JournalReader(tmp_path / "j") as reader:
        events = list(reader.events(1, 7))
    with Replica.open(tmp_path / "k" / "j", Identity("a", "gw1", "e1")) as replica:
        replica.store([], events)
    assert "import at the gateway" in run(tmp_path / "k", code=1).stderr


def test_a_failure_on_the_way_leaves_nothing(tmp_path, monkeypatch) -> None:
    def fails(vector) -> float:
        return 1.0 if len(vector.sources) == 2 else 0.0

    monkeypatch.setattr("gateway.cli.import_.check", fails)
    assert "do not sum to 1" in run(tmp_path, code=1).stderr
    with JournalReader(tmp_path / "j") as reader:
        assert reader.last().event == 0


def test_a_lot_names_all_that_it_is_made_of_however_little(tmp_path) -> None:
    rows = (
        "lot,kind,kg,closed_at\nA,material,1000,2026-11-21\nB,material,1,2026-11-21\nM,box,1000,2026-11-22\n"
    )
    done = run(tmp_path, rows, "from,to,kg,sigma_kg\nA,M,999.5,0\nB,M,0.5,0\n")
    assert done.exit_code == 0, done.output
    whole = ["lot", "M", "--data", str(tmp_path / "j")]
    [found] = orjson.loads(CliRunner().invoke(main, [*whole, "--json"]).stdout)["at"]
    made = found["mass"]["composition"]
    held = {each["lot"]: each["share"]["low"] for each in made["sources"]}
    assert held == pytest.approx({"A": 0.9995, "B": 0.0005})
    assert sum(each["share"]["low"] for each in made["sources"]) + made["rest"] == pytest.approx(
        1.0, abs=1e-12
    )
    shown = CliRunner().invoke(main, whole).stdout
    assert "1 sources of 0.1 % or more" in shown
