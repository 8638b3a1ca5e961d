"""The readings that some words may have: every type and order at every place, with what it is worth. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Field, Layout
from gateway.probe.likelihood import NONE, of_float, of_text, of_whole

COUNTER_BONUS = 7.0  # bits: what only grows is mostly kept in 32 bits
STEP_MOST = 1_000_000  # what no counter grows by between two reads
_WIDEST_TEXT = 32

KINDS: tuple[tuple[str, str, float], ...] = (
    ("uint16", "", 0.4),
    ("float32", "", 0.2),
    ("float32", "CDAB", 0.15),
    ("uint32", "", 0.06),
    ("uint32", "CDAB", 0.06),
    ("int16", "", 0.08),
    ("int32", "", 0.015),
    ("int32", "CDAB", 0.015),
    ("float32", "BADC", 0.005),
    ("float32", "DCBA", 0.005),
    ("float64", "", 0.01),
    ("float64", "GHEFCDAB", 0.005),
    ("uint64", "", 0.01),
    ("uint64", "GHEFCDAB", 0.005),
    ("string", "", 0.005),
    ("string", "BA", 0.002),
)
"""Type, order, and how common it is in register maps before anything was read: a guess, soon outweighed."""

TEXTS = tuple(number for number, (kind, _, _) in enumerate(KINDS) if kind == "string")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of the words from `at` on."""

    at: int
    kind: int  # number in KINDS
    width: int
    worth: float
    odd: bool = False  # its address is
    counts: bool = False

    @property
    def field(self) -> Field:
        """As a device map has it."""
        kind, order, _ = KINDS[self.kind]
        return Field(kind, self.width if kind == "string" else 0, order)


def candidates(words: NDArray[np.uint16], first: int) -> list[list[Candidate]]:
    """For each place of `words[reads, n]` the readings that begin there; the first word has that address."""
    n = words.shape[1]
    idle = np.all(words == 0, axis=0, keepdims=True)[0]
    zero = of_whole(np.zeros(len(words), np.uint16), 16)
    found: list[list[Candidate]] = [[] for _ in range(n)]
    for number, (kind, order, _) in enumerate(KINDS):
        if kind == "string":
            continue
        field = Field(kind, 0, order)
        width = field.width
        for at in range(n - width + 1):
            if idle[at : at + width].all():  # nothing to go by but what stands beside it
                found[at].append(Candidate(at, number, width, width * zero, (first + at) % 2 == 1))
                continue
            worth, counts = _worth(words[:, at : at + width], field)
            if worth > NONE:
                found[at].append(Candidate(at, number, width, worth, (first + at) % 2 == 1, counts))
    for number in TEXTS:
        for each in _texts(words, number):
            found[each.at].append(each)
    return found


def values_of(words: NDArray[np.uint16], field: Field) -> NDArray[Any]:
    """What the words of one field are, in its own type."""
    return Layout((field,)).typed(np.ascontiguousarray(words))[0]


def _worth(words: NDArray[np.uint16], field: Field) -> tuple[float, bool]:
    values = values_of(words, field)
    bits = 16 * field.width
    if values.dtype.kind == "f":
        return of_float(values, bits), False
    if values.dtype.kind not in "iu":
        return NONE, False
    if bits == 64 and not (values >> np.uint64(32)).any():  # two numbers, or one of 32 bits
        return NONE, False
    steps = [now - before for before, now in pairwise(values.tolist())]
    counts = sum(step > 0 for step in steps) >= 2 and all(0 <= step < STEP_MOST for step in steps)
    bonus = COUNTER_BONUS if counts and bits > 16 else 0.0
    return of_whole(values, bits) + bonus, counts


def _texts(words: NDArray[np.uint16], number: int) -> list[Candidate]:
    """Runs of text: as far as they are printable, with their padding and without."""
    swapped = KINDS[number][1] == "BA"
    high, low = words >> np.uint16(8), words & np.uint16(0xFF)
    high, low = (low, high) if swapped else (high, low)
    shown = _printable(high).all(axis=0) & (_printable(low) | (low == 0)).all(axis=0)
    padding = ((words == 0) | (words == 0x2020)).all(axis=0)
    found = []
    starts = [at for at in range(len(shown)) if shown[at] and (at == 0 or not shown[at - 1])]
    for at in starts:
        end = at
        while end < len(shown) and shown[end] and end - at < _WIDEST_TEXT:
            end += 1
        padded = end
        while padded < len(shown) and padding[padded] and padded - at < _WIDEST_TEXT:
            padded += 1
        for stop in {end, padded, at + (1 << max(math.ceil(math.log2(end - at)), 0))}:
            if stop <= padded and stop - at >= 2:
                worth = of_text(words[:, at:stop], swapped=swapped)
                if worth > NONE:
                    found.append(Candidate(at, number, stop - at, worth))
    return found


def _printable(byte: NDArray[np.uint16]) -> NDArray[np.bool_]:
    printable: NDArray[np.bool_] = (byte >= 0x20) & (byte < 0x7F)
    return printable
