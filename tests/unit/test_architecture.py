"""docs/architecture.md names files and functions: each must be there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PLACES = sorted(set(re.findall(r"`((?:gateway|drivers|simulators|benchmarks)/[\w/]+\.py): ([\w.]+)`", TEXT)))


def names_in(path: Path) -> set[str]:
    """Functions, classes, methods and re-exported names of a file."""
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
            names |= {f"{node.name}.{method.name}" for method in methods}
    return names


def test_the_walk_is_there() -> None:
    assert len(PLACES) > 30


@pytest.mark.parametrize(("file", "name"), PLACES)
def test_each_place_exists(file: str, name: str) -> None:
    assert name in names_in(ROOT / file)


@pytest.mark.parametrize(
    "file", sorted(set(re.findall(r"`((?:gateway|drivers|simulators|docs)/[\w/]+\.\w+)", TEXT)))
)
def test_each_file_exists(file: str) -> None:
    assert (ROOT / file).is_file()
