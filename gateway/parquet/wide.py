"""The wide form: a row an instant, a column a tag in its own type, and beside it a column for its quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gateway.journal.series import Series
from gateway.model import BAD_FROM, Identity
from gateway.parquet.long import QUALITIES
from gateway.parquet.points import Tag

_WORD = pa.dictionary(pa.int32(), pa.string())
_TYPES = {
    "float32": pa.float32(),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "uint64": pa.uint64(),
    "bool": pa.bool_(),
    "string": pa.string(),
}


class WideUnfit(ValueError):
    """A tag was text at one time and a number at another, or whole and not: it fits no one column."""


class Wide:
    """Makes tables of series. Raises WideUnfit."""

    def __init__(self, tags: Mapping[str, Tag]) -> None:
        self._types = {name: _type_of(tag) for name, tag in sorted(tags.items())}
        fields = [pa.field("site", _WORD), pa.field("gateway", _WORD)]
        fields.append(pa.field("time", pa.timestamp("ns", tz="UTC")))
        for name, kind in self._types.items():
            fields.append(pa.field(name, kind, metadata={"uom": tags[name].uom}))
            fields.append(pa.field(f"{name} quality", _WORD))
        self.schema = pa.schema(fields)

    def tables(self, who: Identity, found: Sequence[Series]) -> list[Any]:
        """What some time of one journal holds, in the order of time. A tag read twice at one instant has two rows."""
        parts = [part for series in found if len(series) for part in _apart(series)]
        turns: dict[int, list[Series]] = {}
        for turn, series in parts:
            turns.setdefault(turn, []).append(series)
        return [self._table(who, some) for _, some in sorted(turns.items())]

    def _table(self, who: Identity, found: list[Series]) -> Any:
        times = np.unique(np.concatenate([series.time_ns for series in found]))
        count = len(times)
        words = [
            pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([word]))
            for word in (who.site, who.gateway)
        ]
        by_tag = {series.tag: series for series in found}
        columns: list[Any] = [*words, pa.array(times).cast(pa.timestamp("ns", tz="UTC"))]
        for name, kind in self._types.items():
            series = by_tag.get(name)
            if series is None:
                columns += [pa.nulls(count, kind), pa.nulls(count, _WORD)]
                continue
            rows = np.full(count, -1, np.int64)
            rows[np.searchsorted(times, series.time_ns)] = np.arange(len(series))
            taken = pa.array(rows, mask=rows < 0)
            quality = pa.DictionaryArray.from_arrays(pa.array(series.quality.astype(np.int32)), QUALITIES)
            columns += [_column(series, kind).take(taken), quality.take(taken)]
        return pa.Table.from_arrays(columns, schema=self.schema)


def _column(series: Series, kind: Any) -> Any:
    bad = series.quality >= BAD_FROM
    values: NDArray[Any] = series.values
    if pa.types.is_string(kind):
        return pa.array(values.tolist(), kind, mask=bad)
    return pa.array(values, mask=bad).cast(kind)


def _apart(series: Series) -> list[tuple[int, Series]]:
    """Rows of equal times in turns: none twice in one."""
    new = np.diff(series.time_ns, prepend=series.time_ns[0] - 1) != 0
    if bool(new.all()):
        return [(0, series)]
    place = np.arange(len(series))
    turn = place - np.maximum.accumulate(np.where(new, place, 0))
    apart = []
    for each in range(int(turn.max()) + 1):
        now = turn == each
        apart.append((each, Series(series.tag, series.time_ns[now], series.values[now], series.quality[now])))
    return apart


def _type_of(tag: Tag) -> Any:
    if len(tag.kinds) == 1:
        [kind] = tag.kinds
        return _TYPES[kind]
    if tag.kinds <= {"float32", "float64"}:
        return pa.float64()
    raise WideUnfit(
        f"{tag.tag} was {' and '.join(sorted(tag.kinds))} at different times and fits no one column"
    )
