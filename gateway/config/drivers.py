"""Which drivers there are, read off the files of drivers/ without importing them: config is below drivers."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_KIND = re.compile(r'^KIND(?::[^=\n]+)? = "(polling|talking)"', re.MULTILINE)


def _folders() -> list[Path]:
    spec = find_spec("drivers")
    return [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []


@cache
def driver_kind(name: str) -> str | None:
    """Kind of a driver, "polling" or "talking"; None where no driver has that name."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    for folder in _folders():
        file = folder.joinpath(*parts).with_suffix(".py")
        found = _KIND.search(file.read_text("utf-8")) if file.is_file() else None
        if found:
            return found[1]
    return None


def driver_names() -> list[str]:
    """Every driver's name, such as ``modbus.tcp``."""
    names = [
        ".".join(file.relative_to(folder).with_suffix("").parts)
        for folder in _folders()
        for file in folder.glob("*/*.py")
    ]
    return sorted(name for name in names if driver_kind(name))
