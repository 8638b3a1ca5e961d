"""A person's signing key in a file that nobody else may read, for commands."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.output import Code, Exit
from gateway.proof.note import SigningKey
from gateway.serving import keys


def make_key(path: Path, operator: str) -> SigningKey:
    """A new key, written to a file that must not be there; its public half beside it. Ends the command."""
    try:
        return keys.make(path, operator)
    except FileExistsError as error:
        advice = "it is not written over, for whoever knows its key could act no more: name another file"
        raise Exit(Code.USAGE, f"{error.filename}: it is there: {advice}") from error
    except OSError as error:
        raise Exit(Code.TRY_LATER, f"{error.filename or path}: {error.strerror}") from error


def read_key(path: Path | None, operator: str) -> SigningKey:
    """The operator's key. A file that others can read, or that is none, ends the command."""
    if path is None:
        raise Exit(
            Code.USAGE, "this is a replica: give your signing key by --key FILE; lotwatch user key makes one"
        )
    try:
        return keys.read(path, operator)
    except keys.NoSuchKey as error:
        raise Exit(Code.USAGE, str(error)) from error
