"""`lotwatch import orders`: orders out of a CSV file, into a journal."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import acting, entered, own_journal
from gateway.cli.output import Code, Exit, emit
from gateway.cli.stored import opened
from gateway.model import Plain
from gateway.score.declared import BadFigures
from gateway.score.orderfile import orders as orders_in

_BYTES_MOST = 32 << 20
_AT_ONCE = 100
"""Orders of one entry: it has to fit into a line at the door."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and take nothing.")
@acting
def orders(
    file: Path, data: Path, operator: str, *, dry_run: bool, accept_clock: bool, as_json: bool
) -> None:
    """Take orders: CSV with the columns order, part, quantity, due and, if wanted, customer.

    A row that cannot be taken is refused with its line, and then none is. An order that is there already gets a newer
    version.
    """
    with opened(data) as readers:
        site = own_journal(data, readers).site()
    if site is None:
        raise Exit(Code.FINDINGS, f"{data}: no config is in it yet: run the daemon once")
    if file.stat().st_size > _BYTES_MOST:
        raise Exit(Code.USAGE, f"{file}: more than {_BYTES_MOST >> 20} MB: give it in parts")
    try:
        rows = orders_in(file.read_text("utf-8"), site.shifts)
    except UnicodeDecodeError as error:
        raise Exit(Code.USAGE, f"{file}: is not UTF-8: save it as CSV UTF-8") from error
    except BadFigures as bad:
        lines = "\n".join(f"{file}:{line}: {text}" for line, text in bad.problems)
        raise Exit(Code.USAGE, f"nothing is taken:\n{lines}") from bad
    for at in range(0, 0 if dry_run else len(rows), _AT_ONCE):
        some: list[Plain] = list(rows[at : at + _AT_ONCE])
        try:
            entered(
                data,
                "orders",
                operator,
                {"document": file.name[:200], "orders": some},
                accept_clock=accept_clock,
            )
        except Exit as error:
            if not at:
                raise
            text = (
                f"{error.message}\n{at} of {len(rows)} orders were taken: run it again, it takes none twice"
            )
            raise Exit(Code(error.exit_code), text) from error
    if as_json:
        emit({"taken": not dry_run, "orders": list(rows)})
    else:
        click.echo(f"{file}: {len(rows)} orders{' could be taken' if dry_run else ''}")
