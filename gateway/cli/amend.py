"""`lotwatch amend`: a fact of the past was wrong: a scan, or kilograms."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import acting, entered, named_lot, own_journal, told
from gateway.cli.output import Code, Exit
from gateway.cli.stored import instant, iso, lot_named, opened
from gateway.model import Plain


@click.group()
def command() -> None:
    """Correct a fact of the past.

    Nothing that was told is rewritten: what follows of the correction is told as new versions of the lots concerned,
    with new verdicts where those change. `lotwatch trace --as-of` shows what was believed before.
    """


@command.command()
@click.argument("point")
@click.argument("code")
@click.option("--instead", required=True, metavar="CODE", help="What should have been scanned.")
@click.option("--at", "when", metavar="TIME", help="Which scan of CODE there; the newest if not given.")
@click.option("--reason", required=True, metavar="TEXT", help="How it came about.")
@acting
def scan(
    point: str,
    code: str,
    instead: str,
    when: str | None,
    reason: str,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """At scan point POINT material CODE was scanned, and it was another lot."""
    with opened(data) as readers:
        reader = own_journal(data, readers)
        site = reader.site()
        found = next((each for each in site.scan_points if each.name == point), None) if site else None
        if found is None:
            names = ", ".join(each.name for each in site.scan_points) if site else ""
            raise Exit(Code.USAGE, f"{point} is no scan point; there are {names or 'none'}")
        lot = lot_named(code, readers)
        record = reader.lot(lot)
        windows = [
            each
            for each in (record.windows if record else ())
            if each.cell == found.cell and each.role == found.role
        ]
        if when is not None:
            windows = [each for each in windows if each.since_ns == instant(when)]
        if not windows:
            at = f" at {when}" if when else ""
            raise Exit(Code.FINDINGS, f"{lot} was not scanned at {point}{at}: see lotwatch lot {lot}")
        window = windows[-1]
    body: dict[str, Plain] = {
        "point": point, "time_ns": window.since_ns, "lot": lot, "instead": instead, "reason": reason,
    }  # fmt: skip
    if window.until_ns is not None:
        body["to_ns"] = window.until_ns
    seq, events = entered(data, "correct_scan", operator, body, accept_clock=accept_clock)
    if not as_json:
        click.echo(f"the scan of {lot} at {point}, {iso(window.since_ns)}")
    told(seq, events, as_json=as_json)


@command.command()
@click.argument("code")
@click.argument("kilograms", type=float)
@click.option(
    "--of", "part", metavar="CODE", help="Not the lot's own mass, but what went into it of this lot."
)
@click.option(
    "--sigma", type=click.FloatRange(min=0), metavar="KG", help="Standard uncertainty of the count."
)
@click.option("--reason", required=True, metavar="TEXT", help="How it came about.")
@acting
def kg(
    code: str,
    kilograms: float,
    part: str | None,
    sigma: float | None,
    reason: str,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """The lot in CODE has KILOGRAMS, by a recount."""
    lot, kind = named_lot(data, code)
    if not kind:
        raise Exit(Code.FINDINGS, f"{lot} has no kilograms here: it is not known by mass")
    body: dict[str, Plain] = {"lot": lot, "kg": kilograms, "reason": reason}
    if sigma is not None:
        body["sigma_kg"] = sigma
    if part is not None:
        with opened(data) as readers:
            body["of"] = lot_named(part, readers)
            made = readers[0].made.made(lot)
        if made is None or body["of"] not in {edge.lot for edge in made.inputs}:
            raise Exit(Code.FINDINGS, f"nothing of {body['of']} went into {lot} itself")
    seq, events = entered(data, "recount", operator, body, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)
