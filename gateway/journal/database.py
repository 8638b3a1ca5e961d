"""The SQLite file: how it is made, migrated and opened.

`schema/NNN_*.sql` run in order; `PRAGMA user_version` is the number of the last one that did.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib import resources
from pathlib import Path

from gateway.journal.errors import JournalForeign, JournalMissing, JournalNewer, translated

NAME = "journal.sqlite"
APPLICATION_ID = 0x4C4F5457  # "LOTW" in the file's header: `file journal.sqlite` shows it
PAGE_BYTES = 2048  # measured: docs/decisions/0013
WAL_PAGES = 2_000  # folded back when it has 4 MB: what is rewritten meanwhile is written once
CACHE_KIB = 2048


@cache
def migrations() -> dict[int, str]:
    """Number to SQL."""
    folder = resources.files("gateway.journal") / "schema"
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return {int(file.name.split("_")[0]): file.read_text("utf-8") for file in files}


def open_for_writing(folder: Path) -> sqlite3.Connection:
    """The folder's database, made or migrated. One process at a time: take the lock first."""
    path = folder / NAME
    with translated(path):
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        try:
            if _empty(db):  # new, or left by one that was cut short before its first table
                db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
                db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before the first table, or never
            else:
                check_ours(db, path)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
            db.execute("PRAGMA secure_delete = OFF")  # Debian's default writes zeros over what sealing frees
            db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            db.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
            db.execute("PRAGMA journal_size_limit = 8388608")
            migrate(db)
        except BaseException:
            db.close()
            raise
    return db


def open_for_reading(folder: Path) -> sqlite3.Connection:
    """The folder's database, read only, beside a writer or without one."""
    path = folder / NAME
    if not path.is_file():
        raise JournalMissing(f"{folder}: no journal here: name a folder with a {NAME} in it")
    with translated(path):
        db = _connect_to_read(path)
        try:
            if _empty(db):
                raise JournalMissing(f"{folder}: no journal here yet: somebody is about to make one")
            check_ours(db, path)
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version < max(migrations()):
                if not db.execute("SELECT count(*) FROM meta").fetchone()[
                    0
                ]:  # new, and not all tables are made yet
                    raise JournalMissing(f"{folder}: no journal here yet: somebody is about to make one")
                advice = "open it once with `lotwatch run` or `lotwatch ingest`, which bring it up to date"
                raise JournalForeign(f"{path}: schema {version} is older than {max(migrations())}: {advice}")
            db.execute("PRAGMA query_only = ON")
            db.execute(f"PRAGMA cache_size = -{CACHE_KIB // 2}")
        except BaseException:
            db.close()
            raise
    return db


def _empty(db: sqlite3.Connection) -> bool:
    tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return not tables and db.execute("PRAGMA application_id").fetchone()[0] == 0


def _connect_to_read(path: Path) -> sqlite3.Connection:
    uri = path.resolve().as_uri() + "?mode=ro"
    db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        db.close()
        if path.with_name(path.name + "-wal").exists():
            raise
        # A folder that cannot be written (an archive, a CD): without a WAL nobody can be writing either.
        db = sqlite3.connect(uri + "&immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    return db


def check_ours(db: sqlite3.Connection, path: Path) -> None:
    """Raise when the file is no journal, or a newer lotwatch's."""
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise JournalForeign(f"{path}: a database, but not a journal: name another folder")
    version, newest = db.execute("PRAGMA user_version").fetchone()[0], max(migrations())
    if version > newest:
        raise JournalNewer(f"{path}: schema {version}, and this lotwatch knows {newest}: upgrade it")


def migrate(db: sqlite3.Connection) -> None:
    """Run what is missing, each file in one transaction with its number."""
    done = db.execute("PRAGMA user_version").fetchone()[0]
    for number, sql in sorted(migrations().items()):
        if number > done:
            mark = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number};"
            try:
                db.executescript(f"BEGIN IMMEDIATE; {sql}; {mark} COMMIT;")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
