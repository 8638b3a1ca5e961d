"""`lotwatch sink-probe`: how a database really behaves."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import click

from gateway.cli.options import load_site, set_option
from gateway.cli.output import Code, Exit, emit, say, stop


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@set_option
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(config: Path, settings: tuple[str, ...], *, as_json: bool) -> None:
    """Write a few points to the database of CONFIG, read them back, and say what it keeps.

    They go under a measurement of their own, lotwatch_probe_..., which is deleted again. Ends with 1 where the database
    keeps less than the config makes lotwatch count on, with 69 where it cannot be asked.
    """
    site = load_site(config, settings)
    if site.database is None:
        raise Exit(Code.USAGE, f"{config} has no database")
    from gateway.clock import SystemClock  # noqa: PLC0415 # after the config is known to be good
    from gateway.ingest.probe import probe  # noqa: PLC0415
    from gateway.ingest.probestore import probe_store  # noqa: PLC0415
    from gateway.ingest.writer import WriteFailed  # noqa: PLC0415

    try:
        store = probe_store(site.database)
    except (OSError, ValueError) as error:
        raise Exit(Code.BAD_CONFIG, f"database.token_from: {error}") from error
    try:
        now_ns = SystemClock().now().time_ns
        probed = probe(site.database, store, secrets.token_hex(4), now_ns, threading.Event().wait)
    except WriteFailed as error:
        raise Exit(Code.UNREACHABLE, f"{site.database.url}: {error}") from error
    finally:
        store.close()
    if as_json:
        emit(probed.plain())
    else:
        heads = ("question", "found", "counted on", "")
        lines = [(a.question, a.found, a.declared, "" if a.good else "LESS") for a in probed.answers]
        widths = [max(len(row[column]) for row in (heads, *lines)) for column in range(4)]
        for row in (heads, *lines):
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        say(f"{probed.url}, written as {probed.kind}{f', says {probed.version}' if probed.version else ''}")
    if not probed.cleaned:
        say(f"left behind: {probed.left}")
    if not probed.good:
        stop(Code.FINDINGS)
