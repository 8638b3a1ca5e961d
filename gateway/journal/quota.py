"""How much of the disk the folder may take, and how far it is beyond that. Blocks: it asks the file system.

The quota is what the config says. Where others fill the disk, the folder gives way, until a twentieth of the disk is
free, but never below half of its quota: a log that runs wild may not cost all of history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.journal.ballast import disk_room
from gateway.model import Noted
from gateway.site.room import Room

_BLOCK = 512  # what st_blocks counts in
_FREE = 20  # one part of the disk in so many stays free


def taken(folder: Path) -> int:
    """Bytes on the disk of what lies in the folder: holes count for nothing. Raises OSError."""
    total = 0
    for path in folder.iterdir():
        try:
            total += path.stat().st_blocks * _BLOCK
        except FileNotFoundError:  # merged, or thinned, in between
            continue
    return total


@dataclass(frozen=True, slots=True)
class Quota:
    """Of one folder; `told` hears of what was thinned, and that nothing may be."""

    folder: Path
    room: Room
    disk: Callable[[Path], tuple[int, int]] = disk_room
    told: Callable[[Noted], None] = lambda _: None

    def beyond(self) -> int:
        """Bytes that are to go; 0 within the quota. Raises OSError."""
        whole, free = self.disk(self.folder)
        used, quota = taken(self.folder), self.room.quota_bytes(whole)
        may = max(min(quota, used + free - whole // _FREE), quota // 2)
        return max(used - may, 0)
