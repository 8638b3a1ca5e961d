"""One unit as its bus sees it: the image, and what the script does to it right now. No bytes, no sockets."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from gateway.site import Point
from simulators.faults import SENSOR, Faults
from simulators.plant.machine import Value
from simulators.wire.image import ILLEGAL_ADDRESS, Image, Refused

BUSY, DEVICE_FAILURE = 6, 4  # Modbus Application Protocol V1.1b3, 7
PlantTime = Callable[[], int]
"""Plant time in nanoseconds; asking brings the plant up to now."""

_CODES = {"refuse": ILLEGAL_ADDRESS, "busy": BUSY, "fail": DEVICE_FAILURE}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit does with a read: words or an exception code, and how it says so."""

    words: tuple[int, ...] = ()
    code: int = 0  # exception, 0: none
    delay_ns: int = 0
    silent: bool = False
    drop: bool = False  # the connection is closed instead
    corrupt: bool = False  # a bit flips on the way
    number: int = 0  # answer number in the words; 0: not in them


class Station:
    """Answers reads of one unit, faults included."""

    def __init__(self, image: Image, faults: Faults, plant_time: PlantTime) -> None:
        self.image, self.name = image, image.device.name
        self._faults, self._plant_time = faults, plant_time

    def answer(self, table: str, address: int, count: int) -> Answer:
        """Words of this instant, or what the script makes of them."""
        now = self._plant_time()
        wrong = {fault.kind: fault for fault in self._faults.now(self.name, now)}
        if bus := self._faults.now(self.image.device.bus, now):
            wrong |= {fault.kind: fault for fault in bus}
        if "drop" in wrong:
            return Answer(drop=True)
        if "silent" in wrong:
            return Answer(silent=True)
        delay_ns = round(wrong["slow"].size * 1e6) if "slow" in wrong else 0
        for kind, code in _CODES.items():
            if kind in wrong and self._hits(wrong[kind].point, table, address, count):
                return Answer(code=code, delay_ns=delay_ns)
        self._spoil(now)
        try:
            words = tuple(self.image.read(table, address, count))
        except Refused as refused:
            return Answer(code=refused.code, delay_ns=delay_ns)
        number = self.image.number if self.image.numbers(table, address, count) else 0
        return Answer(words, delay_ns=delay_ns, corrupt="corrupt" in wrong, number=number)

    def _hits(self, name: str, table: str, address: int, count: int) -> bool:
        """Whether a fault of one point, or of all, meets a read."""
        return not name or any(
            _meets(point, table, address, count) for point in self.image.points if point.name == name
        )

    def _spoil(self, now: int) -> None:
        """Sensor faults: nan says "no value", frozen holds what the point showed when it began."""
        held = self.image.overrides
        spoilt: dict[str, Value] = {}
        for fault in self._faults.now(self.name, now, SENSOR):
            spoilt[fault.point] = (
                math.nan if fault.kind == "nan" else held.get(fault.point, self.image.shows(fault.point))
            )
        self.image.overrides = spoilt


def _meets(point: Point, table: str, address: int, count: int) -> bool:
    return (
        point.table == table
        and point.address < address + count
        and address < point.address + point.field.width
    )
