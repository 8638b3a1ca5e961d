"""Readings of one group that a store of milliseconds cannot tell apart by their time. Pure.

All but the first of a time get a tag `n`: 1, 2, ... Else the later would overwrite the earlier, or be dropped. Numbered
by seq, with what came just before the rows that are written: so a reading has the same tag whenever it is written.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEAR = 64  # records before a run that may share a millisecond with its first


def ties(times: NDArray[np.int64], before: NDArray[np.int64]) -> list[int] | None:
    """How many rows earlier in order have each one's time, as it is written; None where no two have one.

    >>> ties(np.array([5, 5, 6, 5]), np.array([4, 5]))
    [1, 2, 0, 3]
    """
    every = np.concatenate([before, times])
    if (np.diff(every) > 0).all():  # the way that nearly all go
        return None
    seen: dict[int, int] = {}
    nth = []
    for time in every.tolist():
        nth.append(seen.get(time, 0))
        seen[time] = nth[-1] + 1
    return nth[len(before) :] if any(nth[len(before) :]) else None
