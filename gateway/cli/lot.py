"""`lotwatch lot`: everything about one lot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gateway.cli.massshow import kilograms, lines_of, percent, rest_words
from gateway.cli.options import data_option
from gateway.cli.output import emit
from gateway.cli.stored import lot_named, opened
from gateway.journal.exposure import Exposures
from gateway.journal.lots import LotRecord
from gateway.journal.made import HELD_FROM
from gateway.views.lot import about

_NOTE = "as scanned: a link says that it was there in time, not how much of it went in"
_SOURCES_SHOWN = 10


@click.command()
@click.argument("code")
@data_option("A journal, a replica, or a folder of replicas.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(code: str, data: Path, as_json: bool) -> None:
    """Where and when the lot in CODE was, what it is made of by mass, where it went, and what happened to it.

    CODE is the lot's name, or the code as it was scanned. Exit code 1 when no lot has it.
    """
    with opened(data) as readers:
        lot = lot_named(code, readers)
        exposures = Exposures([reader.made for reader in readers])
        made = [
            about(reader, reader.lot(lot) or LotRecord(lot, (), (), (), ()), exposures)
            for reader in readers
            if reader.lot(lot) or reader.made.knows(lot)
        ]
    if as_json:
        emit({"lot": lot, "links": _NOTE, "at": made})
        return
    for each in made:
        _show(lot, each)


def _show(lot: str, about: dict[str, Any]) -> None:
    click.echo(f"{lot}  at {about['site']}, gateway {about['gateway']}")
    if about["mass"]:
        _show_mass(about["mass"], about["versions"])
    for window in about["windows"]:
        until = window["until"] or "now"
        click.echo(f"  {window['role']} at {window['cell']}  {window['since']} to {until}")
        for tag in window["tags"]:
            click.echo(f"    {_tag_line(tag)}")
    if about["windows"] or not about["mass"]:
        click.echo(f"  made of    {_names(about['parents'])}")
        click.echo(f"  went into  {_names(about['children'])}")
    if about["parents"] or about["children"]:
        click.echo(f"  ({_NOTE})")
    for event in about["events"]:
        click.echo(f"  {event['time']}  {_event_line(event)}")


def _event_line(event: dict[str, Any]) -> str:
    if event["is"] == "Noted":
        return f"{event['kind']}  {event['facts'].get('reason', '')}".rstrip()
    subject = event.get("characteristic") or event.get("subject", "")
    what = " ".join(event["rules"]) if event["is"] == "Signal" else f"{event['kind']} {event['state']}"
    return f"{event['is']}  {subject}  {what}"


def _show_mass(mass: dict[str, Any], versions: Sequence[dict[str, Any]]) -> None:
    how = ", packed" if mass["aggregated"] else ", ground" if mass["ground"] else ""
    weighed = kilograms({"low": mass["kg"], "high": mass["kg"], "sigma": mass["sigma_kg"]})
    where = f" at {mass['cell']}" if mass["cell"] else ""
    click.echo(f"  {mass['kind']}{how}, {weighed}, closed {mass['closed']}{where}")
    for edge in mass["inputs"]:
        mixing = f"  ({edge['mixing']})" if edge["mixing"] else ""
        click.echo(f"    from {edge['lot']}  {_weighed(edge)}{mixing}")
    for edge in mass["went_into"]:
        click.echo(f"    into {edge['lot']}  {edge['kind']}  {_weighed(edge)}")
    held = mass["composition"]
    if mass["inputs"]:
        click.echo(f"  regrind {percent(held['regrind'])}; recycled content {percent(held['recycled'])}")
        passes = [
            f"{times}: {percent({**share, 'sigma': 0.0})}" for times, share in enumerate(held["passes"])
        ]
        click.echo(
            f"  through the screw before  {', '.join(word for word in passes if ': 0.0000 %' not in word)}"
        )
        sources = [source for source in held["sources"] if source["share"]["high"] >= HELD_FROM]
        click.echo(f"  {len(sources)} sources of 0.1 % or more; {rest_words(held['rest'])}")
        for line in lines_of(sources[:_SOURCES_SHOWN]):
            click.echo(f"  {line}")
        if len(sources) > _SOURCES_SHOWN:
            click.echo(
                f"    and {len(sources) - _SOURCES_SHOWN} more: lotwatch trace {mass['lot']} --backward"
            )
    elif held["recycled"]["high"] > 0.0:
        click.echo(f"  recycled content {percent(held['recycled'])}, as declared")
    if len(versions) > 1:
        click.echo("  versions")
        for each in versions:
            why = f"  {each['reason']}" if each["reason"] else ""
            click.echo(f"    {each['version']}  {each['kg']:.3f} kg, regrind {percent(each['regrind'])}{why}")


def _weighed(edge: dict[str, Any]) -> str:
    return kilograms({"low": edge["kg"], "high": edge["kg"], "sigma": edge["sigma_kg"]})


def _tag_line(tag: dict[str, Any]) -> str:
    bad = f", {tag['bad']} not usable" if tag["bad"] else ""
    if not tag["count"]:
        return f"{tag['tag']}  no usable values{bad}"
    if "texts" in tag:
        return f"{tag['tag']}  {tag['count']} texts: {', '.join(map(repr, tag['texts']))}{bad}"
    return f"{tag['tag']}  {tag['count']} values {tag['min']:g} .. {tag['mean']:g} .. {tag['max']:g}{bad}"


def _names(lots: Sequence[str]) -> str:
    return ", ".join(lots) or "nothing scanned"
