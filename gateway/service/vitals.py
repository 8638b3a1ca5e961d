"""Whether the daemon is well: for how long each part that must not stand still has done so. Pure.

A device that is silent, a broker that is away and a disk that is full are not ours to mend by a restart, and are told
elsewhere; what counts here is that the loop turns, that every bus is asked, and that the disk answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vital:
    """One part: since when it stands still, in nanoseconds of a given instant, and for how long it may."""

    name: str
    still_ns: Callable[[int], int]
    most_ns: int


class Vitals:
    """All of them. Parts may come later, as buses do."""

    def __init__(self, parts: Callable[[], Sequence[Vital]]) -> None:
        self._parts = parts

    def ills(self, now_ns: int) -> list[str]:
        """What is not well, in words; none: all is."""
        found = []
        for part in self._parts():
            still_ns = part.still_ns(now_ns)
            if still_ns > part.most_ns:
                found.append(
                    f"{part.name} has stood still for {still_ns / 1e9:.0f} s (at most {part.most_ns / 1e9:.0f})"
                )
        return found
