"""`lotwatch amend`: a fact of the past was wrong: a scan, or kilograms."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import acting, entered, named_lot, own_journal, told
from gateway.cli.output import Code, Exit
from gateway.cli.stored import instant, iso, lot_named, opened
from gateway.codes.identify import Identified, lot_of
from gateway.journal import JournalReader
from gateway.model import Noted, Plain


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
        _check(reader, point, lot, instead, window.since_ns)
        emptied = reader.made.made(lot) if found.into else None
    body: dict[str, Plain] = {
        "point": point, "time_ns": window.since_ns, "lot": lot, "instead": instead, "reason": reason,
    }  # fmt: skip
    if (
        emptied is not None and emptied.kg > 0.0
    ):  # where the code of the scan, which may be gone by now, says none
        body["kg"] = emptied.kg
    if window.until_ns is not None:
        body["to_ns"] = window.until_ns
    seq, events = entered(data, "correct_scan", operator, body, accept_clock=accept_clock)
    if not as_json:
        click.echo(f"the scan of {lot} at {point}, {iso(window.since_ns)}")
    told(seq, events, as_json=as_json)


def _check(reader: JournalReader, point: str, lot: str, instead: str, time_ns: int) -> None:
    """The scan is still of the lot, and the right one was there by then. Raises Exit."""
    of = lot
    for numbered in reader.events_between(time_ns, 2**63 - 1, ["scan_corrected"]):
        note = numbered.event
        if isinstance(note, Noted) and (note.subject, note.facts.get("time_ns")) == (point, time_ns):
            of = str(note.facts.get("instead"))
    if of != lot:
        raise Exit(
            Code.FINDINGS, f"that scan was corrected before: it is of {of}, so name {of} and not {lot}"
        )
    right = lot_of(instead)
    made = reader.made.made(right.lot) if isinstance(right, Identified) else None
    if made is not None and made.inputs and made.time_ns > time_ns:
        raise Exit(Code.FINDINGS, f"{made.lot} was made at {iso(made.time_ns)}, after that scan")


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
