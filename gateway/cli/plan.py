"""`lotwatch plan`: what is due by the control plans, and what differs between two of them."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import data_option
from gateway.cli.output import Code, emit, say, stop
from gateway.cli.stored import opened


@click.group()
def command() -> None:
    """Control plans: the files of `plans` in a site's config."""


@command.command("due")
@data_option("A journal, a replica, or a folder of replicas.")
@click.option(
    "--days", type=click.IntRange(1, 3660), default=60, show_default=True, help="How far to look back."
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def due(data: Path, days: int, *, as_json: bool) -> None:
    """Say what people owe: checks and duties that are due, late or missed, the oldest first.

    Ends with 1 where something is missed.
    """
    from gateway.cli.stored import FOREVER  # noqa: PLC0415
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.views.due import due as due_in  # noqa: PLC0415

    from_ns = SystemClock().now().time_ns - days * 86_400_000_000_000
    with opened(data) as readers:
        rows = due_in(readers, from_ns, FOREVER[1])
    if as_json:
        emit({"due": rows})
    for row in rows if not as_json else ():
        what = "" if row["what"] == "check" else row["what"]
        place = "  ".join(part for part in (what, row["lot"], row["cell"]) if part)
        click.echo(f"{row['due'][:19]}Z  {row['state']:6}  {row['check']}  {place}".rstrip())
    if any(row["state"] == "missed" for row in rows):
        stop(Code.FINDINGS)


@command.command("diff")
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    envvar="LOTWATCH_LANG",
    help="Language of the words.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def diff(before: Path, after: Path, lang: str, *, as_json: bool) -> None:
    """Say in words what of plan A is otherwise in plan B: rows that came or went, limits, methods, frequencies.

    Ends with 0 where nothing differs, with 1 where something does, with 78 where a file is no plan.
    """
    from gateway.config import ConfigErrors  # noqa: PLC0415 # a command loads what it needs, when it runs
    from gateway.config.planfile import read_plan  # noqa: PLC0415
    from gateway.plan.compare import differences  # noqa: PLC0415
    from gateway.plan.diffwords import words  # noqa: PLC0415

    try:
        changes = differences(read_plan(before), read_plan(after))
    except ConfigErrors as errors:
        for problem in errors.problems:
            say(str(problem))
        stop(Code.BAD_CONFIG)
    if as_json:
        emit({"changes": [{**each.plain(), "words": words(each, lang)} for each in changes]})
    else:
        for each in changes:
            click.echo(words(each, lang))
    if changes:
        stop(Code.FINDINGS)
