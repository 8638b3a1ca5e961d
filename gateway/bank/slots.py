"""The state of a bank, and how plan rows become a chart's parameters. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gateway.site import Characteristic
from gateway.spc.track import Floats

BASELINE = 25
ALIASES = {"lambda": "weight"}  # the book's name, which Python keeps for itself
_OWN = {"center", "sigma", "baseline"}
T = TypeVar("T")
A = TypeVar("A", bound=np.generic)


@dataclass(frozen=True, slots=True)
class BankState:
    """Arrays over slots, in the order in which they were first in force."""

    column: NDArray[np.int64]
    key: tuple[str, ...]
    about: tuple[str, ...]  # digest of the characteristic that the slot was made for
    active: NDArray[np.int64]  # [columns]: slot in force; -1: key not known yet
    center: NDArray[np.float64]  # nan: phase I
    sigma: NDArray[np.float64]  # of what is charted
    baseline: NDArray[np.float64]  # [slots, longest baseline]: samples of phase I
    collected: NDArray[np.int64]
    speaking: NDArray[np.uint32]  # rules violated by the slot's newest sample
    quiet: NDArray[np.int64]  # samples since the newest violation; -1: in control
    chart: Mapping[str, NDArray[np.generic]]  # the chart's own state, nested names dotted


def arrays_of(state: Any, prefix: str = "") -> dict[str, NDArray[np.generic]]:
    """A chart's state, whatever dataclass it is, as arrays by name."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for field in dataclasses.fields(state):
        part = getattr(state, field.name)
        if dataclasses.is_dataclass(part):
            arrays |= arrays_of(part, f"{prefix}{field.name}.")
        else:
            arrays[prefix + field.name] = part
    return arrays


def state_of(like: T, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "") -> T:
    """A chart's state of the same kind as `like`, out of arrays."""
    parts = {}
    for field in dataclasses.fields(like):  # type: ignore[arg-type] # a dataclass instance
        part = getattr(like, field.name)
        name = prefix + field.name
        parts[field.name] = (
            state_of(part, arrays, f"{name}.") if dataclasses.is_dataclass(part) else arrays[name]
        )
    return type(like)(**parts)


def with_item(array: NDArray[A], place: int, item: Any) -> NDArray[A]:
    """A copy of the array with one element replaced."""
    new = array.copy()
    new[place] = item
    return new


# --- plan rows ------------------------------------------------------------------------------------------------------


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


def chart_params(chart: Any, rows: tuple[Characteristic, ...]) -> tuple[dict[str, Floats], dict[str, str]]:
    """Numeric parameters as one element per column, and the words. Raises ValueError naming what does not fit."""
    fields = {field.name: field for field in dataclasses.fields(chart) if field.name not in {*_OWN, "rules"}}
    for row in rows:
        unknown = {ALIASES.get(name, name) for name in row.params} - set(fields) - _OWN
        if unknown:
            known = ", ".join(sorted({*fields, *_OWN}))
            raise ValueError(f"{row.id}: {row.method} has no parameter {min(unknown)}; there are {known}")
    numbers: dict[str, Floats] = {}
    words = {ALIASES.get(name, name): word for name, word in words_of(rows[0])}
    for name, field in fields.items():
        if isinstance(field.default, str):
            continue
        aliases = [alias for alias, true in ALIASES.items() if true == name]
        spelt = [next((alias for alias in aliases if alias in row.params), name) for row in rows]
        given = np.array([number(row, spelling) for row, spelling in zip(rows, spelt, strict=True)])
        default: Any = field.default
        if default is dataclasses.MISSING and np.isnan(given).any():
            raise ValueError(f"{rows[int(np.isnan(given).argmax())].id}: {rows[0].method} needs {name}")
        if not np.isnan(given).all():
            numbers[name] = np.where(np.isnan(given), default, given)
    return numbers, words


def rule_mask(row: Characteristic, names: tuple[str, ...], spoken: tuple[str, ...]) -> int:
    """Bits of the rules that the row listens to: those it names, else all of the chart's main panel (`spoken`)."""
    wanted = row.rules or spoken
    unknown = set(wanted) - set(names)
    if unknown:
        raise ValueError(f"{row.id}: {row.method} has no rule {min(unknown)}; there are {', '.join(names)}")
    return sum(1 << bit for bit, name in enumerate(names) if name in wanted)
