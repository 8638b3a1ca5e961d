"""Every device map in config/devices can be read, fits its requests and says what it is; found by walking."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gateway.config.maps import read_file
from gateway.config.models import DeviceMap
from gateway.config.points import check_together, of_map
from gateway.config.validate import Checked
from gateway.layout import Layout
from gateway.resources import config_dir

MAPS = sorted((config_dir() / "devices").glob("*.yaml"))


def test_there_are_maps() -> None:
    assert len(MAPS) >= 8


@pytest.fixture(params=MAPS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_it_can_be_read_without_a_problem(path: Path) -> None:
    checked = Checked(read_file(path), DeviceMap)
    placed = of_map(checked)
    assert checked.model is not None
    check_together(placed, checked.model.max_words)
    assert [str(problem) for problem in checked.problems] == []


def test_its_name_can_stand_in_a_site(path: Path) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", path.stem)


def test_it_says_what_it_is(path: Path) -> None:
    model = Checked(read_file(path), DeviceMap).model
    assert model is not None
    assert model.about


def test_it_polls_only_in_classes_that_every_site_has(path: Path) -> None:
    model = Checked(read_file(path), DeviceMap).model
    assert model is not None
    assert {row.poll for row in model.points} <= {"fast", "normal", "slow"}


def test_its_words_become_values(path: Path) -> None:
    """The layout of all its points decodes: types, orders and masks are ones that `gateway.layout` knows."""
    placed = of_map(Checked(read_file(path), DeviceMap))
    layout = Layout(tuple(each.field for each in placed))
    values = layout.values(np.zeros(layout.words, dtype=np.uint16))
    assert values.shape == (len(placed),)
    texts = [each.row.type == "string" for each in placed]
    assert (np.isnan(values) == np.array(texts, dtype=bool)).all()


def test_measured_values_have_a_unit(path: Path) -> None:
    """Floats measure something; integers may count and bits may state."""
    model = Checked(read_file(path), DeviceMap).model
    assert model is not None
    assert [row.name for row in model.points if row.type.startswith("float") and not row.uom] == []
