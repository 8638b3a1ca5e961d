"""When each poll group is due: a grid of absolute deadlines per group that nothing shifts.

Deadline k of a group is ``origin + phase + k * period``. A late poll does not move the next one; deadlines
that passed while the bus was busy are counted as missed, and the group goes on at the next one. Groups of one
period are spread evenly over it, so that they do not come all at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from zlib import crc32

from gateway.site import Device, Group


class Slot:
    """One group's place in the schedule."""

    __slots__ = ("device", "due_ns", "first_ns", "group", "period_ns")

    def __init__(self, device: Device, group: Group, first_ns: int) -> None:
        self.device, self.group = device, group
        self.period_ns = group.period_ns
        self.first_ns = self.due_ns = first_ns

    def skip_to(self, now_ns: int) -> int:
        """Move to the first deadline after `now_ns`, at least one on; how many were passed over."""
        passed = max((now_ns - self.due_ns) // self.period_ns, 0)
        self.due_ns += (passed + 1) * self.period_ns
        return int(passed)


def spread(bus: str, devices: Iterable[Device], origin_ns: int) -> list[Slot]:
    """A slot for each group that is polled, phases spread evenly among those of one period.

    The bus's name turns the whole grid a little, so that buses do not all wake at one instant.
    """
    classes: dict[int, list[tuple[Device, Group]]] = {}
    for device in devices:
        for group in device.groups:
            if group.period_ns > 0:
                classes.setdefault(group.period_ns, []).append((device, group))
    if not classes:
        return []
    fastest = min(classes)
    turn_ns = crc32(bus.encode()) * fastest >> 32
    slots = []
    for nth, (period_ns, members) in enumerate(sorted(classes.items())):
        # Slower classes start between two deadlines of the fastest one, each at another place.
        offset = turn_ns + fastest * nth // len(classes) // len(classes[fastest])
        for place, (device, group) in enumerate(members):
            slots.append(Slot(device, group, origin_ns + offset + period_ns * place // len(members)))
    return slots


class Agenda:
    """Slots by deadline, the earliest first; groups of a unit that is away can be taken out and put back."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self._heap = [(slot.due_ns, index, slot) for index, slot in enumerate(slots)]
        self._order = len(self._heap)
        heapq.heapify(self._heap)

    def next_ns(self) -> int | None:
        """The earliest deadline; None when nothing is on the agenda."""
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Slot:
        return heapq.heappop(self._heap)[2]

    def push(self, slot: Slot) -> None:
        self._order += 1
        heapq.heappush(self._heap, (slot.due_ns, self._order, slot))

    def take(self, device: str) -> list[Slot]:
        """Every slot of the device, off the agenda."""
        taken = [slot for _, _, slot in self._heap if slot.device.name == device]
        self._heap = [entry for entry in self._heap if entry[2].device.name != device]
        heapq.heapify(self._heap)
        return taken

    def slots(self) -> list[Slot]:
        return [slot for _, _, slot in self._heap]
