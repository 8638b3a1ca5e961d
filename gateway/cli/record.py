"""`lotwatch record`: what a person found: the result of a check, or of a laboratory."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.away import acting_anywhere, entered_at, lot_at
from gateway.cli.entering import told
from gateway.cli.output import Code, Exit, say, stop
from gateway.cli.stored import opened
from gateway.controlplan.cards import Entry, Table, Unclear, value_of
from gateway.model import Plain


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("characteristic", required=False)
@click.argument("values", metavar="VALUE...", nargs=-1)
@click.option(
    "--lot",
    "code",
    metavar="CODE",
    help="The lot that was measured, as on its label; of a check the lot that is there.",
)
@click.option(
    "--scans",
    is_flag=True,
    help="Read lines of a scanner: CHECK:... and OPERATOR:... from cards, codes of lots, and numbers.",
)
@acting_anywhere
def command(
    characteristic: str | None,
    values: tuple[str, ...],
    code: str | None,
    data: Path,
    operator: str,
    *,
    scans: bool,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Enter VALUE of CHARACTERISTIC: a check or duty of the control plan, or a result of a laboratory for a lot.

    A check takes as many numbers as its sample has; ok and nok are 0 and 1 faults. It is charted, judged by the plan's
    limits, and decides what becomes of the lot. A result that no plan has is judged by the site's `result_limits`.
    """
    if scans:
        if characteristic is not None:
            raise Exit(Code.USAGE, "--scans reads everything from the scanner: name no characteristic")
        _table(data, operator, accept_clock=accept_clock, as_json=as_json)
        return
    if characteristic is None or not values:
        raise Exit(Code.USAGE, "what was found? Give a characteristic and a value, or --scans")
    numbers = []
    for text in values:
        number = value_of(text)
        if number is None:
            raise Exit(Code.USAGE, f"{text}: write a number, with a point, or ok or nok")
        numbers.append(number)
    done = Entry(operator, characteristic, code or "", tuple(numbers))
    _enter(data, done, accept_clock=accept_clock, as_json=as_json)


def _enter(data: Path, done: Entry, *, accept_clock: bool, as_json: bool) -> None:
    body: dict[str, Plain] = {"result": done.check, "value": done.values[0]}
    if len(done.values) > 1:
        body["values"] = list(done.values)
    folder = data
    if done.lot:
        folder, lot, kind = lot_at(data, done.lot)
        body |= {"lot": lot, **({"lot_kind": kind} if kind else {})}
    seq, events = entered_at(folder, "result", done.operator, body, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)


def _table(data: Path, operator: str, *, accept_clock: bool, as_json: bool) -> None:
    """Until the scanner ends. What cannot be entered is said, and the next line is read."""
    with opened(data) as readers:
        site = readers[0].site() if len(readers) == 1 else None
    table, bad = Table(operator, {row.id: row.size for row in site.checks} if site else {}), False
    for line in sys.stdin:
        try:
            done = table.heard(line)
            if done is not None:
                _enter(data, done, accept_clock=accept_clock, as_json=as_json)
        except Unclear as unclear:
            bad = True
            say(f"lotwatch: {unclear}")
        except Exit as refused:
            bad = True
            refused.show()
        except SystemExit as ended:  # a refusal was said
            bad = bad or bool(ended.code)
    if bad:
        stop(Code.FINDINGS)
