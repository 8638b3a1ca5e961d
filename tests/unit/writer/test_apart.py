"""The writer is a package of its own: nothing of the gateway knows it, no wheel of the gateway's has it."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

import gateway
from lotwatch_writer.cli import main
from tests.unit.deploy.units import SYSTEMD, complaints, little_exposed, unit

ROOT = Path(__file__).parents[3]
WRITER = ROOT / "config/deploy/writer"
UNITS = sorted(WRITER.glob("*.service"))
NAME = "lotwatch_writer"


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.long
def test_nothing_of_the_gateway_knows_the_writer() -> None:
    """Not by an import, not by a name in a text that some loader could take."""
    for room in ("gateway", "drivers", "simulators"):
        for path in (ROOT / room).rglob("*.py"):
            assert NAME not in path.read_text("utf-8"), path
    assert any(NAME in imports(path) for path in (WRITER / NAME).rglob("*.py"))


def test_the_gateway_finds_it_nowhere() -> None:
    """An installed gateway has no path to it: here only pytest's own setting has."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import gateway, importlib.util; print(importlib.util.find_spec('{NAME}'))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "None"


def test_the_gateways_wheel_leaves_it_out() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["exclude"] == ["config/deploy/writer"]


def test_it_is_of_the_gateways_version() -> None:
    project = tomllib.loads((WRITER / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == gateway.__version__
    assert project["dependencies"] == [f"lotwatch=={gateway.__version__}"]


def test_what_encodes_a_write_is_one_file() -> None:
    """Of the whole tree: `pdu.py` makes the bytes, `frames.py` frames them, `wire.py` alone sends."""
    makers, senders = set(), set()
    for path in sorted((WRITER / NAME).rglob("*.py")):
        text = path.read_text("utf-8")
        makers |= {path.name} if re.search(r"_HEAD\.pack|FF00", text) else set()
        senders |= {path.name} if re.search(r"line\.send\((?!b\"\"\))", text) else set()
    assert (makers, senders) == ({"pdu.py"}, {"wire.py"})


def test_each_service_can_do_one_half() -> None:
    """Who writes to devices cannot reach the journal; who reaches the journal has no network and no port."""
    writes, tells = unit(UNITS[1])["Service"], unit(UNITS[0])["Service"]
    assert (UNITS[1].name, UNITS[0].name) == ("lotwatch-writer.service", "lotwatch-writer-tell@.service")
    assert (writes["User"], tells["User"]) == ("lotwatch-writer", "lotwatch")
    assert "/var/lib/lotwatch" in writes["InaccessiblePaths"]
    assert (tells["PrivateNetwork"], tells["PrivateDevices"], tells["RestrictAddressFamilies"]) == (
        "yes",
        "yes",
        "AF_UNIX",
    )
    assert unit(UNITS[1])["Unit"]["ConditionPathExists"] == "/etc/lotwatch-writer/list.yaml"
    assert "LOTWATCH_BOOT_ID=%b" in writes["Environment"]


@SYSTEMD
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_services_are_exposed_as_little_as_the_gateway(path: Path, tmp_path: Path) -> None:
    assert little_exposed(path, tmp_path) == ""


@SYSTEMD
def test_systemd_takes_the_services(tmp_path: Path) -> None:
    program, users = str(shutil.which("true")), re.compile("User=.*|Group=lotwatch.*|SupplementaryGroups=.*")
    texts = {
        path.name: users.sub("", path.read_text("utf-8").replace("/usr/bin/lotwatch-writer", program))
        for path in UNITS
    }
    assert complaints(texts, tmp_path, "lotwatch-writer") == []


@pytest.mark.long
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb here")
def test_the_package_has_all_of_it_and_is_the_same_again(tmp_path: Path) -> None:
    made: list[Path] = []
    for name in ("one", "two"):
        subprocess.run(
            [sys.executable, str(ROOT / ".ci/deb_writer.py"), str(tmp_path / name)],
            check=True,
            capture_output=True,
        )
        made += (tmp_path / name).glob("*.deb")
    first, deb = made
    assert first.read_bytes() == deb.read_bytes()
    subprocess.run(["dpkg-deb", "-x", str(deb), str(tmp_path / "tree")], check=True)
    tree = tmp_path / "tree"
    packed = {path.relative_to(tree / "usr/lib/lotwatch-writer") for path in tree.rglob("*.py")}
    assert packed == {path.relative_to(WRITER) for path in WRITER.rglob("*.py")}
    for place in (
        "usr/bin/lotwatch-writer", "usr/lib/systemd/system/lotwatch-writer.service",
        "usr/lib/systemd/system/lotwatch-writer-tell@.service", "usr/lib/sysusers.d/lotwatch-writer.conf",
        "usr/lib/tmpfiles.d/lotwatch-writer.conf", "usr/share/doc/lotwatch-writer/list.yaml",
        "usr/share/doc/lotwatch-writer/enable-the-writer.md",
    ):  # fmt: skip
        assert (tree / place).is_file(), place
    program = (tree / "usr/bin/lotwatch-writer").read_text("utf-8")
    python = f"/opt/lotwatch/versions/{gateway.__version__}/bin/python"
    here = program.replace(python, sys.executable).replace("/usr/lib/", f"{tree}/usr/lib/")
    assert here.count(sys.executable) == 1
    (tmp_path / "here").write_text(here, "utf-8")
    done = subprocess.run(
        ["sh", str(tmp_path / "here"), "status", "--socket", "/none"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr[:35]) == (69, "lotwatch-writer: /none: no writer l"), done.stderr
    said = subprocess.run(
        ["dpkg-deb", "-f", str(deb), "Depends"], capture_output=True, text=True, check=True
    ).stdout
    assert f"lotwatch (= {gateway.__version__})" in said
    scripts = "".join(
        (ROOT / ".ci/deb/writer" / name).read_text("utf-8") for name in ("postinst", "prerm", "postrm")
    )
    assert not re.search("systemctl (enable|start|restart)", scripts)  # installing it starts nothing


def test_the_reference_names_every_command_and_option() -> None:
    text = (ROOT / "docs/reference/writer.md").read_text("utf-8")
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        [row] = re.findall(rf"^\| `lotwatch-writer {name}\b(.*)$", text, re.MULTILINE)
        options = {each for parameter in command.params for each in parameter.opts if each.startswith("--")}
        assert options == set(re.findall(r"--[a-z]+", row.split("` |")[0]))
