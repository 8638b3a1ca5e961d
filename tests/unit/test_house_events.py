"""docs/reference/events.md names every kind of event and every quality; docs/README.md leads to every page."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from gateway.model import Quality

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reference" / "events.md").read_text("utf-8")
TELLERS = {"Noted", "_noted", "_note", "noted"}
"""Calls whose first or second argument is a kind."""


@cache
def kinds() -> set[str]:
    """The kinds of event that the code tells."""
    found = set()
    for path in [*ROOT.glob("gateway/**/*.py"), *ROOT.glob("drivers/**/*.py")]:
        text = path.read_text("utf-8")
        if not any(teller in text for teller in TELLERS):
            continue
        for call in ast.walk(ast.parse(text)):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in TELLERS:
                found |= {
                    given.value
                    for given in call.args[:2]
                    if isinstance(given, ast.Constant) and isinstance(given.value, str)
                }
    return found


@pytest.mark.long
def test_every_kind_of_event_has_its_row_and_no_row_is_left_over() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", TEXT.split("## Qualities")[0], re.MULTILINE)
    assert set(rows) == kinds()
    assert len(kinds()) > 15


def test_every_quality_has_its_row() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", TEXT, re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [(int(q), q.name.lower()) for q in Quality]


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in ROOT.glob("docs/**/*.md")}
    wanted = {page for page in pages if not page.startswith("decisions/")} - {"README.md"}
    assert wanted <= set(re.findall(r"\]\(([^)#\s]+)", index))
