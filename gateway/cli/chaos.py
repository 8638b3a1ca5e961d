"""`lotwatch chaos`: the whole daemon under faults in virtual time, and whether anything is missing afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.output import Code, Exit, emit, say, stop


@click.command()
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Of all chance.")
@click.option(
    "--hours", type=click.FloatRange(0.01, 24 * 366), default=2.0, show_default=True, help="Virtual ones."
)
@click.option(
    "--period",
    type=click.FloatRange(0.1, 60),
    default=10.0,
    show_default=True,
    help="Seconds between two polls.",
)
@click.option(
    "--script",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Faults, instead of drawn ones.",
)
@click.option(
    "--record", type=click.Path(path_type=Path, dir_okay=False), help="File for every line of what happened."
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(
    seed: int, hours: float, period: float, script: Path | None, record: Path | None, *, as_json: bool
) -> None:
    """Run the whole daemon under faults, in virtual time: devices, lines, broker, database, disk and clocks fail.

    The same seed gives the same run, down to the hash of everything that happened. Exit code 1: something is missing,
    double, out of order or wrong; then the seed, the instant, the script and the fewest faults that do it are shown.
    """
    from gateway.chaos import ChaosBroke, run_chaos  # noqa: PLC0415 # a command loads what it needs, when it runs

    try:
        outcome = next(run_chaos([seed], hours, period_s=period, script=script, record=record), None)
    except ChaosBroke as error:
        codes = {int(code) for code in Code}
        raise Exit(Code(error.code) if error.code in codes else Code.UNREACHABLE, str(error)) from error
    if outcome is None:
        raise Exit(Code.UNREACHABLE, "the simulation ended without a word")
    if as_json:
        emit(outcome)
    else:
        click.echo("\n".join(_lines(outcome)))
    if not outcome["whole"]:
        if not as_json:
            scripted = f" --script {script}" if script is not None else ""
            say(
                f"the same again: lotwatch chaos --seed {seed} --hours {hours:g} --period {period:g}{scripted}"
            )
        stop(Code.FINDINGS)


def _lines(outcome: dict[str, Any]) -> list[str]:
    given = f"{outcome['answers']} answers given, {outcome['due']} due: {outcome['held']} in the journal"
    lost = f"{outcome['uncommitted']} lost with a death and named by a gap"
    ends = f"{outcome['deaths']} deaths, {outcome['crashes']} ends by a failing disk"
    unsure = (
        f"{outcome['unconfirmed']} readings of unconfirmed time, {outcome['signals']} false alarms of charts"
    )
    lines = [
        f"seed {outcome['seed']}: {outcome['hours']:g} h, {outcome['faults']} faults, {ends}",
        f"  {given}, {lost}, {outcome['points']} points in the database",
        f"  {outcome['codes']} codes, {outcome['gaps']} gaps, {unsure}",
        f"  hash {outcome['hash']}",
    ]
    if outcome["whole"]:
        return [*lines, "  whole: nothing is missing, double, out of order or wrong"]
    lines += [f"  FOUND {each}" for each in outcome["found"]]
    lines += ["  the script:", *(f"    {each}" for each in outcome["script"])]
    if "smallest" in outcome:
        lines += ["  the fewest faults that do it:", *(f"    {each}" for each in outcome["smallest"])]
    return lines
