"""The audit: a file of lines that is only added to, each with the SHA-256 of the line before it.

Rule 1: a row is on the disk before anything follows of it.  Rule 2: what is on the disk is never changed; a line that a
power cut tore off in the middle, of which nothing can have followed, is moved aside and the next row says so.  Rule 3:
one process writes it. Who holds the file alone can still write another history: the journal has the hashes too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import orjson

from gateway.ports import Clock
from lotwatch_writer.bounds import At

NAME = "audit.jsonl"
TORN = "audit.torn"
FIRST = "0" * 64
_MEMBERS = {"n", "before", "boot", "boottime_ns", "time_ns", "kind", "facts"}


class AuditBroken(Exception):
    """The file is not the one that was written; says where."""


class AuditBusy(Exception):
    """Another writer has it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `hash` is of its bytes, without the line break."""

    n: int  # from 1
    before: str
    at: At
    time_ns: int  # by the machine's clock, for people
    kind: str
    facts: Mapping[str, Any]
    hash: str = ""


def line_of(row: Row) -> bytes:
    """Its bytes."""
    plain = {
        "n": row.n, "before": row.before, "boot": row.at.boot, "boottime_ns": row.at.boottime_ns,
        "time_ns": row.time_ns, "kind": row.kind, "facts": dict(row.facts),
    }  # fmt: skip
    return orjson.dumps(plain)


def rows_of(data: bytes) -> Iterator[Row]:
    """The rows of whole lines, the chain followed. Raises AuditBroken at the first that does not fit."""
    before, wanted = FIRST, 1
    for line in data.split(b"\n")[:-1]:
        try:
            said = orjson.loads(line)
            if (
                set(said) != _MEMBERS
                or not isinstance(said["facts"], dict)
                or not isinstance(said["kind"], str)
            ):
                raise TypeError
            at = At(str(said["boot"]), int(said["boottime_ns"]))
            row = Row(
                said["n"], said["before"], at, int(said["time_ns"]), said["kind"], said["facts"], hashed(line)
            )
        except (orjson.JSONDecodeError, TypeError, ValueError):
            raise AuditBroken(f"line {wanted} is no row of an audit") from None
        if row.n != wanted:
            raise AuditBroken(f"line {wanted} has number {row.n!r}: rows are missing or were put in")
        if row.before != before:
            raise AuditBroken(f"row {wanted} does not follow row {wanted - 1}: one of them was changed")
        yield row
        before, wanted = row.hash, wanted + 1


def hashed(line: bytes) -> str:
    """Of one line."""
    return sha256(line).hexdigest()


def read(folder: Path) -> list[Row]:
    """What is there, for who only looks; a line that is being written is not seen yet. Raises AuditBroken, OSError."""
    return list(rows_of((folder / NAME).read_bytes()))


class Audit:
    """The file, open to be added to."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Raises AuditBroken, AuditBusy, OSError."""
        self._clock = clock
        self._fd = os.open(folder / NAME, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AuditBusy(f"{folder / NAME}: another writer has it open") from None
            data = (folder / NAME).read_bytes()
            torn = len(data) - (data.rfind(b"\n") + 1)
            self.rows = list(rows_of(data))
            _sync_folder(folder)
            if torn:
                _set_aside(folder / TORN, data[-torn:])
                os.ftruncate(self._fd, len(data) - torn)
                self.append("torn", bytes=torn)
        except BaseException:
            os.close(self._fd)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def append(self, kind: str, **facts: Any) -> Row:
        """One more row, on the disk when this returns. Raises OSError, and then nothing may follow of it. Blocks."""
        last = self.rows[-1] if self.rows else None
        now = self._clock.now()
        at = At(self._clock.row().boot_id, now.boottime_ns)
        row = Row(last.n + 1 if last else 1, last.hash if last else FIRST, at, now.time_ns, kind, facts)
        line = line_of(row)
        size = os.fstat(self._fd).st_size
        try:
            written = os.write(self._fd, line + b"\n")
            if written != len(line) + 1:
                raise OSError(28, "the disk took half a row")
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, size)  # nothing follows of it: as if it had never been begun
            raise
        row = Row(row.n, row.before, row.at, row.time_ns, row.kind, orjson.loads(line)["facts"], hashed(line))
        self.rows.append(row)
        return row


def _set_aside(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        os.write(fd, data + b"\n")
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
