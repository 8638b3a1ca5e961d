"""Compositions as bytes: names as JSON, then every number as a float64, little-endian. What comes back is equal.

They are kept by their digest, once for all lots that have them: twelve boxes of a batch are as the batch is.
"""

from __future__ import annotations

import hashlib
import struct
from operator import add
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from gateway.model import Composition

_HEAD = struct.Struct("<BBHI")  # rows, rows of recycled content, bins of passes, bytes of the names
_NUMBER = struct.Struct("<d")
DIGEST_BYTES = 16


class CompositionRow(NamedTuple):
    """A row of table `compositions`."""

    digest: bytes
    body: bytes


def composition_row(held: Composition) -> CompositionRow | None:
    """None for one whose rows do not hang together: it has to stay as it is, in its event."""
    rows, width = len(held.shares), len(held.sources)
    bins = len(held.passes[0]) if held.passes else 0
    even = {width, *map(len, held.shares)} == {width} and {bins, *map(len, held.passes)} == {bins}
    if not (even and len(held.sigma) == width and len(held.rest) == len(held.passes) == rows):
        return None
    numbers: list[float] = []
    for row in held.shares:
        numbers += row
    numbers += held.sigma
    numbers += held.rest
    for row in held.passes:
        numbers += row
    numbers += held.recycled
    numbers += (held.regrind_sigma, held.recycled_sigma)
    try:
        names = orjson.dumps(held.sources)
        head = _HEAD.pack(rows, len(held.recycled), bins, len(names))
        body = b"%b%b%b" % (head, names, struct.pack(f"<{len(numbers)}d", *numbers))
    except (TypeError, struct.error):  # half a character; more rows than there can be
        return None
    return CompositionRow(hashlib.blake2b(body, digest_size=DIGEST_BYTES).digest(), body)


class Shares(NamedTuple):
    """Of a composition what says who is in it."""

    sources: list[str]
    least: NDArray[np.float64]  # [sources], of the rows
    most: NDArray[np.float64]  # [sources], with the rest
    rest: float


def shares_of(body: bytes) -> Shares:
    """The shares alone, as arrays. Raises ValueError for bytes that are none."""
    try:
        rows, _, _, length = _HEAD.unpack_from(body)
        sources = orjson.loads(body[_HEAD.size : _HEAD.size + length])
        width = len(sources)
        numbers = np.frombuffer(body, "<f8", (rows + 1) * width + rows, _HEAD.size + length)
    except (struct.error, TypeError) as error:
        raise ValueError("a composition is cut off") from error
    rest = numbers[(rows + 1) * width :].tolist()
    least = numbers[:width]
    most = least + rest[0]
    for row in range(1, rows):
        shares = numbers[row * width : (row + 1) * width]
        least, most = np.minimum(least, shares), np.maximum(most, shares + rest[row])
    return Shares(sources, least, most, max(rest))


def bound_of(body: bytes, source: str) -> tuple[float, float] | None:
    """Least and most of one source, as `shares_of` has them, without reading the others; None where it is not there."""
    found = _place_of(body, source)
    if found is None:
        return None
    rows, width, start, _ = found
    shares = _column(body, *found)
    return min(shares), max(map(add, shares, _rest(body, rows, width, start)))


class Portion(NamedTuple):
    """Of one source in a composition: from low to high without the rest, its standard uncertainty, and the rest."""

    low: float
    high: float
    sigma: float
    rest: float


def portion_of(body: bytes, source: str) -> Portion:
    """One source, without reading the others; nothing but the rest where it is not there. ValueError: no such bytes."""
    try:
        found = _place_of(body, source)
        if found is None:
            rows, _, _, length = _HEAD.unpack_from(body)
            start = _HEAD.size + length
            width = len(orjson.loads(body[_HEAD.size : start]))
            return Portion(0.0, 0.0, 0.0, max(_rest(body, rows, width, start)))
        rows, width, start, place = found
        shares = _column(body, rows, width, start, place)
        sigma = _NUMBER.unpack_from(body, start + 8 * (rows * width + place))[0]
        return Portion(min(shares), max(shares), sigma, max(_rest(body, rows, width, start)))
    except struct.error as error:
        raise ValueError("a composition is cut off") from error


def _place_of(body: bytes, source: str) -> tuple[int, int, int, int] | None:
    """Rows, sources in a row, where the numbers begin, and the place of a source among them."""
    rows, _, _, length = _HEAD.unpack_from(body)
    start = _HEAD.size + length
    names = body[_HEAD.size : start]
    if (
        b"\\" in names or b'",","' in names or names == b'[","]'
    ):  # quotes that part no names, a name that is a comma
        listed = orjson.loads(names)
        return (rows, len(listed), start, listed.index(source)) if source in listed else None
    found = names.find(orjson.dumps(source))
    if found < 0:
        return None
    place, width = names.count(b'","', 0, found + 1), names.count(b'","') + 1
    return rows, width, start, place


def _column(body: bytes, rows: int, width: int, start: int, place: int) -> list[float]:
    """The share of one source, by row."""
    return [_NUMBER.unpack_from(body, start + 8 * (row * width + place))[0] for row in range(rows)]


def _rest(body: bytes, rows: int, width: int, start: int) -> list[float]:
    """By row."""
    return list(struct.unpack_from(f"<{rows}d", body, start + 8 * (rows + 1) * width))


def composition_of(body: bytes) -> Composition:
    """Raises ValueError or TypeError for bytes that are none."""
    try:
        rows, recycled, bins, length = _HEAD.unpack_from(body)
    except struct.error as error:
        raise ValueError("a composition is cut off") from error
    start = _HEAD.size
    names = tuple(orjson.loads(body[start : start + length]))
    numbers = tuple(np.frombuffer(body, "<f8", offset=start + length).tolist())
    width = len(names)
    if len(numbers) != rows * width + width + rows + rows * bins + recycled + 2:
        raise ValueError("a composition has too few numbers, or too many")
    ends = [rows * width, width, rows, rows * bins, recycled]
    parts = []
    at = 0
    for count in ends:
        parts.append(numbers[at : at + count])
        at += count
    shares, sigma, rest, passes, content = parts
    return Composition(
        names,
        tuple(shares[row * width : (row + 1) * width] for row in range(rows)),
        sigma,
        rest,
        tuple(passes[row * bins : (row + 1) * bins] for row in range(rows)),
        numbers[-2],
        content,
        numbers[-1],
    )
