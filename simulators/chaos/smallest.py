"""The fewest faults that still fail in the same way: delta debugging of a script.

Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28 (2002), algorithm ddmin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulators.chaos.script import Fault


def smallest(script: Sequence[Fault], fails: Callable[[Sequence[Fault]], bool], tries: int) -> list[Fault]:
    """Of a script that fails, a part that fails and of which no part does; as far as so many runs lead."""
    left, parts = list(script), 2
    while len(left) > 1 and tries > 0:
        size = -(-len(left) // parts)
        for start in range(0, len(left), size):
            without = left[:start] + left[start + size :]
            tries -= 1
            if without and fails(without):
                left, parts = without, max(parts - 1, 2)
                break
            if tries <= 0:
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(left))
    return left
