"""`lotwatch note`: words beside a sample of a chart."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.away import acting_anywhere, characteristic_at, entered_at
from gateway.cli.entering import told
from gateway.cli.stored import instant
from gateway.model import Plain


@click.command()
@click.argument("characteristic")
@click.argument("text")
@click.option("--at", required=True, metavar="TIME", help="Of the sample, as the table of its chart has it.")
@click.option("--of", default="", metavar="KEY", help="Of a chart that is kept apart: which one.")
@acting_anywhere
def command(
    characteristic: str,
    text: str,
    at: str,
    of: str,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Write TEXT beside a sample of CHARACTERISTIC's chart, for everybody; it cannot be taken back.

    The page of the chart shows it as a flag, with your operator number.
    """
    body: dict[str, Plain] = {
        "characteristic": characteristic,
        "key": of,
        "time_ns": instant(at),
        "text": text,
    }
    folder = characteristic_at(data, characteristic)
    seq, events = entered_at(folder, "note", operator, body, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)
