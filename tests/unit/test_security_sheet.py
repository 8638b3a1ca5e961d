"""The security sheet says what is so: every test in it is there, every row has one or says what is missing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker() -> Any:
    spec = importlib.util.spec_from_file_location("sheet", ROOT / ".ci" / "sheet.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        (ROOT / "docs" / "security" / "requirements.yaml").read_text("utf-8")
    )
    return found


def test_every_test_is_there(maker: Any, rows: dict[str, Any]) -> None:
    assert maker.problems(rows) == []
    assert len(rows["rows"]) > 60


def test_the_sheet_is_of_the_yaml(maker: Any, rows: dict[str, Any]) -> None:
    """`make sheet` writes it."""
    assert (ROOT / "docs" / "security" / "sheet.md").read_text("utf-8") == maker.sheet(rows)


GOOD = {
    "of": "iec",
    "id": "CR 0",
    "title": "T",
    "how": "H",
    "tests": [f"tests/unit/{Path(__file__).name}::test_every_test_is_there"],
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, ""),
        (
            {"tests": ["tests/unit/test_security_sheet.py::test_that_is_not"]},
            "there is no test tests/unit/test_sec",
        ),
        (
            {"tests": ["tests/unit/no_file.py::test_every_test_is_there"]},
            "there is no test tests/unit/no_file.py",
        ),
        ({"tests": []}, "how and tests go together"),
        ({"tests": [], "how": ""}, "neither a test nor a gap"),
        ({"tests": [], "how": "", "gap": "missing"}, ""),
        ({"of": "nobody"}, "of which standard"),
        ({"test": "x"}, "no such key: test"),
    ],
)
def test_a_row_that_says_nothing_is_refused(
    maker: Any, rows: dict[str, Any], change: dict[str, Any], says: str
) -> None:
    said = maker.problems({"standards": rows["standards"], "rows": [{**GOOD, **change}]})
    assert (says in "".join(said)) if says else said == []
    assert "twice" in "".join(maker.problems({"standards": rows["standards"], "rows": [GOOD, GOOD]}))


def test_there_is_a_way_to_report() -> None:
    """By the forge, in private; no address that nobody reads."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert "security advisory" in text.casefold()
    assert "Report a vulnerability" in text
    assert "@" not in text
