"""Compositions as bytes: names as JSON, then every number as a float64, little-endian. What comes back is equal.

They are kept by their digest, once for all lots that have them: twelve boxes of a batch are as the batch is.
"""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

import numpy as np
import orjson

from gateway.model import Composition

_HEAD = struct.Struct("<BBHI")  # rows, rows of recycled content, bins of passes, bytes of the names
DIGEST_BYTES = 16


class CompositionRow(NamedTuple):
    """A row of table `compositions`."""

    digest: bytes
    body: bytes


def composition_row(held: Composition) -> CompositionRow | None:
    """None for one whose rows do not hang together: it has to stay as it is, in its event."""
    rows, width = len(held.shares), len(held.sources)
    bins = len(held.passes[0]) if held.passes else 0
    even = all(len(row) == width for row in held.shares) and all(len(row) == bins for row in held.passes)
    if not (even and len(held.sigma) == width and len(held.rest) == len(held.passes) == rows):
        return None
    numbers = [number for row in held.shares for number in row]
    numbers += held.sigma
    numbers += held.rest
    for row in held.passes:
        numbers += row
    numbers += held.recycled
    numbers += (held.regrind_sigma, held.recycled_sigma)
    try:
        names = orjson.dumps(held.sources)
        head = _HEAD.pack(rows, len(held.recycled), bins, len(names))
    except (TypeError, struct.error):  # half a character; more rows than there can be
        return None
    body = head + names + np.array(numbers, dtype="<f8").tobytes()
    return CompositionRow(hashlib.blake2b(body, digest_size=DIGEST_BYTES).digest(), body)


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
