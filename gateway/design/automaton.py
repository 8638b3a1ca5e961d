"""The zone rules as a finite automaton: what of the past samples the rules still have to know, and no more.

Lines at 0, 1, 2 and 3 thirds of the limits cut the samples into eight zones. Every rule is a tracker: a count of
samples in a row, or for "all but one of n" the last of them as bits. All states that can be reached are found, then
those that no future can tell apart are merged (Moore 1956). N3 and N4 compare samples with each other: see `ranks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

ZONES = 8
"""From below -3 to above 3, in thirds of the limits."""

_ABOVE = {reach: np.arange(ZONES) >= 4 + reach for reach in range(4)}
_BELOW = {reach: above[::-1] for reach, above in _ABOVE.items()}
_WITHIN = np.isin(np.arange(ZONES), [3, 4])

_SIDES = {
    1: (_ABOVE[3], _BELOW[3]), 2: (_ABOVE[2], _BELOW[2]), 3: (_ABOVE[1], _BELOW[1]), 4: (_ABOVE[0], _BELOW[0]),
    7: (_WITHIN,), 8: (~_WITHIN,),
}  # fmt: skip
_LENGTH = {1: 1, 2: 3, 3: 5, 7: 15, 8: 8}

_MEANS = {
    "WE1": 1, "WE2": 2, "WE3": 3, "WE4": 4, "N1": 1, "N2": 4, "N5": 2, "N6": 3, "N7": 7, "N8": 8,
    "AIAG1": 1, "AIAG2": 4, "AIAG5": 2, "AIAG6": 3, "AIAG7": 7, "AIAG8": 8,
}  # fmt: skip
SAME_SIDE = {"WE4": 8, "N2": 9, "AIAG2": 7}
"""Samples on one side of the centre that each rule's authors ask for."""

RULES = tuple(_MEANS)
"""The zone rules. What coincides is one tracker."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """`after` ``[states, zones]`` is the state after a sample in a zone, -1 where that signals; `start` the first."""

    after: Integers
    start: int


@dataclass(frozen=True, slots=True)
class _Tracker:
    """Which zones count, for how long, and whether one sample may be missing."""

    counts: NDArray[np.bool_]
    length: int
    all_but_one: bool

    def step(self, state: Integers, zone: int) -> tuple[Integers, NDArray[np.bool_]]:
        """The states after a sample, and where the rule is met."""
        hit = bool(self.counts[zone])
        if not self.all_but_one:
            state = state + 1 if hit else np.zeros_like(state)
            return state, state >= self.length
        bits = state << 1 | hit
        met = (np.bitwise_count(bits) >= self.length - 1) & hit
        return bits & ((1 << self.length - 1) - 1), met

    @property
    def size(self) -> int:
        return 1 << (self.length - 1) if self.all_but_one else self.length


def _trackers(rules: tuple[str, ...], same_side: int) -> list[_Tracker]:
    wanted = {(_MEANS[rule], _length(rule, same_side)) for rule in rules}
    return [
        _Tracker(side, length, all_but_one=kind in {2, 3})
        for kind, length in sorted(wanted)
        for side in _SIDES[kind]
    ]


def _length(rule: str, same_side: int) -> int:
    return _LENGTH.get(_MEANS[rule]) or same_side or SAME_SIDE[rule]


@cache
def automaton(rules: tuple[str, ...], same_side: int = 0) -> Automaton:
    """For some of `RULES`; `same_side` 0 is what each rule's authors say. Raises ValueError for a rule not there."""
    for rule in rules:
        if rule not in _MEANS:
            raise ValueError(f"{rule} is not a zone rule; there are {', '.join(RULES)}")
    trackers = _trackers(rules, same_side)
    known = np.zeros(1, np.int64)
    while True:
        after, signals = _after(known, trackers)
        reached = np.unique(np.concatenate([known, after[~signals]]))
        if reached.size == known.size:
            break
        known = reached
    places = np.where(signals, -1, np.searchsorted(known, after))
    return _merged(places, int(np.searchsorted(known, 0)))


def _after(known: Integers, trackers: list[_Tracker]) -> tuple[Integers, NDArray[np.bool_]]:
    """The states (a number each, one digit a tracker) after a sample in each zone, and which signal."""
    after = np.zeros((known.size, ZONES), np.int64)
    signals = np.zeros((known.size, ZONES), np.bool_)
    for zone in range(ZONES):
        rest, weight = known, 1
        for tracker in trackers:
            digit, met = tracker.step(rest % tracker.size, zone)
            rest = rest // tracker.size
            after[:, zone] += np.where(met, 0, digit) * weight
            signals[:, zone] |= met
            weight *= tracker.size
    return after, signals


def _merged(after: Integers, start: int) -> Automaton:
    """States are one as long as no sample tells them apart."""
    block, blocks = np.zeros(after.shape[0], np.int64), 0
    while True:
        look = np.column_stack([block, np.where(after < 0, -1, block[after])])
        _, first, block = np.unique(look, axis=0, return_index=True, return_inverse=True)
        block = block.ravel()
        if first.size == blocks:
            return Automaton(np.where(after[first] < 0, -1, block[after[first]]), int(block[start]))
        blocks = first.size
