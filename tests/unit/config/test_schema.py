"""The published JSON Schemas are those of the models, and say what the loader says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from gateway.config import ConfigErrors, load, schema
from gateway.config.models import FILES
from gateway.config.yamltext import Document
from gateway.resources import config_dir

from .conftest import PLAN, PRESS, SITE, write

SHIPPED = {
    "site": [*config_dir().glob("*/site.yaml")],
    "plan": [*config_dir().glob("*/plans/*.yaml")],
    "device_map": [*config_dir().glob("devices/*.yaml"), *config_dir().glob("*/devices/*.yaml")],
}


@pytest.mark.parametrize("kind", FILES)
def test_the_published_schema_is_current(kind: str) -> None:
    published = (config_dir() / f"{kind}.schema.json").read_text("utf-8")
    assert json.loads(published) == schema(kind), (
        f"lotwatch check --schema {kind} > config/{kind}.schema.json"
    )


@pytest.mark.long
@pytest.mark.parametrize("kind", FILES)
def test_a_schema_is_a_schema(kind: str) -> None:
    Draft202012Validator.check_schema(schema(kind))


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind, paths in SHIPPED.items() for path in paths], ids=str
)
def test_shipped_files_fit_their_schema(kind: str, path: Path) -> None:
    document = Document(str(path), path.read_bytes())
    assert not document.problems
    assert [error.message for error in Draft202012Validator(schema(kind)).iter_errors(document.data)] == []


@pytest.mark.parametrize("path", [path for paths in SHIPPED.values() for path in paths], ids=str)
def test_shipped_files_name_their_schema(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve().is_file(), first


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gateway: gw1", "gatway: gw1"),
        ("action: open", "action: opne"),
        ("fast: 100ms", "fast: 100"),
        ("port", "port"),
        ("level: HH", "level: X"),
        ("unit: 1", "unit: 256"),
    ],
)
def test_schema_and_loader_agree(tmp_path: Path, old: str, new: str) -> None:
    text = SITE.replace(old, new, 1)
    fits = Draft202012Validator(schema()).is_valid(_plain(text))
    try:
        load(write(tmp_path, text, PRESS, PLAN))
    except ConfigErrors:
        assert not fits
    else:
        assert fits


def _plain(text: str) -> Any:
    return yaml.safe_load(text)
