"""`lotwatch-writer check`: everything wrong with a list at once, without hardware."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import Code, emit
from gateway.config.problems import ConfigErrors, Problem
from lotwatch_writer.against import differences
from lotwatch_writer.cli.common import json_option, list_argument
from lotwatch_writer.cli.lists import told
from lotwatch_writer.listfile import load


@click.command()
@list_argument
@click.option(
    "--site",
    type=click.Path(path_type=Path),
    metavar="CONFIG",
    help="The gateway's config: do both mean one register?",
)
@json_option
def check(file: Path, site: Path | None, *, as_json: bool) -> None:
    """Say what is wrong with LIST, one line a problem, FILE:LINE:COL: PATH: TEXT; 78 where it cannot be used."""
    found: list[Problem] = []
    try:
        allowed = load(file)
        found = differences(file, allowed, site) if site is not None else []
    except ConfigErrors as errors:
        if not as_json:
            told(errors)
        found = errors.problems
        allowed = None
    bad = any(problem.severity == "error" for problem in found)
    if as_json:
        names = ("file", "line", "col", "path", "text", "severity")
        emit({"ok": not bad, "problems": [{name: getattr(each, name) for name in names} for each in found]})
    else:
        for problem in found:
            click.echo(str(problem))
        if not bad and allowed is not None:
            click.echo(
                f"good: {len(allowed.setpoints)} setpoints, {len(allowed.people)} people, list {allowed.digest[:12]}"
            )
    if bad:
        raise SystemExit(int(Code.BAD_CONFIG))
