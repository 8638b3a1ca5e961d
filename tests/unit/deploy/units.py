"""Units of systemd, read and judged by its own tools; no manager has to run for that."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

EXPOSURE_MOST = 15  # tenths of what `systemd-analyze security` gives a service
SYSTEMD = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd here: .ci/debian.sh brings it"
)


def unit(path: Path) -> configparser.RawConfigParser:
    """Its sections."""
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd's names keep their case
    parser.read_string(path.read_text("utf-8"))
    return parser


def little_exposed(path: Path, folder: Path) -> str:
    """Why a service is more exposed than promised; "" where it is not. `folder` is for a copy of it."""
    here = folder / path.name.replace("@", "@north")
    shutil.copyfile(path, here)
    done = _analyzed("security", "--offline=true", f"--threshold={EXPOSURE_MOST}", str(here))
    return "" if done.returncode == 0 and "Overall exposure level" in done.stdout else done.stdout


def complaints(texts: Mapping[str, str], folder: Path, about: str) -> list[str]:
    """Lines of `systemd-analyze verify` that have a word in them, of units by name, a template as an instance."""
    for name, text in texts.items():
        (folder / name.replace("@", "@3")).write_text(text, "utf-8")
    done = _analyzed("verify", *(str(path) for path in sorted(folder.iterdir())))
    return [line for line in done.stderr.splitlines() if about in line or str(folder) in line]


def _analyzed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)  # on PATH
