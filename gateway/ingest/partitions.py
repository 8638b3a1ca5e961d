"""Which partition a site belongs to: the one with the highest random weight of (partition, site).

Rendezvous hashing (D. G. Thaler and C. V. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
Transactions on Networking 6(1), 1998): everybody computes it alone and finds the same, partitions get even shares, and
one more partition takes 1/(n+1) of the sites, all of them for itself.

>>> partition_of("north", 16), partition_of("north", 17), partition_of("south", 16), partition_of("south", 17)
(11, 16, 15, 15)
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

MOST = 1_024  # partitions; a site costs one hash each, once


def partition_of(site: str, count: int) -> int:
    """0..count-1. Raises ValueError for a count that is none."""
    if not 1 <= count <= MOST:
        raise ValueError(f"{count} partitions: there are 1 to {MOST}")
    return max(range(count), key=lambda number: weight(site, number))


def weight(site: str, number: int) -> int:
    """The first 8 bytes, big-endian, of SHA-256 over ``<number>/<site>`` in UTF-8."""
    digest = hashlib.sha256(f"{number}/{site}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big")


@dataclass(frozen=True, slots=True)
class Share:
    """Some partitions of so many."""

    numbers: tuple[int, ...]
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """``3/16``, ``0,4,8/16``, ``0-3/16``: numbered from 0. Raises ValueError with what to write instead.

        >>> Share.parse("0-2,7/16")
        Share(numbers=(0, 1, 2, 7), count=16)
        """
        listed, slash, count_text = text.partition("/")
        if not slash or not re.fullmatch(r"[0-9]{1,6}", count_text):
            raise ValueError(f"{text}: write partition 3 of 16 as 3/16, several as 0-3/16 or 0,4/16")
        count = int(count_text)
        if not 1 <= count <= MOST:
            raise ValueError(f"{text}: there are 1 to {MOST} partitions")
        numbers: set[int] = set()
        for part in listed.split(","):
            ends = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", part)
            if ends is None:
                raise ValueError(f"{text}: write partition 3 of 16 as 3/16, several as 0-3/16 or 0,4/16")
            first, last = int(ends[1]), int(ends[2] or ends[1])
            if first > last or last >= count:
                raise ValueError(f"{text}: {count} partitions are numbered 0 to {count - 1}")
            numbers.update(range(first, last + 1))
        return cls(tuple(sorted(numbers)), count)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one worker is there for: partitions of its own, and those it takes when nobody has them."""

    own: tuple[int, ...]
    standby: tuple[int, ...]
    count: int

    @classmethod
    def of(cls, own: str | None, standby: str | None) -> Self:
        """Of what the command line says. Raises ValueError."""
        mine = Share.parse(own) if own is not None else None
        others = Share.parse(standby) if standby is not None else None
        counts = {share.count for share in (mine, others) if share is not None}
        if len(counts) != 1:
            raise ValueError(f"{own} and {standby}: both are of one number of partitions")
        numbers = mine.numbers if mine else ()
        rest = tuple(number for number in (others.numbers if others else ()) if number not in numbers)
        return cls(numbers, rest, counts.pop())
