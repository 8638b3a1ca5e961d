"""Secrets stay where they are, in files that others cannot read, and are read when they are used.

The law: a secret comes out of `file:PATH` or `credential:NAME` (a file that systemd lays into $CREDENTIALS_DIRECTORY
for this service alone: systemd.exec(5), LoadCredential=), and only if its owner is root or we, others have no access at
all and its group may not write. An environment is no place: every child inherits it, and /proc shows it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

PLACES = "write file:PATH or credential:NAME"
_OTHERS, _GROUP_WRITES = 0o007, 0o020
_LARGEST = 65_536


def read_secret(where: str) -> str:
    """The secret at ``file:PATH`` or ``credential:NAME``; "" for "". Raises ValueError, OSError with the place."""
    if not where:
        return ""
    path = place_of(where)
    with path.open("rb") as file:
        unsafe = _unsafe(os.fstat(file.fileno()))
        if unsafe:
            raise ValueError(f"{path}: {unsafe}")
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"{path}: more than {_LARGEST} bytes are no secret")
    try:
        return data.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError(f"{path}: it is not a text in UTF-8") from None


def secret_file(where: str) -> Path:
    """The file of a secret that a library reads by itself, its access checked. Raises ValueError, OSError."""
    path = place_of(where)
    unsafe = _unsafe(path.stat())
    if unsafe:
        raise ValueError(f"{path}: {unsafe}")
    return path


def place_of(where: str) -> Path:
    """The file that a place means. Raises ValueError."""
    kind, _, name = where.partition(":")
    if kind == "file" and name:
        return Path(name)
    if kind == "credential" and name:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if "/" in name or name in {".", ".."}:
            raise ValueError(f'"{name}" is no name of a credential: it is a file name without a folder')
        if not folder:
            raise ValueError(
                f"there is no credential {name}: systemd gave none; add LoadCredential={name}:/PATH to the service"
            )
        return Path(folder, name)
    if kind == "env":
        raise ValueError(f"an environment is no place for a secret, its children inherit it: {PLACES}")
    raise ValueError(f'"{kind}:" is not a place for a secret: {PLACES}')


def _unsafe(found: os.stat_result) -> str:
    """Why nobody should trust this file with a secret; "" if all is well."""
    if not stat.S_ISREG(found.st_mode):
        return "it is not a file"
    if found.st_mode & _OTHERS:
        return "others have access to it: chmod 600, or 640 for a group of its own, and change the secret"
    if found.st_mode & _GROUP_WRITES:
        return "its group may change it: chmod 640"
    if os.geteuid() != 0 and found.st_uid not in {0, os.geteuid()}:
        return "it belongs to another user: chown it to root or to who runs this"
    return ""
