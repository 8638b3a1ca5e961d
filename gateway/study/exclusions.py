"""Rows that are left out of a study, each with the reason why. Pure.

>>> parse('12-15:"sensor cleaned"')
Exclusion(first=12, last=15, reason='sensor cleaned')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FORM = re.compile(r"\s*(\d{1,15})\s*(?:-\s*(\d{1,15})\s*)?:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rows of data, counted from 0, both ends included."""

    first: int
    last: int
    reason: str

    @property
    def rows(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


def parse(text: str) -> Exclusion:
    """Of ``12-15:reason`` or ``12:reason``. Raises ValueError saying what is wrong."""
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f'{text}: write ROWS:REASON, such as 12-15:"sensor cleaned"')
    first, last, reason = int(found[1]), int(found[2] or found[1]), found[3].strip().strip("\"'").strip()
    if last < first:
        raise ValueError(f"{text}: rows {first}-{last} run backwards")
    if not reason:
        raise ValueError(f"{text}: say why these rows are left out")
    return Exclusion(first, last, reason)


def rows_left_out(exclusions: Sequence[Exclusion], rows: int) -> NDArray[np.bool_]:
    """Which of the rows are left out. Raises ValueError where there are no such rows."""
    out = np.zeros(rows, dtype=np.bool_)
    for each in exclusions:
        if each.last >= rows:
            raise ValueError(f"there is no row {each.last} to leave out: the last is {rows - 1}")
        out[each.first : each.last + 1] = True
    return out
