"""The wheel is whole: put into an empty environment, it runs the demo from any directory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("gateway", "drivers", "simulators", "config")
DEMO_TIMEOUT = 600  # seconds, for five seconds of demo on a busy machine


def build(source: Path, target: Path, name: str) -> Path:
    """A wheel of a copy of the sources: no network, no isolation, nothing left behind in the checkout."""
    tree = source / name
    tree.mkdir()
    for item in FOLDERS:
        shutil.copytree(ROOT / item, tree / item, ignore=shutil.ignore_patterns("__pycache__"))
    for path in filter(Path.is_file, ROOT.glob("[!.]*")):
        shutil.copyfile(path, tree / path.name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run([*pip, "--wheel-dir", str(target / name), str(tree)], env=environment, check=True)
    [wheel] = (target / name).glob("lotwatch-*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheels"), "first")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`bin` of a new environment with the wheel in it.

    The libraries are those of the lock, read from this environment by a path file. They come after the new
    one's own, and the editable install beside them takes no part: a path file of a path file is not followed.
    """
    home = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    binaries = home / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(binaries / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    [packages] = home.glob("lib/python*/site-packages")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return binaries


def run(installed: Path, folder: Path, *command: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [str(installed / command[0]), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEMO_TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_carries_the_packages_and_the_config_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    carried = {
        name.removeprefix("gateway/_shipped/") for name in names if name.startswith("gateway/_shipped/")
    }
    committed = {path.relative_to(ROOT).as_posix() for path in (ROOT / "config").rglob("*") if path.is_file()}
    writes = {name for name in committed if name.startswith("config/deploy/writer/")}  # a package of its own
    assert writes
    assert carried == committed - writes
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "gateway",
        "drivers",
        "simulators",
    }
    assert {"licenses/LICENSE", "entry_points.txt"} <= {name.partition(".dist-info/")[2] for name in names}


def test_it_is_the_same_to_the_byte_when_built_again(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = build(tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheels"), "second")
    assert again.name == wheel.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


def test_it_uses_its_own_code_and_config(installed: Path, tmp_path: Path) -> None:
    script = (
        "import drivers, gateway, json, simulators; from gateway.resources import config_dir;"
        "print(json.dumps([drivers.__file__, gateway.__file__, simulators.__file__, str(config_dir())]))"
    )
    home = str(installed.parent.resolve())
    assert all(
        place.startswith(home) for place in json.loads(run(installed, tmp_path, "python", "-c", script))
    )


def test_it_runs_the_demo_from_any_directory(installed: Path, tmp_path: Path) -> None:
    summary = json.loads(
        run(installed, tmp_path, "lotwatch", "demo", "--seconds", "5", "--json").splitlines()[-1]
    )
    assert summary["readings"] > 0
    assert (summary["lost"], summary["duplicated"]) == (0, 0)


def test_it_runs_the_daemon_under_faults(installed: Path, tmp_path: Path) -> None:
    said = run(installed, tmp_path, "lotwatch", "chaos", "--seed", "1", "--hours", "0.02")
    assert "whole: nothing is missing, double, out of order or wrong" in said
