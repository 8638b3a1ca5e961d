"""The state of a bank, and how it is cut and joined. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gateway.bank.memory import Arrays, Memory, chosen, joined
from gateway.spc.track import Floats

T = TypeVar("T")
A = TypeVar("A", bound=np.generic)


@dataclass(frozen=True, slots=True)
class BankState:
    """Arrays over slots, in the order in which they were first in force."""

    column: NDArray[np.int64]
    key: tuple[str, ...]
    about: tuple[str, ...]  # digest of the characteristic that the slot was made for
    active: NDArray[np.int64]  # [columns]: slot in force; -1: key not known yet
    limits: Mapping[str, Floats]  # what phase I estimates, by parameter, [slots, ...]; nan: phase I
    version: NDArray[np.int64]  # of the plan's limits in force; 0: of none
    learnt_from: NDArray[np.int64]  # samples that the limits come from; 0: known
    source: tuple[str, ...]  # hash of these samples; "" where the plan gives the limits
    baseline: Floats  # [slots, longest baseline, width]: samples of phase I
    collected: NDArray[np.int64]
    speaking: NDArray[np.uint32]  # rules violated by the slot's newest sample
    quiet: NDArray[np.int64]  # samples since the newest violation; -1: in control
    chart: Arrays  # the chart's own state, nested names dotted
    memory: Memory
    learning: Arrays  # of `Learning`, by name; empty in a bank that never learns


def cut(state: BankState, index: NDArray[np.intp]) -> BankState:
    """Some slots in the order of `index`; `active` is left as it is."""
    return BankState(
        state.column[index],
        tuple(state.key[i] for i in index),
        tuple(state.about[i] for i in index),
        state.active,
        {name: array[index] for name, array in state.limits.items()},
        state.version[index],
        state.learnt_from[index],
        tuple(state.source[i] for i in index),
        state.baseline[index],
        state.collected[index],
        state.speaking[index],
        state.quiet[index],
        {name: array[index] for name, array in state.chart.items()},
        chosen(state.memory, index),
        {name: array[index] for name, array in state.learning.items()},
    )


def join(state: BankState, more: BankState) -> BankState:
    """The slots of both, `active` of the first."""
    baseline = more.baseline
    if baseline.shape[1] != state.baseline.shape[1]:  # of a plan whose longest baseline is another
        baseline = np.full((len(baseline), *state.baseline.shape[1:]), np.nan)
        kept = min(baseline.shape[1], more.baseline.shape[1])
        baseline[:, :kept] = more.baseline[:, :kept]
    return BankState(
        np.append(state.column, more.column),
        (*state.key, *more.key),
        (*state.about, *more.about),
        state.active,
        {name: np.concatenate([array, more.limits[name]]) for name, array in state.limits.items()},
        np.append(state.version, more.version),
        np.append(state.learnt_from, more.learnt_from),
        (*state.source, *more.source),
        np.concatenate([state.baseline, baseline]),
        np.append(state.collected, np.minimum(more.collected, baseline.shape[1])),
        np.append(state.speaking, more.speaking),
        np.append(state.quiet, more.quiet),
        {name: np.concatenate([array, more.chart[name]]) for name, array in state.chart.items()},
        joined(state.memory, more.memory),
        {name: np.concatenate([array, more.learning[name]]) for name, array in state.learning.items()},
    )


def same_shape(one: BankState, other: BankState) -> bool:
    """Whether slots of the one can go on in the other: the same kind of chart, of as many numbers."""
    return (
        {name: array.shape[1:] for name, array in one.limits.items()}
        == {name: array.shape[1:] for name, array in other.limits.items()}
        and {name: array.shape[1:] for name, array in one.chart.items()}
        == {name: array.shape[1:] for name, array in other.chart.items()}
        and one.baseline.shape[2] == other.baseline.shape[2]
        and set(one.learning) == set(other.learning)
    )


def slot_of(state: BankState, column: int, key: str) -> int | None:
    """The slot of a column's key, if there is one."""
    return next(
        (int(slot) for slot in np.flatnonzero(state.column == column) if state.key[slot] == key), None
    )


def with_slot(state: BankState, slot: int, **changes: Any) -> BankState:
    """The state with one slot's elements replaced, by name; `limits` is a mapping of parameters."""
    parts: dict[str, Any] = {}
    for name, value in changes.items():
        old = getattr(state, name)
        if isinstance(old, tuple):
            parts[name] = (*old[:slot], value, *old[slot + 1 :])
        elif isinstance(old, Mapping):
            parts[name] = {each: with_item(array, slot, value[each]) for each, array in old.items()}
        else:
            parts[name] = with_item(old, slot, value)
    return replace(state, **parts)


def with_item(array: NDArray[A], place: int, item: Any) -> NDArray[A]:
    """A copy of the array with one element replaced."""
    new = array.copy()
    new[place] = item
    return new


def with_items(array: NDArray[Any], places: NDArray[np.intp], items: NDArray[Any]) -> NDArray[Any]:
    """A copy of the array with some elements replaced."""
    new = array.copy()
    new[places] = items
    return new


# --- a chart's own state --------------------------------------------------------------------------------------------


def arrays_of(state: Any, prefix: str = "") -> dict[str, NDArray[Any]]:
    """A chart's state, whatever dataclass it is, as arrays by name."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in _names(type(state)):
        part = getattr(state, name)
        if isinstance(part, np.ndarray):
            arrays[prefix + name] = part
        else:
            arrays |= arrays_of(part, f"{prefix}{name}.")
    return arrays


def state_of(like: T, arrays: Arrays, prefix: str = "") -> T:
    """A chart's state of the same kind as `like`, out of arrays."""
    parts = []
    for name in _names(type(like)):
        part = getattr(like, name)
        whole = prefix + name
        parts.append(arrays[whole] if isinstance(part, np.ndarray) else state_of(part, arrays, f"{whole}."))
    return type(like)(*parts)


_KNOWN: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    """A state's fields; asked for with every row, so they are kept."""
    if kind not in _KNOWN:
        _KNOWN[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return _KNOWN[kind]


def charted(state: BankState, chart: Arrays, memory: Memory) -> BankState:
    """The state after a row. In full, for `replace` takes longer than all of the row's bookkeeping."""
    return BankState(
        state.column, state.key, state.about, state.active, state.limits, state.version, state.learnt_from,
        state.source, state.baseline, state.collected, state.speaking, state.quiet, chart, memory, state.learning,
    )  # fmt: skip
