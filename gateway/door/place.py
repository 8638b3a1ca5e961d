"""Where the socket is: in the journal's folder, by a name that the system can take."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

NAME = "door.sock"
PATH_MOST = 107  # bytes of a socket's path, unix(7): sun_path has 108, the last is zero


class NoPlace(OSError):
    """No socket can be made here; says why."""


@contextlib.contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """A path of the socket that is short enough: its own, or one by way of the open folder."""
    path = str(folder / NAME)
    if len(os.fsencode(path)) <= PATH_MOST:
        yield path
        return
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{opened}/{NAME}"
    finally:
        os.close(opened)


def listening(folder: Path) -> socket.socket:
    """A socket that listens there. Whoever holds the folder's lock may take a stale one away. Raises NoPlace.

    Blocks for as long as a file system does: not in a loop.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        clear(folder)
        os.fchmod(made.fileno(), 0o600)  # before it has a name, so that nobody comes first
        with reachable(folder) as path:
            made.bind(path)
        (folder / NAME).chmod(0o600)
        made.listen(16)
        made.setblocking(False)
    except OSError as error:
        made.close()
        raise NoPlace(f"{folder / NAME}: {error.strerror or error}") from error
    return made


def clear(folder: Path) -> None:
    """Take a socket away that nobody listens on any more. Raises NoPlace for what is no socket."""
    path = folder / NAME
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise NoPlace(f"{path}: something else is here: take it away")
    path.unlink(missing_ok=True)
