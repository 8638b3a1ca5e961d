"""`lotwatch report`: a lot on paper, as batch record or certificate of analysis."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.stored import lot_named, opened
from gateway.journal.madelots import NEWEST

_KINDS = ("record", "certificate")
_LANGUAGES = ("en", "zh")


@click.command()
@click.argument("code")
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    default="record",
    show_default=True,
    help="All that is known, or the results against the specification.",
)
@click.option("--lang", type=click.Choice(_LANGUAGES), default="en", show_default=True, help="Its language.")
@click.option(
    "--upto",
    type=click.IntRange(min=1),
    metavar="N",
    help="Nothing after event N of its journal: makes a paper again that says so, after more has happened.",
)
@click.option("-o", "--output", "file", metavar="FILE", help="Where the PDF goes; - for stdout.")
@data_option("A journal, a replica, or a folder of replicas.")
@click.option("--json", "as_json", is_flag=True, help="Print the facts of the report as one object.")
def command(
    code: str, kind: str, lang: str, upto: int | None, file: str | None, data: Path, *, as_json: bool
) -> None:
    """Write the lot in CODE on paper: what went into it, how it was made, what was found, and how to check it.

    The same journal gives the same bytes, today and in ten years. Exit code 1 when no lot has the code.
    """
    if file is None and not as_json:
        raise Exit(Code.USAGE, "where to? Give -o FILE, - for stdout, or --json for the facts alone")
    from gateway.reports import KINDS, NothingKnown, facts_of  # noqa: PLC0415 # for this one only
    from gateway.reports.pdf import pdf  # noqa: PLC0415 # half a second

    with opened(data) as readers:
        lot = lot_named(code, readers)
        try:
            facts = facts_of(readers, lot, upto or NEWEST)
        except NothingKnown as error:
            raise Exit(Code.FINDINGS, str(error)) from error
    if file is not None:
        made = pdf(KINDS[kind](facts, lang))
        _put(file, made)
    if as_json:
        emit(facts)
    elif file != "-":
        say(f"{file}: {kind} of {lot}, facts {facts['sha256'][:16]}")


def _put(file: str, made: bytes) -> None:
    if file == "-":
        sys.stdout.buffer.write(made)
        sys.stdout.flush()
        return
    try:
        Path(file).write_bytes(made)
    except OSError as error:
        raise Exit(Code.USAGE, f"{file}: {error.strerror}") from error
