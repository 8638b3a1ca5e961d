"""How the data folder stands on its disk: room, quota, ballast; for pages, metrics and the doctor. Blocks: it asks the
file system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.journal.ballast import LEAST_BYTES, NAME, SHARE, disk_room
from gateway.journal.database import NAME as JOURNAL
from gateway.journal.quota import taken
from gateway.site.room import Room


@dataclass(frozen=True, slots=True)
class Stands:
    """In bytes."""

    whole: int  # of the disk
    free: int
    taken: int  # by the folder
    quota: int  # what it may take
    spent: bool  # the ballast ought to be there and is not: it was let go of on a full disk


def stands(folder: Path, room: Room, disk: Callable[[Path], tuple[int, int]] = disk_room) -> Stands:
    """Of a folder that is there. Raises OSError."""
    whole, free = disk(folder)
    wanted = min(room.ballast_bytes, whole // SHARE) >= LEAST_BYTES and (folder / JOURNAL).exists()
    spent = wanted and not (folder / NAME).exists()
    return Stands(whole, free, taken(folder), room.quota_bytes(whole), spent)
