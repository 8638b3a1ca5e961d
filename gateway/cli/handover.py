"""`lotwatch handover`: words for the next shift."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import acting, entered, told


@click.command()
@click.argument("text")
@acting
def command(text: str, data: Path, operator: str, *, accept_clock: bool, as_json: bool) -> None:
    """Leave TEXT for the next shift: it stands at the top of its sheet, and on the sheet of this one."""
    seq, events = entered(data, "handover", operator, {"text": text}, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)
