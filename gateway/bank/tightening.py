"""Limits that tighten as samples come in: cautious learning wired to a bank's slots. Pure.

A slot learns where its chart is a designed one of single values and phase I found both its parameters. What it learns,
and when, is `gateway.bank.learning`; here each step of it becomes limits: center, sigma, and the limit for so many
samples. Limits that a person approved, or wrote into the plan, stay as they are.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.bank import learning
from gateway.bank.learning import Learning
from gateway.bank.memory import Arrays
from gateway.bank.phase1 import Frozen
from gateway.bank.slots import BankState, with_items
from gateway.design.tables import interpolate
from gateway.site import Characteristic
from gateway.spc.track import Floats

_NAMES = tuple(field.name for field in fields(Learning))
_LEARNT = {"center", "sigma"}


class Tightening:
    """The learning of one bank's columns."""

    def __init__(self, rows: tuple[Characteristic, ...], shapes: set[str], takes: str) -> None:
        """`shapes`: what phase I of the bank's chart estimates."""
        self._rows = rows
        fit = takes == "value" and shapes == _LEARNT
        self._columns = np.array(
            [
                fit and row.design is not None and bool(row.design.table) and not _LEARNT & set(row.params)
                for row in rows
            ]
        )
        self.none = not self._columns.any()

    def start(self, slots: int) -> Arrays:
        """Slots that do not learn yet; nothing at all in a bank that never does."""
        if self.none:
            return {}
        empty = dict.fromkeys(_NAMES, np.zeros(slots))
        return empty | {"sigma": np.ones(slots)}

    def begin(self, state: BankState, slots: tuple[int, ...]) -> BankState:
        """Phase I of these slots ended. Sigma is S / c4 now, for the limits of a table are those of that estimator."""
        for slot in slots:
            if self.none or not self._columns[state.column[slot]]:
                continue
            kept = state.baseline[slot, : state.learnt_from[slot], 0]
            state = self._put(state, np.array([slot]), learning.begin(kept[None, :]))
            state = self._limits(state, slot)
        return state

    def step(
        self, state: BankState, slots: NDArray[np.intp], x: Floats, signalled: NDArray[np.bool_]
    ) -> tuple[BankState, tuple[Frozen, ...]]:
        """One row of samples of these slots; gives the limits that are new."""
        learns = state.learning["count"][slots] > 0
        if not learns.any():
            return state, ()
        mine = slots[learns]
        after, fresh = learning.step(self._get(state, mine), x[learns], signalled[learns])
        return self._told(self._put(state, mine, after), mine[fresh])

    def answered(
        self, state: BankState, slot: int, *, pardoned: bool
    ) -> tuple[BankState, tuple[Frozen, ...]]:
        """Somebody answered for the slot's signal; `pardoned`: nothing was the matter."""
        mine = np.array([slot])
        if self.none or not state.learning["count"][slot] > 0:
            return state, ()
        yes = np.ones(1, dtype=np.bool_)
        after, fresh = learning.answered(self._get(state, mine), yes, yes & pardoned)
        return self._told(self._put(state, mine, after), mine[fresh])

    def approved(self, state: BankState, slot: int) -> BankState:
        """A person approved limits for the slot: it learns no more."""
        if self.none:
            return state
        return replace(
            state,
            learning={
                name: with_items(a, np.array([slot]), np.zeros(1)) for name, a in state.learning.items()
            },
        )

    def _get(self, state: BankState, slots: NDArray[np.intp]) -> Learning:
        return Learning(*(state.learning[name][slots] for name in _NAMES))

    def _put(self, state: BankState, slots: NDArray[np.intp], part: Learning) -> BankState:
        arrays = {name: with_items(state.learning[name], slots, getattr(part, name)) for name in _NAMES}
        return replace(state, learning=arrays)

    def _told(self, state: BankState, slots: NDArray[np.intp]) -> tuple[BankState, tuple[Frozen, ...]]:
        told = []
        for slot in slots.tolist():
            state = self._limits(state, slot)
            limits = {name: np.asarray(array[slot]) for name, array in state.limits.items()}
            samples = int(state.learnt_from[slot])
            told.append(
                Frozen(
                    int(state.column[slot]),
                    state.key[slot],
                    samples,
                    limits,
                    state.source[slot],
                    tightened=True,
                )
            )
        return state, tuple(told)

    def _limits(self, state: BankState, slot: int) -> BankState:
        """The slot's limits by what it has learnt."""
        design = self._rows[int(state.column[slot])].design
        samples = int(state.learning["told"][slot])
        new: dict[str, Any] = {name: state.learning[name][slot] for name in _LEARNT}
        if design is not None:
            new[design.parameter] = interpolate(design.table, samples)
        limits = {
            name: with_items(array, np.array([slot]), np.asarray(new.get(name, array[slot])))
            for name, array in state.limits.items()
        }
        return replace(
            state,
            limits=limits,
            learnt_from=with_items(state.learnt_from, np.array([slot]), np.array([samples])),
        )
