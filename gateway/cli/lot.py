"""`lotwatch lot`: everything about one lot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gateway.cli.massshow import (
    composition_plain,
    kilograms,
    lines_of,
    made_plain,
    percent,
    rest_words,
    sources_plain,
)
from gateway.cli.options import data_option
from gateway.cli.output import emit
from gateway.cli.stored import iso, lot_named, opened
from gateway.journal import JournalReader
from gateway.journal.exposure import Exposures
from gateway.journal.lots import LotRecord, Window
from gateway.journal.made import HELD_FROM
from gateway.model import BAD_FROM, AlarmChanged, Ingredient, LotMade, Noted, Signal
from gateway.plain import to_plain

_NOTE = "as scanned: a link says that it was there in time, not how much of it went in"
_NOTES = (
    "lot_held",
    "lot_released",
    "lot_suspect",
    "lot_result",
    "lot_recounted",
    "label_printed",
    "label_refused",
)
_TEXTS_SHOWN = 5
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


def about(reader: JournalReader, record: LotRecord, exposures: Exposures) -> dict[str, Any]:
    """A lot as one journal knows it; what it is made of goes through all of them."""
    who = reader.identity
    versions = [event for _, _, event in reader.made.versions(record.lot) if isinstance(event, LotMade)]
    return {
        "site": who.site,
        "gateway": who.gateway,
        "mass": mass_plain(reader, versions[-1], exposures) if versions else None,
        "versions": [version_plain(each) for each in versions],
        "windows": [{**window_plain(window), "tags": tags_in(reader, window)} for window in record.windows],
        "parents": list(record.parents),
        "children": list(record.children),
        "changes": [
            {
                "time": iso(change.time_ns),
                "change": change.change,
                "cell": change.cell,
                "role": change.role,
                "code": change.code,
                "parents": list(change.parents),
            }
            for change in record.changes
        ],
        "events": events_of(reader, record, versions),
    }


def mass_plain(reader: JournalReader, made: LotMade, exposures: Exposures) -> dict[str, Any]:
    """Its newest version: kilograms in and on, composition, and what was said at its closing."""
    on = []
    for child in reader.made.children(made.lot):
        into = reader.made.made(child)
        if into is not None:
            edges = [edge for edge in into.inputs if edge.lot == made.lot]
            on += [
                {**_edge(edge), "lot": child, "kind": into.kind, "aggregated": into.aggregated}
                for edge in edges
            ]
    return {
        **made_plain(made),
        "aggregated": made.aggregated,
        "ground": made.ground,
        "inputs": [_edge(edge) for edge in made.inputs],
        "went_into": on,
        "composition": {
            **composition_plain(made),
            "sources": sources_plain(exposures, made, 0.0) if made.inputs else [],
        },
        "facts": dict(made.facts),
    }


def _edge(edge: Ingredient) -> dict[str, Any]:
    return {"lot": edge.lot, "kg": edge.kg, "sigma_kg": edge.sigma_kg, "mixing": edge.mixing}


def version_plain(made: LotMade) -> dict[str, Any]:
    """A version in short: 2 and on amend the one before, and say why."""
    regrind = composition_plain(made)["regrind"]
    return {"version": made.version, "reason": made.reason, "kg": made.kg, "regrind": regrind}


def window_plain(window: Window) -> dict[str, Any]:
    """A stay of a lot at a cell; "until" is null while it is there."""
    until = None if window.until_ns is None else iso(window.until_ns)
    return {"cell": window.cell, "role": window.role, "since": iso(window.since_ns), "until": until}


def tags_in(reader: JournalReader, window: Window) -> list[dict[str, Any]]:
    """What the tags of the cell did meanwhile: how many values, least, mean, most; of texts which ones."""
    until = _end(reader, window)
    tags = [tag for tag in reader.tags() if tag.startswith(f"{window.cell}/")]
    return [tag_in(reader, tag, window.since_ns, until) for tag in tags if until > window.since_ns]


def tag_in(reader: JournalReader, tag: str, t0: int, t1: int) -> dict[str, Any]:
    """One tag over a time. "bad" counts values that were not usable."""
    found = reader.readings(tag, t0, t1, 1)
    count, bad = int(found.count[0]), int(found.bad[0])
    if bad and not count:
        series = reader.readings(tag, t0, t1)
        if series.values.dtype.kind == "U":
            good = series.values[series.quality < BAD_FROM].tolist()
            texts = list(dict.fromkeys(good))[:_TEXTS_SHOWN]
            return {"tag": tag, "count": len(good), "bad": len(series) - len(good), "texts": texts}
    least, mean, most = (float(column[0]) if count else None for column in (found.min, found.mean, found.max))
    return {"tag": tag, "count": count, "bad": bad, "min": least, "mean": mean, "max": most}


def _end(reader: JournalReader, window: Window) -> int:
    """When a stay ended; of one that has not, just after the newest reading."""
    if window.until_ns is not None:
        return window.until_ns
    span = reader.span()
    return span[1] + 1 if span else window.since_ns


def events_of(
    reader: JournalReader, record: LotRecord, versions: Sequence[LotMade] = ()
) -> list[dict[str, Any]]:
    """Signals and alarms that name the lot; holds, releases, suspicions, results and labels of it."""
    times = [*(change.time_ns for change in record.changes), *(made.time_ns for made in versions)]
    if not times:
        return []
    last = reader.last_event_ns()
    found = reader.events_between(min(times), last + 1, ["Signal", "AlarmChanged", *_NOTES])
    out = []
    for seq, _, event in found:
        named = isinstance(event, Signal | AlarmChanged) and record.lot in event.lots
        if named or (isinstance(event, Noted) and event.subject == record.lot):
            out.append({"seq": seq, "time": iso(event.time_ns), **to_plain(event)})
    return out


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
