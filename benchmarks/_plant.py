"""A plant of slow signals for the journal's benchmarks: temperatures, pressures, levels and counts, once a second.

A third of the tags are float32 with a sensor's noise, a third are tenths in int16 as most controllers give them, the
rest count or stand. Readings come a few ms late and take some ms each, as they do over Modbus.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Field, Layout
from gateway.model import Instant, NumberedInput, Reading, Setting
from gateway.plain import to_plain
from gateway.site import Bus, Device, Group, Point, Site

T0 = 1_800_000_000_000_000_000
SECOND = 1_000_000_000
KINDS = (Field("float32"), Field("int16", scale="0.1"), Field("uint32"))
BLOCK = 3_600  # rows made at once


class Plant:
    """`groups` devices of `tags` tags each."""

    def __init__(self, groups: int, tags: int, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        self.groups = tuple(_group(number, tags) for number in range(groups))
        devices = tuple(
            Device(g.device, "bus1", "press", 1, f"hall/line1/{g.device}", (g,)) for g in self.groups
        )
        self.site = Site("plant", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), devices)
        self._levels = self._rng.uniform(20, 240, (groups, tags))
        self._counts = np.zeros((groups, tags), dtype=np.int64)

    @property
    def tags(self) -> list[str]:
        return [point.tag for group in self.groups for point in group.points]

    def seconds(self, count: int) -> Iterator[list[NumberedInput]]:
        """Second after second what all devices answered; the first brings the config too."""
        at = Instant(T0, 0, 1)
        head: list[NumberedInput] = [
            NumberedInput(1, Setting("config", at, {"site": to_plain(self.site), "hash": "bench"}))
        ]
        seq = 2
        for start in range(0, count, BLOCK):
            rows = min(BLOCK, count - start)
            blocks = [self._block(number, rows) for number in range(len(self.groups))]
            late = self._rng.integers(200_000, 6_000_000, (rows, len(self.groups))).tolist()
            spread = self._rng.integers(300_000, 2_000_000, (rows, len(self.groups))).tolist()
            for row in range(rows):
                out, head = head, []
                for number, (group, (raw, values)) in enumerate(zip(self.groups, blocks, strict=True)):
                    since = (start + row) * SECOND + number * 20_000_000 + late[row][number]
                    quality = np.zeros(len(group.points), np.uint8)
                    instant = Instant(T0 + since, since, 1)
                    reading = Reading(group.id, instant, spread[row][number], values[row], quality, raw[row])
                    out.append(NumberedInput(seq, reading))
                    seq += 1
                yield out

    def _block(self, number: int, rows: int) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
        layout: Layout = self.groups[number].layout()
        raw = np.zeros((rows, layout.words), dtype=np.uint16)
        for index, (field, start) in enumerate(zip(layout.fields, layout.starts, strict=True)):
            if field.type == "uint32":
                moves = self._rng.random(rows) < 1 / 30
                counts = self._counts[number, index] + np.cumsum(moves)
                self._counts[number, index] = counts[-1]
                raw[:, start], raw[:, start + 1] = counts >> 16, counts & 0xFFFF
                continue
            drift = self._levels[number, index] + np.cumsum(self._rng.normal(0, 0.005, rows))
            self._levels[number, index] = drift[-1]
            signal = drift + self._rng.normal(0, 0.05, rows)
            if field.type == "int16":
                raw[:, start] = np.round(signal * 10).astype(np.int16).view(np.uint16)
            else:
                words = signal.astype(">f4").view(">u2").reshape(rows, 2)
                raw[:, start : start + 2] = words
        return raw, layout.values(raw)


def _group(number: int, tags: int) -> Group:
    device = f"press{number}"
    points = tuple(Point(f"p{i}", f"hall/line1/{device}/p{i}", KINDS[i % len(KINDS)]) for i in range(tags))
    return Group(f"{device}/fast", device, SECOND, points, 10 * SECOND)
