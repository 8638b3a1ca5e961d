"""Looks at the disk now and then: tells the fold how much is free, and takes the ballast again when there is room.

Rule: while there is plenty, nothing is told, and nothing is written; below `TELL_BELOW` percent, whole percents are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from gateway.folding.diskalarms import DISK
from gateway.model import Setting
from gateway.ports import Clock

EVERY_NS = 5_000_000_000
SOON_NS = 1_000_000_000  # while the ballast is given away
TELL_BELOW = 25

log = logging.getLogger(__name__)


class DiskWatch:
    """`run` is a task of the daemon. `look` sees to the ballast, and says whether it is there or not to be.

    `standing`: whether an alarm of the disk is there already.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        room: Callable[[Path], tuple[int, int]],
        take: Callable[[Setting], None],
        look: Callable[[], Awaitable[bool]],
        *,
        standing: bool = False,
    ) -> None:
        self._folder, self._clock, self._room = folder, clock, room
        self._take, self._look = take, look
        self._told: int | None = -1 if standing else None
        self._trouble = ""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            well = await self._look()
            try:
                whole, free = await asyncio.to_thread(self._room, self._folder)
                self._trouble = ""
            except OSError as error:
                whole = free = 0
                if str(error) != self._trouble:
                    log.warning("the disk does not say how much is free: %s", error)
                self._trouble = str(error)
            if whole > 0:
                self.tell(whole, free)
            await self._clock.sleep_until(self._clock.boottime_ns() + (EVERY_NS if well else SOON_NS))

    def tell(self, whole: int, free: int) -> None:
        """Hand on what is new to the fold."""
        percent = 100 * free // whole
        low = min(percent, self._told if self._told is not None else percent) < TELL_BELOW
        if low and percent != self._told:
            self._told = percent
            self._take(Setting(DISK, self._clock.now(), {"bytes": whole, "free": free}))
