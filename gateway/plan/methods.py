"""Which charts there are and what parameters each takes, read off the files of gateway/spc without importing them.

A chart is a file with ``CHART = SomeClass``; the fields of that class are its parameters. So a new chart is a new file,
and `lotwatch check` knows it without paying for numpy work it does not do.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_SPELLED = {"weight": "lambda"}  # what Python cannot call a field
_BANK = (
    "baseline",
)  # of every chart: samples of phase I, used where center or sigma is not given (gateway/bank/bank.py)
_ELSEWHERE = ("rules",)  # given beside params, by name


@dataclass(frozen=True, slots=True)
class Method:
    """A chart as a plan sees it."""

    name: str
    params: tuple[str, ...]
    words: Mapping[str, str]  # params that are words and not numbers, with their defaults
    choices: Mapping[str, tuple[str, ...]]  # of those words that say which there are
    rules: bool  # whether it has run rules to choose from
    takes: str  # what a sample is: "value", "subgroup", "count", "count_size" or "vector"


def methods() -> tuple[str, ...]:
    """Every chart by its name: that of its file, with hyphens."""
    names = (path.stem.replace("_", "-") for path in _files())
    return tuple(sorted(name for name in names if method(name) is not None))


@cache
def method(name: str) -> Method | None:
    """The chart of that name, or None."""
    file = next((path for path in _files() if path.stem.replace("_", "-") == name), None)
    return _read(file) if file else None


def _files() -> list[Path]:
    spec = find_spec("gateway")
    folders = spec.submodule_search_locations if spec else None
    return [path for folder in folders or () for path in (Path(folder) / "spc").glob("*.py")]


def _read(file: Path) -> Method | None:
    text = file.read_text("utf-8")
    if "\nCHART" not in text:
        return None
    body = ast.parse(text).body
    name = next((_chart_of(node) for node in body if _chart_of(node)), None)
    found = _rows(file, name or "")
    if found is None:
        return None
    fields = {
        each.target.id: each
        for each in found
        if isinstance(each.target, ast.Name) and "ClassVar" not in ast.unparse(each.annotation)
    }
    words = {
        each: str(row.value.value)
        for each, row in fields.items()
        if isinstance(row.value, ast.Constant) and isinstance(row.value.value, str)
    }
    choices = {each: _literal(row.annotation) for each, row in fields.items() if _literal(row.annotation)}
    params = [_SPELLED.get(each, each) for each in fields if each not in _ELSEWHERE]
    takes = next((_word(each) for each in reversed(found) if ast.unparse(each.target) == "TAKES"), None)
    kind = file.stem.replace("_", "-")
    return Method(kind, (*params, *_BANK), words, choices, "rules" in fields, takes or "value")


def _rows(file: Path, name: str) -> list[ast.AnnAssign] | None:
    """What a class declares, after what its bases do; they are in the same file or in another of the folder."""
    body = ast.parse(file.read_text("utf-8")).body
    found = next((node for node in body if isinstance(node, ast.ClassDef) and node.name == name), None)
    if found is None:
        return None
    rows: list[ast.AnnAssign] = []
    for base in (each.id for each in found.bases if isinstance(each, ast.Name)):
        rows += _rows(_file_of(body, base, file), base) or []
    return rows + [each for each in found.body if isinstance(each, ast.AnnAssign)]


def _file_of(body: list[ast.stmt], name: str, here: Path) -> Path:
    for node in body:
        if isinstance(node, ast.ImportFrom) and any(each.name == name for each in node.names):
            inside = (node.module or "").rpartition(".")
            return here.parent / f"{inside[2]}.py" if inside[0] == "gateway.spc" else here
    return here


def _word(row: ast.AnnAssign) -> str | None:
    return (
        row.value.value if isinstance(row.value, ast.Constant) and isinstance(row.value.value, str) else None
    )


def _literal(annotation: ast.expr) -> tuple[str, ...]:
    """The words of ``Literal["exact", "asymptotic"]``."""
    text = ast.unparse(annotation)
    return tuple(ast.literal_eval(f"({text[len('Literal[') : -1]},)")) if text.startswith("Literal[") else ()


def _chart_of(node: ast.stmt) -> str | None:
    target, value = None, None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
    elif isinstance(node, ast.AnnAssign):
        target, value = node.target, node.value
    if isinstance(target, ast.Name) and target.id == "CHART" and isinstance(value, ast.Name):
        return value.id
    return None
