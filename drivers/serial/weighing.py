"""From what a scale said to a Reading of its group: shared by the two scale drivers. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivers.serial.weight import Said, Trouble, Weight
from gateway.layout import Layout
from gateway.model import BAD_FROM, Instant, Quality, Reading
from gateway.site import Device, Group


def the_scale(devices: Sequence[Device]) -> Device:
    """The one device of a scale's bus. Raises ValueError where its points are none a scale can fill."""
    if len(devices) != 1:
        raise ValueError(f"a scale has its line for itself, not {len(devices)} devices")
    (device,) = devices
    for group in device.groups:
        for point in group.points:
            if point.field.type not in ("float64", "bit") or not point.field.plain or point.field.order:
                where = f"{device.name}.{point.name}"
                raise ValueError(f"{where}: a scale fills float64 (weight) and bit (stable), as they are")
    return device


class Pan:
    """Makes readings of one group: its float64 points are the weight, its bits whether it stands still."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self._layout: Layout = group.layout()
        self._flags = [point.field.type == "bit" for point in group.points]
        self._uoms = [point.uom.casefold() for point in group.points]

    def reading(self, said: Said, at: Instant) -> Reading:
        """What was said, as values; a unit other than a point's is an answer that failed its check."""
        if isinstance(said, Trouble):
            return self.bad(said.quality, at)
        quality = np.array([self._judge(said, index) for index in range(len(self._flags))], np.uint8)
        words: list[int] = []
        for flag, bad in zip(self._flags, quality >= BAD_FROM, strict=True):
            if flag:
                words.append(int(said.stable))
            else:
                words += struct.unpack(">4H", struct.pack(">d", 0.0 if bad else said.value))
        raw = np.array(words, np.uint16)
        values: NDArray[np.float64] = self._layout.values(raw)
        values[quality >= BAD_FROM] = np.nan
        return Reading(self.group.id, at, 0, values, quality, raw)

    def _judge(self, said: Weight, index: int) -> Quality:
        if self._flags[index]:
            return Quality.GOOD
        if self._uoms[index] and said.uom.casefold() != self._uoms[index]:
            return Quality.CORRUPT
        return Quality.GOOD if said.stable else Quality.UNSTABLE

    def bad(self, why: Quality, at: Instant) -> Reading:
        """Every value bad with the reason."""
        count = len(self._flags)
        return Reading(
            self.group.id,
            at,
            0,
            np.full(count, np.nan),
            np.full(count, why, np.uint8),
            np.zeros(self._layout.words, np.uint16),
        )
