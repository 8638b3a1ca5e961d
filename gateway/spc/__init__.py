"""Control charts, one file each, found by file name."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from gateway.spc.track import Track, put, take, violated

__all__ = ["Track", "chart_kinds", "load_chart", "put", "take", "violated"]

_HELPERS = {"track", "rules", "constants", "bank", "baseline", "slots", "study"}


def chart_kinds() -> tuple[str, ...]:
    """Every chart there is: the files of this folder that hold one."""
    return tuple(
        sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _HELPERS)
    )


def load_chart(kind: str) -> Any:
    """The class of a chart by its file name. Raises ValueError with the kinds there are."""
    if kind not in chart_kinds():
        raise ValueError(f"{kind} is not a chart; there are {', '.join(chart_kinds())}")
    return importlib.import_module(f"{__name__}.{kind}").CHART
