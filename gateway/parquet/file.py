"""One Parquet file of many journals: asked for, read piece by piece, written row group by row group.

Rule: memory does not grow with the time asked for. Ten minutes are read at once, and a row group is as many as fit
into `CELLS`. The file appears under its name when it is whole.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from gateway import __version__
from gateway.journal import JournalReader
from gateway.parquet.long import Long
from gateway.parquet.lots import LotsThen
from gateway.parquet.points import Tag, tags_of
from gateway.parquet.wide import Wide, WideUnfit

STEP_NS = 600_000_000_000
CELLS = 4_000_000  # rows times columns of a row group: some 30 MB
LEVEL = 6  # of zstd


class NotExportable(Exception):
    """What was asked for cannot be written so; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes into the file: [t0, t1), some tags or all, wide or long, with the lots that were at the cell."""

    t0: int
    t1: int
    tags: Sequence[str] | None = None
    wide: bool = False
    lots: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it."""

    rows: int
    row_groups: int
    bytes: int


def write(
    target: Path,
    readers: Sequence[JournalReader],
    asked: Asked,
    paced: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> Written:
    """Write the file. `paced` goes over the pieces, and may show how far.

    Raises NotExportable, OSError, JournalError.
    """
    shape = _shape(readers, asked)
    part = target.with_name(f".{target.name}.part")
    with contextlib.ExitStack() as undo:
        undo.callback(part.unlink, missing_ok=True)
        told = {"lotwatch": orjson.dumps(_told(readers, asked)).decode()}
        schema = shape.schema.with_metadata(told)
        groups = rows = 0
        with pq.ParquetWriter(part, schema, compression="zstd", compression_level=LEVEL) as writer:
            for some in _groups(_tables(shape, readers, asked, paced), CELLS // len(schema)):
                whole = pa.concat_tables(some).replace_schema_metadata(told)
                writer.write_table(whole, row_group_size=len(whole))
                groups, rows = groups + 1, rows + len(whole)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    return Written(rows, groups, target.stat().st_size)


def _shape(readers: Sequence[JournalReader], asked: Asked) -> Long | Wide:
    """The form, for the tags of all journals together."""
    tags: dict[str, Tag] = {}
    for reader in readers:
        for name, tag in tags_of(reader.ages()).items():
            if asked.tags is None or name in asked.tags:
                kinds = tag.kinds | (tags[name].kinds if name in tags else frozenset())
                tags[name] = Tag(name, tag.uom, kinds)
    if not asked.wide:
        return Long(tags, lots=asked.lots)
    if asked.lots:
        raise NotExportable(
            "the wide form has tags of many cells in a row, so no lots: leave --wide or --lots out"
        )
    try:
        return Wide(tags)
    except WideUnfit as error:
        raise NotExportable(f"{error}: leave --wide out, or this tag") from error


def _told(readers: Sequence[JournalReader], asked: Asked) -> dict[str, Any]:
    return {
        "version": __version__,
        "form": "wide" if asked.wide else "long",
        "from_ns": asked.t0,
        "to_ns": asked.t1,
        "journals": [[each.identity.site, each.identity.gateway, each.identity.epoch] for each in readers],
    }


def _tables(
    shape: Long | Wide,
    readers: Sequence[JournalReader],
    asked: Asked,
    paced: Callable[[Sequence[Any]], Iterable[Any]],
) -> Iterator[Any]:
    pieces: list[tuple[JournalReader, int, int]] = []
    for reader in readers:
        span = reader.span()
        if span is not None:
            low, high = max(asked.t0, span[0]), min(asked.t1, span[1] + 1)
            starts = range(low // STEP_NS * STEP_NS, high, STEP_NS)
            pieces += [(reader, max(low, start), min(high, start + STEP_NS)) for start in starts]
    of: tuple[JournalReader | None, LotsThen | None] = None, None
    for reader, low, high in paced(pieces):
        if asked.lots and of[0] is not reader:  # cells of another site may have the same names
            of = reader, LotsThen(reader.lot_windows(asked.t0, asked.t1))
        found = list(reader.window(low, high, asked.tags).values())
        if isinstance(shape, Wide):
            yield from shape.tables(reader.identity, found)
        else:
            yield from shape.tables(reader.identity, found, of[1])


def _groups(tables: Iterable[Any], most: int) -> Iterator[list[Any]]:
    """Tables in lists of about so many rows; none is longer than ten minutes."""
    some: list[Any] = []
    size = 0
    for table in tables:
        if size and size + len(table) > most:
            yield some
            some, size = [], 0
        some.append(table)
        size += len(table)
    if some:
        yield some
