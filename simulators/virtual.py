"""A plant's readings in virtual time, without wires: what a gateway would read once a second, ready for the fold.

Days pass in minutes: what a plan makes of a long quiet time is found without waiting for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gateway.model import Instant, Quality, Reading, Setting
from gateway.site import Group, Site
from simulators.plant.line import Plant
from simulators.plant.machine import SECOND

BEGINS_NS = 1_795_000_000_000_000_000
_STEPS = 2  # of the physics, a second


def readings(plant: Plant, site: Site, seconds: int) -> Iterator[Setting | Reading]:
    """The start of a run, then every second one reading of each poll group that the plant has a machine for."""
    groups = [
        (device.name, group)
        for device in site.devices
        if device.name in plant.machines
        for group in device.groups
    ]
    yield Setting("start", _instant(0), {})
    for second in range(1, seconds + 1):
        for _ in range(_STEPS):
            plant.step(1.0 / _STEPS)
        at = _instant(second)
        for device, group in groups:
            yield reading(group, plant.machines[device].signals, at)


def _instant(second: int) -> Instant:
    return Instant(BEGINS_NS + second * SECOND, (second + 1) * SECOND, 1)


def reading(group: Group, shown: Mapping[str, float | int | str], at: Instant) -> Reading:
    """What a poll of the group gives; values that the machine does not show are bad."""
    numbers = [shown.get(point.name, np.nan) for point in group.points]
    values = np.array([np.nan if isinstance(number, str) else float(number) for number in numbers])
    missing = [point.name not in shown for point in group.points]
    quality = np.where(missing, np.uint8(Quality.NOT_ASKED), np.uint8(Quality.GOOD))
    words = sum(point.field.width for point in group.points)
    return Reading(group.id, at, 0, values, quality, np.zeros(words, dtype=np.uint16))
