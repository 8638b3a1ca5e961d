"""A poll group as metrics: what its last reading gave, what a new one changes, and the bytes that say so. Pure.

Report by exception (Sparkplug 3.0.0, 2.2): a metric goes when its value or its quality is another than it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Layout
from gateway.model import BAD_FROM, Reading
from gateway.site import Group
from gateway.sparkplug.encode import encode_metric, varint
from gateway.sparkplug.metrics import NEVER_READ, Defined
from gateway.sparkplug.rows import Rows
from gateway.sparkplug.types import BadPayload, DataType, Metric, Value
from gateway.wire.catalogue import WORDY, Shape

Mask = NDArray[np.bool_]


class GroupMetrics:
    """One group. `defined` has one metric a point."""

    def __init__(self, group: Group, defined: Sequence[Defined]) -> None:
        shape = Shape(group)
        layout = group.layout()
        self.id, self.defined = group.id, tuple(defined)
        self.tags, self.types, self._words = shape.tags, shape.types, shape.words
        self._wordy = {
            index: (Layout((layout.fields[index],)), slice(start, start + layout.fields[index].width))
            for index, start in enumerate(layout.starts)
            if shape.types[index] in WORDY
        }
        plain = [index for index in range(shape.points) if index not in self._wordy]
        self._plain = np.array(plain, dtype=np.intp)
        self._rows = Rows(
            [self.defined[index].alias or 0 for index in plain],
            [self.defined[index].datatype for index in plain],
        )
        self._values = np.full(shape.points, np.nan)
        self._quality = np.full(shape.points, NEVER_READ, dtype=np.uint8)
        self._texts: dict[int, Value] = {}
        self._time_ms = np.zeros(shape.points, dtype=np.int64)

    def fits(self, reading: Reading) -> bool:
        """Whether a reading is of this layout."""
        return len(reading.values) == len(self.defined) and len(reading.raw) == self._words

    @property
    def heard(self) -> bool:
        """Whether any value is there and not bad."""
        return bool((self._quality < BAD_FROM).any())

    def take(self, reading: Reading) -> tuple[Mask, Mask]:
        """Remember a reading; which metrics it changes, and which of them by their quality."""
        texts = self._read(reading)
        quality = reading.quality
        values = np.where(quality < BAD_FROM, reading.values, np.nan)
        remark: Mask = quality != self._quality
        same = (values == self._values) | (np.isnan(values) & np.isnan(self._values))
        changed: Mask = ~same | remark
        for index, text in texts.items():
            changed[index] |= text != self._texts.get(index)
        self._values, self._quality, self._texts = values, quality.copy(), texts
        self._time_ms[changed] = reading.at.time_ns // 1_000_000
        return changed, remark

    def _read(self, reading: Reading) -> dict[int, Value]:
        """Texts and wide integers, out of the words; not those that are bad."""
        return {
            index: layout.typed(reading.raw[None, where])[0][0].item()
            for index, (layout, where) in self._wordy.items()
            if reading.quality[index] < BAD_FROM
        }

    def births(self, now_ms: int) -> list[Metric]:
        """Every metric with its current value and quality; what was never read is of now."""
        out = []
        for index, defined in enumerate(self.defined):
            quality = int(self._quality[index])
            time_ms = int(self._time_ms[index]) or now_ms
            out.append(defined.birth(self._value(index), time_ms, quality))
        return out

    def _value(self, index: int) -> Value | None:
        if self._quality[index] >= BAD_FROM:
            return None
        if index in self._wordy:
            return self._texts.get(index)
        return typed(float(self._values[index]), self.defined[index].datatype)

    def body(self, changed: Mask, remark: Mask, time_ms: int) -> bytes:
        """The metrics that changed, with quality where that did, of the reading that was taken last."""
        plain = self._plain
        out: bytes | None = None
        rest = [index for index in self._wordy if changed[index]]
        if changed[plain].all() and not remark.any():
            out = self._written(self._values[plain], time_ms)
        if out is None:
            rest, out = np.flatnonzero(changed).tolist(), b""
        metrics = (
            self.defined[index].data(
                self._value(index), time_ms, int(self._quality[index]) if remark[index] else None
            )
            for index in rest
        )
        return out + b"".join(as_field(metric) for metric in metrics)

    def _written(
        self, values: NDArray[np.float64], time_ms: int, *, historical: bool = False
    ) -> bytes | None:
        """All plain numbers at once; None where one of them does not fit its type."""
        try:
            return self._rows.body(values, time_ms, historical=historical)
        except BadPayload:
            return None

    def past(self, reading: Reading) -> bytes:
        """A reading of before, whole and marked as historical; nothing is remembered."""
        time_ms = reading.at.time_ns // 1_000_000
        texts, bad = self._read(reading), reading.quality >= BAD_FROM
        out: bytes | None = None
        rest = list(self._wordy)
        if not reading.quality.any():
            out = self._written(reading.values[self._plain], time_ms, historical=True)
        if out is None:
            rest, out = list(range(len(self.defined))), b""
        for index in rest:
            defined, quality = self.defined[index], int(reading.quality[index])
            value = texts.get(index)
            if index not in self._wordy and not bad[index]:
                value = typed(float(reading.values[index]), defined.datatype)
            out += as_field(defined.data(value, time_ms, quality or None, historical=True))
        return out


def typed(value: float, datatype: DataType) -> Value | None:
    """A number that came as float64, in its own type."""
    if value != value:  # noqa: PLR0124 # nan
        return None
    if datatype == DataType.BOOLEAN:
        return bool(value)
    return value if datatype in (DataType.FLOAT, DataType.DOUBLE) else int(value)


def as_field(metric: Metric) -> bytes:
    """A metric as it stands in a payload; with null for a value that its type cannot hold: it stops nothing else."""
    try:
        data = encode_metric(metric)
    except BadPayload:
        data = encode_metric(replace(metric, value=None))
    return b"\x12" + varint(len(data)) + data
