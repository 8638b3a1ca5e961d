"""What the parts of benchmarks/genealogy.py share: CPU times, arrays in files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

import numpy as np

Times = list[float]


def spent(work: Callable[[], object]) -> float:
    """CPU seconds."""
    began = time.process_time()
    work()
    return time.process_time() - began


def quantiles(times: Times, unit: float) -> tuple[float, float]:
    """Median and 99th percentile, in units of `unit` seconds."""
    return float(np.percentile(times, 50)) / unit, float(np.percentile(times, 99)) / unit


def save(graph: Any, folder: Path) -> None:
    for field in fields(graph):
        value = getattr(graph, field.name)
        if isinstance(value, np.ndarray):
            np.save(folder / f"{field.name}.npy", value)


def load(kind: type, folder: Path, mapped: Literal["r"] | None = None) -> Any:
    names = [field.name for field in fields(kind) if (folder / f"{field.name}.npy").exists()]
    return kind(**{name: np.load(folder / f"{name}.npy", mmap_mode=mapped) for name in names})
