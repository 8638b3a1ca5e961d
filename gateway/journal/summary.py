"""Overviews of a chunk's values: how many are usable, least, greatest, sum: months are shown without reading them.

A summary names the field that made values of the words (`mark_of`): where the config in force says something else by
now, it is of no use, and the values are read.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from gateway.journal.ages import View
from gateway.journal.chunk import Summary
from gateway.layout import Field
from gateway.model import BAD_FROM
from gateway.rows import Rows


def mark_of(field: Field) -> int:
    """The same number for the same way from words to values."""
    said = (field.type, field.width, field.order, field.scale, field.bias, field.mask)
    return zlib.crc32(repr(said).encode())


def summaries_of(rows: Rows, view: View) -> Sequence[Summary | None]:
    """One for each point; none of texts, and of values whose sum is beyond float64."""
    made: list[Summary | None] = []
    for place, column in enumerate(view.layout.typed(rows.raw)):
        field = view.group.points[place].field
        made.append(None if column.dtype.kind in "US" else _summary(field, rows, place, column.astype(float)))
    return made


def _summary(field: Field, rows: Rows, place: int, values: np.ndarray) -> Summary | None:
    usable = values[(rows.quality[:, place] < BAD_FROM) & ~np.isnan(values)]
    if not len(usable):
        return mark_of(field), 0, 0.0, 0.0, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        found = float(usable.min()), float(usable.max()), float(usable.sum())
    return (mark_of(field), len(usable), *found) if np.isfinite(found).all() else None
