"""Whether the charts of a plan stay silent on a plant that nothing is done to: what a demo without faults may show.

Series are taken as the gateway samples them, from several beginnings, for it may come to the line at any time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.bank.bank import Bank
from gateway.site import Characteristic, Site
from simulators.plant.line import Plant
from simulators.plant.machine import SECOND

_BEGINNINGS = 8


def series(seed: int, site: Site, seconds: int) -> dict[str, list[float]]:
    """What each characteristic of the plan samples in the first seconds: once a count, or once a period."""
    plant = Plant(seed)
    places = {tag: (device, name) for device, name, tag in _tags(site)}
    rows = read(site)
    values: dict[str, list[float]] = {row.id: [] for row in rows}
    counts: dict[str, float] = {}
    for _ in range(10 * seconds):
        plant.step(0.1)
        for row in rows:
            device, name = places[row.tag]
            shown = plant.machines[device].signals
            if row.sampling.every == "counter":
                count = float(shown[places[row.sampling.counter][1]])
            else:
                count = plant.time_ns // SECOND  # the sensors measure once a second
            if count != counts.get(row.id, 0.0):
                counts[row.id] = count
                values[row.id].append(float(shown[name]))
    return values


def signals(seed: int, site: Site, seconds: int) -> list[str]:
    """Characteristics that signal, with the number of the first sample that does."""
    told = []
    sampled_of = series(seed, site, seconds)
    for row in read(site):
        sampled = np.array(sampled_of[row.id])
        step = max(row.sampling.period_ns // SECOND, 1) if row.sampling.every == "time" else 1
        first = first_signal(row, *(sampled[begin::step] for begin in range(_BEGINNINGS)))
        if first is not None:
            told.append(f"{row.id}: sample {first}")
    return told


def read(site: Site) -> list[Characteristic]:
    """Characteristics of what devices answer; what a doser derives needs the fold."""
    tags = {tag for _, _, tag in _tags(site)}
    return [row for row in site.characteristics if row.tag in tags]


def first_signal(row: Characteristic, *sampled: NDArray[np.float64]) -> int | None:
    """The first sample of which a rule that the row listens to speaks, in any of these series side by side."""
    bank = Bank((row,) * len(sampled), ("",) * len(sampled))
    state = bank.start()
    for column in range(len(sampled)):
        state = bank.switch(state, column, "")
    for at in range(max(map(len, sampled), default=0)):
        values = np.array([each[at] if at < len(each) else np.nan for each in sampled])
        state, found = bank.run(state, values, at)
        if found is not None and found.violations:
            return at
    return None


def _tags(site: Site) -> list[tuple[str, str, str]]:
    return [
        (device.name, point.name, point.tag)
        for device in site.devices
        for group in device.groups
        for point in group.points
    ]
