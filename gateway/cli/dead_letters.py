"""`lotwatch dead-letters`: points that a database refused, and sending them once more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.options import data_option, load_site, set_option
from gateway.cli.output import Code, Exit, emit, say, stop
from gateway.cli.stored import refusal

if TYPE_CHECKING:
    from gateway.site import Database


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@data_option("A replica, or a folder of replicas.")
@set_option
@click.option("--retry", "again", is_flag=True, help="Send them to the database of CONFIG once more.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(
    config: Path | None, data: Path, settings: tuple[str, ...], *, again: bool, as_json: bool
) -> None:
    """Show the points that databases refused, a row a series: which records, how many, why, and the first line.

    The replica holds their records whole; so with --retry, after what was wrong is mended, their lines are made again
    and sent to the database of CONFIG. Ends with 1 while there are any.
    """
    import sqlite3  # noqa: PLC0415 # after the options are known to be good
    from dataclasses import asdict  # noqa: PLC0415

    from gateway.ingest.refused import NAME, RefusedPoints  # noqa: PLC0415
    from gateway.ingest.writer import WriteFailed  # noqa: PLC0415
    from gateway.journal.errors import JournalError  # noqa: PLC0415

    if not data.is_dir():
        raise Exit(Code.USAGE, f"{data}: there is no such folder: name a replica, or a folder of replicas")
    folders = sorted({path.parent for path in (data / NAME, *data.glob(f"*/*/{NAME}")) if path.is_file()})
    sent = 0
    try:
        if again:
            sent = _sent(folders, _database(config, settings))
        rows = [(folder, row) for folder in folders for row in RefusedPoints(folder).rows()]
    except WriteFailed as error:
        raise Exit(Code.UNREACHABLE, str(error)) from error
    except JournalError as error:
        raise refusal(error) from error
    except sqlite3.Error as error:
        raise Exit(Code.TRY_LATER, f"{data}: dead letters cannot be read: {error}") from error
    points = sum(row.points for _, row in rows)
    if as_json:
        letters = [{"replica": str(folder), **asdict(row)} for folder, row in rows]
        emit({"points": points, "sent": sent, "letters": letters})
    else:
        for _, row in rows:
            span = f"{row.first}" if row.first == row.last else f"{row.first}..{row.last}"
            click.echo(f"{row.database}: {row.points} points of {row.stream} {span}: {row.reason}")
            click.echo(f"  {row.line}")
        if again:
            say(f"lotwatch: {sent} points sent, {points} refused")
    if rows:
        stop(Code.FINDINGS)


def _database(config: Path | None, settings: tuple[str, ...]) -> Database:
    if config is None:
        raise Exit(Code.USAGE, "--retry: name a CONFIG, whose database is written to")
    database = load_site(config, settings).database
    if database is None:
        raise Exit(Code.USAGE, f"{config} has no database")
    return database


def _sent(folders: list[Path], database: Database) -> int:
    from gateway.ingest.retry import retry  # noqa: PLC0415 # after the options are known to be good
    from gateway.ingest.writers import writer_of  # noqa: PLC0415

    try:
        writer = writer_of(database)
    except (OSError, ValueError) as error:
        raise Exit(Code.BAD_CONFIG, f"database.token_from: {error}") from error
    try:
        return sum(retry(folder, database, writer).sent for folder in folders)
    finally:
        writer.close()
