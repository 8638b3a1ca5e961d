"""Boxes under the presses, at packing and through the gate, as scans; and orders that they are due for.

A box that the fold holds does not leave. An order is so many boxes a day, due two hours after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from simulators.whatif.plant import Plant

BOX_PARTS, SHIP_AFTER_MIN, BOXES_A_DAY, DAY_MIN = 1_000, 120, 62, 1440


@dataclass(slots=True)
class _Under:
    """The box under a press."""

    code: str
    begun_good: int


class Boxes:
    """`scans` once a minute: (scan point, code) in the order they are made."""

    def __init__(self, plant: Plant) -> None:
        self._plant, self._number = plant, 0
        self._under: dict[str, _Under] = {}
        self._packed = deque[tuple[int, str]]()
        self.shipped: list[int] = []  # minute of each
        self.full = 0

    def scans(self, minute: int, held: set[str]) -> Iterator[tuple[str, str]]:
        """What is scanned in this minute; `held`: lots that nobody may ship."""
        for name, press in self._plant.presses.items():
            under = self._under.get(name)
            if under is not None and press.good - under.begun_good < BOX_PARTS:
                continue
            if under is not None:
                self.full += 1
                self._packed.append((minute + SHIP_AFTER_MIN, under.code))
                yield "box_packing", under.code
            self._number += 1
            self._under[name] = _Under(f"BOX{self._number:05d}", press.good)
            yield f"box_{name}", self._under[name].code
        while self._packed and self._packed[0][0] <= minute:
            _, code = self._packed.popleft()
            if code not in held:
                self.shipped.append(minute)
                yield "gate_out", code

    def late(self, minutes: int) -> tuple[int, int]:
        """Boxes that were due by then; how many of them left after their time, or have not yet."""
        days = max(minutes - SHIP_AFTER_MIN, 0) // DAY_MIN
        due = [day * DAY_MIN + SHIP_AFTER_MIN for day in range(1, days + 1) for _ in range(BOXES_A_DAY)]
        late = sum(at >= len(self.shipped) or self.shipped[at] > by for at, by in enumerate(due))
        return len(due), late
