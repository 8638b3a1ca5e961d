"""Readings of one group as one columnar message: numbers of rows by differences, a column per point, words packed.

The columns are for whoever reads JSON; the words are what the replica keeps. `raw` holds the words big-endian, all
rows of the first word, then all of the second, and so on (neighbours in time pack best), zlib, base64.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.model import Instant, NumberedInput, Reading
from gateway.wire.catalogue import DTYPES, Catalogue, unnamed
from gateway.wire.checks import INT64, NotOurs, member, text, whole, wholes

ROWS_LIMIT = 100_000
POINTS_LIMIT = 20_000
WORDS_LIMIT = 65_536
_LEVEL = 1  # zlib: the daemon's time is dearer than the last tenth of the size


def encode(rows: Sequence[tuple[int, Reading]], catalogue: Catalogue) -> dict[str, object]:
    """The members of a ``reading`` payload beside its identity; rows are of one group, points and words."""
    first = rows[0][1]
    values = np.stack([reading.values for _, reading in rows])
    quality = np.stack([reading.quality for _, reading in rows])
    raw = np.stack([reading.raw for _, reading in rows])
    shape = catalogue.shape(first.group, values.shape[1], raw.shape[1])
    points, columns = shape.columns(values, quality, raw) if shape else unnamed(values.shape[1], values)
    return {
        "group": first.group,
        "seq": differences([seq for seq, _ in rows]),
        "time_ns": differences([reading.at.time_ns for _, reading in rows]),
        "boottime_ns": differences([reading.at.boottime_ns for _, reading in rows]),
        "clock_id": _alike([reading.at.clock_id for _, reading in rows]),
        "spread_ns": _alike([reading.spread_ns for _, reading in rows]),
        "points": points,
        "values": columns,
        "quality": _packed_quality(quality),
        "words": raw.shape[1],
        "raw": _packed_words(raw),
    }


def decode(payload: Mapping[str, Any]) -> list[NumberedInput]:
    """The readings of a payload. Raises NotOurs."""
    group = text(member(payload, "group"), "group")
    seqs = summed(member(payload, "seq"), "seq", low=1, step=1)
    rows = len(seqs)
    times = summed(member(payload, "time_ns"), "time_ns", low=-INT64, step=-INT64)
    boots = summed(member(payload, "boottime_ns"), "boottime_ns", low=0, step=-INT64)
    if not len(times) == len(boots) == rows:
        raise NotOurs("seq, time_ns and boottime_ns are of different lengths")
    clocks = wholes(member(payload, "clock_id"), "clock_id", rows)
    spreads = wholes(member(payload, "spread_ns"), "spread_ns", rows)
    values = _values(member(payload, "points"), member(payload, "values"), rows)
    quality = _unpacked_quality(member(payload, "quality"), rows, values.shape[1])
    words = whole(member(payload, "words"), "words", 0, WORDS_LIMIT)
    raw = _unpacked_words(member(payload, "raw"), rows, words)
    return [
        NumberedInput(
            seqs[row],
            Reading(
                group,
                Instant(times[row], boots[row], clocks[row]),
                spreads[row],
                values[row].copy(),
                quality[row].copy(),
                raw[row].copy(),
            ),
        )
        for row in range(rows)
    ]


def differences(numbers: Sequence[int]) -> list[int]:
    """The first number, then each one's difference to the one before."""
    return [numbers[0], *(later - earlier for earlier, later in pairwise(numbers))]


def summed(value: object, what: str, *, low: int, step: int) -> list[int]:
    """What `differences` was given; numbers in [low, INT64], differences of at least `step`."""
    if not isinstance(value, list) or not 0 < len(value) <= ROWS_LIMIT:
        raise NotOurs(f"{what} is not a list of 1 to {ROWS_LIMIT}")
    whole(value[0], what, low)
    for difference in value[1:]:
        whole(difference, what, step)
    numbers = list(accumulate(value))
    if max(numbers) > INT64 or min(numbers) < low:
        raise NotOurs(f"{what} leaves its range")
    return numbers


def _alike(numbers: list[int]) -> int | list[int]:
    return numbers[0] if numbers.count(numbers[0]) == len(numbers) else numbers


def _packed_quality(quality: NDArray[np.uint8]) -> int | list[int | list[int]]:
    """One number when all are alike; else per point one number or one per row."""
    if quality.size == 0 or not quality.any():
        return 0
    steady = (quality == quality[0]).all(axis=0)
    if steady.all() and (quality[0] == quality[0, 0]).all():
        return int(quality[0, 0])
    return [
        int(column[0]) if same else column.tolist() for column, same in zip(quality.T, steady, strict=True)
    ]


def _unpacked_quality(packed: object, rows: int, points: int) -> NDArray[np.uint8]:
    if type(packed) is int:
        return np.full((rows, points), whole(packed, "quality", 0, 255), dtype=np.uint8)
    if not isinstance(packed, list) or len(packed) != points:
        raise NotOurs(f"quality is neither an integer nor a list of {points}")
    columns = [wholes(column, "quality", rows, 0, 255) for column in packed]
    return np.ascontiguousarray(np.array(columns, dtype=np.uint8).reshape(points, rows).T)


def _packed_words(raw: NDArray[np.uint16]) -> str:
    data = np.ascontiguousarray(raw.T).astype(">u2").tobytes()
    return base64.b64encode(zlib.compress(data, _LEVEL)).decode("ascii")


def _unpacked_words(packed: object, rows: int, words: int) -> NDArray[np.uint16]:
    size = rows * words * 2
    if size > 2 * ROWS_LIMIT * 1000:
        raise NotOurs("raw holds more words than a message may")
    try:
        if not isinstance(packed, str):
            raise NotOurs("raw is not base64")
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(packed, validate=True), size + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise NotOurs(f"raw does not unpack: {error}") from None
    if len(data) != size or not unpacker.eof or unpacker.unused_data:
        raise NotOurs(f"raw does not hold {rows} rows of {words} words")
    return np.ascontiguousarray(np.frombuffer(data, dtype=">u2").reshape(words, rows).T.astype(np.uint16))


def _values(points: object, columns: object, rows: int) -> NDArray[np.float64]:
    if not isinstance(points, list) or not isinstance(columns, list) or len(points) > POINTS_LIMIT:
        raise NotOurs("points and values are not lists")
    if len(points) != len(columns):
        raise NotOurs("points and values are of different lengths")
    out = np.full((rows, len(points)), np.nan)
    for index, (point, column) in enumerate(zip(points, columns, strict=True)):
        kind = point.get("type") if isinstance(point, dict) else None
        if not isinstance(kind, str) or (kind not in DTYPES and kind != "string"):
            raise NotOurs(f"points[{index}].type is not a type")
        if not isinstance(column, list) or len(column) != rows:
            raise NotOurs(f"values[{index}] is not a list of {rows}")
        if kind != "string":
            out[:, index] = _numbers(column, kind, index)
    return out


def _numbers(column: list[object], kind: str, index: int) -> NDArray[np.float64]:
    if not all(item is None or isinstance(item, (int, float)) for item in column):
        raise NotOurs(f"values[{index}] holds something else than numbers and null")
    try:
        numbers = np.array(column, dtype=np.float64)
        with np.errstate(over="ignore"):
            return numbers.astype(np.float32).astype(np.float64) if kind == "float32" else numbers
    except (OverflowError, ValueError) as error:
        raise NotOurs(f"values[{index}]: {error}") from None


def fragment(payload: Mapping[str, object]) -> bytes:
    """The payload as JSON; nan is null, numpy arrays are lists."""
    return orjson.dumps(payload, option=orjson.OPT_SERIALIZE_NUMPY)
