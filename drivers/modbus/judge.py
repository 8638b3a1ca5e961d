"""From the words of a group to values and quality: what the device itself said about them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Layout
from gateway.model import BAD_FROM, Quality
from gateway.site import Point

REFUSED = frozenset({1, 2, 3})
BUSY = frozenset({5, 6})


def quality_of(code: int) -> Quality:
    """What an exception code means for the values (Modbus Application Protocol V1.1b3, section 7)."""
    if code in REFUSED:
        return Quality.REFUSED
    return Quality.BUSY if code in BUSY else Quality.DEVICE_FAILURE


class Judge:
    """Decodes one group's words; marks NaN, infinities and the sentinels that say "no value"."""

    def __init__(self, points: Sequence[Point], layout: Layout) -> None:
        self._layout = layout
        self._good = np.zeros(len(points), dtype=np.uint8)
        self._good.flags.writeable = False  # one array for all good readings
        self._floats = any(point.field.type.startswith("float") for point in points)
        self._plain = not self._floats and not any(point.invalid for point in points)
        self._strings = np.array([point.field.type == "string" for point in points])
        self._sentinels = [
            (index, layout.starts[index], point.field.width, point.field.order, frozenset(point.invalid))
            for index, point in enumerate(points)
            if point.invalid
        ]

    def good(self, raw: NDArray[np.uint16]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Values and quality of words that were all read."""
        values = self._layout.values(raw)
        if self._plain or not (self._sentinels or not np.isfinite(values).all()):
            return values, self._good
        quality = self._good.copy()
        self._mark(values, quality, raw)
        return values, quality

    def partly(
        self, raw: NDArray[np.uint16], quality: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """The same where some points already are bad; their words are made zero."""
        raw[(quality >= BAD_FROM)[self._layout.owner]] = 0
        values = self._layout.values(raw)
        self._mark(values, quality, raw)
        values[quality >= BAD_FROM] = np.nan
        return values, quality

    def _mark(self, values: NDArray[np.float64], quality: NDArray[np.uint8], raw: NDArray[np.uint16]) -> None:
        if self._floats:
            finite = np.isfinite(values)
            if not finite.all():
                odd = ~(finite | self._strings) & (quality < BAD_FROM)
                quality[odd] = Quality.NOT_A_NUMBER
                self._silence(odd, values, raw)
        if self._sentinels:
            faulty = np.zeros(len(quality), dtype=bool)
            for index, start, width, order, invalid in self._sentinels:
                if quality[index] < BAD_FROM and unsigned(raw[start : start + width], order) in invalid:
                    faulty[index] = True
            quality[faulty] = Quality.SENSOR_FAULT
            self._silence(faulty, values, raw)

    def _silence(
        self, which: NDArray[np.bool_], values: NDArray[np.float64], raw: NDArray[np.uint16]
    ) -> None:
        values[which] = np.nan
        raw[which[self._layout.owner]] = 0


def unsigned(words: NDArray[np.uint16], order: str) -> int:
    """The words of one field as one unsigned number, most significant byte first by the field's order."""
    data = words.astype(">u2").tobytes()
    if not order:
        return int.from_bytes(data, "big")
    return int.from_bytes(bytes(data[order.index(chr(65 + place))] for place in range(len(order))), "big")
