"""Which partition a site belongs to: the one with the highest random weight of (partition, site).

Rendezvous hashing (D. G. Thaler and C. V. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
Transactions on Networking 6(1), 1998): everybody computes it alone and finds the same, partitions get even shares, and
one more partition takes 1/(n+1) of the sites, all of them for itself.

>>> partition_of("north", 16), partition_of("north", 17), partition_of("south", 16), partition_of("south", 17)
(9, 9, 13, 13)
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

MOST = 1_024  # partitions


def partition_of(site: str, count: int) -> int:
    """0..count-1. Raises ValueError for a count that is none."""
    if not 1 <= count <= MOST:
        raise ValueError(f"{count} partitions: there are 1 to {MOST}")
    return int(np.argmax(weights(seed_of(site), count)))


def seed_of(site: str) -> int:
    """The first 8 bytes, big-endian, of SHA-256 over the name in UTF-8."""
    return int.from_bytes(hashlib.sha256(site.encode("utf-8", "surrogatepass")).digest()[:8])


def weights(seed: int, count: int) -> NDArray[np.uint64]:
    """Of partitions 0..count-1: the first outputs of SplitMix64 from this seed, uint64[count].

    G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the constants
    are those of S. Vigna's splitmix64.c. A hash for each partition would cost 10,000 sites seconds at every takeover.
    """
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed


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
