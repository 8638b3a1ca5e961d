"""`lotwatch partition`: which partition a site belongs to, and which replicas move when there are more."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import Code, Exit, emit
from gateway.ingest.partitions import MOST, partition_of
from gateway.wire.topics import unescape


@click.command()
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option(
    "--of", "count", type=click.IntRange(1, MOST), required=True, help="How many partitions there are."
)
@click.option("--was", type=click.IntRange(1, MOST), help="How many there were: only sites that move.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The sites that have replicas in this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(sites: tuple[str, ...], count: int, was: int | None, data: Path | None, *, as_json: bool) -> None:
    """Print a line for each SITE: its name and its partition; with --was the one it had before it, too.

    `lotwatch ingest --partition` takes the sites of a partition. Exit code 0 also where none moves.
    """
    names = sorted({*sites, *(_found(data) if data is not None else ())})
    if not names:
        raise Exit(Code.USAGE, "no sites: name some, or a folder of replicas with --data")
    now = {name: partition_of(name, count) for name in names}
    if was is None:
        if as_json:
            emit(now)
            return
        for name, number in now.items():
            click.echo(f"{name} {number}")
        return
    before = {name: partition_of(name, was) for name in names}
    moved = {name: (before[name], now[name]) for name in names if before[name] != now[name]}
    if as_json:
        emit({name: {"from": old, "to": new} for name, (old, new) in moved.items()})
        return
    for name, (old, new) in moved.items():
        click.echo(f"{name} {old} {new}")


def _found(data: Path) -> set[str]:
    return {unescape(each.name) for each in data.iterdir() if each.is_dir() and any(each.glob("*/*.sqlite"))}
