"""What commands share that read the list."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from gateway.cli.output import Code
from gateway.config.problems import ConfigErrors
from lotwatch_writer.allowed import Allowed
from lotwatch_writer.listfile import load


def listed(file: Path) -> Allowed:
    """The list in a file; what is wrong with it is printed and ends the command with code 78."""
    try:
        return load(file)
    except ConfigErrors as errors:
        told(errors)


def told(errors: ConfigErrors) -> NoReturn:
    """Every problem, a line each."""
    for problem in errors.problems:
        click.echo(str(problem))
    raise SystemExit(int(Code.BAD_CONFIG))
