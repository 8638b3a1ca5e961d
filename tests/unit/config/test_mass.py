"""Vessels and meters in a site file: the rows they become, and each mistake at its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load, read
from gateway.resources import config_dir

DEMO = config_dir() / "demo"

WRONG = {  # in the demo's file: what is there, what stands there instead, what is said of it
    "keeps: 60, from: silo}": ("keeps: 60, from: sillo}", 'from: "sillo" is not a vessel of this site'),
    "keeps: 10, from: dryer}": ("from: virgin_hopper}", 'from: needs "keeps"'),
    "level_sigma: 10}": ("level: moulding/line1/storage/fills, opening: 1}", "is here twice"),
    "opening: 2000, opening_lot: MB-4711": (
        "opening_lot: MB-4711",
        'has an opening lot or regrind and no "opening"',
    ),
    "to: [press1_hopper, press2_hopper]": (
        "to: [press1_hopper, press1_hopper]",
        "press1_hopper is here twice",
    ),
    "virgin_actual, from: virgin_hopper": ("regrind_share, from: virgin_hopper", "is no mass: it has %"),
    "masterbatch_actual, from: masterbatch": (
        "masterbatch_total, from: masterbatch",
        "is read with blender1/normal",
    ),
    "shot_mass: moulding/line1/press1/shot_mass   ": (
        "loss: 1   ",
        "a shots meter has no loss: it is of totalizer",
    ),
    "rest: granulator            ": ("rest: nowhere            ", 'rest: "nowhere" is not a vessel'),
    "part_mass: moulding/line1/press2/part_weight": ("part_kg: 0", "must be greater than 0"),
    "tag: moulding/line1/granulating/mass_total": (
        "tag: moulding/line1/granulating/power",
        "power is no mass",
    ),
    "to: [regrind_bin]": ("to: [regrind_bin, granulator]", "a totalizer fills one vessel"),
    "tag: moulding/line1/packing/mass\n": ("tag: moulding/line1/packing/weight\n", "weight"),
    "into: virgin_hopper ": ("into: virgin_hoper ", 'into: "virgin_hoper" is no vessel, and no scan point'),
    "  ships: true  ": ("  makes: pallet  ", "makes: is of a scan point that opens product lots"),
}


def demo(folder: Path, *changes: tuple[str, str]) -> Path:
    shutil.copytree(DEMO, folder / "demo")
    file = folder / "demo" / "site.yaml"
    text = file.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    file.write_text(text, "utf-8")
    return file


def test_the_demo_s_rows() -> None:
    site = load(DEMO / "site.yaml")
    vessels = {vessel.name: vessel for vessel in site.vessels}
    assert (vessels["dryer"].keeps_kg, vessels["dryer"].source) == (60.0, "silo")
    assert vessels["regrind_bin"].opening_regrind == 1.0
    meters = {meter.name: meter for meter in site.meters}
    assert meters["blender"].group == "blender1/fast"
    assert [dose.vessel for dose in meters["blender"].doses][:2] == ["virgin_hopper", "regrind_dryer"]
    assert (meters["belt_weigher"].loss, meters["belt_weigher"].ground) == (0.002, True)
    assert meters["press1_shots"].cell == "moulding/line1/press1"


def test_every_mistake_is_said_at_its_line(tmp_path: Path) -> None:
    file = demo(tmp_path, *((old, new) for old, (new, _) in WRONG.items()))
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    said = str(caught.value)
    for _, text in WRONG.values():
        assert text in said, text
    assert all(line.startswith(str(file)) for line in said.splitlines() if "site.yaml" in line)


def test_what_closes_a_circle_or_is_missing(tmp_path: Path) -> None:
    file = demo(
        tmp_path,
        ("level_sigma: 10}", "keeps: 1200, from: dryer}"),
        ("  shot_mass: moulding/line1/press1/shot_mass ", "  sigma: 0.1 "),
        ("  sigma: 0.0005\n- name: press2_shots", "- name: press2_shots"),
        ("  from: press2_hopper\n", ""),
        ("  to: [regrind_bin]\n", ""),
        ("  to: [press1_hopper, press2_hopper]", "  sigma: 1"),
    )
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    said = str(caught.value)
    for text in (
        "closes a circle: silo, dryer, silo", '"shot_mass" is missing', '"from" is missing',
        '"to" is missing: the vessel that it fills', '"level_sigma" is missing', "a batch meter has no sigma",
    ):  # fmt: skip
        assert text in said, text


def test_bags_pallets_and_their_kilograms(tmp_path: Path) -> None:
    file = demo(
        tmp_path,
        ("into: virgin_hopper ", "kg: 25\n  into: box_press1 "),
        ("- name: box_press2\n", "- name: pallet\n  makes: pallet\n"),
        ("  ships: true  ", "  into: pallet  "),
    )
    with pytest.raises(ConfigErrors) as caught:
        load(file)
    said = str(caught.value)
    assert '"box_press1" is no vessel, and no scan point that opens a pallet' in said
    assert 'kg: is of a bag that is emptied: name its vessel by "into"' in said
    assert '"pallet" is no vessel' not in said


SPARE = "- {name: spare, cell: moulding/line1/storage, kind: silo, mixing: mixed}"
UNKNOWN = "what is drawn from it is of an unknown source"


def warned(file: Path) -> list[str]:
    return [str(each).removeprefix(f"{file.parent}/") for each in read(file).warnings]


def line_of(file: Path, text: str) -> int:
    return next(at for at, line in enumerate(file.read_text("utf-8").splitlines(), 1) if text in line)


def test_a_vessel_that_nothing_fills_is_told_at_its_line(tmp_path: Path) -> None:
    file = demo(
        tmp_path,
        ("opening: 800, opening_lot: UV-0815}", "kind: bin}"),
        ("kind: bin, mixing: fifo, kind: bin}", "kind: bin, mixing: fifo}"),
        (
            "\n# A meter says",
            "- {name: spare, cell: moulding/line1/storage, kind: silo, mixing: mixed}\n\n# A meter says",
        ),
    )
    additive, spare = line_of(file, "{name: additive"), line_of(file, "{name: spare")
    assert warned(file) == [
        f"site.yaml:{additive}:3: warning: vessels[4]: nothing fills additive: {UNKNOWN}",
        f"site.yaml:{spare}:3: warning: vessels[10]: nothing fills spare: it stays empty",
    ]


def test_lots_that_no_rule_judges_are_told(tmp_path: Path) -> None:
    file = demo(tmp_path, ("  kinds: [box]  ", "  cells: [moulding/line1/press1]\n  kinds: [box]  "))
    line = line_of(file, "- name: press2_shots")
    assert warned(file) == [
        f"site.yaml:{line}:3: warning: meters[2]: no rule of lot_rules judges the boxes of moulding/line1/press2"
    ]
    text = file.read_text("utf-8")
    begin, end = text.index("lot_rules:"), text.index("result_limits:")
    file.write_text(text[:begin] + text[end:], "utf-8")
    (told,) = warned(file)
    assert told.endswith("vessels: lots are made of what they hold, and no lot_rules judge them")
