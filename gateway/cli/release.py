"""`lotwatch release`: a held lot may be used again."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import acting, entered, named_lot, told


@click.command()
@click.argument("code")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is good after all, or what was done.")
@acting
def command(code: str, reason: str, data: Path, operator: str, *, accept_clock: bool, as_json: bool) -> None:
    """Release the lot in CODE. Where a rule wants two operators, the second one who does so releases it.

    Lots that are held for what they have of it are released one by one.
    """
    lot, _ = named_lot(data, code)
    seq, events = entered(
        data, "release", operator, {"lot": lot, "reason": reason}, accept_clock=accept_clock
    )
    told(seq, events, as_json=as_json)
