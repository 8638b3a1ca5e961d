"""The demo's plant as a gateway hears it, in virtual time and without wires: polls at their own periods, and scans.

Each poll group has a phase of its own, so that two devices are never read at the same instant; what a press has told
and the blender not yet is as it would be on the lines. Scans come a little after what they stand for.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from gateway.model import Instant, Reading, Scan, Setting
from gateway.site import Group, Site
from simulators.plant.line import Plant
from simulators.plant.machine import SECOND
from simulators.story import Story
from simulators.virtual import BEGINS_NS, reading

SCAN_LATE_NS = 40_000_000
"""A code of 45 characters takes so long on a line of 9600 baud."""


@dataclass
class _Reader:
    """A scanner or gate that keeps what it reads."""

    codes: list[str] = field(default_factory=list)

    def scan(self, code: str) -> None:
        self.codes.append(code)

    def pass_by(self, epc: str, stay_ns: int) -> None:
        del stay_ns
        self.codes.append(epc)


def inputs(
    plant: Plant, site: Site, seconds: float, shift_ns: int = 3_000_000
) -> Iterator[Setting | Reading | Scan]:
    """The start of a run, then every poll and scan until so many seconds of plant time are over.

    `shift_ns`: when the first poll is; another one is another interleaving of the same day.
    """
    points = {point.device: point for point in site.scan_points if point.device}
    readers = {name: _Reader() for name in points}
    story = Story(plant, readers, readers)
    due: list[tuple[int, int, str, Group | None]] = []
    numbers = count()
    groups = [
        (each.name, group) for each in site.devices if each.name in plant.machines for group in each.groups
    ]
    for at, (device, group) in enumerate(groups):
        if group.period_ns:
            phase = (at * 7_919_000 + shift_ns) % group.period_ns
            heapq.heappush(due, (phase, next(numbers), device, group))
    yield Setting("start", _instant(0), {})
    end_ns = round(seconds * SECOND)
    while True:
        at_ns = min(due[0][0], story.next_ns)
        if at_ns > end_ns:
            return
        plant.advance_to(at_ns)
        if story.next_ns <= due[0][0]:
            story.act()
            for name, reader in readers.items():
                for code in reader.codes:
                    epc = "epc" if points[name].device.startswith("gate") else ""
                    yield Scan(points[name].name, _instant(at_ns + SCAN_LATE_NS), code, epc)
                reader.codes.clear()
            continue
        _, _, device, this = heapq.heappop(due)
        if this is not None:
            yield reading(this, plant.machines[device].signals, _instant(at_ns))
            heapq.heappush(due, (at_ns + this.period_ns, next(numbers), device, this))


def _instant(at_ns: int) -> Instant:
    return Instant(BEGINS_NS + at_ns, at_ns + SECOND, 1)
