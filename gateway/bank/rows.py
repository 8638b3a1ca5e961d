"""Rows of the control plan as a chart's parameters, one element per row. Pure. Errors are those of a wrong plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from gateway.site import Characteristic
from gateway.spc.track import Floats

BASELINE = 25
ALIASES = {"lambda": "weight"}  # the book's name, which Python keeps for itself


def words_of(row: Characteristic) -> tuple[tuple[str, str], ...]:
    """The parameters of a row that are words: rows in one bank have the same."""
    return tuple(sorted((name, value) for name, value in row.params.items() if isinstance(value, str)))


def number(row: Characteristic, name: str) -> float:
    """A number among a row's parameters; nan where it is left out."""
    value = row.params.get(name)
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{row.id}: {name} must be a number")  # noqa: TRY004 # the plan is wrong, not a program
    if name == "sigma" and value <= 0:
        raise ValueError(f"{row.id}: sigma must be above 0")
    return float(value)


def baseline_of(row: Characteristic) -> int:
    """How many samples phase I takes."""
    wanted = number(row, "baseline")
    return BASELINE if np.isnan(wanted) else max(int(wanted), 2)


def width_of(chart: Any, row: Characteristic) -> int:
    """How many numbers a sample of the row has."""
    if chart.TAKES == "subgroup":
        return max(row.sampling.size, 1)
    return 1 + len(row.tags) if chart.TAKES in ("vector", "count_size") else 1


def known_of(shapes: Mapping[str, tuple[int, ...]], row: Characteristic) -> dict[str, Floats]:
    """What phase I would estimate and the row gives; sigma is that of single values."""
    return {
        name: np.asarray(number(row, name))
        for name, shape in shapes.items()
        if not shape and row.params.get(name) is not None
    }


def chart_params(
    chart: Any, rows: tuple[Characteristic, ...], own: set[str]
) -> tuple[dict[str, Floats], dict[str, str]]:
    """Numeric parameters as one element per column, and the words. Raises ValueError naming what does not fit.

    `own`: parameters that the bank itself takes care of.
    """
    fields = {field.name: field for field in dataclasses.fields(chart) if field.name not in {*own, "rules"}}
    for row in rows:
        unknown = {ALIASES.get(name, name) for name in row.params} - set(fields) - own - {"baseline"}
        if unknown:
            known = ", ".join(sorted({*fields, *own, "baseline"}))
            raise ValueError(f"{row.id}: {row.method} has no parameter {min(unknown)}; there are {known}")
    numbers: dict[str, Floats] = {}
    words = {ALIASES.get(name, name): word for name, word in words_of(rows[0])}
    for name, field in fields.items():
        if isinstance(field.default, str):
            continue
        given = np.array([number(row, spelt(row, name)) for row in rows])
        default: Any = field.default
        if default is dataclasses.MISSING and np.isnan(given).any():
            raise ValueError(f"{rows[int(np.isnan(given).argmax())].id}: {rows[0].method} needs {name}")
        if not np.isnan(given).all():
            numbers[name] = np.where(np.isnan(given), default, given)
    return numbers, words


def spelt(row: Characteristic, name: str) -> str:
    """A parameter's name as the row spells it."""
    aliases = [alias for alias, true in ALIASES.items() if true == name]
    return next((alias for alias in aliases if alias in row.params), name)


def rule_mask(row: Characteristic, names: tuple[str, ...], spoken: tuple[str, ...]) -> int:
    """Bits of the rules that the row listens to: those it names, else all of the chart's main panel (`spoken`)."""
    wanted = row.rules or spoken
    unknown = set(wanted) - set(names)
    if unknown:
        raise ValueError(f"{row.id}: {row.method} has no rule {min(unknown)}; there are {', '.join(names)}")
    return sum(1 << bit for bit, name in enumerate(names) if name in wanted)
