"""The board out of lot events alone; orders out of a file; which lot is for which order."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.model import Event, LotChanged, Noted, NumberedEvent, Plain, Severity
from gateway.score.board import Board, board
from gateway.score.declared import BadFigures
from gateway.score.orderfile import orders
from gateway.score.orders import Order, assigned
from gateway.site.score import BoardStep, Score
from tests.unit.score.weeks import LINE, WEEK, Line, site

DAY = 86_400_000_000_000
GTIN = "09506000134352"
STEPS = (BoardStep("moulding", (f"{LINE}/press",), 1), BoardStep("packing", (f"{LINE}/packing",)))
SITE = site(score=replace(Score(), steps=STEPS))


def box(lot: str, order: str = "") -> str:
    return f"(01){GTIN}(10){lot}" + (f"(400){order}" if order else "")


def moved(at: int, lot: str, change: str, cell: str, order: str = "") -> LotChanged:
    return LotChanged(at, lot, change, f"{LINE}/{cell}", "product", box(lot, order))


def noted(at: int, kind: str, subject: str, **facts: Plain) -> Noted:
    return Noted(at, kind, subject, Severity.INFO, facts)


def made(now: int, *events: Event) -> Board:
    return board(SITE, [NumberedEvent(seq, 0, each) for seq, each in enumerate(events, 1)], now)


def test_lots_go_through_the_steps_by_their_scans() -> None:
    found = made(
        10 * DAY,
        noted(1, "order", "PO-1", part=GTIN, quantity=100, due_ns=5 * DAY),
        noted(1, "order", "PO-2", part=GTIN, quantity=100, due_ns=20 * DAY),
        noted(1, "order", "PO-3", part="other", quantity=5, due_ns=2 * DAY),
        moved(2, "A", "opened", "press", "PO-2"),
        moved(3, "B", "opened", "press"),
        moved(4, "C", "opened", "press", "PO-1"),
        moved(5, "C", "moved", "packing", "PO-1"),
        moved(6, "C", "closed", "packing", "PO-1"),
        noted(7, "lot_held", "B", by="rule"),
        moved(8, "D", "opened", "press", "PO-2"),
        moved(9, "D", "moved", "packing"),
    )
    rows = [
        (column.step, card.lot, card.order.order if card.order else "", card.assumed, card.held, card.late)
        for column in found.columns
        for card in column.cards
    ]
    assert rows == [
        ("moulding", "B", "PO-1", True, True, True),
        ("moulding", "A", "PO-2", False, False, False),
        ("packing", "D", "PO-2", False, False, False),
        ("shipped", "C", "PO-1", False, False, False),
    ]
    assert [column.over for column in found.columns] == [True, False, False]
    assert [order.order for order in found.waiting] == ["PO-3"]
    assert found.cards[-1].seqs == (6, 7, 8)


def test_a_released_lot_goes_on_and_a_later_version_of_an_order_holds() -> None:
    found = made(
        3 * DAY,
        noted(1, "order", "PO-1", part=GTIN, quantity=100, due_ns=DAY),
        noted(2, "order", "PO-1", part=GTIN, quantity=100, due_ns=9 * DAY),
        moved(3, "A", "opened", "press", "PO-1"),
        noted(4, "lot_held", "A", by="rule"),
        noted(5, "lot_released", "A"),
    )
    (card,) = found.cards
    assert (card.held, card.late, card.order and card.order.seq) == (False, False, 2)


def test_the_order_of_a_lot_that_names_only_its_part_is_the_first_due_that_is_not_full() -> None:
    rows = {
        "1": Order("1", "cap", 100.0, 5), "2": Order("2", "cap", 100.0, 9), "3": Order("3", "lid", 1.0, 1),
    }  # fmt: skip
    found = assigned(
        rows, [("a", "", "cap", 60), ("b", "", "cap", 60), ("c", "", "cap", 60), ("d", "", "", 1)]
    )
    assert {lot: (each.order.order, each.assumed) for lot, each in found.items()} == {
        "a": ("1", True), "b": ("1", True), "c": ("2", True),
    }  # fmt: skip


def test_orders_of_a_file() -> None:
    rows = orders("order,part,quantity,due,customer\nPO-1,cap,5000,2026-11-20,ACME\n", SITE.shifts)
    assert rows == (
        {
            "order": "PO-1",
            "part": "cap",
            "quantity": 5000,
            "due_ns": 1_795_219_199_999_999_999,
            "customer": "ACME",
        },
    )
    (row,) = orders("due;order;part;quantity\n2026-11-20T12:00:00+08:00;1;cap;1.5\n", SITE.shifts)
    assert (row["quantity"], row["due_ns"]) == (1.5, 1_795_147_200_000_000_000)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("order,part,quantity\n1,cap,5\n", 1, "has no column due"),
        ("order,part,quantity,due,colour\n", 1, "cannot have a column 'colour'"),
        (
            "order,part,quantity,due\n1,cap,5,2026-11-20\n1,cap,6,2026-11-20\n",
            3,
            'order "1" is on line 2 already',
        ),
        ("order,part,quantity,due\n1,cap,0,2026-11-20\n", 2, 'quantity "0" is not a number above 0'),
        ("order,part,quantity,due\n1,cap,5,2026-11-31\n", 2, 'due "2026-11-31" is not a date'),
        ("order,part,quantity,due\n1,cap,5,2026-11-20T06:00:00\n", 2, "nor a time with its zone"),
        ("order,part,quantity,due\n,cap,5,2026-11-20\n", 2, "order is not a name"),
        ("order,part,quantity,due\n1,cap,5\n", 2, "has 3 cells"),
        ("order,part,quantity,due\n", 1, "there is no row in it"),
    ],
)
def test_a_bad_order_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(BadFigures) as caught:
        orders(text, SITE.shifts)
    assert any(at == line and said in why for at, why in caught.value.problems), caught.value.problems


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.long
def test_orders_counts_and_the_board_from_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    line = Line(1, SITE)
    line.hours(WEEK, 2)
    line.events.append(moved(line.now, "09506000134352:A", "opened", "press", "PO-1"))
    line.written(folder).close()
    acting = ("--operator", "17", "--data", str(folder), "--accept-clock")
    file = tmp_path / "orders.csv"
    file.write_text("order,part,quantity,due\nPO-1,09506000134352,100,2026-11-01\n", "utf-8")
    assert "1 orders could be taken" in run("import", "orders", str(file), "--dry-run", *acting).output
    done = run("import", "orders", str(file), *acting)
    assert (done.exit_code, "1 orders" in done.output) == (0, True), done.output
    done = run(
        "count", "parts", f"(01){GTIN}(10)A", "--step", "inspection", "--good", "95", "--reject", "5", *acting
    )
    assert (done.exit_code, "95 good, 5 rejects" in done.output) == (0, True), done.output
    done = run("count", "scrap", "bin", "10", "--reason", "dirt", *acting)
    assert (done.exit_code, "10 kg thrown away" in done.output) == (0, True), done.output
    assert run("count", "scrap", "bn", "10", "--reason", "dirt", *acting).exit_code == 1
    done = run("board", "--data", str(folder), "--json")
    assert done.exit_code == 1  # late
    (card,) = json.loads(done.output)["boards"][0]["steps"][0]["lots"]
    assert (card["order"], card["late"], card["parts"]) == ("PO-1", True, 95.0)
    assert "moulding: 1 / 1" in run("board", "--data", str(folder)).output
    assert run("board", "--data", str(folder), "--csv").output.startswith("site,step,lot,order")
    file.write_text("order,part\n1,2\n", "utf-8")
    done = run("import", "orders", str(file), *acting)
    assert (done.exit_code, "orders.csv:1: has no column quantity, due" in done.output) == (2, True)
