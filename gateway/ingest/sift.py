"""Which of many items are refused, found by halving. Pure; a trial may be made again and again.

>>> def trial(items):
...     bad = [each for each in items if each < 0]
...     return Refused("below 0") if bad else None
>>> [found.items for found in sift([1, 2, -3, 4, -5], trial).found]
[[-3], [-5]]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """A trial's answer: some of its items are refused; `count` of them, 0 where it does not say."""

    reason: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """Items that are refused: one, or several that were refused as one."""

    items: list[T]
    reason: str
    exact: bool = True  # False: some among these, the trials were too many to tell which


@dataclass
class Sifted(Generic[T]):
    """What came of it."""

    found: list[Found[T]] = field(default_factory=list)
    taken: int = 0  # items of trials that were not refused


def sift(
    items: Sequence[T],
    trial: Callable[[Sequence[T]], Refused | None],
    trials: int = 1_000,
    *,
    counted: bool = False,
) -> Sifted[T]:
    """Put every item to a trial, in order, in parts that get smaller where they are refused.

    `counted`: a count is exact, and what a refused trial does not count is taken; so of two halves one is tried.
    """
    made: Sifted[T] = Sifted()
    parts: list[tuple[list[T], Refused | None]] = [(list(items), None)]
    while parts:
        part, known = parts.pop()
        refused = known
        if refused is None:
            refused = trial(part)
            trials -= 1
            if counted and parts and parts[-1][1] is not None:  # the other half has the rest of their count
                rest, both = parts.pop()
                left = (both.count if both else 0) - (refused.count if refused else 0)
                if left > 0 and both is not None:
                    parts.append((rest, Refused(both.reason, left)))
                else:
                    made.taken += len(rest)
        if refused is None:
            made.taken += len(part)
        elif len(part) == 1 or refused.count >= len(part):
            made.found.append(Found(part, refused.reason))
        elif trials <= len(parts):
            made.found.append(Found(part, refused.reason, exact=False))
        else:
            middle = len(part) // 2
            parts += [(part[middle:], refused if counted else None), (part[:middle], None)]
    return made
