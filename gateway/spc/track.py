"""What every chart has in common: the track it returns, and how slots are taken out of a bank and put back.

A chart is a frozen dataclass of parameters, scalars or one element per slot. Its state is a frozen dataclass of arrays
with one element per slot along their first axis. ``run(state, block)`` takes a block of samples, rows in time and
columns of slots (a one-dimensional block is one slot); nan says "no sample for this slot here" and leaves it alone.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Track:
    """What a chart drew: every array is shaped as the block was. `rules` has bit i for rule ``names[i]``."""

    name: str  # of the panel: "i", "mr", "ewma", "upper", "lower"
    value: Floats
    center: Floats
    lcl: Floats
    ucl: Floats
    rules: NDArray[np.uint32]
    names: tuple[str, ...]
    second: Track | None = None  # the chart's other panel, where it has one

    def panels(self) -> tuple[Track, ...]:
        """This panel and the second one."""
        return (self,) if self.second is None else (self, self.second)

    def shaped(self, shape: tuple[int, ...]) -> Track:
        """The same in another shape."""
        if self.value.shape == shape:
            return self
        parts = {
            name: getattr(self, name).reshape(shape) for name in ("value", "center", "lcl", "ucl", "rules")
        }
        second = None if self.second is None else self.second.shaped(shape)
        return dataclasses.replace(self, **parts, second=second)


def violated(bits: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the rules in a bit mask."""
    return tuple(name for index, name in enumerate(names) if bits >> index & 1)


def column(value: float | Floats, slots: int) -> Floats:
    """A parameter as one element per slot."""
    if not isinstance(value, np.ndarray):
        return np.full(slots, value, dtype=np.float64)
    if value.shape == (slots,):
        return value  # a bank's row is too short to pay for broadcasting what fits
    return np.broadcast_to(value.astype(np.float64), (slots,))


def lines(value: Floats, rows: int) -> Floats:
    """A line that does not vary, drawn over the rows. Not to be written to."""
    return value[None] if rows == 1 else np.broadcast_to(value, (rows, value.size))


def slots_of(*parameters: float | Floats) -> int:
    """How many slots these parameters describe; a scalar is one."""
    return max(np.size(parameter) for parameter in parameters)


def as_rows(block: Floats) -> Floats:
    """A block as rows by slots."""
    block = np.asarray(block, dtype=np.float64)
    return block[:, None] if block.ndim == 1 else block


def as_wide(block: Floats) -> Floats:
    """A block of wide samples as rows by slots by numbers of a sample."""
    block = np.asarray(block, dtype=np.float64)
    return block[:, None, :] if block.ndim == 2 else block


def take(value: S, index: NDArray[np.intp]) -> S:
    """A state's or chart's elements for some slots, as a value of the same kind; scalars stay."""
    return _map(value, lambda part: part[index])


def put(state: S, index: NDArray[np.intp], part: S) -> S:
    """The state with some slots replaced; the old one is left alone."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(state):  # type: ignore[arg-type] # a dataclass instance
        old, new = getattr(state, field.name), getattr(part, field.name)
        if isinstance(old, np.ndarray) and old.ndim:
            whole = old.copy()
            whole[index] = new
            changes[field.name] = whole
        elif dataclasses.is_dataclass(old):
            changes[field.name] = put(old, index, new)
    return dataclasses.replace(state, **changes)  # type: ignore[type-var]


def _map(value: S, change: Any) -> S:
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):  # type: ignore[arg-type] # a dataclass instance
        part = getattr(value, field.name)
        if isinstance(part, np.ndarray) and part.ndim:
            changes[field.name] = change(part)
        elif dataclasses.is_dataclass(part):
            changes[field.name] = _map(part, change)
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]
