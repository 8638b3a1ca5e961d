"""`lotwatch-writer status`: what may be written, what waits for a second person."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import emit
from lotwatch_writer.cli.common import asked, asking


@click.command()
@asking
def status(place: Path, *, as_json: bool) -> None:
    """Show what may be written, what waits, and what nobody knows the end of."""
    said = asked(place)
    if as_json:
        emit({key: said[key] for key in ("list", "rows", "head", "setpoints", "open", "unsettled")})
        return
    for each in said["setpoints"]:
        click.echo(
            f"{each['tag']}  {each['low']:g} to {each['high']:g} {each['uom']}, {each['step']:g} at once"
        )
    for each in said["open"]:
        what = f"{each['tag']} = {each['value']:g} {each['uom']}, by operator {each['by']}: {each['reason']}"
        click.echo(f"waits: {each['proposal'][:12]}  {what} ({each['left_s']} s left)")
    for tag in said["unsettled"]:
        click.echo(f"not known: whether the last write of {tag} was done; it is read when the device answers")
    click.echo(f"audit: {said['rows']} rows, {said['head']}")
