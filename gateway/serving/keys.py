"""Signing keys of operators, in files that only this program can read."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.acts import key_name
from gateway.proof.note import NoKey, SigningKey

FOLDER = "keys"
SEED_BYTES = 32
_LARGEST = 1_000
_OTHERS = 0o077


class NoSuchKey(Exception):
    """There is no key that can be used; says why."""


def place(folder: Path, operator: str) -> Path:
    """Where a server of that folder keeps an operator's key."""
    return folder / FOLDER / f"{key_name(operator)}.key"


def make(path: Path, operator: str) -> SigningKey:
    """A new key, written to a file that must not be there; its public half beside it. Raises OSError."""
    key = SigningKey(key_name(operator), os.urandom(SEED_BYTES))
    _write(path, key.line(), 0o600)
    _write(path.with_name(path.name + ".pub"), key.public.line(), 0o644)
    return key


def read(path: Path, operator: str) -> SigningKey:
    """The operator's key. Raises NoSuchKey."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise NoSuchKey(f"{path}: {error.strerror}") from error
    if mode & _OTHERS:
        raise NoSuchKey(f"{path}: others can read it, and act in your name: chmod 600, or make a new one")
    try:
        key = SigningKey.of_line(text)
    except NoKey as error:
        raise NoSuchKey(f"{path}: {error}") from error
    if key.public.name != key_name(operator):
        raise NoSuchKey(f"{path}: it is the key of {key.public.name}, not of {key_name(operator)}")
    return key


def _write(path: Path, line: str, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
