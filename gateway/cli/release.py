"""`lotwatch release`: a held lot may be used again."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.away import acting_anywhere, entered_at, lot_at
from gateway.cli.entering import told
from gateway.model import Plain


@click.command()
@click.argument("code")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is good after all, or what was done.")
@click.option(
    "--concession",
    metavar="TEXT",
    help="By what right it is used although a result was outside: the customer's number, who agreed.",
)
@acting_anywhere
def command(
    code: str,
    reason: str,
    concession: str | None,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Release the lot in CODE. Where a rule wants two operators, the second one who does so releases it.

    A lot that a check of the control plan has rejected is released by a concession only.

    Lots that are held for what they have of it are released one by one.
    """
    folder, lot, _ = lot_at(data, code)
    body: dict[str, Plain] = {"lot": lot, "reason": reason}
    if concession:
        body["concession"] = concession
    seq, events = entered_at(folder, "release", operator, body, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)
