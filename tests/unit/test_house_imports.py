"""`run` loads what a plant's box needs and nothing else, and the shipped files are found from anywhere."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import resources

ENTRY_POINTS = ("gateway.app", "gateway.cli", "gateway.cli.run")
NEVER_LOADED = {"amqtt", "influxdb_client", "pymodbus", "simulators"}


def loaded_by(*names: str) -> set[str]:
    """Modules that a process has which imports these."""
    script = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps(list(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script, *names], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.long
def test_run_loads_neither_the_demos_libraries_nor_the_simulators() -> None:
    wanted = [name for name in ENTRY_POINTS if importlib.util.find_spec(name)]
    loaded = loaded_by(*wanted)
    assert set(wanted) <= loaded
    assert not {name.split(".")[0] for name in loaded} & NEVER_LOADED


@pytest.mark.long
def test_who_reads_a_config_or_enters_something_starts_without_what_is_not_needed() -> None:
    """Each is a third of the start: every run waits for its config, and people for every command."""
    assert not {"numpy", "ssl", "asyncio", "gateway.model"} & loaded_by("gateway.config.__main__")
    assert not {"gateway.site", "gateway.codes"} & loaded_by("gateway.cli.entering")


def test_a_checkout_uses_its_own_config() -> None:
    assert resources.config_dir() == Path(__file__).parents[2] / "config"


def test_an_installed_wheel_uses_the_copy_it_carries(tmp_path: Path, monkeypatch) -> None:
    shipped = tmp_path / "gateway" / "_shipped" / "config"
    shipped.mkdir(parents=True)
    monkeypatch.setattr(resources, "_SHIPPED", shipped)
    assert resources.config_dir() == shipped


def test_a_broken_installation_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(resources, "_SHIPPED", tmp_path / "a")
    monkeypatch.setattr(resources, "_CHECKOUT", tmp_path / "b")
    with pytest.raises(FileNotFoundError, match="install it again"):
        resources.config_dir()
