"""`lotwatch-writer verify`: whether the audit holds together, offline."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import Code, emit
from gateway.journal.errors import JournalError
from lotwatch_writer.audit import AuditBroken, read
from lotwatch_writer.book import Book
from lotwatch_writer.cli.common import Stop, audit_option, json_option
from lotwatch_writer.cli.lists import listed
from lotwatch_writer.proving import findings
from lotwatch_writer.telling import TOLD, told


@click.command()
@audit_option
@click.option(
    "--list", "file", type=click.Path(path_type=Path), metavar="LIST", help="Are these the keys in it?"
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A journal or replica: was it told the same?",
)
@json_option
def verify(audit: Path, file: Path | None, data: Path | None, *, as_json: bool) -> None:
    """Follow the chain of the audit, check each signature, and that each write had two persons. Ends with 1 if not."""
    try:
        rows = read(audit)
    except AuditBroken as error:
        raise Stop(Code.FINDINGS, f"{audit}: {error}") from error
    except OSError as error:
        raise Stop(Code.USAGE, f"{error.filename}: {error.strerror}") from error
    said = findings(rows)
    if file is not None:
        allowed = listed(file)
        keys = {
            each.facts["people"].get(operator)
            for each in rows
            if each.kind == "list"
            for operator in allowed.people
        }
        said += [
            f"operator {operator}: the audit never knew this key" for operator, key in allowed.people.items()
            if key.line() not in keys
        ]  # fmt: skip
    if data is not None:
        said += _against(data, {row.n: row.hash for row in rows if row.kind in TOLD})
    book = Book()
    for row in rows:
        book.take(row)
    writes = sum(map(len, book.writes.values()))
    head = rows[-1].hash if rows else ""
    if as_json:
        emit(
            {
                "ok": not said,
                "rows": len(rows),
                "head": head,
                "writes": writes,
                "unsettled": sorted(book.unsettled),
                "findings": said,
            }
        )
    else:
        for each in said:
            click.echo(each)
        click.echo(f"{len(rows)} rows, {writes} writes, {len(book.unsettled)} of unknown end, head {head}")
    if said:
        raise SystemExit(int(Code.FINDINGS))


def _against(data: Path, hashes: dict[int, str]) -> list[str]:
    """What a journal says otherwise."""
    try:
        rows = list(told(data))
    except (JournalError, OSError) as error:
        raise Stop(Code.USAGE, f"{data}: {error}") from error
    said = [
        f"row {each.n}: the journal was told another one" for each in rows if hashes.get(each.n) != each.hash
    ]
    known, last = {each.n for each in rows}, max((each.n for each in rows), default=0)
    return said + [
        f"row {n}: the journal was told later ones, and never this"
        for n in hashes
        if n < last and n not in known
    ]
