"""What the commands of scores share: their options, the site of each journal, and the three ways to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit
from gateway.journal import JournalReader
from gateway.score.tables import Cell, csv_text
from gateway.score.words import LANGUAGES
from gateway.site import Site


def scoring(command: Callable[..., None]) -> Callable[..., None]:
    """Options of every command that reads scores."""
    for option in (
        click.option(
            "--lang",
            type=click.Choice(LANGUAGES),
            default="en",
            show_default=True,
            envvar="LOTWATCH_LANG",
            help="Language of the words.",
        ),
        click.option(
            "--csv", "as_csv", is_flag=True, help="Print CSV; texts that start a formula are guarded."
        ),
        click.option("--json", "as_json", is_flag=True, help="Print one object."),
        data_option("A journal, a replica, or a folder of replicas."),
    ):
        command = option(command)
    return command


def sited(readers: Sequence[JournalReader]) -> list[tuple[JournalReader, Site]]:
    """Every journal with the site that is in force there."""
    found = [(reader, site) for reader in readers if (site := reader.site()) is not None]
    if not found:
        raise Exit(Code.FINDINGS, "no config is in it yet: the daemon has not run")
    return found


def shown(
    lines: Iterable[str],
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    plain: Any,
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """One of the three ways."""
    if as_json and as_csv:
        raise Exit(Code.USAGE, "--json and --csv: give one of them")
    if as_json:
        emit(plain)
    elif as_csv:
        click.echo(csv_text(header, rows), nl=False)
    else:
        for line in lines:
            click.echo(line)
