"""The example in docs/reference/epcis.md is what lotwatch makes, and valid."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gateway.epcis.query import PARAMETERS
from tests.unit.epcis.example import example
from tests.unit.epcis.official import problems

PAGE = (Path(__file__).parents[3] / "docs/reference/epcis.md").read_text("utf-8")


def test_the_example_is_what_is_made():
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    assert json.loads(found[1]) == example()


def test_the_example_is_valid():
    assert problems(example()) == []


def test_every_parameter_is_on_the_page():
    assert [name for name in PARAMETERS if f"`{name}`" not in PAGE] == []
