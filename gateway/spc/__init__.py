"""Control charts, one file each, found by file name; `gateway.spc.chart` says what a chart is."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from gateway.spc.chart import Chart
from gateway.spc.track import Track, put, take, violated

__all__ = ["Chart", "Track", "chart_kinds", "load_chart", "put", "take", "violated"]


@cache
def chart_kinds() -> tuple[str, ...]:
    """Every chart there is: the files of this folder that hold one, as people write them ("xbar-r")."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    charts = (name for name in names if hasattr(importlib.import_module(f"{__name__}.{name}"), "CHART"))
    return tuple(name.replace("_", "-") for name in charts)


def load_chart(kind: str) -> Any:
    """The class of a chart by its name. Raises ValueError with the kinds there are."""
    if kind not in chart_kinds():
        raise ValueError(f"{kind} is not a chart; there are {', '.join(chart_kinds())}")
    return importlib.import_module(f"{__name__}.{kind.replace('-', '_')}").CHART
