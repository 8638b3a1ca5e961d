"""The long form: a row a value, the same columns for every plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gateway.journal.series import Series
from gateway.model import BAD_FROM, Identity, Quality
from gateway.parquet.lots import LotsThen
from gateway.parquet.points import Tag

_WORD = pa.dictionary(pa.int32(), pa.string())
QUALITIES = [
    {int(quality): quality.name.lower() for quality in Quality}.get(code, f"0x{code:02x}")
    for code in range(256)
]
SCHEMA = pa.schema(
    [
        ("site", _WORD),
        ("gateway", _WORD),
        ("area", _WORD),
        ("line", _WORD),
        ("cell", _WORD),
        ("point", _WORD),
        ("time", pa.timestamp("ns", tz="UTC")),
        ("value", pa.float64()),  # of numbers and bits; null: bad, or a text
        ("whole", pa.decimal128(20, 0)),  # of whole numbers without a scale: exact beyond 2^53
        ("text", pa.string()),
        ("quality", _WORD),
        ("uom", _WORD),
    ]
)
LOTS = [pa.field("lots", pa.list_(pa.string())), pa.field("materials", pa.list_(pa.string()))]


class Long:
    """Makes tables of series."""

    def __init__(self, tags: Mapping[str, Tag], *, lots: bool = False) -> None:
        self._tags = tags
        self.schema = pa.schema([*SCHEMA, *LOTS]) if lots else SCHEMA

    def tables(self, who: Identity, found: Sequence[Series], lots: LotsThen | None = None) -> list[Any]:
        """What some time of one journal holds, tag after tag, each in the order of time."""
        return [self._table(who, series, lots) for series in found if len(series)]

    def _table(self, who: Identity, series: Series, lots: LotsThen | None) -> Any:
        tag, count = self._tags[series.tag], len(series)
        bad = series.quality >= BAD_FROM
        columns = [_same(word, count) for word in (who.site, who.gateway, *tag.places)]
        columns.append(pa.array(series.time_ns).cast(pa.timestamp("ns", tz="UTC")))
        columns += _values(series.values, bad)
        columns.append(pa.DictionaryArray.from_arrays(pa.array(series.quality.astype(np.int32)), QUALITIES))
        columns.append(_same(tag.uom, count))
        if lots is not None:
            columns += [lots.at(tag.cell, role, series.time_ns) for role in ("product", "material")]
        return pa.Table.from_arrays(columns, schema=self.schema)


def _values(values: NDArray[Any], bad: NDArray[np.bool_]) -> list[Any]:
    """Value, whole, text."""
    count = len(values)
    if values.dtype.kind in "USO":  # O: of more than one kind, as configs had it at different times
        given = [None if wrong else each for each, wrong in zip(values.tolist(), bad.tolist(), strict=True)]
        texts = [each if isinstance(each, str) else None for each in given]
        numbers = [None if each is None or isinstance(each, str) else float(each) for each in given]
        wholes = [Decimal(each) if type(each) is int else None for each in given]
        types = pa.float64(), pa.decimal128(20, 0), pa.string()
        return [pa.array(*each) for each in zip((numbers, wholes, texts), types, strict=True)]
    number = pa.array(values.astype(np.float64), mask=bad)
    whole = pa.nulls(count, pa.decimal128(20, 0))
    if values.dtype.kind in "iu":
        whole = pa.array(values, mask=bad).cast(pa.decimal128(20, 0))
    return [number, whole, pa.nulls(count, pa.string())]


def _same(word: str, count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([word]))
