"""Control charts, one file each, found by file name."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from gateway.spc.track import Track, put, take, violated

__all__ = ["Track", "chart_kinds", "load_chart", "put", "take", "violated"]


@cache
def chart_kinds() -> tuple[str, ...]:
    """Every chart there is: the files of this folder that hold one."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(name for name in names if hasattr(importlib.import_module(f"{__name__}.{name}"), "CHART"))


def load_chart(kind: str) -> Any:
    """The class of a chart by its file name. Raises ValueError with the kinds there are."""
    if kind not in chart_kinds():
        raise ValueError(f"{kind} is not a chart; there are {', '.join(chart_kinds())}")
    return importlib.import_module(f"{__name__}.{kind}").CHART
