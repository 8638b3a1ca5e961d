"""What `lotwatch user add`, `change`, `list` and `remove` share: the accounts of a data folder, and its diary."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli.output import Code, Exit
from gateway.people import Diary, People, Told
from gateway.people.passwords import BadPassword, acceptable, hashed

FROM = "console"


@contextlib.contextmanager
def accounts(data: Path) -> Iterator[People]:
    """Those of a folder. What cannot be opened ends the command."""
    if not data.is_dir():
        raise Exit(
            Code.USAGE, f"{data}: there is no such folder: name the one of the journal, or of the replicas"
        )
    try:
        people = People(data)
    except (sqlite3.Error, OSError) as error:
        raise Exit(Code.TRY_LATER, f"{data}: its accounts cannot be opened: {error}") from error
    try:
        yield people
    except sqlite3.Error as error:
        raise Exit(Code.TRY_LATER, f"{data}: its accounts cannot be read or written: {error}") from error
    finally:
        people.close()


def noted(people: People, kind: str, operator: str, facts: dict[str, object]) -> None:
    """For the journal, which the daemon tells of it; who did it is known by the number of their login."""
    from gateway.clock import SystemClock  # noqa: PLC0415

    row = Told(
        SystemClock().now().time_ns, kind, operator, {**facts, "from": FROM, "by": f"uid {os.getuid()}"}
    )
    Diary(people).write(row, told=False)


def password_hash(where: str | None, *names: str) -> str:
    """Of a password asked for twice, or read where an option says. A poor one ends the command."""
    from gateway.trust.secret import read_secret  # noqa: PLC0415

    try:
        text = read_secret(where) if where else ""
    except (OSError, ValueError) as error:
        raise Exit(Code.USAGE, f"--password-from: {error}") from error
    text = text or click.prompt(
        "Password (12 characters or more)", hide_input=True, confirmation_prompt=True, err=True
    )
    try:
        acceptable(text, *names)
        return asyncio.run(hashed(text))
    except BadPassword as error:
        raise Exit(Code.USAGE, str(error)) from error
    except OSError as error:
        raise Exit(Code.TRY_LATER, str(error)) from error
