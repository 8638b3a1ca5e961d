"""docs/reference/config.md says of every key what the models say, and names every chart's parameters and driver."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from gateway.config.drivers import driver_names
from gateway.config.models import FILES, schema

DOC = Path(__file__).parents[3] / "docs" / "reference" / "config.md"


@cache
def sections() -> dict[str, dict[str, Any]]:
    """Every mapping that a file can hold, by the name of its model."""
    found: dict[str, dict[str, Any]] = {}
    for kind, model in FILES.items():
        made = schema(kind)
        found[model.__name__] = made
        found |= made.get("$defs", {})
    return found


def default_of(spec: dict[str, Any], *, required: bool) -> str:
    if required:
        return "needed"
    default = spec.get("default")
    return "" if default in (None, [], {}) else f"`{json.dumps(default).strip(chr(34))}`"


def rows(section: dict[str, Any]) -> list[str]:
    needed = section.get("required", [])
    return [
        f"| `{name}` | {default_of(spec, required=name in needed)} | {spec['description']} |"
        for name, spec in section["properties"].items()
    ]


@pytest.mark.long
@pytest.mark.parametrize("name", sections())
def test_every_key_is_documented_as_the_model_says(name: str) -> None:
    text = DOC.read_text("utf-8")
    missing = [row for row in rows(sections()[name]) if row not in text]
    assert not missing, f"{name}:\n" + "\n".join(missing)


def test_no_key_is_documented_that_is_gone() -> None:
    said = set(re.findall(r"^\| `([a-z_]+)` \|", DOC.read_text("utf-8"), re.MULTILINE))
    known = {name for section in sections().values() for name in section["properties"]}
    assert said - known == set()


def test_every_model_has_a_description_for_every_key() -> None:
    models: list[type[BaseModel]] = [*FILES.values()]
    for section in sections().values():
        assert all("description" in spec for spec in section["properties"].values()), section["title"]
    assert models


def test_every_driver_is_named() -> None:
    text = DOC.read_text("utf-8")
    assert [name for name in driver_names() if f"`{name}`" not in text] == []
