"""How much of its disk a gateway's journal may take, and what it keeps ready for when there is none left."""

from __future__ import annotations

from dataclasses import dataclass

WINDOWS_NS = {"ssd": 100_000_000, "disk": 1_000_000_000, "card": 10_000_000_000, "minute": 60_000_000_000}
"""Commit profile to the longest time that a folded input stays uncommitted."""


@dataclass(frozen=True, slots=True)
class Room:
    """The default leaves a box with nothing else on its disk twice what the first disk alarm asks for."""

    quota: float = 0.6  # of the disk up to 1, bytes above
    ballast_bytes: int = 16_000_000  # and never more than a hundredth of the disk; 0: none
    thin_unstored: bool = False  # whether what nobody else holds may be thinned too, rather than stop reading

    def quota_bytes(self, disk_bytes: int) -> int:
        """In bytes, on a disk of that size."""
        return round(self.quota * disk_bytes) if self.quota <= 1 else round(self.quota)
