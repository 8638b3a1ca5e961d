"""Records as line protocol, many lines at once: the text that InfluxDB and its likes take.

Measurements ``reading``, ``signal``, ``alarm``, ``lot`` and ``gateway``; tags site, area, line, cell, point. A field
has one type for ever, so a number is ``value`` (float64; a float32 as its shortest decimal, bits as 0 and 1), a
64-bit integer is ``value_i``, a text ``text``; ``quality`` is beside them, and alone where the value is bad.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import add
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.ingest.eventlines import EventLines
from gateway.ingest.kinds import Kind
from gateway.ingest.linetext import field, name, place
from gateway.ingest.refused import series_of
from gateway.ingest.ties import ties
from gateway.model import BAD_FROM, GroupId, NumberedEvent, NumberedInput
from gateway.rows import Rows, columns_of
from gateway.site import Site
from gateway.wire import Eras
from gateway.wire.catalogue import Catalogue, Shape

Beside = Callable[[int, int], Iterable[NumberedEvent]]
"""All events of [t0, t1), in nanoseconds."""


class Block(NamedTuple):
    """Lines, parted by newlines where there are several, and the seq of each one's record."""

    text: str
    seqs: Sequence[int]


def numbered(blocks: Iterable[Block]) -> Iterator[tuple[int, str]]:
    """Line by line, each with the seq of its record."""
    for text, seqs in blocks:
        if len(seqs) == 1:  # a text in it may have newlines of its own
            yield seqs[0], text
        else:
            yield from zip(seqs, text.split("\n"), strict=True)


def alone(t0: int, t1: int) -> tuple[()]:
    """For events none of which share their time."""
    del t0, t1
    return ()


WIDE = ("int64", "uint64")
NOTHING: Mapping[GroupId, NDArray[np.int64]] = MappingProxyType({})
_NEVER = np.zeros(0, dtype=np.int64)


class Lines:
    """Line protocol for one site and one kind of database."""

    def __init__(self, site: str, gateway: str, kind: Kind, precision: str) -> None:
        self._site, self._kind, self._events = site, kind, EventLines(site, gateway, kind)
        self._divisor = 1_000_000 if precision == "ms" or kind.finest == "ms" else 1
        self.precision = "ms" if self._divisor > 1 else "ns"
        self._heads: dict[tuple[str, str], str] = {}
        self._catalogue: tuple[Site | None, Catalogue] = (None, Catalogue({}))

    def catalogue(self, site: Site) -> Catalogue:
        """What this config's groups look like; that of the last one is kept, for most runs are of the same."""
        if self._catalogue[0] is not site:
            self._catalogue = site, Catalogue(site.groups())
        return self._catalogue[1]

    def time(self, time_ns: int) -> int:
        """Time as it is written: towards the past."""
        return time_ns // self._divisor

    def inputs(self, inputs: Iterable[NumberedInput], eras: Eras) -> Iterator[str]:
        """Readings, line by line."""
        return (text for _, text in numbered(self.blocks(columns_of(list(inputs)), eras)))

    def blocks(
        self,
        columns: Iterable[tuple[GroupId, Rows]],
        eras: Eras,
        before: Mapping[GroupId, NDArray[np.int64]] = NOTHING,
    ) -> Iterator[Block]:
        """Readings, many lines at once; the other inputs have no measurement: what they did is in the events.

        `before`: times of the readings just before these, which may share a millisecond with the first.
        """
        for group, whole in columns:
            past = before.get(group, _NEVER)
            for rows, catalogue in eras.split(whole):
                shape = catalogue.shape(group, rows.quality.shape[1], rows.raw.shape[1])
                if shape is not None:
                    nth = ties(rows.time_ns // self._divisor, past // self._divisor)
                    yield from self._readings(shape, rows, nth)
                past = rows.time_ns

    def _readings(self, shape: Shape, rows: Rows, nth: list[int] | None) -> Iterator[Block]:
        quality, seqs = rows.quality, rows.seq.tolist()
        numbers = shape.layout.values(rows.raw)
        numbers[quality >= BAD_FROM] = np.nan
        _, columns = shape.columns(numbers, quality, rows.raw)
        times = [f"i {time}" for time in (rows.time_ns // self._divisor).tolist()]
        good = [f",quality=0{time}" for time in times]
        clean: list[bool] = np.logical_not(np.any(quality, axis=0)).tolist()
        for index, (tag, kind) in enumerate(zip(shape.tags, shape.types, strict=True)):
            head = self._head("reading", tag)
            column = columns[index]
            if (
                nth is None
                and clean[index]
                and isinstance(column, np.ndarray)
                and column.dtype.kind in "iuf"
                and kind not in WIDE
            ):
                values = _decimals(column)
                if "null" not in values:  # the way that nearly all go: one concatenation a line
                    first = f"{head} value="
                    yield Block(first + f"\n{first}".join(map(add, values, good)), seqs)
                    continue
            heads = [head] * len(seqs) if nth is None else [f"{head},n={n}" if n else head for n in nth]
            lines = (
                f"{here} {value}quality={code}{time}"
                for here, value, code, time in zip(
                    heads, self._column(column, kind), quality[:, index].tolist(), times, strict=True
                )
            )
            for seq, text in zip(seqs, lines, strict=True):
                yield Block(text, [seq])

    def _column(self, column: object, kind: str) -> Iterator[str]:
        """The value's field with its comma, or nothing where it is bad."""
        if isinstance(column, np.ndarray) and column.dtype.kind == "f":
            return (f"value={text}," if text != "null" else "" for text in _decimals(column))
        items = column.tolist() if isinstance(column, np.ndarray) else column
        assert isinstance(items, list)  # noqa: S101 # what Shape.columns gives
        if kind == "string":
            if not self._kind.strings:
                return ("" for _ in items)
            return ("" if item is None else f"text={field(item)}," for item in items)
        if kind in WIDE:
            return ("" if item is None else f"value_i={_wide(item)}," for item in items)
        return ("" if item is None else f"value={int(item)}," for item in items)

    def events(self, events: Iterable[NumberedEvent], beside: Beside = alone) -> Iterator[str]:
        """Signals, alarms, lots, and what else is worth a row."""
        return (block.text for block in self.event_blocks(events, beside))

    def event_blocks(self, events: Iterable[NumberedEvent], beside: Beside = alone) -> Iterator[Block]:
        """One line a block. Of several with the same tags and time all but the first get a tag `n`: 1, 2, ...

        Else the later would overwrite the earlier, or be dropped. By seq among all that have that time: so an event
        has the same tag whenever it is written.
        """
        unit, seen = self._divisor, dict[int, dict[str, list[int]]]()
        for each in events:
            time = self.time(each.event.time_ns)
            text = self._events.line(each, time)
            low = each.event.time_ns // unit * unit
            if low not in seen:
                places = seen[low] = {}
                for other in beside(low, low + unit):
                    places.setdefault(series_of(self._events.line(other, time)), []).append(other.seq)
            nth = sum(seq < each.seq for seq in seen[low].get(series_of(text), ()))
            yield Block(_marked(text, nth) if nth else text, [each.seq])

    def _head(self, measurement: str, tag: str) -> str:
        key = (measurement, tag)
        if key not in self._heads:
            named = {"site": self._site, **place(tag)}
            text = "".join(f",{name(each)}={name(value)}" for each, value in sorted(named.items()) if value)
            self._heads[key] = measurement + text
        return self._heads[key]


def _marked(text: str, nth: int) -> str:
    """The line with a tag `n`."""
    series = series_of(text)
    return f"{series},n={nth}{text[len(series) :]}"


def _decimals(column: NDArray[np.generic]) -> list[str]:
    """Numbers as shortest decimals of their own type; "null" for nan."""
    return orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")


def _wide(item: int) -> str:
    return f"{item}i" if item < 2**63 else f"{item}u"
