"""`lotwatch label`: the label of a lot or box, for a label printer or as PDF."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli.entering import acting, entered, named_lot
from gateway.cli.held import held
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.stored import FOREVER, iso, opened
from gateway.genealogy.bounds import regrind_share
from gateway.journal import JournalReader
from gateway.label import CannotLabel, Content, barcode_of, zpl
from gateway.label.pdf import pdf
from gateway.model import Noted, Plain


@click.command()
@click.argument("code", required=False)
@click.option("--new", is_flag=True, help="A lot of our own that has no code yet: the label is its name.")
@click.option("--zpl", "zpl_file", metavar="FILE", help="Where the ZPL goes; - for stdout, as without --pdf.")
@click.option("--pdf", "pdf_file", metavar="FILE", help="Where the PDF goes; - for stdout.")
@click.option("--reprint", is_flag=True, help="One more copy of a label that was printed before.")
@click.option("--reason", metavar="TEXT", help="Why it is printed again.")
@acting
def command(
    code: str | None,
    zpl_file: str | None,
    pdf_file: str | None,
    reason: str | None,
    data: Path,
    operator: str,
    *,
    new: bool,
    reprint: bool,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Print the label of the lot in CODE: its barcode, kilograms, share of regrind, date and site.

    Each print is an event, with who did it and which copy it is. The barcode is a GS1-128 where the lot's name came
    from a GS1 code, else a Code 128 of the name; a DataMatrix beside it says the same.
    """
    if new == bool(code):
        raise Exit(Code.USAGE, "name a lot, or say --new for one that has no code yet")
    lot = "" if new else named_lot(data, str(code))[0]
    copies, site = _before(data, lot)
    if copies and not reprint:
        raise Exit(Code.FINDINGS, f"{lot} has {len(copies)} label(s), the last {copies[-1]}: say --reprint")
    if reprint and not copies:
        raise Exit(Code.FINDINGS, f"{lot or 'a new lot'} has no label yet: leave --reprint out")
    if lot:
        _barcode(lot)
    body: dict[str, Plain] = {"lot": lot, "copy": len(copies) + 1, **({"reason": reason} if reason else {})}
    seq, events = entered(data, "label", operator, body, accept_clock=accept_clock)
    printed = next((event for event in events if event.get("kind") == "label_printed"), None)
    if printed is None:
        raise Exit(
            Code.FINDINGS, str(next(iter(events))["facts"]["reason"]) if events else "nothing was printed"
        )
    lot = str(printed["subject"])
    with opened(data) as readers:
        content = content_of(readers[0], lot, site, len(copies) + 1, int(printed["time_ns"]))
    _write(content, zpl_file, pdf_file, as_json=as_json)
    if as_json:
        emit(
            {"seq": seq, "lot": lot, "copy": content.copy, "code": content.barcode.shown, "zpl": zpl(content)}
        )


def content_of(reader: JournalReader, lot: str, site: str, copy: int, now_ns: int) -> Content:
    """What is known of the lot now."""
    made = reader.made.made(lot)
    is_held = any(each["lot"] == lot for each in held(reader))
    barcode = _barcode(lot)
    if made is None:
        return Content(lot, barcode, site, date=iso(now_ns)[:10], held=is_held, copy=copy)
    share = regrind_share(made.composition)
    return Content(
        lot, barcode, site, made.kind, iso(made.time_ns)[:10], made.kg, (share.low, share.high), is_held, copy
    )


def _barcode(lot: str) -> Any:
    try:
        return barcode_of(lot)
    except CannotLabel as error:
        raise Exit(Code.FINDINGS, str(error)) from error


def _before(data: Path, lot: str) -> tuple[list[str], str]:
    """When the lot's labels were printed, and the site."""
    with opened(data) as readers:
        reader = readers[0]
        found = reader.events_between(*FOREVER, ["label_printed"]) if lot else iter(())
        times = [
            iso(event.time_ns)[:19] + "Z"
            for _, _, event in found
            if isinstance(event, Noted) and event.subject == lot
        ]
        return times, reader.identity.site


def _write(content: Content, zpl_file: str | None, pdf_file: str | None, *, as_json: bool) -> None:
    if pdf_file is not None:
        _put(pdf_file, pdf(content))
    if zpl_file is not None or (pdf_file is None and not as_json):
        _put(zpl_file or "-", zpl(content).encode())


def _put(file: str, made: bytes) -> None:
    if file == "-":
        sys.stdout.buffer.write(made)
        sys.stdout.flush()
        return
    try:
        Path(file).write_bytes(made)
    except OSError as error:
        raise Exit(
            Code.USAGE, f"{file}: {error.strerror}; the print is recorded: say --reprint for the next try"
        ) from error
    say(f"wrote {file}")
