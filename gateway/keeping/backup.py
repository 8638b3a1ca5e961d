"""A consistent copy of a journal or replica while its daemon runs.

The database is copied in one read transaction, which keeps nobody from committing; then of each chunk file the bytes
that the copied index names: those never change. Where merging took a file away in between, it is begun again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import tarfile
from pathlib import Path

from gateway import __version__
from gateway.journal import JournalReader
from gateway.journal.chunkfile import file_of, sync_folder
from gateway.journal.database import NAME, open_for_reading
from gateway.journal.errors import translated
from gateway.journal.ledgerview import PUBLIC
from gateway.keeping.manifest import NAME as MANIFEST
from gateway.keeping.manifest import Manifest, copied, half_of
from gateway.people.store import NAME as PEOPLE

_TRIES = 5
_WENT = "SELECT count(*), coalesce(max(last_seq), 0), coalesce(sum(readings), 0) FROM gaps"


class BackupFailed(Exception):
    """No backup was made; says why and what to do."""


def backup(data: Path, target: Path, now_ns: int) -> Manifest:
    """Copy the journal in a folder to a new folder, or to a new file where the name ends in .tar.

    The box's private key stays where it is: whoever goes on from the copy gets one of his own. Raises BackupFailed,
    JournalError.
    """
    if target.exists():
        raise BackupFailed(f"{target}: it is there already, and nothing is written over: name another one")
    open_for_reading(data).close()  # before anything is made
    half = half_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        manifest = _copy(data, half, now_ns)
        if target.suffix == ".tar":
            _packed(half, target)
        else:
            half.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise BackupFailed(f"{error.filename or target}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return manifest


def _copy(data: Path, half: Path, now_ns: int) -> Manifest:
    files: dict[str, tuple[int, str]] = {}
    for left in range(_TRIES, 0, -1):
        with contextlib.closing(open_for_reading(data)) as db, translated(data / NAME):
            _database(db, half / NAME)
        try:
            files = _chunks(data, half)
            _nothing_went(data, half)
            break
        except FileNotFoundError as error:
            if left == 1:
                raise BackupFailed(f"{error.filename}: it was removed again and again; try later") from error
            for each in half.iterdir():
                each.unlink()
    if (data / PUBLIC).is_file():
        files[PUBLIC] = _file(data / PUBLIC, half / PUBLIC)
    if (data / PEOPLE).is_file():
        place = f"{(data / PEOPLE).resolve().as_uri()}?mode=ro"
        with translated(data / PEOPLE), contextlib.closing(sqlite3.connect(place, uri=True)) as db:
            _database(db, half / PEOPLE)
        files[PEOPLE] = _hashed(half / PEOPLE)
    with JournalReader(half) as reader:
        identity, last, leaves = reader.identity, reader.last(), reader.ledger.size()
        root = reader.ledger.head(leaves).root.hex()
    with contextlib.closing(sqlite3.connect(half / NAME)) as db:
        schema = int(db.execute("PRAGMA user_version").fetchone()[0])
    files[NAME] = _hashed(half / NAME)
    manifest = Manifest(
        identity.site, identity.gateway, identity.epoch, last.input, last.event, leaves, root, schema,
        __version__, now_ns, dict(sorted(files.items())),
    )  # fmt: skip
    _write(half / MANIFEST, manifest.text())
    sync_folder(half)
    return manifest


def _database(source: sqlite3.Connection, target: Path) -> None:
    """One read transaction; the copy needs no WAL, so it can be read from a medium that takes no writes."""
    with contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    target.chmod(0o600)


def _chunks(data: Path, half: Path) -> dict[str, tuple[int, str]]:
    with contextlib.closing(sqlite3.connect(half / NAME)) as db:
        ends = db.execute("SELECT month, max(start + length) FROM chunks GROUP BY month").fetchall()
    return {
        file_of(data, month).name: _file(file_of(data, month), file_of(half, month), end)
        for month, end in ends
    }


def _nothing_went(data: Path, half: Path) -> None:
    """Readings that were thinned since the database was copied left holes in the files. Raises FileNotFoundError."""
    with (
        contextlib.closing(open_for_reading(data)) as db,
        contextlib.closing(sqlite3.connect(half / NAME)) as copy,
    ):
        now, then = (each.execute(_WENT).fetchone() for each in (db, copy))
    if now != then:
        raise FileNotFoundError(errno.ENOENT, "readings were thinned", str(data / NAME))


def _file(source: Path, target: Path, most: int | None = None) -> tuple[int, str]:
    with source.open("rb") as file, target.open("xb") as copy:
        os.fchmod(copy.fileno(), 0o600)
        found = copied(file, copy.write, most)
        copy.flush()
        os.fsync(copy.fileno())
    if most is not None and found[0] != most:
        raise BackupFailed(
            f"{source}: it ends before byte {most}: the journal is damaged; `lotwatch verify` it"
        )
    return found


def _hashed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        found = copied(file, lambda _: None)
        os.fsync(file.fileno())
    return found


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _packed(folder: Path, target: Path) -> None:
    """A tar of the folder's files, the manifest first; whole or not at all."""
    half = half_of(target, ".tar")
    half.unlink(missing_ok=True)
    try:
        with half.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
                for path in sorted(folder.iterdir(), key=lambda each: (each.name != MANIFEST, each.name)):
                    tar.add(path, path.name, recursive=False)
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)
