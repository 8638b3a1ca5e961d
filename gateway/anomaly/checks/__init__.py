"""Checks of one tag, one file each, found by file name; `gateway.anomaly.check` says what a check is."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any


@cache
def check_kinds() -> tuple[str, ...]:
    """Every check there is: the files of this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load_check(kind: str) -> Any:
    """The class of a check by its name. Raises ValueError with the kinds there are."""
    if kind not in check_kinds():
        raise ValueError(f"{kind} is not a check; there are {', '.join(check_kinds())}")
    return importlib.import_module(f"{__name__}.{kind}").CHECK
