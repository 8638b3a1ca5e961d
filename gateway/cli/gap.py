"""`lotwatch gap`: records that a replica lacks, and giving up those that will never come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gateway.cli.entering import json_option
from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say, stop
from gateway.cli.stored import iso, opened
from gateway.journal import JournalReader

_DATA = "A replica, or a folder of replicas."
_WHY = {
    "removed": "the gateway's journal has them no more",
    "beyond": "the gateway's journal ends before them: an older copy of it was put back",
}


@click.group()
def command() -> None:
    """Records that a replica lacks, and giving up those that will never come.

    The ingest worker finds gaps by number, keeps them, and asks the gateway to send the records again.
    """


@command.command("list")
@data_option(_DATA)
@click.option("--all", "every", is_flag=True, help="Those that were filled or given up as well.")
@json_option
def list_(data: Path, *, every: bool, as_json: bool) -> None:
    """Gaps that are open, and what was given up. Ends with 1 while a gap is open."""
    with opened(data) as readers:
        gaps = [(reader, gap) for reader in readers for gap in _gaps(reader, every=every)]
        lost = [(reader, asdict(each)) for reader in readers for each in reader.known_lost()]
        found = {"gaps": [_at(*each) for each in gaps], "known_lost": [_at(*each) for each in lost]}
    if as_json:
        emit(found)
    else:
        for gap in found["gaps"]:
            click.echo(_line(gap))
        for each in found["known_lost"]:
            by = f"given up by operator {each['operator']} at {iso(each['time_ns'])[:19]}Z: {each['reason']}"
            click.echo(f"{each['site']}/{each['gateway']}: {each['stream']} {_span(each)} {by}")
        if not any(found.values()):
            say("no gaps")
    if any(gap["missing"] for gap in found["gaps"]):
        stop(Code.FINDINGS)


@command.command()
@click.argument("stream", type=click.Choice(["input", "event"]))
@click.argument("numbers", metavar="FIRST..LAST")
@click.option("--reason", required=True, metavar="TEXT", help="Why they will not come.")
@click.option(
    "--operator",
    required=True,
    metavar="N",
    envvar="LOTWATCH_OPERATOR",
    help="Your operator number; names never enter the journal.",
)
@data_option(_DATA)
@json_option
def accept(stream: str, numbers: str, reason: str, operator: str, data: Path, *, as_json: bool) -> None:
    """Give up missing records FIRST..LAST of a STREAM, as a gap names them: they are known lost from now on.

    The watermark goes past them, so the gateway need not keep what comes after; `audit` goes on to name them. A record
    that comes after all is kept like any other.
    """
    from gateway.ingest.giving import Unheard, give_up  # noqa: PLC0415 # after the options are known to be good
    from gateway.journal.errors import JournalError  # noqa: PLC0415

    first, last = _numbers(numbers)
    with opened(data) as readers:
        reader = _one(readers, stream, first, last)
        folder, identity = reader.folder, reader.identity
        said = [gap for gap in _gaps(reader, every=False) if gap["stream"] == stream and gap["first"] <= last]
    body = {"stream": stream, "first": first, "last": last, "operator": operator, "reason": reason}
    try:
        give_up(folder, identity, body)
    except ValueError as error:
        raise Exit(Code.USAGE, str(error)) from error
    except (Unheard, OSError, JournalError) as error:
        raise Exit(Code.TRY_LATER, str(error)) from error
    if as_json:
        emit({"site": identity.site, "gateway": identity.gateway, "epoch": identity.epoch, **body})
    else:
        click.echo(f"{identity.site}/{identity.gateway}: {stream} {_span(body)} given up")
    if not any(gap["gone"] for gap in said):
        say("lotwatch: the gateway has not said that it has them no more: it may still send them")


def _gaps(reader: JournalReader, *, every: bool) -> Iterator[dict[str, Any]]:
    held = reader.held()
    for lost in reader.known_lost():
        held[lost.stream].add(lost.first, lost.last)
    for hole in reader.holes(closed=every):
        missing = held[hole.stream].missing(hole.first, hole.last)
        if missing or every:
            yield {**asdict(hole), "missing": missing}


def _at(reader: JournalReader, row: dict[str, Any]) -> dict[str, Any]:
    who = reader.identity
    return {"site": who.site, "gateway": who.gateway, "epoch": who.epoch, **row}


def _line(gap: dict[str, Any]) -> str:
    left = sum(last - first + 1 for first, last in gap["missing"])
    whole = gap["last"] - gap["first"] + 1
    state = f"{left} of {whole} missing" if left else "nothing missing any more"
    words = [f"{gap['site']}/{gap['gateway']}: {gap['stream']} {_span(gap)}: {state}"]
    words.append(f"seen {iso(gap['seen_ns'])[:19]}Z")
    if gap["asked"]:
        words.append(f"asked for {gap['asked']} times, last {iso(gap['asked_ns'])[:19]}Z")
    if gap["gone"]:
        words.append(_WHY.get(gap["gone"], gap["gone"]))
    return ", ".join(words)


def _span(row: dict[str, Any]) -> str:
    return f"{row['first']}" if row["first"] == row["last"] else f"{row['first']}..{row['last']}"


def _numbers(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,18})(?:\.\.([0-9]{1,18}))?", text, re.ASCII)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise Exit(Code.USAGE, f"{text}: write the numbers of the gap, such as 51..79")
    return first, last


def _one(readers: list[JournalReader], stream: str, first: int, last: int) -> JournalReader:
    """The one replica that lacks these."""
    lacking = [
        reader
        for reader in readers
        if any(
            gap["stream"] == stream and any(low <= last and first <= high for low, high in gap["missing"])
            for gap in _gaps(reader, every=False)
        )
    ]
    if len(lacking) == 1:
        return lacking[0]
    if lacking:
        folders = ", ".join(str(reader.folder) for reader in lacking)
        raise Exit(Code.USAGE, f"several replicas lack such records: name one by --data: {folders}")
    raise Exit(Code.FINDINGS, f"no gap in stream {stream} has {first}..{last} in it: see lotwatch gap list")
