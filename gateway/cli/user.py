"""`lotwatch user`: keys of people who act at a replica."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gateway.cli.entering import json_option
from gateway.cli.keyfile import make_key
from gateway.cli.output import Code, Exit, emit, say


@click.group()
def command() -> None:
    """Keys of people who act at a replica, away from the box."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--operator", required=True, metavar="N", envvar="LOTWATCH_OPERATOR", help="Whose: an operator number."
)
@json_option
def key(file: Path, operator: str, *, as_json: bool) -> None:
    """Make a signing key in FILE, which only you can read, and its public half in FILE.pub.

    The public half goes into the config of every box that shall know you, as the rows printed here; the box then takes
    what you sign, of what `may` names.
    """
    if not re.fullmatch("[0-9]{1,12}", operator, re.ASCII):
        raise Exit(
            Code.USAGE, f"{operator}: an operator is a number of at most 12 digits; names enter no config"
        )
    public = make_key(file, operator).public.line()
    if as_json:
        emit({"operator": operator, "file": str(file), "key": public})
        return
    click.echo(
        f'users:\n  - operator: "{operator}"\n    key: {public}\n    may: [acknowledge, shelve, unshelve]'
    )
    say(f"lotwatch: {file} is your signature: keep it, and let nobody have it")
