"""`lotwatch hold`: nobody may use a lot, nor what is made of it."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.away import acting_anywhere, entered_at, lot_at
from gateway.cli.entering import told
from gateway.model import Plain


@click.command()
@click.argument("code")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option("--reject", is_flag=True, help="For good: only a concession releases it.")
@acting_anywhere
def command(
    code: str, reason: str, data: Path, operator: str, *, reject: bool, accept_clock: bool, as_json: bool
) -> None:
    """Hold the lot in CODE, and what is made of it, down to the share that the site's config says.

    Lots made of it that have left the site raise an alarm: shipped, now suspect. A lot that was never scanned can be
    held too: it is an alarm when it comes. What was made of it in the past is looked up and held moments later.
    """
    folder, lot, kind = lot_at(data, code)
    body: dict[str, Plain] = {"lot": lot, "reason": reason, **({"lot_kind": kind} if kind else {})}
    if reject:
        body["reject"] = True
    seq, events = entered_at(folder, "hold", operator, body, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)
