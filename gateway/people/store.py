"""Accounts and sessions in a SQLite file of their own, beside the journal and never in it. Every call blocks, shortly.

Who is removed is erased, with all that names them; the journal keeps the operator's number, which then nobody can turn
back into a name.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.people.roles import Role

NAME = "people.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    name TEXT PRIMARY KEY COLLATE NOCASE, operator TEXT NOT NULL UNIQUE, role TEXT NOT NULL, sites TEXT NOT NULL,
    password TEXT NOT NULL, made_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS session (
    token BLOB PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE REFERENCES account ON DELETE CASCADE,
    made_ns INTEGER NOT NULL, used_ns INTEGER NOT NULL, seal TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS diary (
    seq INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, kind TEXT NOT NULL, operator TEXT NOT NULL,
    facts TEXT NOT NULL, told INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS setup (one INTEGER PRIMARY KEY CHECK (one = 1), code BLOB NOT NULL) STRICT;
"""


class NameTaken(ValueError):
    """Somebody has that name."""


class OperatorTaken(ValueError):
    """Somebody has that operator number."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    name: str
    operator: str  # number, under which the journal knows what they do
    role: Role
    sites: tuple[str, ...] = ()  # of a supplier: what they see; none: all that is here
    password: str = ""  # hash
    made_ns: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not self.name.strip() or len(self.name) > 60 or not self.name.isprintable():
            raise ValueError("a name has 1 to 60 printable characters")
        if not re.fullmatch("[0-9]{1,12}", self.operator, re.ASCII):
            raise ValueError("an operator is a number of at most 12 digits")
        if self.role is Role.SUPPLIER and not self.sites:
            raise ValueError("a supplier's account names the sites that it sees")


class People:
    """The file, opened and made where it is not there. Use it from any thread."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        self._lock = threading.Lock()
        self._later = ThreadPoolExecutor(1, thread_name_prefix="people")
        new = not path.exists()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        if new:
            path.chmod(0o600)
            given_to_owner(path, folder)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA secure_delete = ON")  # who is erased is gone from the disk, too
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(_SCHEMA)

    def later(self, work: Callable[..., object], *given: object) -> None:
        """Do it soon, in another thread, after all that was asked for before."""
        self._later.submit(work, *given)

    def settled(self) -> None:
        """Return when all that was left for later is done."""
        self._later.submit(lambda: None).result()

    def close(self) -> None:
        """Let go of the file, once all that was left for later is done."""
        self._later.shutdown(wait=True)
        with self._lock:
            self._db.close()

    def accounts(self) -> list[Account]:
        """All of them, by name."""
        return [_account(row) for row in self.rows("SELECT * FROM account ORDER BY name")]

    def account(self, name: str) -> Account | None:
        """Whose name it is, in whatever case it is written."""
        rows = self.rows("SELECT * FROM account WHERE name = ?", name)
        return _account(rows[0]) if rows else None

    def add(self, account: Account) -> None:
        """One more. Raises NameTaken, OperatorTaken."""
        row = (account.name, account.operator, account.role.value, orjson.dumps(account.sites).decode())
        with self.writing() as db:
            if db.execute("SELECT 1 FROM account WHERE name = ?", (account.name,)).fetchone():
                raise NameTaken(f"there is an account {account.name!r}")
            if db.execute("SELECT 1 FROM account WHERE operator = ?", (account.operator,)).fetchone():
                raise OperatorTaken(f"operator {account.operator} has an account")
            db.execute(
                "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)", (*row, account.password, account.made_ns)
            )
            db.execute("DELETE FROM setup")

    def add_first(self, account: Account, code: str) -> None:
        """The first one, by its code: only one of those who come with it at once gets in. Raises NameTaken."""
        with self.writing() as db:
            if db.execute("DELETE FROM setup WHERE code = ?", (hidden(code),)).rowcount != 1:
                raise NameTaken("somebody has made the first account already: sign in with yours")
        self.add(account)

    def set_password(self, name: str, password_hash: str) -> bool:
        """Another password: who is signed in must do so again. False: nobody has that name."""
        with self.writing() as db:
            done = db.execute(
                "UPDATE account SET password = ? WHERE name = ?", (password_hash, name)
            ).rowcount
            db.execute("DELETE FROM session WHERE name = ?", (name,))
        return bool(done)

    def set_role(self, name: str, role: Role, sites: tuple[str, ...]) -> bool:
        """Another role, or other sites: who is signed in must do so again. False: nobody has that name."""
        with self.writing() as db:
            given = (role.value, orjson.dumps(sites).decode(), name)
            done = db.execute("UPDATE account SET role = ?, sites = ? WHERE name = ?", given).rowcount
            db.execute("DELETE FROM session WHERE name = ?", (name,))
        return bool(done)

    def remove(self, name: str) -> bool:
        """Erase somebody. False: nobody has that name."""
        with self.writing() as db:
            return bool(db.execute("DELETE FROM account WHERE name = ?", (name,)).rowcount)

    def set_setup_code(self, code: str) -> None:
        """What the first account takes; only its hash is kept."""
        with self.writing() as db:
            db.execute("INSERT OR REPLACE INTO setup VALUES (1, ?)", (hidden(code),))

    def is_setup_code(self, code: str) -> bool:
        """Whether it is the one that was told last. Never once there is an account."""
        return bool(self.rows("SELECT 1 FROM setup WHERE code = ?", hidden(code)))

    def sessions(self) -> list[tuple[bytes, str, int, int, str]]:
        """Token's hash, name, when made and last used, its seal."""
        return self.rows("SELECT token, name, made_ns, used_ns, seal FROM session")

    def put_session(self, token: bytes, name: str, made_ns: int, used_ns: int, seal: str) -> None:
        """Keep one over a restart."""
        with self.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?)", (token, name, made_ns, used_ns, seal)
            )

    def drop_session(self, token: bytes) -> None:
        """Somebody signed out, or was away for too long."""
        with self.writing() as db:
            db.execute("DELETE FROM session WHERE token = ?", (token,))

    def version(self) -> int:
        """Another number after another process has changed something."""
        return int(self.rows("PRAGMA data_version")[0][0])

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction of its own."""
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db

    def rows(self, asked: str, *given: object) -> list[Any]:
        """What a question finds."""
        with self._lock:
            return self._db.execute(asked, given).fetchall()


def given_to_owner(path: Path, folder: Path) -> None:
    """What root makes in a folder belongs to whose folder it is: the service that runs there has to open it."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def hidden(secret: str) -> bytes:
    """SHA-256 of a secret that was drawn by chance: enough, where a password's would not be."""
    return hashlib.sha256(secret.encode()).digest()


def _account(row: tuple[object, ...]) -> Account:
    name, operator, role, sites, password, made_ns = row
    return Account(
        str(name),
        str(operator),
        Role(str(role)),
        tuple(orjson.loads(str(sites))),
        str(password),
        int(str(made_ns)),
    )
