"""`lotwatch upgrade to` as the package calls it: which gateways it takes, and what a power cut leaves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.cli.upgrade import RUNNING, WANTED
from gateway.keeping.upgradeplan import read_plan
from gateway.resources import config_dir

ROOT = Path(__file__).parents[3]
SYSTEMCTL = """#!/bin/sh
case "$*" in
"list-units --plain --no-legend --state=active,activating,reloading lotwatch@*.service")
    echo "lotwatch@nowhere-1.service loaded active running";
    echo "lotwatch@nowhere-2.service loaded activating auto-restart" ;;
"stop "*) echo "Failed to stop: timed out" >&2; exit 1 ;;
esac
"""
VERSION = """#!/bin/sh
case "$*" in *schema*) echo '{"schema": 1}' ;; *) echo '{"devices": ["press1"], "input": 7}' ;; esac
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions, of which 1 runs; and a systemd that stops nothing, so that nothing else of it is asked."""
    for name, text in {
        "bin/systemctl": SYSTEMCTL,
        **{f"versions/{n}/bin/lotwatch": VERSION for n in "12"},
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)
    (tmp_path / "current").symlink_to("versions/1")
    (tmp_path / WANTED).write_text("2\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path


def called(root: Path, version: str) -> Result:
    words = ["upgrade", "to", version, "--root", str(root), "--state", str(root / "upgrade.json")]
    return CliRunner().invoke(main, words)


def test_one_that_is_being_started_is_on_probation_too(root: Path) -> None:
    done = called(root, "2")
    assert (done.exit_code, "timed out" in done.output) == (1, True)
    plan = read_plan(root / "upgrade.json")
    assert plan is not None
    assert [gateway.unit for gateway in plan.gateways] == [
        "lotwatch@nowhere-1.service",
        "lotwatch@nowhere-2.service",
    ]
    assert [gateway.data for gateway in plan.gateways] == [
        "/var/lib/lotwatch/nowhere-1",
        "/var/lib/lotwatch/nowhere-2",
    ]


def test_what_the_package_wants_is_forgotten_once_it_is_written_down_and_not_before(root: Path) -> None:
    assert called(root, "3").exit_code == 2  # nothing was begun
    assert (root / WANTED).exists()
    called(root, "2")
    assert not (root / WANTED).exists()


def test_package_service_and_command_mean_the_same_file_and_the_same_gateways() -> None:
    postinst = (ROOT / ".ci/deb/postinst").read_text("utf-8")
    service = (config_dir() / "deploy/lotwatch-upgrade.service").read_text("utf-8")
    assert f" {RUNNING} 'lotwatch@*.service'" in postinst
    assert f">/var/lib/lotwatch/{WANTED}" in postinst
    assert re.search(
        rf'cd /var/lib/lotwatch; if \[ -e {WANTED} \].* upgrade to "\$\$\(cat {WANTED}\)"', service
    )
