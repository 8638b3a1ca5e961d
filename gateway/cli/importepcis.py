"""`lotwatch import epcis`: the lots that a supplier's EPCIS document declares, into a journal."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import acting, entered, own_journal
from gateway.cli.output import Code, Exit, emit, say, stop
from gateway.cli.stored import opened
from gateway.door.words import LINE_MOST, request
from gateway.epcis.declared import Declared, declared
from gateway.epcis.names import Names, private_base
from gateway.epcis.reading import Refused, read
from gateway.journal import JournalReader
from gateway.model import Plain

_BYTES_MOST = 64 << 20


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and take nothing.")
@acting
def epcis(file: Path, data: Path, operator: str, *, dry_run: bool, accept_clock: bool, as_json: bool) -> None:
    """Take the lots that a supplier's EPCIS 2.0 document (JSON-LD) declares: kilograms, facts, what they are made of.

    All of them are taken or none. Everything that is wrong is told as FILE: place: what, and what to do; code 1.
    """
    with opened(data) as readers:
        reader = own_journal(data, readers)
        found = _declared(file, reader)
        there = [lot.name for lot in found.lots if reader.made.made(lot.name)]
    for warning in found.warnings:
        say(f"{file}: {warning}")
    if there:
        more = f" and {len(there) - 5} more" if len(there) > 5 else ""
        known = f"{', '.join(there[:5])}{more}"
        raise Exit(Code.FINDINGS, f"{file}: nothing is taken: the journal has {known} already")
    if not dry_run:
        _enter(data, file, found, operator, accept_clock=accept_clock)
    if as_json:
        lots = [{**body, "kg": body["kg"]} for body in found.bodies()]
        emit({"taken": not dry_run, "events": found.events, "void": found.void, "lots": lots})
        return
    for lot in found.lots:
        of = f", made of {', '.join(lot.inputs)}" if lot.inputs else ""
        click.echo(f"{lot.name}: {lot.kg:.9g} kg{of}")


def _declared(file: Path, reader: JournalReader) -> Declared:
    if file.stat().st_size > _BYTES_MOST:
        raise Exit(Code.FINDINGS, f"{file}: more than {_BYTES_MOST >> 20} MB: ask for it in parts")
    site = reader.site()
    base = (site.epcis.base if site else "") or private_base(reader.identity.site)
    try:
        return declared(read(file.read_bytes()), Names(base))
    except Refused as refused:
        lines = "\n".join(f"{file}: {trouble}" for trouble in refused.troubles)
        raise Exit(Code.FINDINGS, f"nothing is taken:\n{lines}") from refused


def _enter(data: Path, file: Path, found: Declared, operator: str, *, accept_clock: bool) -> None:
    body: dict[str, Plain] = {"document": file.name[:200], "lots": list(found.bodies())}
    if len(request("import", operator, body)) >= LINE_MOST:
        words = f"its {len(found.lots)} lots are too many for one entry: ask for it in parts"
        raise Exit(Code.FINDINGS, f"{file}: nothing is taken: {words}")
    _, events = entered(data, "import", operator, body, accept_clock=accept_clock)
    refused = [event for event in events if event.get("kind") == "import_refused"]
    for event in refused:
        say(f"lotwatch: {file}: nothing is taken: {event['facts']['reason']}")
    if refused or not events:
        stop(Code.FINDINGS)
