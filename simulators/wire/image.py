"""The registers of one unit: laid out by its map, filled from the physics at the instant of each read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.site import Device, Point
from simulators.plant.machine import Value
from simulators.wire.encode import words_of

ANSWER_NUMBER = "answer_number"
"""Name of the point that numbers this unit's answers: every read that covers it gets the next number."""

ILLEGAL_ADDRESS, ILLEGAL_VALUE = 2, 3  # Modbus Application Protocol V1.1b3, 7

Signals = Callable[[], Mapping[str, Value]]


class Refused(Exception):  # named after what happened
    """The unit answers with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class MapMismatch(ValueError):
    """The register map has a point that the machine does not show."""


class Image:
    """Tables of one unit. A gap inside a table reads as zero, as most devices do; outside is exception 2."""

    def __init__(self, device: Device, signals: Signals) -> None:
        self.device, self._signals = device, signals
        self.points: list[Point] = [point for group in device.groups for point in group.points]
        shown = signals()
        for point in self.points:
            if point.name not in shown and point.name != ANSWER_NUMBER:
                raise MapMismatch(f"{device.name} has no {point.name}; it shows {', '.join(sorted(shown))}")
        self.number = 0  # of the newest answer that carried one
        self._span: dict[str, tuple[int, int]] = {}
        for point in self.points:
            first, last = self._span.get(point.table, (point.address, point.address))
            end = point.address + point.field.width - 1
            self._span[point.table] = (min(first, point.address), max(last, end))
        self.overrides: dict[str, Value] = {}  # values that a sensor fault holds or spoils

    def read(self, table: str, address: int, count: int) -> list[int]:
        """Words of the table at this instant, all from one moment. Raises Refused."""
        first, last = self._span.get(table, (0, -1))
        if address < first or address + count - 1 > last:
            raise Refused(ILLEGAL_ADDRESS)
        if table in ("holding", "input") and count > self.device.max_words:
            raise Refused(ILLEGAL_VALUE)
        words = [0] * count
        shown = self._signals()
        for point in self.points:
            start = point.address - address
            if point.table != table or start + point.field.width <= 0 or start >= count:
                continue
            for offset, word in enumerate(
                self._words(point, shown, whole=0 <= start <= count - point.field.width)
            ):
                if 0 <= start + offset < count:
                    words[start + offset] |= word  # fields of one word, each under its mask
        return words

    def _words(self, point: Point, shown: Mapping[str, Value], *, whole: bool) -> list[int]:
        if point.name == ANSWER_NUMBER:
            if whole:
                self.number += 1
            return words_of(point, self.number)
        return words_of(point, self.overrides.get(point.name, shown.get(point.name, 0)))

    def shows(self, name: str) -> Value:
        """What the machine shows at that point now."""
        return self._signals()[name]

    def numbers(self, table: str, address: int, count: int) -> bool:
        """Whether an answer to that read carries the answer number, whole."""
        return any(
            point.name == ANSWER_NUMBER
            and point.table == table
            and address <= point.address
            and point.address + point.field.width <= address + count
            for point in self.points
        )
