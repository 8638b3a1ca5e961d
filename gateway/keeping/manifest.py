"""What a backup says of itself: whose it is, how far it goes, the root of its ledger, and the hash of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

NAME = "backup.json"
FORMAT = 1
_PIECE = 1 << 20


def half_of(target: Path, suffix: str = "") -> Path:
    """Where something is made before it has its name: one that nobody else has, for what lies there is removed."""
    return target.with_name(f".{target.name}.lotwatch-part{suffix}")


class NotABackup(ValueError):
    """There is no manifest, or it is not one; says where."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Of one backup."""

    site: str
    gateway: str
    epoch: str
    input: int  # the newest of each stream
    event: int
    leaves: int  # of the ledger
    root: str  # hex, over so many leaves
    schema: int
    version: str  # of lotwatch
    made_ns: int
    files: Mapping[str, tuple[int, str]]  # bytes and SHA-256 by name
    format: int = FORMAT

    def text(self) -> bytes:
        """As the file."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def manifest_of(data: bytes, where: Path) -> Manifest:
    """Raises NotABackup."""
    try:
        plain: dict[str, Any] = orjson.loads(data)
        if plain.get("format") != FORMAT:
            raise NotABackup(f"{where}: its format is {plain.get('format')!r}, this lotwatch reads {FORMAT}")
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in plain.pop("files").items()}
        if any("/" in name or name.startswith(".") for name in files):
            raise NotABackup(f"{where}: it names a file outside of itself")
        return Manifest(files=files, **plain)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, NotABackup):
            raise
        raise NotABackup(f"{where}: not the manifest of a backup: {error}") from None


def copied(source: BinaryIO, write: Callable[[bytes], object], most: int | None = None) -> tuple[int, str]:
    """Copy a file, or its first bytes; how many, and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE if most is None else min(_PIECE, most - size)):
        write(piece)
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()
