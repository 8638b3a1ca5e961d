"""`lotwatch record`: a result that a person measured, for a lot."""

from __future__ import annotations

import math
from pathlib import Path

import click

from gateway.cli.away import acting_anywhere, entered_at, lot_at
from gateway.cli.entering import told
from gateway.cli.output import Code, Exit
from gateway.model import Plain


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("characteristic")
@click.argument("value")
@click.option("--lot", "code", required=True, metavar="CODE", help="The lot that was measured.")
@acting_anywhere
def command(
    characteristic: str,
    value: str,
    code: str,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Enter VALUE of CHARACTERISTIC for a lot, such as the melt flow of a resin the day after it came.

    Outside the site's `result_limits` the lot is held, with what was made of it.
    """
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Exit(Code.USAGE, f"{value}: write a number, with a point")
    folder, lot, kind = lot_at(data, code)
    body: dict[str, Plain] = {"lot": lot, "result": characteristic, "value": number}
    if kind:
        body["lot_kind"] = kind
    seq, events = entered_at(folder, "result", operator, body, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)
