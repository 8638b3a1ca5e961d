"""Builds dist/lotwatch-writer_VERSION_all.deb by dpkg-deb alone: `python .ci/deb_writer.py [FOLDER]`, no network.

What is in it: the separate writer's own files, its services, its how-to, and a program that runs them with the Python
and the libraries of the gateway's package of the very same version. It starts nothing. Built twice of the same sources,
the bytes are the same.
"""

# ruff: noqa: INP001

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WRITER = ROOT / "config" / "deploy" / "writer"
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1700000000"))
PLACES = {
    WRITER / "lotwatch-writer.service": "usr/lib/systemd/system/lotwatch-writer.service",
    WRITER / "lotwatch-writer-tell@.service": "usr/lib/systemd/system/lotwatch-writer-tell@.service",
    WRITER / "lotwatch-writer.sysusers.conf": "usr/lib/sysusers.d/lotwatch-writer.conf",
    WRITER / "lotwatch-writer.tmpfiles.conf": "usr/lib/tmpfiles.d/lotwatch-writer.conf",
    WRITER / "list.yaml": "usr/share/doc/lotwatch-writer/list.yaml",
    ROOT / "docs/howto/enable-the-writer.md": "usr/share/doc/lotwatch-writer/enable-the-writer.md",
    ROOT / "LICENSE": "usr/share/doc/lotwatch-writer/copyright",
}
SCRIPTS = ROOT / ".ci" / "deb" / "writer"


def build(target: Path) -> Path:
    """The package, in a folder."""
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "gateway" / "__init__.py").read_text("utf-8"))
    if version is None:
        sys.exit("deb_writer.py: gateway/__init__.py names no version")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        tree = Path(made) / "tree"
        _files(tree, version[1])
        _control(tree, version[1])
        _same_times(tree)
        deb = target / f"lotwatch-writer_{version[1]}_all.deb"
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(deb)],  # noqa: S607 # of the machine it is built on
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)},
        )
    return deb


def _files(tree: Path, version: str) -> None:
    for source, place in PLACES.items():
        path = tree / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    shutil.copytree(
        WRITER / "lotwatch_writer",
        tree / "usr/lib/lotwatch-writer/lotwatch_writer",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    program = tree / "usr/bin/lotwatch-writer"
    program.parent.mkdir(parents=True)
    program.write_text((SCRIPTS / "program.sh").read_text("utf-8").replace("@VERSION@", version), "utf-8")
    program.chmod(0o755)


def _control(tree: Path, version: str) -> None:
    control = tree / "DEBIAN"
    control.mkdir()
    size = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file()) // 1024
    (control / "control").write_text(
        f"""Package: lotwatch-writer
Version: {version}
Architecture: all
Maintainer: lotwatch <lotwatch@lotwatch.invalid>
Installed-Size: {size}
Depends: lotwatch (= {version}), adduser
Section: science
Priority: optional
Description: setpoints to Modbus devices, by two persons
 The gateway lotwatch cannot write to a device. This program can, and is for
 sites that want it: what a list allows, proposed by one person and approved
 by another, sent once, read back, and kept in a chained audit.
 Nothing is started by installing it.
""",
        "utf-8",
    )
    for name in ("postinst", "prerm", "postrm"):
        shutil.copyfile(SCRIPTS / name, control / name)
        (control / name).chmod(0o755)
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree)}\n"
        for path in sorted(tree.rglob("*"))
        if path.is_file() and control not in path.parents
    ]
    (control / "md5sums").write_text("".join(sums), "utf-8")


def _same_times(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (EPOCH, EPOCH))


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))  # noqa: T201 # it is a program
