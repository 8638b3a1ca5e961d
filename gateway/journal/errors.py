"""What can go wrong with a journal, named after what to do next; foreign errors are translated here."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import zstandard


class JournalError(Exception):
    """Something is wrong with a journal; the message says where and what to do."""


class JournalMissing(JournalError):  # named after what happened, as the ones below
    """There is no journal in this folder. Name another folder."""


class JournalBusy(JournalError):
    """Another process writes it. Stop that one first, or only read."""


class JournalForeign(JournalError):
    """The file is not a journal, or another gateway's. Name another folder."""


class JournalNewer(JournalError):
    """A newer lotwatch wrote it. Upgrade this one."""


class JournalCorrupt(JournalError):
    """Bytes are not what was written. Keep a copy, then restore from the replica."""


class JournalReadOnly(JournalError):
    """The folder cannot be written. Mend its permissions, or mount it for writing."""


class JournalFull(JournalError):
    """The disk is full. Make room and hand in the same block again: nothing of it was written."""


class JournalFailed(JournalError):
    """The disk or file system failed. Nothing since the last commit is sure; stop and look at the machine."""


_BY_NAME = {
    "SQLITE_FULL": (JournalFull, "the disk is full: make room, nothing committed is lost"),
    "SQLITE_READONLY": (JournalReadOnly, "it cannot be written: mend the permissions of the folder"),
    "SQLITE_CANTOPEN": (JournalReadOnly, "it cannot be opened: mend the permissions of the folder"),
    "SQLITE_PERM": (JournalReadOnly, "it cannot be written: mend the permissions of the folder"),
    "SQLITE_NOTADB": (JournalForeign, "it is not a journal: name another folder"),
    "SQLITE_CORRUPT": (JournalCorrupt, "it is damaged: keep a copy, then restore it from the replica"),
    "SQLITE_BUSY": (JournalBusy, "another process writes it: stop that one first"),
    "SQLITE_LOCKED": (JournalBusy, "another process writes it: stop that one first"),
    "denied": (JournalReadOnly, "permission is denied: mend the permissions of the folder and its files"),
    "read only": (JournalReadOnly, "its file system is read-only: mount it for writing"),
    "no folder": (JournalForeign, "no folder can be here: name another one"),
}
_BY_ERRNO = {
    errno.ENOSPC: "SQLITE_FULL",
    errno.EDQUOT: "SQLITE_FULL",
    errno.EROFS: "read only",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EEXIST: "no folder",
    errno.ENOTDIR: "no folder",
    errno.ENOENT: "no folder",  # only of one to be made: what is to be read is looked for first
}


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the system about this file come out as a JournalError."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", None) or ""
        raise _named(path, "_".join(name.split("_")[:2]), error) from error
    except UnicodeDecodeError as error:  # a message of SQLite that quotes the damaged file
        raise _named(path, "SQLITE_CORRUPT", error) from error
    except OSError as error:
        raise _named(path, _BY_ERRNO.get(error.errno or 0, ""), error) from error


@contextlib.contextmanager
def decoding(what: str) -> Iterator[None]:
    """What cannot be decoded was not written like that: it comes out as JournalCorrupt."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, zstandard.ZstdError) as error:
        raise JournalCorrupt(f"{what} is damaged: {error}: restore it from the replica") from error


def _named(path: Path, name: str, error: Exception) -> JournalError:
    if name in _BY_NAME:
        kind, advice = _BY_NAME[name]
        return kind(f"{path}: {advice}")
    return JournalFailed(f"{path}: {error}")
