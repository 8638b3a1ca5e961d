"""`lotwatch simulate`: what would come of it, at a simulated site in virtual time."""

from __future__ import annotations

import math
from pathlib import Path

import click

from gateway.cli.output import Code, Exit, emit, say, stop


@click.command()
@click.argument("files", metavar="SCENARIO...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--days", type=click.FloatRange(0.04, 366), help="So many, instead of what the files say.")
@click.option("--seed", type=click.IntRange(0, 2**31), help="Of all chance, instead of what the files say.")
@click.option("--explain", is_flag=True, help="Only say what each file is about.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(
    files: tuple[Path, ...], days: float | None, seed: int | None, *, explain: bool, as_json: bool
) -> None:
    """Play scenarios at a simulated site in virtual time, through the gateway's own fold, and compare outcomes.

    A SCENARIO is a file, or the name of one that ships with lotwatch, such as late_resin. Nothing is on a wire, a disk
    or a network here: `lotwatch demo` has those.
    """
    from gateway.config import ConfigErrors  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.whatif.players import PlayerDied, play  # noqa: PLC0415
    from gateway.whatif.scenario import read_scenario, shipped  # noqa: PLC0415
    from gateway.whatif.table import table  # noqa: PLC0415

    if not math.isfinite(days or 1.0):
        raise Exit(Code.USAGE, "--days: write a number such as 7")
    found = [shipped(file) for file in files]
    problems, read = [], []
    for file in found:
        try:
            read.append(read_scenario(file))
        except ConfigErrors as errors:
            problems += errors.problems
    for problem in problems:
        say(str(problem))
    if problems:
        stop(Code.BAD_CONFIG)
    if explain:
        if as_json:
            emit({"scenarios": [{"scenario": each.name, "about": each.about} for each in read]})
        else:
            click.echo("\n\n".join(f"{each.name}: {each.about}" for each in read))
        return
    try:
        outcomes = play(found, seed, days, say)
    except PlayerDied as error:
        raise Exit(Code.UNREACHABLE, str(error)) from error
    if as_json:
        emit({"outcomes": outcomes})
    else:
        click.echo(table(outcomes))
