"""Whether memory stays where it is: what Python has allocated, looked at in even steps of virtual time."""

from __future__ import annotations

import asyncio
import gc
import sys
from dataclasses import dataclass, field
from pathlib import Path

from simulators.chaos.loop import pause

DAY_S = 86_400.0
PAGE = 4096


@dataclass
class Memory:
    """Looks every `every_s`; slopes are fitted to what came after `warm_s`."""

    every_s: float
    warm_s: float
    times_s: list[float] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)  # objects of Python that live
    rss: list[int] = field(default_factory=list)  # bytes

    async def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """For ever."""
        began_s = loop.time()
        while True:
            await pause(self.every_s)
            gc.collect()
            self.times_s.append(loop.time() - began_s)
            self.blocks.append(sys.getallocatedblocks())
            self.rss.append(resident())


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE
