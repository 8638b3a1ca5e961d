"""Flows of material: the rows they become, and each mistake at its place."""

# ruff: noqa: E501 # a case is a row of a table

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gateway.config import ConfigErrors, load, schema
from gateway.config.yamltext import Document
from gateway.resources import config_dir
from gateway.site import Flow

from .conftest import SITE, write

MINUTE = 60_000_000_000
CELLS = "  cells: [press1, press2, packing]\n"


def with_flows(folder: Path, *rows: str, lines: str = "") -> Path:
    flows = "".join(f"  - {row}\n" for row in rows)
    return write(folder, SITE.replace(CELLS, f"{CELLS}  flows:\n{flows}{lines}"))


def of_line(*names: str) -> tuple[Flow, ...]:
    cells = [f"moulding/line1/{name}" for name in names]
    return tuple(Flow(*cells[at : at + 2]) for at in range(0, len(cells), 2))


def test_a_row_is_a_flow_to_each_of_its_cells(tmp_path: Path) -> None:
    path = with_flows(tmp_path, "{from: press1, to: [press2, packing]}", "{from: press2, to: [packing]}")
    assert load(path).flows == of_line("press1", "press2", "press1", "packing", "press2", "packing")


def test_material_may_come_from_another_line(tmp_path: Path) -> None:
    other = "- {area: moulding, name: material, cells: [drying], flows: [{from: drying, to: [moulding/line1/press1]}]}\n"
    path = with_flows(tmp_path, "{from: moulding/material/drying, to: [press2]}", lines=other)
    drying = "moulding/material/drying"
    assert load(path).flows == (
        Flow(drying, "moulding/line1/press2"),
        Flow(drying, "moulding/line1/press1"),
    )


def test_a_site_has_none_unless_it_says_so(folder: Path) -> None:
    assert load(folder / "site.yaml").flows == ()


def test_the_demo_feeds_both_presses_from_the_blender() -> None:
    flows = load(config_dir() / "demo" / "site.yaml").flows
    assert set(of_line("blending", "drying", "drying", "press1", "drying", "press2")) <= set(flows)


def test_material_lasts_as_long_as_its_scan_point_says(tmp_path: Path) -> None:
    site = SITE.replace("action: open", "action: open\n  role: material\n  lasts: 20min")
    assert [point.lasts_ns for point in load(write(tmp_path, site)).scan_points] == [20 * MINUTE]
    assert load(write(tmp_path)).scan_points[0].lasts_ns == 0


SHAPES = [
    ("{from: press1, to: [@moulding/packing]}", '"moulding/packing" is not a cell: its name in this line, or area/line/cell, in lower case'),
    ("{from: @7, to: [packing]}", "7 is not a cell: its name in this line, or area/line/cell, in lower case"),
    ("{from: press1, to: @[]}", "is empty: at least one is needed"),
    ("{from: press1, to: @packing}", '"packing" is not a list'),
    ("{from: press1, @too: [packing]}", '"too" is not a key here; did you mean "to"?'),
    ("{@fro: press1, to: [packing]}", '"fro" is not a key here; did you mean "from"?'),
    ("{@source: press1, to: [packing]}", '"source" is not a key here; known: from, to'),
    ("@{to: [packing]}", '"from" is missing'),
]  # fmt: skip
MEANINGS = [
    ("{from: @presss1, to: [packing]}", '"presss1" is not a cell of line line1; did you mean "press1"?'),
    ("{from: press1, to: [press2, @pakcing]}", '"pakcing" is not a cell of line line1; did you mean "packing"?'),
    ("{from: press1, to: [@moulding/line2/packing]}", '"moulding/line2/packing" is not a cell of this site; did you mean "moulding/line1/packing"?'),
    ("{from: press1, to: [@press1]}", "moulding/line1/press1 flows to itself"),
    ("{from: press1, to: [packing, @packing]}", "moulding/line1/press1 to moulding/line1/packing is taken, on line 8"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "text"), SHAPES + MEANINGS)
def test_a_mistake_is_said_at_its_place(tmp_path: Path, row: str, text: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(with_flows(tmp_path, row.replace("@", "")))
    said = {each.text: (each.line, each.col) for each in caught.value.problems}
    assert text in said
    assert said[text] == (8, len("  - ") + row.index("@") + 1)
    assert len(said) == (2 if "is not a key" in text else 1), "the key that was meant is missing"


@pytest.mark.parametrize(
    ("row", "around"),
    [
        ("{from: packing, to: [@press1]}", "press1, press2, packing, press1"),
        ("{from: packing, to: [@press2]}", "press2, packing, press2"),
    ],
)
def test_a_circle_is_said_where_it_closes(tmp_path: Path, row: str, around: str) -> None:
    rows = ("{from: press1, to: [press2]}", "{from: press2, to: [packing]}", row.replace("@", ""))
    with pytest.raises(ConfigErrors) as caught:
        load(with_flows(tmp_path, *rows))
    [problem] = caught.value.problems
    cells = ", ".join(f"moulding/line1/{name}" for name in around.split(", "))
    assert problem.text == f"closes a circle: {cells} (regrind that is fed back is not a flow)"
    assert (problem.line, problem.col) == (10, len("  - ") + row.index("@") + 1)
    assert problem.path == "lines[0].flows[2].to[0]"


def test_two_ways_to_one_cell_are_no_circle(tmp_path: Path) -> None:
    rows = ("{from: press1, to: [press2, packing]}", "{from: press2, to: [packing]}")
    assert len(load(with_flows(tmp_path, *rows)).flows) == 3


@pytest.mark.long
@pytest.mark.parametrize(("row", "text"), SHAPES + MEANINGS)
def test_the_schema_refuses_what_has_the_wrong_shape(tmp_path: Path, row: str, text: str) -> None:
    path = with_flows(tmp_path, row.replace("@", ""))
    fits = Draft202012Validator(schema()).is_valid(Document(str(path), path.read_bytes()).data)
    assert fits is ((row, text) in MEANINGS)
