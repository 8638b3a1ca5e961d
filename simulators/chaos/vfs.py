"""SQLite's file layer with faults: a VFS of SQLite's own kind, laid over the one that it came with.

Files are real files of the folder; what is between SQLite and them is ours: a write may find the disk full, break, or
be cut short, a sync may fail, and of a process that died nothing more is written. (https://sqlite.org/vfs.html)
"""

from __future__ import annotations

import ctypes
import sqlite3
from array import array
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path

OK, IOERR, FULL = 0, 10, 13
IOERR_WRITE, IOERR_FSYNC, IOERR_DELETE, IOERR_TRUNCATE = (IOERR | n << 8 for n in (3, 4, 10, 6))
NAME = "lotwatch-chaos"

_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_CLOSE = CFUNCTYPE(c_int, c_void_p)
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)


class _Methods(Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        ("iVersion", c_int),
        *((name, c_void_p) for name in ("xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize")),
        *((name, c_void_p) for name in ("xLock", "xUnlock", "xCheckReservedLock", "xFileControl")),
        *((name, c_void_p) for name in ("xSectorSize", "xDeviceCharacteristics", "xShmMap", "xShmLock")),
        *((name, c_void_p) for name in ("xShmBarrier", "xShmUnmap", "xFetch", "xUnfetch")),
    )


class _Vfs(Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        *((name, c_void_p) for name in ("xOpen", "xDelete", "xAccess", "xFullPathname", "xDlOpen")),
        *((name, c_void_p) for name in ("xDlError", "xDlSym", "xDlClose", "xRandomness", "xSleep")),
        *((name, c_void_p) for name in ("xCurrentTime", "xGetLastError", "xCurrentTimeInt64")),
        *((name, c_void_p) for name in ("xSetSystemCall", "xGetSystemCall", "xNextSystemCall")),
    )


@dataclass
class Process:
    """One that has files open; of one that is dead nothing more gets to the disk."""

    dead: bool = False


@dataclass
class Disk:
    """What is wrong with the files under one folder. Knobs are counts: of the faults that turn them."""

    folder: Path
    process: Process = field(default_factory=Process)  # that opens files now
    full: int = 0
    broken: int = 0  # every write fails
    unsynced: int = 0  # every sync fails
    short: int = 0  # so many writes are cut in half and fail
    fuse: int = 0  # the process dies in its nth write from now on
    died: Callable[[], object] = lambda: None
    now_ns: Callable[[], int] = lambda: 0
    refused_ns: array[int] = field(default_factory=lambda: array("q"))  # when writes and syncs failed

    def spare(self) -> None:
        """What was to go wrong in writes to come does not: the script is over."""
        self.fuse = self.short = 0

    def write(self, process: Process, size: int) -> tuple[int, int]:
        """What comes of a write: a code, and how many of its bytes get there."""
        if process.dead:
            return IOERR_WRITE, 0
        if self.fuse:
            self.fuse -= 1
            if not self.fuse:
                process.dead = True
                self.died()
                return IOERR_WRITE, size // 2
        if self.full:
            self._refuse()
            return FULL, 0
        if self.short:
            self.short -= 1
            self._refuse()
            return IOERR_WRITE, size // 2
        if self.broken:
            self._refuse()
            return IOERR_WRITE, 0
        return OK, size

    def sync(self, process: Process) -> int:
        """What comes of a sync."""
        if process.dead:
            return IOERR_FSYNC
        if self.unsynced:
            self._refuse()
            return IOERR_FSYNC
        return OK

    def _refuse(self) -> None:
        self.refused_ns.append(self.now_ns())


class NoVfs(RuntimeError):
    """Python's SQLite cannot be reached: it was linked in, without its symbols."""


class FaultyFiles:
    """Registers itself with SQLite as the default, once a process; disks are added and taken away by folder."""

    def __init__(self) -> None:
        self._disks: dict[str, Disk] = {}
        self._open: dict[int, tuple[Disk, Process, _Real]] = {}
        self._tables: dict[int, tuple[_Methods, _Real]] = {}
        self._lib = _library()
        self._base = self._lib.sqlite3_vfs_find(None)
        base = _Vfs.from_address(self._base)
        if base.iVersion < 3:
            raise NoVfs("this SQLite is too old: its file layer has another form")
        self._vfs = _Vfs()
        ctypes.memmove(ctypes.byref(self._vfs), self._base, ctypes.sizeof(_Vfs))
        self._vfs.pNext, self._vfs.zName = None, NAME.encode()
        self._real_open, self._real_delete = _OPEN(base.xOpen), _DELETE(base.xDelete)
        self._calls = [
            _OPEN(self._opened), _DELETE(self._deleted), _WRITE(self._written), _SYNC(self._synced),
            _TRUNCATE(self._cut), _CLOSE(self._closed),
        ]  # fmt: skip
        opened, deleted, *_ = (ctypes.cast(call, c_void_p).value for call in self._calls)
        self._vfs.xOpen, self._vfs.xDelete = opened, deleted
        if self._lib.sqlite3_vfs_register(ctypes.byref(self._vfs), 1) != OK:
            raise NoVfs("SQLite does not take another file layer")
        sqlite3.connect(f"file::memory:?vfs={NAME}", uri=True).close()  # it is the library that Python uses

    def add(self, disk: Disk) -> None:
        """From now on files under its folder are of this disk; those that are open stay with theirs."""
        self._disks[str(disk.folder)] = disk

    def take_off(self) -> None:
        """Give SQLite its own file layer back."""
        self._lib.sqlite3_vfs_register(c_void_p(self._base), 1)
        self._lib.sqlite3_vfs_unregister(ctypes.byref(self._vfs))

    def _disk(self, path: str) -> Disk | None:
        return next((disk for folder, disk in self._disks.items() if path.startswith(folder + "/")), None)

    def _opened(self, _vfs: int, name: int | None, file: int, flags: int, out: object) -> int:
        code = self._real_open(self._base, name, file, flags, out)
        path = ctypes.string_at(name).decode("utf-8", "replace") if name else ""
        disk = self._disk(path)
        if code == OK and disk is not None:
            slot = c_void_p.from_address(file)  # a file begins with the pointer to its methods
            table, real = self._table(slot.value or 0)
            slot.value = ctypes.addressof(table)
            self._open[file] = disk, disk.process, real
        return int(code)

    def _table(self, address: int) -> tuple[_Methods, _Real]:
        if address not in self._tables:
            table = _Methods()
            ctypes.memmove(ctypes.byref(table), address, ctypes.sizeof(_Methods))
            real = _Real(table)
            values = [ctypes.cast(call, c_void_p).value for call in self._calls]
            _, _, table.xWrite, table.xSync, table.xTruncate, table.xClose = values
            self._tables[address] = table, real
        return self._tables[address]

    def _written(self, file: int, data: int, size: int, at: int) -> int:
        disk, process, real = self._open[file]
        code, left = disk.write(process, size)
        if left:
            return int(real.write(file, data, left, at) or code)
        return code

    def _synced(self, file: int, _flags: int) -> int:
        disk, process, _ = self._open[file]
        return disk.sync(
            process
        )  # the machine under us does not lose its power: nothing is gained by waiting

    def _cut(self, file: int, size: int) -> int:
        disk, process, real = self._open[file]
        return IOERR_TRUNCATE if process.dead or disk.broken else int(real.truncate(file, size))

    def _closed(self, file: int) -> int:
        _, _, real = self._open.pop(file)
        return int(real.close(file))

    def _deleted(self, _vfs: int, name: bytes, sync: int) -> int:
        disk = self._disk(name.decode("utf-8", "replace"))
        return (
            IOERR_DELETE
            if disk is not None and disk.process.dead
            else int(self._real_delete(self._base, name, sync))
        )


class _Real:
    """The methods underneath."""

    def __init__(self, table: _Methods) -> None:
        self.write, self.truncate, self.close = (
            _WRITE(table.xWrite),
            _TRUNCATE(table.xTruncate),
            _CLOSE(table.xClose),
        )


def _library() -> ctypes.CDLL:
    """The SQLite that Python's module uses. Raises NoVfs."""
    maps = Path("/proc/self/maps").read_text("utf-8").splitlines()
    loaded = [line.split(None, 5)[5] for line in maps if "sqlite3" in line and ".so" in line]
    for path in sorted(set(loaded), key=lambda path: "libsqlite3" not in path):
        try:
            library = ctypes.CDLL(path)
            library.sqlite3_vfs_find.restype = c_void_p
        except (OSError, AttributeError):
            continue
        library.sqlite3_libversion.restype = c_char_p
        if library.sqlite3_libversion().decode() == sqlite3.sqlite_version:
            return library
    raise NoVfs("Python's SQLite cannot be reached: it is linked in without its symbols")
