"""`lotwatch lot`: everything about one lot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gateway.cli.options import data_option
from gateway.cli.output import emit
from gateway.cli.stored import iso, lot_named, opened
from gateway.journal import JournalReader
from gateway.journal.lots import LotRecord, Window
from gateway.model import BAD_FROM, AlarmChanged, Signal
from gateway.plain import to_plain

_NOTE = "as scanned: shares by mass are not known yet"
_TEXTS_SHOWN = 5


@click.command()
@click.argument("code")
@data_option("A journal, a replica, or a folder of replicas.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(code: str, data: Path, as_json: bool) -> None:
    """Where and when the lot in CODE was, what it came from and went into, and what happened to it.

    CODE is the lot's name, or the code as it was scanned. Exit code 1 when no lot has it.
    """
    with opened(data) as readers:
        lot = lot_named(code, readers)
        found = [(reader, record) for reader in readers if (record := reader.lot(lot))]
        made = [about(reader, record) for reader, record in found]
    if as_json:
        emit({"lot": lot, "links": _NOTE, "at": made})
        return
    for each in made:
        _show(lot, each)


def about(reader: JournalReader, record: LotRecord) -> dict[str, Any]:
    """A lot as one journal knows it."""
    who = reader.identity
    return {
        "site": who.site,
        "gateway": who.gateway,
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
        "events": events_of(reader, record),
    }


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


def events_of(reader: JournalReader, record: LotRecord) -> list[dict[str, Any]]:
    """Signals and alarms that name the lot."""
    if not record.changes:
        return []
    first = min(change.time_ns for change in record.changes)
    last = reader.last_event_ns()
    found = reader.events_between(first, last + 1, ["Signal", "AlarmChanged"])
    out = []
    for seq, _, event in found:
        if isinstance(event, Signal | AlarmChanged) and record.lot in event.lots:
            out.append({"seq": seq, "time": iso(event.time_ns), **to_plain(event)})
    return out


def _show(lot: str, about: dict[str, Any]) -> None:
    click.echo(f"{lot}  at {about['site']}, gateway {about['gateway']}")
    for window in about["windows"]:
        until = window["until"] or "now"
        click.echo(f"  {window['role']} at {window['cell']}  {window['since']} to {until}")
        for tag in window["tags"]:
            click.echo(f"    {_tag_line(tag)}")
    click.echo(f"  made of    {_names(about['parents'])}")
    click.echo(f"  went into  {_names(about['children'])}")
    if about["parents"] or about["children"]:
        click.echo(f"  ({_NOTE})")
    for event in about["events"]:
        subject = event.get("characteristic") or event.get("subject", "")
        what = " ".join(event["rules"]) if event["is"] == "Signal" else f"{event['kind']} {event['state']}"
        click.echo(f"  {event['time']}  {event['is']}  {subject}  {what}")


def _tag_line(tag: dict[str, Any]) -> str:
    bad = f", {tag['bad']} not usable" if tag["bad"] else ""
    if not tag["count"]:
        return f"{tag['tag']}  no usable values{bad}"
    if "texts" in tag:
        return f"{tag['tag']}  {tag['count']} texts: {', '.join(map(repr, tag['texts']))}{bad}"
    return f"{tag['tag']}  {tag['count']} values {tag['min']:g} .. {tag['mean']:g} .. {tag['max']:g}{bad}"


def _names(lots: Sequence[str]) -> str:
    return ", ".join(lots) or "nothing scanned"
