"""Ways to spoil bytes. What repairs a check afterwards is the caller's: only it knows where the check is."""

from __future__ import annotations

import random

KINDS = ("random", "flipped", "truncated", "repaired", "spliced", "repeated")


def spoiled(kind: str, good: bytes, chance: random.Random) -> bytes:
    """Bytes made of good ones; "repaired" are some bytes changed, and the caller mends the check."""
    if kind == "random" or not good:
        return chance.randbytes(
            chance.randrange(1, 40) if chance.random() < 0.8 else chance.randrange(1, 260)
        )
    if kind == "flipped":
        return flipped(good, chance)
    if kind == "truncated":
        return good[: chance.randrange(len(good))]
    if kind == "spliced":
        at = chance.randrange(len(good))
        return good[:at] + chance.randbytes(chance.randrange(1, 12)) + good[chance.randrange(len(good)) :]
    if kind == "repeated":  # what looks like the beginning of a frame, again and again
        return (good[: chance.randrange(1, 4)] * 260)[: chance.randrange(1, 260)]
    data = bytearray(good)
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(len(data))] = chance.choice(
            (0, 1, 2, 3, 0x7F, 0x80, 0xFF, chance.randrange(256))
        )
    return bytes(data)


def flipped(good: bytes, chance: random.Random) -> bytes:
    """One to three bits turned."""
    data = bytearray(good)
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)
