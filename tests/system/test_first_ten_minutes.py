"""A stranger's first ten minutes: the commands of the guide, as they stand, on the package as dpkg installs it.

Nothing of this machine is touched: dpkg installs into a root of its own, and the guide's absolute paths, its port
numbers and its user are replaced by the test's. Everything else is played as it is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.servers import free_port

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "howto" / "first-ten-minutes.md"
PATIENCE = 300  # seconds, on a machine that is busy with something else
NEEDED = ("dpkg-deb", "dpkg", "runuser")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the checkout; that it is the same when built again is seen in test_wheel.py."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(ROOT)], check=True)
    [made] = folder.glob("lotwatch-*.whl")
    return made


@pytest.fixture(scope="module")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, not compressed."""
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        pytest.skip(f"no {', '.join(missing)} on this machine: this is for a Debian")
    python = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    if not Path(python).exists():
        pytest.skip(f"no {python}: the package runs on Debian's own Python, of the version it is built with")
    if not (ROOT / "gateway/web/vendor/preact.js").exists():
        pytest.skip("no gateway/web/vendor: .ci/npm.sh brings it")
    return built(tmp_path_factory.mktemp("dist"), wheel)


def built(folder: Path, wheel: Path) -> Path:
    environment = {**os.environ, "LOTWATCH_DEB_LEVEL": "none", "LOTWATCH_WHEEL": str(wheel)}
    subprocess.run([sys.executable, str(ROOT / ".ci" / "deb.py"), str(folder)], env=environment, check=True)
    [deb] = folder.glob("*.deb")
    return deb


@pytest.fixture(scope="module")
def system(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with an empty list of packages."""
    root = tmp_path_factory.mktemp("root")
    (root / "var/lib/dpkg/info").mkdir(parents=True)
    (root / "var/lib/dpkg/updates").mkdir()
    (root / "var/lib/dpkg/status").touch()
    (root / "var/lib/dpkg/available").touch()
    return root


def blocks() -> list[str]:
    """Commands of the guide; those of systemd, which is not here, are left out."""
    return re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def played(text: str, system: Path, package: Path, device: int, web: int) -> str:
    """The guide's commands, here."""
    install = (
        f"dpkg --root={system} --force-script-chrootless --force-depends --force-not-root "
        f"--log={system}/dpkg.log -i {package}"
    )
    for said, here in (
        ("apt-get install ./lotwatch_*.deb", install),
        ("/opt/lotwatch/", f"{system}/opt/lotwatch/"),
        ("/etc/lotwatch", f"{system}/etc/lotwatch"),
        ("/var/lib/lotwatch", f"{system}/var/lib/lotwatch"),
        ("runuser -u lotwatch -- ", ""),
        ("-o lotwatch -g lotwatch ", ""),
        ("5020", str(device)),
        (
            "lotwatch check",
            f"sed -i 's/port: 8080/port: {web}/' {system}/etc/lotwatch/first/site.yaml; lotwatch check",
        ),
    ):
        text = text.replace(said, here)
    return text


class Shell:
    """One bash, as the guide's reader has it; what it says goes to a file, for what it starts goes on saying."""

    def __init__(self, system: Path) -> None:
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL"))
        }
        environment["PATH"] = f"{system}/opt/lotwatch/current/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        self._said, self._count = system / "said", 0
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                ["bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, stdout=said, stderr=said, text=True,
                env=environment, cwd=system, start_new_session=True,
            )  # fmt: skip

    def type(self, text: str) -> str:
        """Type commands; what they said, when the last one is done. Each must end well."""
        assert self._process.stdin is not None
        self._count += 1
        before, mark = len(self.said()), f"DONE-{self._count}-"
        self._process.stdin.write(f"set -e\n{text}\nset +e\necho; echo {mark}\n")
        self._process.stdin.flush()
        until(
            lambda: mark in self.said() or self._process.poll() is not None, lambda: f"{text}\n{self.said()}"
        )
        assert mark in self.said(), f"the guide broke off:\n{text}\n{self.said()[before:]}"
        return self.said()[before:]

    def said(self) -> str:
        """All that was said so far."""
        return self._said.read_text("utf-8", "replace")

    def close(self) -> None:
        """End it and whatever it started: all of its session."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            time.sleep(1.0 if number == signal.SIGTERM else 0)  # for the daemon to commit
        self._process.communicate()


def until(there: Callable[[], bool], why: Callable[[], str]) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < end, why()
        time.sleep(0.2)  # between looks at what others do


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def shell(system: Path) -> Iterator[Shell]:
    made = Shell(system)
    yield made
    made.close()


def chart(port: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/chart.json?id=first_value&table=points", timeout=30
        ) as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except OSError:  # not yet
        return {}


def test_a_stranger_sees_the_first_chart(shell: Shell, system: Path, package: Path) -> None:
    device, web = free_port(), free_port()
    texts = [played(text, system, package, device, web) for text in blocks()]
    assert blocks()[0].startswith("apt-get install")
    assert len(texts) == 6
    said = [shell.type(text) for text in texts[:2]]
    until(lambda: listens(device), shell.said)  # a person reads for as long
    said += [shell.type(text) for text in texts[2:5]]
    assert "nothing was started" in said[0]
    assert "lotwatch, version" in said[0]
    assert "holding" in said[2]
    assert "good." in said[3]
    until(lambda: len(chart(web).get("points", ())) >= 3, lambda: f"no chart: {chart(web)}\n{shell.said()}")
    last = shell.type(texts[5])
    assert "holding_2" in last
    assert not list((system / "etc/lotwatch").glob("*.service"))


def test_the_package_holds_what_it_should_and_is_the_same_when_built_again(
    package: Path, wheel: Path, tmp_path: Path
) -> None:
    assert digest(built(tmp_path, wheel)) == digest(package)
    listed = subprocess.run(
        ["dpkg-deb", "-c", str(package)], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    assert {row[1] for row in rows} == {"root/root"}
    names = {row[5].removeprefix("./") for row in rows}
    [home] = {name for name in names if re.fullmatch(r"usr/lib/lotwatch/[0-9.]+/", name)}
    packages = f"{home}lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/"
    for wanted in (
        f"{home}bin/lotwatch",
        f"{packages}gateway/_shipped/config/demo/site.yaml",
        f"{packages}gateway/_shipped/config/site.schema.json",
        f"{packages}gateway/web/vendor/preact.js",
        f"{packages}gateway/web/words/zh.json",
        f"{packages}gateway/journal/schema/001_initial.sql",
        f"{packages}numpy/__init__.py",
        "usr/lib/systemd/system/lotwatch@.service",
        "usr/lib/udev/rules.d/65-lotwatch.rules",
        "usr/lib/sysusers.d/lotwatch.conf",
        "usr/lib/tmpfiles.d/lotwatch.conf",
        "usr/share/doc/lotwatch/copyright",
    ):
        assert wanted in names, wanted
    assert not [name for name in names if name.endswith(".pyc") or name.startswith(("etc/", "opt/", "var/"))]
    assert not [name for name in names if re.search(r"site-packages/(pytest|mypy|hypothesis|ruff)", name)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
