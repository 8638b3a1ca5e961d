"""The example of dosing equipment can be run, and each mistake about it is named at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.config import ConfigErrors, load
from gateway.resources import config_dir

SITE = config_dir() / "dosing" / "site.yaml"

WRONG = {
    "  fastest_batch: 8s\n  doses:\n  - {tag: moulding/line1/wsb4": (
        "  doses:\n  - {tag: moulding/line1/wsb4", '"fastest_batch" is missing: shortest time of a batch',
    ),
    "  largest_batch: 2.5\n": ("", '"largest_batch" is missing: kilograms of the largest batch'),
    "  units: [{value: 2, kg: 0.0001}, {value: 9, kg: 0.001}]\n  largest_batch: 12": (
        "  largest_batch: 12", '"units" is missing: what the numbers of "unit" mean',
    ),
    "  unit: moulding/line1/wsb4/system_type\n": ("", 'units: needs "unit": the tag that shows these numbers'),
    "{value: 2, kg: 0.0001}, {value: 9, kg: 0.001}]\n  largest_batch: 2.5": (
        "{value: 2, kg: 0.0001}, {value: 2, kg: 0.001}]\n  largest_batch: 2.5", "value: 2 is here twice",
    ),
    "wsb4/total_2, from: regrind": ("wsb4/batch_total, from: regrind", "is read with wsb4/slow"),
    "unit: moulding/line1/wsb4/system_type": (
        "unit: moulding/line1/wsb4/weight_units", "a meter's tags are of one poll group",
    ),
    "  from: feeder_hopper\n": ("", "\"from\" is missing: the vessel that is the feeder's hopper"),
    "  sigma: 0.002\n  most_per_hour: 60\n  empty: 1": (
        "  most_per_hour: 60\n  empty: 1", '"sigma" is missing: standard uncertainty of one weight',
    ),
    "  most_per_hour: 60\n  empty: 1": ("  empty: 1", '"most_per_hour" is missing: kilograms an hour at full speed'),
    "  refilled_from: drum\n  to: [press_hopper]\n  sigma: 0.002\n  most_per_hour: 60\n  empty: 1": (
        "  refilled_from: feeder_hopper\n  to: [press_hopper]\n  sigma: 0.002\n  most_per_hour: 60",
        "feeder_hopper refills itself",
    ),
    "  from: doser_hopper\n": ("  from: press_hopper\n", "press_hopper fills itself"),
    "  empty: 1\n": ("  empty: 1\n  tare: 1\n", "a feeder meter has no tare: it is of scale"),
    "doser1/weight\n": ("doser1/turns\n", "doser1/turns is no mass: it has no uom"),
}  # fmt: skip


def changed(folder: Path, old: str, new: str) -> Path:
    text = SITE.read_text("utf-8")
    assert text.count(old) >= 1, old
    file = folder / "site.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file


def test_its_meters_are_those_of_the_file() -> None:
    meters = {meter.name: meter for meter in load(SITE).meters}
    assert [meters[name].kind for name in ("wsb4", "blender1", "feeder1")] == ["totals", "batch", "feeder"]
    assert [(each.value, each.kg) for each in meters["wsb4"].units] == [(2.0, 0.0001), (9.0, 0.001)]
    assert (meters["wsb4"].largest_kg, meters["wsb4"].fastest_ns) == (2.5, 8_000_000_000)
    assert (meters["feeder1"].window_ns, meters["feeder1"].refilled_from) == (60_000_000_000, "drum")


def test_check_says_that_it_is_good() -> None:
    told = CliRunner().invoke(main, ["check", str(SITE)])
    assert told.exit_code == 0, told.output
    assert "5 devices" in told.output


@pytest.mark.parametrize("old", WRONG)
def test_each_mistake_is_named(tmp_path: Path, old: str) -> None:
    new, said = WRONG[old]
    with pytest.raises(ConfigErrors) as raised:
        load(changed(tmp_path, old, new))
    assert said in str(raised.value)


def test_check_refuses_a_point_that_is_a_command_which_acts(tmp_path: Path) -> None:
    wrong = changed(
        tmp_path, "map: maguire_wsb4, unit: 1,",
        "map: maguire_wsb4, points: [{name: clear, table: holding, address: 6144, type: uint16}], unit: 1,",
    )  # fmt: skip
    told = CliRunner().invoke(main, ["check", str(wrong)])
    assert told.exit_code == 78
    assert "clear: address 6144 is command 24, which is not one that only reads" in told.output
