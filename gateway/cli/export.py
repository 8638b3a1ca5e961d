"""`lotwatch export`: readings, events and lots out of a journal or replicas, a line each, as long as they are."""

from __future__ import annotations

import csv
import fnmatch
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import orjson

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, paced, say
from gateway.cli.stored import between, iso, lot_named, near, opened, refusal
from gateway.journal import JournalError, JournalReader
from gateway.journal.codec import event_kind
from gateway.journal.series import Series
from gateway.model import BAD_FROM, Quality
from gateway.plain import to_plain

_STEP_NS = 600_000_000_000  # readings of ten minutes are in memory at once

tag_option = click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    help="Only this tag, or those like hall/*/temp; may be repeated.",
)
since_option = click.option(
    "--from", "since", metavar="TIME", help="From this time on: ISO 8601, UTC without a zone."
)
until_option = click.option("--to", "until", metavar="TIME", help="Before this time.")
json_option = click.option("--json", "style", flag_value="json", help="One JSON object a line.")
csv_option = click.option("--csv", "style", flag_value="csv", help="Comma-separated, with a head (default).")


@click.group()
def command() -> None:
    """Print what a journal or a folder of replicas holds; times are UTC with nanoseconds."""


@command.command()
@data_option("A journal, a replica, or a folder of replicas.")
@tag_option
@since_option
@until_option
@csv_option
@json_option
def readings(
    data: Path, tags: tuple[str, ...], since: str | None, until: str | None, style: str | None
) -> None:
    """Every value with its quality, in the type its device gave it; a bad value is empty (null)."""
    t0, t1 = between(since, until)
    with opened(data) as readers:
        wanted = _wanted(tags, readers)
        out = _csv(("site", "gateway", "time", "tag", "value", "quality")) if style != "json" else None
        for reader in readers:
            who = reader.identity
            for time, tag, value, quality in _values(reader, t0, t1, wanted):
                if out:
                    out.writerow((who.site, who.gateway, time, tag, value, quality))
                else:
                    row = {"time": time, "tag": tag, "value": value, "quality": quality}
                    _line({"site": who.site, "gateway": who.gateway, **row})


@command.command()
@data_option("A journal, a replica, or a folder of replicas.")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file.",
)
@tag_option
@since_option
@until_option
@click.option("--wide", is_flag=True, help="A column a tag and a row an instant, not a row a value.")
@click.option("--lots", is_flag=True, help="With the lots that were at the tag's cell then.")
@click.option("--json", "as_json", is_flag=True, help="Print rows, row groups and bytes as JSON.")
def parquet(
    data: Path,
    target: Path,
    tags: tuple[str, ...],
    since: str | None,
    until: str | None,
    *,
    wide: bool,
    lots: bool,
    as_json: bool,
) -> None:
    """Every value as a Parquet file, for pandas, DuckDB, Spark; needs pyarrow (pip install 'lotwatch[parquet]')."""
    try:
        from gateway.parquet import Asked, NotExportable, write  # noqa: PLC0415 # pyarrow is an extra
    except ModuleNotFoundError as error:
        raise Exit(Code.USAGE, f"{error.name} is not installed: pip install 'lotwatch[parquet]'") from error
    t0, t1 = between(since, until)
    with opened(data) as readers:
        asked = Asked(t0, t1, _wanted(tags, readers), wide, lots)
        try:
            done = write(target, readers, asked, lambda pieces: paced(pieces, "readings", len(pieces)))
        except NotExportable as error:
            raise Exit(Code.USAGE, str(error)) from error
        except OSError as error:
            raise Exit(Code.FINDINGS, f"{target} cannot be written: {error.strerror or error}") from error
    if as_json:
        emit({"rows": done.rows, "row_groups": done.row_groups, "bytes": done.bytes})
    else:
        say(f"{target}: {done.rows:,} rows in {done.row_groups} row groups, {done.bytes:,} bytes")


@command.command()
@data_option("A journal, a replica, or a folder of replicas.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Only Signal, AlarmChanged, LotChanged, LotMade or a kind such as gap; may be repeated.",
)
@since_option
@until_option
@csv_option
@json_option
def events(
    data: Path, kinds: tuple[str, ...], since: str | None, until: str | None, style: str | None
) -> None:
    """Every event whole, in the order of time; as CSV its particulars are one column of JSON."""
    t0, t1 = between(since, until)
    with opened(data) as readers:
        out = _csv(("site", "gateway", "seq", "cause", "time", "kind", "body")) if style != "json" else None
        for reader in readers:
            who = reader.identity
            for seq, cause, event in reader.events_between(t0, t1, kinds or None):
                time, kind, plain = iso(event.time_ns), event_kind(event), to_plain(event)
                if out:
                    body = orjson.dumps(plain).decode("utf-8")
                    out.writerow((who.site, who.gateway, seq, cause, time, kind, body))
                else:
                    head = {
                        "site": who.site,
                        "gateway": who.gateway,
                        "seq": seq,
                        "cause": cause,
                        "time": time,
                    }
                    _line({**head, **plain})


@command.command()
@data_option("A journal, a replica, or a folder of replicas.")
@click.option(
    "--lot",
    "codes",
    multiple=True,
    metavar="CODE",
    help="Only events that name this lot, as itself or as what went in or came out; may be repeated.",
)
@since_option
@until_option
@click.option("--lines", is_flag=True, help="One event a line, each with its context, not one document.")
def epcis(data: Path, codes: tuple[str, ...], since: str | None, until: str | None, *, lines: bool) -> None:
    """Every lot event as EPCIS 2.0 (JSON-LD), as one EPCISDocument that any EPCIS repository takes."""
    from gateway.clock import SystemClock  # noqa: PLC0415 # for this one only, as the next two
    from gateway.epcis.documents import alone, document_pieces  # noqa: PLC0415
    from gateway.repository import Repository  # noqa: PLC0415

    span = between(since, until)
    with opened(data) as readers:
        lots = [_lot(code, readers) for code in codes]
    try:
        with Repository(data) as repository:
            events = repository.events(*span, lots)
            if lines:
                for event in events:
                    _line(alone(event))
            else:
                for piece in document_pieces(events, SystemClock().now().time_ns):
                    sys.stdout.buffer.write(piece)
    except JournalError as error:
        raise refusal(error) from error


def _lot(code: str, readers: Sequence[JournalReader]) -> str:
    made = any(reader.made.made(code) for reader in readers)
    return code if made else lot_named(code, readers)


def _line(plain: dict[str, Any]) -> None:
    """One JSON object; not flushed, as there may be millions."""
    sys.stdout.buffer.write(orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE))


def _csv(head: Sequence[str]) -> Any:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(head)
    return out


def _wanted(tags: Sequence[str], readers: Sequence[JournalReader]) -> list[str] | None:
    """Tags by name or pattern; None for all. One that nothing has ends the command."""
    if not tags:
        return None
    known = {tag for reader in readers for tag in reader.tags()}
    wanted: set[str] = set()
    for tag in tags:
        found = {tag} & known or set(fnmatch.filter(known, tag))
        if not found and tag in _derived(readers):
            raise Exit(
                Code.FINDINGS,
                f"{tag} is derived once a cycle and not stored: `export events --kind ratio_lot` has it by lot, "
                "--kind ratio_shift by shift",
            )
        if not found:
            raise Exit(Code.FINDINGS, f"no tag {tag} here{near(tag, known)}")
        wanted |= found
    return sorted(wanted)


def _derived(readers: Sequence[JournalReader]) -> set[str]:
    sites = [site for reader in readers if (site := reader.site()) is not None]
    return {point.tag for site in sites for group in site.derived().values() for point in group.points}


def _values(
    reader: JournalReader, t0: int, t1: int, wanted: list[str] | None
) -> Iterator[tuple[str, str, object, str]]:
    """Time, tag, value and quality, ten minutes after ten minutes, in each by time and then by tag."""
    span = reader.span()
    if span is None:
        return
    low, high = max(t0, span[0]), min(t1, span[1] + 1)
    starts = range(low // _STEP_NS * _STEP_NS, high, _STEP_NS)
    for start in paced(starts, "readings", len(starts), printing=True):
        found = reader.window(max(low, start), min(high, start + _STEP_NS), wanted)
        yield from _by_time(list(found.values()))


def _by_time(series: list[Series]) -> Iterator[tuple[str, str, object, str]]:

    if not series:
        return
    names = _quality_names()
    columns: list[tuple[list[str], list[Any], list[int]]] = []
    for each in series:
        times = np.char.add(np.datetime_as_string(each.time_ns.view("M8[ns]"), unit="ns"), "Z").tolist()
        columns.append((times, _shortest(each), each.quality.tolist()))
    which = np.repeat(np.arange(len(series)), [len(each) for each in series])
    row = np.concatenate([np.arange(len(each)) for each in series])
    order = np.lexsort((which, np.concatenate([each.time_ns for each in series])))
    for column, index in zip(which[order].tolist(), row[order].tolist(), strict=True):
        times, values, quality = columns[column]
        code = quality[index]
        value = None if code >= BAD_FROM else values[index]
        yield times[index], series[column].tag, value, names[code]


def _shortest(series: Series) -> list[Any]:
    """Values as Python's own; a float32 as the float of its shortest decimal, nan as None."""
    values = series.values
    if values.dtype == np.float32:
        values = values.astype("U").astype(np.float64)
    out: list[Any] = values.tolist()
    if values.dtype.kind == "f":
        return [value if value - value == 0 else None for value in out]  # neither nan nor infinite
    return out


def _quality_names() -> list[str]:

    known = {int(quality): quality.name.lower() for quality in Quality}
    return [known.get(code, f"0x{code:02x}") for code in range(256)]
