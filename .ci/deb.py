"""Builds dist/lotwatch_VERSION_ARCH.deb by dpkg-deb alone: `python .ci/deb.py [FOLDER]`, no network.

What is in it: our wheel, and of the environment that runs this script each distribution that requirements/lock.txt
names, at the locked version. pip checked those against the lock's hashes when it installed them; each file is checked
once more against the hash that its wheel gave it. They lie as a relocatable virtual environment in
/usr/lib/lotwatch/VERSION, which dpkg owns; the postinst links it to /opt/lotwatch/versions/VERSION, so that an upgrade
leaves the version before it there. Built twice of the same sources and environment, the bytes are the same.
"""

# ruff: noqa: INP001

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "config" / "deploy"
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
NEXT = f"{sys.version_info[0]}.{sys.version_info[1] + 1}"
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1700000000"))
LEVEL = os.environ.get("LOTWATCH_DEB_LEVEL", "6")  # of xz; "none" for tests
_PIN = re.compile(r"^([a-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
_LEFT_OUT = re.compile(r"(^|/)(tests?|testing)(/|$)|\.(pyi|pxd|pyx|h|c|a)$|^\.\./|^bin/")
# numpy imports what is kept here
_KEPT = re.compile(r"numpy/(_core/)?(testing/[^/]*$|testing/_private/|tests/_natype)|\.dist-info/")

UNIT_PLACES = {
    "lotwatch@.service": "usr/lib/systemd/system/lotwatch@.service",
    "lotwatch-clock.service": "usr/lib/systemd/system/lotwatch-clock.service",
    "lotwatch-upgrade.service": "usr/lib/systemd/system/lotwatch-upgrade.service",
    "lotwatch-ingest@.service": "usr/lib/systemd/system/lotwatch-ingest@.service",
    "lotwatch-ingest-standby.service": "usr/lib/systemd/system/lotwatch-ingest-standby.service",
    "lotwatch.udev.rules": "usr/lib/udev/rules.d/65-lotwatch.rules",
    "lotwatch.sysusers.conf": "usr/lib/sysusers.d/lotwatch.conf",
    "lotwatch.tmpfiles.conf": "usr/lib/tmpfiles.d/lotwatch.conf",
}


class NotBuilt(Exception):
    """No package was made; says why."""


def build(target: Path) -> Path:
    """The package, in a folder."""
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "gateway" / "__init__.py").read_text("utf-8"))
    if version is None:
        raise NotBuilt("gateway/__init__.py names no version")
    target.mkdir(parents=True, exist_ok=True)
    architecture = _said("dpkg", "--print-architecture")
    with tempfile.TemporaryDirectory() as made:
        tree = Path(made) / "tree"
        home = tree / "usr/lib/lotwatch" / version[1]
        packages = home / "lib" / f"python{PYTHON}" / "site-packages"
        packages.mkdir(parents=True)
        _wheel(Path(made), packages)
        _libraries(packages)
        _environment(home)
        _system(tree)
        _control(tree, version[1], architecture)
        _same_times(tree)
        deb = target / f"lotwatch_{version[1]}_{architecture}.deb"
        packing = ["-Znone"] if LEVEL == "none" else ["-Zxz", f"-z{LEVEL}"]
        command = ["dpkg-deb", "--root-owner-group", *packing, "--build", str(tree), str(deb)]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return deb


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except OSError as error:
        raise NotBuilt(f"{command[0]} is needed: it is in Debian's package dpkg") from error


def _wheel(made: Path, packages: Path) -> None:
    """Our own files, as the wheel has them; LOTWATCH_WHEEL names one that was built before, to be packed as it is."""
    if given := os.environ.get("LOTWATCH_WHEEL"):
        with zipfile.ZipFile(given) as file:
            file.extractall(packages)
        return
    if not (ROOT / "gateway" / "web" / "vendor" / "preact.js").is_file():
        raise NotBuilt(
            "gateway/web/vendor is not there, and a package without pages is none: `make npm` brings it"
        )
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
    subprocess.run([*pip, "--wheel-dir", str(made / "wheel"), str(ROOT)], check=True, env=environment)
    [wheel] = (made / "wheel").glob("lotwatch-*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(packages)


def _libraries(packages: Path) -> None:
    lock = (ROOT / "requirements" / "lock.txt").read_text("utf-8")
    pins = {_named(name): version for name, version in _PIN.findall(lock)}
    there = {_named(each.metadata["Name"]): each for each in distributions()}
    for name, version in sorted(pins.items()):
        found = there.get(name)
        if found is None or found.version != version:
            held = "not here" if found is None else f"here as {found.version}"
            raise NotBuilt(f"{name} {version} is locked and {held}: run `make setup`")
        _copy(found, packages)


def _named(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _copy(found: Distribution, packages: Path) -> None:
    for file in found.files or ():
        name = file.as_posix()
        if "__pycache__" in name or (_LEFT_OUT.search(name) and not _KEPT.search(name)):
            continue
        source, target = Path(str(file.locate())), packages / name
        data = source.read_bytes()
        if file.hash is not None and _hash(file.hash.mode, data) != file.hash.value:
            raise NotBuilt(
                f"{source}: it is not the file that the wheel of {found.name} had: run `make clean setup`"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o755 if source.stat().st_mode & 0o100 and ".so" not in name else 0o644)
    for name in (
        "INSTALLER",
        "REQUESTED",
        "direct_url.json",
        "RECORD",
    ):  # how it came here is of no use there
        for path in packages.glob(f"{found.metadata['Name'].replace('-', '_')}-*.dist-info/{name}"):
            path.unlink()


def _hash(mode: str, data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.new(mode, data).digest()).rstrip(b"=").decode("ascii")


def _environment(home: Path) -> None:
    """A virtual environment of Debian's own Python that may be moved: nothing in it names its place."""
    binaries = home / "bin"
    binaries.mkdir()
    (binaries / "python").symlink_to(f"/usr/bin/python{PYTHON}")
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n", "ascii")
    shutil.copyfile(ROOT / ".ci" / "deb" / "lotwatch.sh", binaries / "lotwatch")
    (binaries / "lotwatch").chmod(0o755)


def _system(tree: Path) -> None:
    for name, place in UNIT_PLACES.items():
        path = tree / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DEPLOY / name, path)
    documents = tree / "usr/share/doc/lotwatch"
    documents.mkdir(parents=True)
    shutil.copyfile(ROOT / "docs/howto/first-ten-minutes.md", documents / "first-ten-minutes.md")
    shutil.copyfile(ROOT / "docs/howto/install.md", documents / "install.md")
    shutil.copyfile(ROOT / "LICENSE", documents / "copyright")
    (documents / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0))
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin/lotwatch").symlink_to("/opt/lotwatch/current/bin/lotwatch")


def _control(tree: Path, version: str, architecture: str) -> None:
    control = tree / "DEBIAN"
    control.mkdir()
    size = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir()) // 1024
    (control / "control").write_text(
        f"""Package: lotwatch
Version: {version}
Architecture: {architecture}
Maintainer: lotwatch <lotwatch@lotwatch.invalid>
Installed-Size: {size}
Depends: python3 (>= {PYTHON}), python3 (<< {NEXT}), libc6 (>= 2.28), adduser
Recommends: systemd-timesyncd | time-daemon
Suggests: mosquitto
Section: science
Priority: optional
Description: quality and traceability gateway for outsourced moulding
 Reads machines, dosing equipment and scales over Modbus and serial lines,
 watches them with SPC, ties every reading to its lots, and proves the record.
 Nothing is started before there is a config.
""",
        "utf-8",
    )
    for name in ("preinst", "postinst", "prerm", "postrm"):
        text = (ROOT / ".ci" / "deb" / name).read_text("utf-8").replace("@VERSION@", version)
        (control / name).write_text(text.replace("@PYTHON@", PYTHON), "utf-8")
        (control / name).chmod(0o755)
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree)}\n"
        for path in sorted(tree.rglob("*"))
        if path.is_file() and not path.is_symlink() and control not in path.parents
    ]
    (control / "md5sums").write_text("".join(sums), "utf-8")


def _same_times(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
        elif not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (EPOCH, EPOCH), follow_symlinks=False)


if __name__ == "__main__":
    try:
        print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))  # noqa: T201 # it is a program
    except NotBuilt as error:
        sys.exit(f"deb.py: {error}")
