"""The samples that a slot charted last, with their times and the chart's state before them. Pure.

Out of it a signal says when the change began, and a corrected sample is judged again. Samples lie in pages of `PAGE`;
at the beginning of each page the chart's state is kept (an anchor), so that what is remembered can be charted again
from its first sample on. `PAGES` full pages are kept: 256 samples and those of the page that is being filled.

The arrays are never written to after they are in a state. The page being filled is small, so that a row of samples does
not pay for copying what lies behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.spc.track import Floats

PAGE, PAGES = 16, 16

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Memory:
    """Arrays over slots. Page number n of a slot lies at place ``n % PAGES``, its anchor at ``n % (PAGES + 1)``."""

    charted: NDArray[np.int64]  # samples since the chart began
    page: Floats  # [slots, PAGE, width]: being filled
    times: NDArray[np.int64]  # [slots, PAGE]
    pages: Floats  # [slots, PAGES, PAGE, width]
    pages_times: NDArray[np.int64]  # [slots, PAGES, PAGE]
    anchors: Arrays  # the chart's arrays, [slots, PAGES + 1, ...]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one slot still knows, oldest first."""

    samples: Floats  # [n, width]
    times: NDArray[np.int64]
    before: Arrays  # the chart's arrays before the first of them, [1, ...]


def empty(slots: int, width: int, chart: Arrays) -> Memory:
    """Slots that have charted nothing; `chart` has their first states."""
    return Memory(
        np.zeros(slots, dtype=np.int64),
        np.zeros((slots, PAGE, width)),
        np.zeros((slots, PAGE), dtype=np.int64),
        np.zeros((slots, PAGES, PAGE, width)),
        np.zeros((slots, PAGES, PAGE), dtype=np.int64),
        {name: np.repeat(array[:, None], PAGES + 1, axis=1) for name, array in chart.items()},
    )


def push(memory: Memory, slots: NDArray[np.intp], samples: Floats, time_ns: int, chart: Arrays) -> Memory:
    """Remember one sample ``[len(slots), width]`` of each of these slots; `chart`: states of all slots after it."""
    at = memory.charted[slots] % PAGE
    page, times, charted = memory.page.copy(), memory.times.copy(), memory.charted.copy()
    page[slots, at] = samples
    times[slots, at] = time_ns
    charted[slots] += 1
    full = slots[at == PAGE - 1]
    if not full.size:
        return Memory(charted, page, times, memory.pages, memory.pages_times, memory.anchors)
    pages, pages_times = memory.pages.copy(), memory.pages_times.copy()
    number = charted[full] // PAGE  # of the page that begins now
    pages[full, (number - 1) % PAGES] = page[full]
    pages_times[full, (number - 1) % PAGES] = times[full]
    anchors = {}
    for name, array in memory.anchors.items():
        anchors[name] = array.copy()
        anchors[name][full, number % (PAGES + 1)] = chart[name][full]
    return Memory(charted, page, times, pages, pages_times, anchors)


def recall(memory: Memory, slot: int) -> Remembered:
    """What a slot remembers."""
    charted = int(memory.charted[slot])
    now, rest = divmod(charted, PAGE)
    numbers = range(max(now - PAGES, 0), now)
    places = [number % PAGES for number in numbers]
    width = memory.page.shape[2]
    samples = np.concatenate([memory.pages[slot, places].reshape(-1, width), memory.page[slot, :rest]])
    times = np.concatenate([memory.pages_times[slot, places].reshape(-1), memory.times[slot, :rest]])
    oldest = max(now - PAGES, 0) % (PAGES + 1)
    return Remembered(
        samples, times, {name: array[slot : slot + 1, oldest] for name, array in memory.anchors.items()}
    )


def begun(memory: Memory, slots: NDArray[np.intp], chart: Arrays) -> Memory:
    """These slots' charts begin anew, from the states in `chart` ([len(slots), ...]), and forget the rest."""
    charted = memory.charted.copy()
    charted[slots] = 0
    anchors = {}
    for name, array in memory.anchors.items():
        anchors[name] = array.copy()
        anchors[name][slots, 0] = chart[name]
    return Memory(charted, memory.page, memory.times, memory.pages, memory.pages_times, anchors)


def chosen(memory: Memory, index: NDArray[Any]) -> Memory:
    """The memory of some slots only."""
    return Memory(
        memory.charted[index], memory.page[index], memory.times[index], memory.pages[index],
        memory.pages_times[index], {name: array[index] for name, array in memory.anchors.items()},
    )  # fmt: skip


def joined(first: Memory, second: Memory) -> Memory:
    """The slots of two memories of the same kind, one after the other."""
    anchors = {name: np.concatenate([array, second.anchors[name]]) for name, array in first.anchors.items()}
    return Memory(
        np.concatenate([first.charted, second.charted]),
        np.concatenate([first.page, second.page]),
        np.concatenate([first.times, second.times]),
        np.concatenate([first.pages, second.pages]),
        np.concatenate([first.pages_times, second.pages_times]),
        anchors,
    )
