"""A limit by the number of samples that center and sigma come from, as a short table. Pure."""

from __future__ import annotations

import math

Table = tuple[tuple[int, float], ...]


def interpolate(table: Table, m: int) -> float:
    """The limit for m samples: linear in 1 / sqrt(m) between the nodes, the end nodes' beyond them."""
    if m <= table[0][0]:
        return table[0][1]
    for (low, first), (high, second) in zip(table, table[1:], strict=False):
        if m <= high:
            share = (1 / math.sqrt(low) - 1 / math.sqrt(m)) / (1 / math.sqrt(low) - 1 / math.sqrt(high))
            return first + share * (second - first)
    return table[-1][1]
