"""The habits of CONTRIBUTING.md hold: each rule here is shown to bite."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockingError

from gateway import resources

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS: list[dict[str, Any]] = PYPROJECT["tool"]["importlinter"]["contracts"]


def contract(name: str) -> dict[str, Any]:
    [found] = [each for each in CONTRACTS if each["name"].startswith(name)]
    return found


def rooms() -> list[str]:
    """Modules and packages right inside `gateway`."""
    files = {path.stem for path in (ROOT / "gateway").glob("*.py")}
    folders = {path.parent.name for path in (ROOT / "gateway").glob("*/__init__.py")}
    return sorted((files | folders) - {"__init__"})


def modules(room: str) -> list[str]:
    """The modules of a room; of a single file, the file."""
    inside = sorted({path.stem for path in (ROOT / "gateway" / room).glob("*.py")} - {"__init__"})
    return [f"gateway.{room}.{each}" for each in inside] or [f"gateway.{room}"]


def test_every_room_has_its_place_in_the_layers() -> None:
    layers = " ".join(contract("Imports point down")["layers"])
    placed = {name.strip("():|") for name in layers.split()}
    homeless = [
        name
        for room in rooms()
        if (name := f"gateway.{room}") not in placed and not set(modules(room)) <= placed
    ]
    assert not homeless, f"add them to [tool.importlinter] in pyproject.toml: {homeless}"


def test_tests_with_servers_stand_where_make_test_looks_for_them() -> None:
    word = "mark." + "system"
    elsewhere = [
        path
        for path in (ROOT / "tests").rglob("*.py")
        if path.relative_to(ROOT / "tests").parts[0] not in {"system", "web"}
        and word in path.read_text("utf-8")
    ]
    assert not elsewhere


async def test_a_blocking_call_in_the_loop_fails() -> None:
    with pytest.raises(BlockingError):
        resources.config_dir()  # asks the disk


async def test_the_same_call_in_a_thread_does_not() -> None:
    assert (await asyncio.to_thread(resources.config_dir)).name == "config"


@pytest.mark.parametrize(
    ("statement", "import_"),
    [
        ("time.time()", "time"),
        ("time.sleep(1)", "time"),
        ("asyncio.sleep(1)", "asyncio"),
        ("datetime.datetime.now(datetime.UTC)", "datetime"),
        ("datetime.date.today()", "datetime"),
        ("random.gauss(0, 1)", "random"),
    ],
)
def test_time_and_chance_cannot_come_in_by_the_back_door(statement: str, import_: str) -> None:
    assert "TID251" in ruff(f"import {import_}\n\n{statement}\n", "gateway/quality.py")


def test_a_seeded_generator_is_fine() -> None:
    assert "TID251" not in ruff("import random\n\nrandom.Random(7).gauss(0, 1)\n", "gateway/quality.py")


def ruff(source: str, filename: str) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
    done = subprocess.run(
        [*command, "--stdin-filename", filename, "-"],
        input=source,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    return done.stdout + done.stderr


SKIPS = """
import pytest

def test_by_call(): pytest.skip("no broker")

@pytest.mark.skip("no broker")
def test_by_mark(): ...

@pytest.fixture
def broker(): pytest.skip("no broker")

def test_by_fixture(broker): ...

@pytest.mark.xfail
def test_expected_to_fail(): assert False
"""
SKIPPED_MODULE = "import pytest\npytest.skip('no broker', allow_module_level=True)\n"


@pytest.mark.long
def test_a_skip_is_a_failure_when_ci_is_true(tmp_path: Path) -> None:
    summary = pytest_run(tmp_path, ci="true")
    assert "1 failed, 1 xfailed, 3 errors" in summary
    places = re.findall(r"(\w+\.py:\d+): with CI=true nothing may be skipped: Skipped: no broker", summary)
    assert len(set(places)) == 4


@pytest.mark.long
def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    assert "4 skipped, 1 xfailed" in pytest_run(tmp_path, ci="")


def pytest_run(folder: Path, *, ci: str) -> str:
    """What pytest prints about four skips, in a folder that has our conftest and no settings."""
    (folder / "test_skips.py").write_text(SKIPS)
    (folder / "test_skipped_module.py").write_text(SKIPPED_MODULE)
    (folder / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--continue-on-collection-errors",
    ]
    environment = {**os.environ, "CI": ci, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout
