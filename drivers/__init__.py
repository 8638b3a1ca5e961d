"""What speaks to devices: pure codecs, and a thin skin of I/O over each.

A driver is a module below this folder with ``KIND = "polling"`` or ``KIND = "talking"``; its dotted name is the
word in the config (``modbus.tcp``, ``serial.scale``). Nothing is registered: the folder is the register.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path
from types import ModuleType

KINDS = ("polling", "talking")
_NAME = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")


@cache
def _found(paths: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for folder in paths:
        for package in pkgutil.iter_modules([folder]):
            if package.ispkg:
                for module in pkgutil.iter_modules([str(Path(folder) / package.name)]):
                    kind = _kind_of(Path(folder) / package.name / f"{module.name}.py")
                    if kind is not None:
                        found[f"{package.name}.{module.name}"] = kind
    return dict(sorted(found.items()))


def _kind_of(file: Path) -> str | None:
    """What a module says of its KIND, not imported: a driver may need what this site does not have."""
    if not file.is_file():
        return None
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "KIND" for t in node.targets
        ):
            value = ast.literal_eval(node.value)
            if value not in KINDS:
                raise ValueError(f"{file.name}: KIND is {value!r}, not one of {', '.join(KINDS)}")
            return str(value)
    return None


def driver_kinds() -> dict[str, str]:
    """Every driver by its name, with its kind: "polling" answers when asked, "talking" speaks by itself."""
    return dict(_found(tuple(__path__)))


def load_driver(name: str) -> ModuleType:
    """The driver's module. Raises ValueError where there is none of that name, with the nearest one."""
    if _NAME.fullmatch(name):
        wanted = f"drivers.{name}"
        try:
            module = importlib.import_module(wanted)
        except ModuleNotFoundError as error:
            if error.name not in (wanted, wanted.rpartition(".")[0]):
                raise  # the driver is there, and needs what is not
        else:
            if getattr(module, "KIND", None) in KINDS:
                return module
    kinds = driver_kinds()
    near = difflib.get_close_matches(name, kinds, 1)
    hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(kinds)}"
    raise ValueError(f"there is no driver {name}{hint}")
