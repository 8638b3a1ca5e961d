"""`lotwatch reward`: who held the agreed ratio best in a month, and what that pays."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import Code, Exit
from gateway.cli.scoring import scoring, shown, sited
from gateway.cli.stored import opened
from gateway.score import rewarded


@click.command()
@click.option("--month", required=True, metavar="MONTH", help="Month of plant days, such as 2026-10.")
@click.option("--unfinished", is_flag=True, help="With the shift under way, by its closed lots: preliminary.")
@scoring
def command(month: str, data: Path, lang: str, *, unfinished: bool, as_json: bool, as_csv: bool) -> None:
    """Rank lines or teams by their mean absolute ratio error over good cycles, with pay and evidence.

    The hash is over the rules and every event that counted: the same journal gives the same ranking.
    """
    with opened(data) as readers:
        try:
            found = rewarded.ranked(sited(readers), month, unfinished=unfinished)
        except rewarded.Differing as error:
            raise Exit(Code.FINDINGS, str(error)) from error
        except ValueError as error:
            raise Exit(Code.USAGE, f"--month {error}") from error
    if not found.rows:
        raise Exit(Code.FINDINGS, f"{data}: no doser is configured, and no team: there is nobody to rank")
    shown(
        rewarded.in_words(found, lang),
        rewarded.HEADER,
        rewarded.table(found),
        rewarded.plain(found),
        as_json=as_json,
        as_csv=as_csv,
    )
