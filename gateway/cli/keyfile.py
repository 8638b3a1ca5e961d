"""A person's signing key in a file that nobody else may read."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.acts import key_name
from gateway.cli.output import Code, Exit
from gateway.proof.note import NoKey, SigningKey

SEED_BYTES = 32
_LARGEST = 1_000
_OTHERS = 0o077


def make_key(path: Path, operator: str) -> SigningKey:
    """A new key, written to a file that must not be there; its public half beside it. Ends the command."""
    key = SigningKey(key_name(operator), os.urandom(SEED_BYTES))
    try:
        _write(path, key.line(), 0o600)
        _write(path.with_name(path.name + ".pub"), key.public.line(), 0o644)
    except FileExistsError as error:
        advice = "it is not written over, for whoever knows its key could act no more: name another file"
        raise Exit(Code.USAGE, f"{error.filename}: it is there: {advice}") from error
    except OSError as error:
        raise Exit(Code.TRY_LATER, f"{error.filename or path}: {error.strerror}") from error
    return key


def _write(path: Path, line: str, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path | None, operator: str) -> SigningKey:
    """The operator's key. A file that others can read, or that is none, ends the command."""
    if path is None:
        raise Exit(
            Code.USAGE, "this is a replica: give your signing key by --key FILE; lotwatch user key makes one"
        )
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise Exit(Code.USAGE, f"{path}: {error.strerror}") from error
    if mode & _OTHERS:
        raise Exit(
            Code.USAGE, f"{path}: others can read it, and act in your name: chmod 600, or make a new one"
        )
    try:
        key = SigningKey.of_line(text)
    except NoKey as error:
        raise Exit(Code.USAGE, f"{path}: {error}") from error
    if key.public.name != key_name(operator):
        raise Exit(Code.USAGE, f"{path}: it is the key of {key.public.name}, not of {key_name(operator)}")
    return key
