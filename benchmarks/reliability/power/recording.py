"""Recording what SQLite and the journal do to files, inside this process: nothing of the journal is replaced.

SQLite takes its file operations from a table of functions, its VFS. `Recorder` registers a copy of the default one, in
which opening, writing, cutting, syncing and removing note themselves beside the real thing (sqlite.org/vfs.html; the
structures are those of sqlite3.h, whose order is an ABI). Chunk files are written by Python: they are looked at
whenever something else happens, and `os.fsync` says when one, or the folder, is synced.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.reliability.power.trace import Create, Remove, Sync, SyncFolder, Trace, Truncate, Write

_CREATE, _WAL, _MAIN_JOURNAL, _SUPER_JOURNAL = 0x4, 0x80000, 0x800, 0x4000  # SQLITE_OPEN_...
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    """sqlite3_vfs."""

    _fields_: ClassVar = [
        ("iVersion", c_int), ("szOsFile", c_int), ("mxPathname", c_int), ("pNext", c_void_p),
        ("zName", c_char_p), ("pAppData", c_void_p), ("xOpen", c_void_p), ("xDelete", c_void_p),
        *((f"x{number}", c_void_p) for number in range(14)),
    ]  # fmt: skip


class _Methods(Structure):
    """sqlite3_io_methods."""

    _fields_: ClassVar = [
        ("iVersion", c_int), ("xClose", c_void_p), ("xRead", c_void_p), ("xWrite", c_void_p),
        ("xTruncate", c_void_p), ("xSync", c_void_p), *((f"x{number}", c_void_p) for number in range(14)),
    ]  # fmt: skip


class _OpenFile:
    """A file that SQLite has open: its name, and the functions that really do it."""

    def __init__(self, name: str, flags: int, own: _Methods) -> None:
        self.name = name
        self.write, self.truncate = _WRITE(own.xWrite), _TRUNCATE(own.xTruncate)
        self.sync = _SYNC(own.xSync)
        # A log that was opened to be created: its first sync is one of the folder too (os_unix.c, UNIXFILE_DIRSYNC).
        self.folder_too = bool(flags & _CREATE and flags & (_WAL | _MAIN_JOURNAL | _SUPER_JOURNAL))


class Recorder:
    """Records one folder while `on`. Connections opened meanwhile have to be closed before it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trace = Trace()
        self._library = ctypes.CDLL(_sqlite3.__file__)
        self._library.sqlite3_vfs_find.restype = c_void_p
        self._files: dict[int, _OpenFile] = {}
        self._tables: dict[int, _Methods] = {}
        self._entries = {path.name for path in folder.iterdir()}
        self._known = {
            path.name: path.stat().st_size for path in folder.glob("*.chunks")
        }  # Python's, and their sizes

    @contextmanager
    def on(self) -> Iterator[Trace]:
        """Record."""
        default = self._library.sqlite3_vfs_find(None)
        vfs = _Vfs.from_buffer_copy(_Vfs.from_address(default))
        vfs.zName, vfs.pNext = b"recording", None
        self._real_open, self._real_delete = _OPEN(vfs.xOpen), _DELETE(vfs.xDelete)
        self._kept: tuple[Any, ...] = (
            _OPEN(self._open), _DELETE(self._delete), _WRITE(self._write), _TRUNCATE(self._truncate),
            _SYNC(self._sync), vfs,
        )  # fmt: skip
        vfs.xOpen = ctypes.cast(self._kept[0], c_void_p).value
        vfs.xDelete = ctypes.cast(self._kept[1], c_void_p).value
        self._library.sqlite3_vfs_register(ctypes.byref(vfs), 1)
        fsync = os.fsync
        os.fsync = self._fsync_by(fsync)
        try:
            yield self.trace
            self.look()
        finally:
            os.fsync = fsync
            self._library.sqlite3_vfs_unregister(ctypes.byref(vfs))
            self._library.sqlite3_vfs_register(c_void_p(default), 1)

    def promise(self, commits: int) -> None:
        """So many commits were told to be on the disk."""
        self.trace.promises.append((len(self.trace.steps), commits))

    # --- SQLite's files ---------------------------------------------------------------------------------------------

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: Any) -> int:
        self.look()
        code: int = self._real_open(vfs, name, file, flags, out)
        if code or not name:
            return code
        path = Path(os.fsdecode(ctypes.string_at(name)))
        if path.parent != self.folder:
            return code
        table = c_void_p.from_address(file)
        address = table.value or 0
        own = _Methods.from_address(address)
        self._files[file] = _OpenFile(path.name, flags, own)
        if address not in self._tables:
            copy = _Methods.from_buffer_copy(own)
            copy.xWrite, copy.xTruncate, copy.xSync = (
                ctypes.cast(function, c_void_p).value for function in self._kept[2:5]
            )
            self._tables[address] = copy
        table.value = ctypes.addressof(self._tables[address])
        self._entry(path.name)
        return code

    def _entry(self, name: str) -> None:
        if name not in self._entries:
            self._entries.add(name)
            self.trace.steps.append(Create(name))

    def _write(self, file: int, data: int, size: int, offset: int) -> int:
        self.look()
        known = self._files[file]
        self.trace.steps.append(Write(known.name, offset, ctypes.string_at(data, size)))
        code: int = known.write(file, data, size, offset)
        return code

    def _truncate(self, file: int, size: int) -> int:
        known = self._files[file]
        self.trace.steps.append(Truncate(known.name, size))
        code: int = known.truncate(file, size)
        return code

    def _sync(self, file: int, flags: int) -> int:
        self.look()
        known = self._files[file]
        code: int = known.sync(file, flags)
        self.trace.steps.append(Sync(known.name))
        if known.folder_too:
            known.folder_too = False
            self.trace.steps.append(SyncFolder())
        return code

    def _delete(self, vfs: int, name: bytes, sync_folder: int) -> int:
        self.look()
        code: int = self._real_delete(vfs, name, sync_folder)
        path = Path(os.fsdecode(name))
        if code == 0 and path.name in self._entries and path.parent == self.folder:
            self._entries.discard(path.name)
            self.trace.steps.append(Remove(path.name))
            if sync_folder:
                self.trace.steps.append(SyncFolder())
        return code

    # --- Python's files ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Note what has become of the chunk files since the last look."""
        there = {path.name: path for path in self.folder.glob("*.chunks")}
        for name in sorted(self._known.keys() - there.keys()):
            del self._known[name]
            self._entries.discard(name)
            self.trace.steps.append(Remove(name))
        for name, path in sorted(there.items()):
            self._entry(name)
            before, size = self._known.get(name, 0), path.stat().st_size
            if size > before:
                with path.open("rb") as file:
                    data = os.pread(file.fileno(), size - before, before)
                self.trace.steps.append(Write(name, before, data))
            self._known[name] = size

    def _fsync_by(self, fsync: Any) -> Any:
        def recorded(number: int) -> None:
            self.look()
            fsync(number)
            path = Path(f"/proc/self/fd/{number}").readlink()
            if path == self.folder and stat.S_ISDIR(os.fstat(number).st_mode):
                self.trace.steps.append(SyncFolder())
            elif path.parent == self.folder:
                self.trace.steps.append(Sync(path.name))

        return recorded
