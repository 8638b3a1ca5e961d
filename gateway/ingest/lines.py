r"""Records as line protocol, the text that the InfluxDB v2 write API takes.

Measurements ``reading``, ``signal``, ``alarm``, ``lot`` and ``gateway``; tags site, area, line, cell, point. A field
has one type for ever, so a number is ``value`` (float64; a float32 as its shortest decimal, bits as 0 and 1), a
64-bit integer is ``value_i``, a text ``text``; ``quality`` is beside them, and alone where the value is bad.

>>> line("reading", {"cell": "press 1", "point": "a,b=c"}, {"value": 0.1, "quality": 0, "text": 'say "hi"\\'}, 7)
'reading,cell=press\\ 1,point=a\\,b\\=c value=0.1,quality=0i,text="say \\"hi\\"\\\\" 7'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import add
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.ingest.kinds import Kind
from gateway.ingest.refused import series_of
from gateway.model import (
    AlarmChanged,
    LotChanged,
    LotMade,
    Noted,
    NumberedEvent,
    NumberedInput,
    Reading,
    Signal,
)
from gateway.wire import Eras
from gateway.wire.catalogue import Shape

Scalar = str | int | float | bool
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


_NAME = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_TEXT = str.maketrans({'"': r"\"", "\\": r"\\"})
STATES = {"shelved": 4, "active": 3, "acknowledged": 2, "returned": 1, "closed": 0}
CHANGES = {"opened": 1, "moved": 2, "linked": 3, "closed": 0}
WIDE = ("int64", "uint64")


def line(measurement: str, tags: Mapping[str, str], fields: Mapping[str, Scalar], time: int) -> str:
    """One line; empty tags and numbers that are not finite are left out. At least one field must be left."""
    named = "".join(f",{_name(key)}={_name(value)}" for key, value in sorted(tags.items()) if value)
    given = ",".join(f"{_name(key)}={_field(value)}" for key, value in fields.items() if _sayable(value))
    return f"{_name(measurement)}{named} {given} {time}"


def _name(text: str) -> str:
    """A measurement, key or tag value. A backslash at its end would escape what follows: it has to go."""
    return text.translate(_NAME).rstrip("\\") or "_"


def _field(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value}i"
    if isinstance(value, float):
        return repr(value)
    return f'"{value.translate(_TEXT)}"'


def _sayable(value: Scalar) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def place(tag: str) -> dict[str, str]:
    """A tag ``area/line/cell/point`` as tags; one with other levels is a point."""
    levels = tag.split("/")
    if len(levels) != 4:
        return {"point": tag}
    return dict(zip(("area", "line", "cell", "point"), levels, strict=True))


class Lines:
    """Line protocol for one site and one kind of database."""

    def __init__(self, site: str, gateway: str, kind: Kind, precision: str) -> None:
        self._site, self._gateway, self._kind = site, gateway, kind
        self._divisor = 1_000_000 if precision == "ms" or kind.finest == "ms" else 1
        self.precision = "ms" if self._divisor > 1 else "ns"
        self._heads: dict[tuple[str, str], str] = {}

    def time(self, time_ns: int) -> int:
        """Time as it is written: towards the past."""
        return time_ns // self._divisor

    def inputs(self, inputs: Iterable[NumberedInput], eras: Eras) -> Iterator[str]:
        """Readings, line by line."""
        return (text for _, text in numbered(self.blocks(inputs, eras)))

    def blocks(self, inputs: Iterable[NumberedInput], eras: Eras) -> Iterator[Block]:
        """Readings, many lines at once; the other inputs have no measurement: what they did is in the events."""
        runs: dict[tuple[str, int, int, int], list[tuple[int, Reading]]] = {}
        for seq, given in inputs:
            if isinstance(given, Reading):
                alike = (given.group, len(given.values), len(given.raw), eras.start_of(seq))
                runs.setdefault(alike, []).append((seq, given))
        for (group, points, words, era), run in runs.items():
            shape = eras.catalogue(era).shape(group, points, words)
            if shape is not None:
                yield from self._readings(shape, [seq for seq, _ in run], [given for _, given in run])

    def _readings(self, shape: Shape, seqs: list[int], run: list[Reading]) -> Iterator[Block]:
        quality = np.stack([reading.quality for reading in run])
        _, columns = shape.columns(
            np.stack([reading.values for reading in run]), quality, np.stack([reading.raw for reading in run])
        )
        times = [f"i {self.time(reading.at.time_ns)}" for reading in run]
        good = [f",quality=0{time}" for time in times]
        clean: list[bool] = np.logical_not(np.any(quality, axis=0)).tolist()
        for index, (tag, kind) in enumerate(zip(shape.tags, shape.types, strict=True)):
            head = self._head("reading", tag)
            column = columns[index]
            if (
                clean[index]
                and isinstance(column, np.ndarray)
                and column.dtype.kind in "iuf"
                and kind not in WIDE
            ):
                values = _decimals(column)
                if "null" not in values:  # the way that nearly all go: one concatenation a line
                    first = f"{head} value="
                    yield Block(first + f"\n{first}".join(map(add, values, good)), seqs)
                    continue
            lines = (
                f"{head} {value}quality={code}{time}"
                for value, code, time in zip(
                    self._column(column, kind), quality[:, index].tolist(), times, strict=True
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
            return ("" if item is None else f"text={_field(item)}," for item in items)
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
            text = self._event(each)
            low = each.event.time_ns // unit * unit
            if low not in seen:
                places = seen[low] = {}
                for other in beside(low, low + unit):
                    places.setdefault(series_of(self._event(other)), []).append(other.seq)
            nth = sum(seq < each.seq for seq in seen[low].get(series_of(text), ()))
            yield Block(_marked(text, nth) if nth else text, [each.seq])

    def _event(self, each: NumberedEvent) -> str:
        seq, event, time = each.seq, each.event, self.time(each.event.time_ns)
        match event:
            case Signal():
                return self._signal(seq, event, time)
            case AlarmChanged():
                return self._alarm(seq, event, time)
            case LotChanged():
                return self._lot(seq, event, time)
            case LotMade():
                return self._made(seq, event, time)
            case Noted():
                return self._noted(seq, event, time)

    def _signal(self, seq: int, event: Signal, time: int) -> str:
        tags = {"characteristic": event.characteristic, "chart": event.chart, "key": event.key}
        texts = {"rules": " ".join(event.rules), "lots": " ".join(event.lots)}
        fields: dict[str, Scalar] = {
            "value": float(event.value),
            "center": float(event.center),
            "lcl": float(event.lcl),
            "ucl": float(event.ucl),
            "size_sigma": float(event.size_sigma),
            "seq": seq,
        }
        return self._line("signal", event.tag, tags, texts, fields, time)

    def _alarm(self, seq: int, event: AlarmChanged, time: int) -> str:
        tags = {"alarm": event.alarm, "kind": event.kind}
        texts = {"state": event.state, "subject": event.subject, "lots": " ".join(event.lots)}
        fields: dict[str, Scalar] = {
            "version": event.version,
            "state_code": STATES.get(event.state, -1),
            "severity": int(event.severity),
            "seq": seq,
        }
        return self._line("alarm", event.tag, tags, texts, fields, time)

    def _lot(self, seq: int, event: LotChanged, time: int) -> str:
        tags = {"lot": event.lot, "role": event.role}
        texts = {"change": event.change, "parents": " ".join(event.parents)}
        fields: dict[str, Scalar] = {"change_code": CHANGES.get(event.change, -1), "seq": seq}
        return self._line("lot", f"{event.cell}/", tags, texts, fields, time)

    def _made(self, seq: int, event: LotMade, time: int) -> str:
        """Mass and shares, least and most where mixing is not known; what a lot is made of is in the replica."""
        tags = {"lot": event.lot, "kind": event.kind}
        least, most = interval([1.0 - row[0] for row in event.composition.passes])
        fields: dict[str, Scalar] = {
            "kg": float(event.kg),
            "sigma_kg": float(event.sigma_kg),
            "regrind_low": least,
            "regrind_high": most,
            "regrind_sigma": float(event.composition.regrind_sigma),
            "recycled": float(max(event.composition.recycled)),
            "rest": float(max(event.composition.rest)),
            "sources": len(event.composition.sources),
            "inputs": len(event.inputs),
            "version": event.version,
            "seq": seq,
        }
        return self._line("lot", f"{event.cell}/", tags, {}, fields, time)

    def _noted(self, seq: int, event: Noted, time: int) -> str:
        tags = {"kind": event.kind, "subject": event.subject, "gateway": self._gateway, "site": self._site}
        fields: dict[str, Scalar] = {"severity": int(event.severity), "seq": seq}
        if self._kind.strings:
            fields["facts"] = orjson.dumps(dict(event.facts)).decode()
        return line("gateway", tags, fields, time)

    def _line(
        self,
        measurement: str,
        tag: str,
        tags: dict[str, str],
        texts: dict[str, str],
        fields: dict[str, Scalar],
        time: int,
    ) -> str:
        where = {"site": self._site, **place(tag), **tags}
        if self._kind.strings:
            return line(measurement, where, {**fields, **texts}, time)
        return line(measurement, {**where, **texts}, fields, time)

    def _head(self, measurement: str, tag: str) -> str:
        key = (measurement, tag)
        if key not in self._heads:
            named = {"site": self._site, **place(tag)}
            text = "".join(f",{_name(each)}={_name(value)}" for each, value in sorted(named.items()) if value)
            self._heads[key] = measurement + text
        return self._heads[key]


def interval(rows: Iterable[float]) -> tuple[float, float]:
    """Least and most of the rows that a lot was solved by; rounding leaves no share below 0."""
    found = [max(0.0, float(row)) for row in rows]
    return min(found), max(found)


def _marked(text: str, nth: int) -> str:
    """The line with a tag `n`."""
    series = series_of(text)
    return f"{series},n={nth}{text[len(series) :]}"


def _decimals(column: NDArray[np.generic]) -> list[str]:
    """Numbers as shortest decimals of their own type; "null" for nan."""
    return orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")


def _wide(item: int) -> str:
    return f"{item}i" if item < 2**63 else f"{item}u"
