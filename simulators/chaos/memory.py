"""Whether memory stays where it is: what Python has allocated, looked at in even steps of virtual time."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulators.chaos.loop import pause

DAY_S = 86_400.0
_OURS = tuple(f"{Path(__file__).parents[2]}/{room}/" for room in ("gateway", "drivers"))
_FEWEST = 3  # looks that make a line
PAGE = 4096


@dataclass
class Memory:
    """Looks every `every_s`; a line is fitted to the second half, for caches and windows fill in the first.

    The longest of them, stays of lots, is full after five hours: a line says something from ten hours on.
    """

    every_s: float
    times_s: list[float] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)  # objects of Python that live
    ours: list[int] = field(default_factory=list)  # bytes that code of gateway and drivers holds
    rss: list[int] = field(default_factory=list)  # bytes

    async def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """For ever."""
        began_s = loop.time()
        tracemalloc.start()
        while True:
            await pause(self.every_s)
            gc.collect()
            self.times_s.append(loop.time() - began_s)
            self.blocks.append(sys.getallocatedblocks())
            self.rss.append(resident())
            held = tracemalloc.take_snapshot().statistics("filename")
            self.ours.append(sum(each.size for each in held if each.traceback[0].filename.startswith(_OURS)))

    def plain(self) -> dict[str, float]:
        """For JSON: megabytes that a day takes; of what the product holds, and with all that the simulation keeps."""
        return {
            "slope_mb_a_day": round(_slope(self.times_s, self.ours) * DAY_S / (1 << 20), 3),
            "resident_slope_mb_a_day": round(_slope(self.times_s, self.rss) * DAY_S / (1 << 20), 3),
            "slope_objects_a_day": round(_slope(self.times_s, self.blocks) * DAY_S),
            "resident_mb": round(resident() / (1 << 20), 1),
        }


def _slope(times_s: list[float], values: list[int]) -> float:
    """Of the line through the second half, by least squares; a second."""
    half = len(times_s) // 2
    times, held = np.array(times_s[half:]), np.array(values[half:], dtype=np.float64)
    if len(times) < _FEWEST:
        return 0.0
    return float(np.polyfit(times - times[0], held, 1)[0])


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE
