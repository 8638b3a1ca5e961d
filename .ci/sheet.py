"""Writes docs/security/sheet.md out of docs/security/requirements.yaml: `python .ci/sheet.py [--check]`.

Refuses a row that says nothing: one has tests that exist (path::name), or a gap in words, or both. `--check` writes
nothing and ends with 1 where the sheet is not of this YAML.
"""

# ruff: noqa: INP001, T201

from __future__ import annotations

import ast
import functools
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCE, SHEET = ROOT / "docs" / "security" / "requirements.yaml", ROOT / "docs" / "security" / "sheet.md"
_KEYS = {"of", "id", "title", "how", "tests", "gap", "out"}
_HEAD = """\
# Security, requirement by requirement

Made of `requirements.yaml` by `make sheet`; a test sees to it that both agree and that every test named here is there.
Numbers are those of the standards and titles follow theirs, as far as each heading says that they were checked; how we
meet them is in our words. **Nobody has certified anything**: this is what we tested, and what we know to be missing.
`part`: there are tests, and a gap beside them; `met`: we have tests and know of no gap, which no assessor has said.
"""


@functools.cache
def tests_of(path: str) -> frozenset[str]:
    """Names of the test functions in a file; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_")
    )


def problems(found: dict[str, Any]) -> list[str]:
    """What is wrong with the YAML, a line each."""
    said, seen = [], set()
    for key, standard in found["standards"].items():
        if "checked" not in standard:
            said.append(f"{key}: against what were its numbers and titles checked?")
    for row in found["rows"]:
        where = f"{row.get('of')} {row.get('id')}"
        tests = row.get("tests", [])
        if (row.get("of"), row.get("id")) in seen:
            said.append(f"{where}: twice")
        seen.add((row.get("of"), row.get("id")))
        if row.get("of") not in found["standards"] or not row.get("id") or not row.get("title"):
            said.append(f"{where}: of which standard, which number, which title?")
        if set(row) - _KEYS:
            said.append(f"{where}: no such key: {', '.join(sorted(map(str, set(row) - _KEYS)))}")
        if bool(tests) != bool(row.get("how")):
            said.append(f"{where}: how and tests go together")
        if not tests and not row.get("gap"):
            said.append(f"{where}: neither a test nor a gap")
        for test in tests:
            path, _, name = test.partition("::")
            if name not in tests_of(path):
                said.append(f"{where}: there is no test {test}")
    return said


def state(row: dict[str, Any]) -> str:
    """In a word."""
    if row.get("out"):
        return "not ours"
    if row.get("tests"):
        return "part" if row.get("gap") else "met"
    return "**gap**"


def sheet(found: dict[str, Any]) -> str:
    """The page."""
    parts = [_HEAD]
    for key, standard in found["standards"].items():
        rows = [row for row in found["rows"] if row["of"] == key]
        counts = ", ".join(
            f"{sum(state(row) == word for row in rows)} {word.strip('*')}"
            for word in ("met", "part", "**gap**", "not ours")
        )
        parts.append(
            f"\n## {standard['name']}\n\n{standard['source'][0].upper()}{standard['source'][1:]}. Here: {counts}.\n"
        )
        if standard["checked"]:
            parts.append(f"\n*What was checked.* {standard['checked']}.\n")
        parts.append("\n| | requirement | | how, and by which tests | gap |\n|---|---|---|---|---|\n")
        for row in rows:
            tests = ", ".join(_link(test) for test in row.get("tests", []))
            how = f"{row['how']} {tests}" if tests else ""
            parts.append(f"| {row['id']} | {row['title']} | {state(row)} | {how} | {row.get('gap', '')} |\n")
    return "".join(parts)


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../../{path})"


def main() -> int:
    """Check, and write."""
    found = yaml.safe_load(SOURCE.read_text("utf-8"))
    said = problems(found)
    for line in said:
        print(f"{SOURCE.relative_to(ROOT)}: {line}", file=sys.stderr)
    if said:
        return 1
    page = sheet(found)
    if "--check" in sys.argv:
        if SHEET.read_text("utf-8") == page:
            return 0
        print(f"{SHEET.relative_to(ROOT)} is not of {SOURCE.name}: make sheet", file=sys.stderr)
        return 1
    SHEET.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
