"""`lotwatch scorecard`: three to five numbers of each line, with goal, trend, owner and all that is behind them."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import Code, Exit, stop
from gateway.cli.scoring import scoring, shown, sited
from gateway.cli.stored import opened
from gateway.score import scorecardshow
from gateway.score.scorecard import Scored, scorecard
from gateway.site.score import NUMBERS


@click.command()
@click.option("--month", required=True, metavar="MONTH", help="Month of plant days, such as 2026-10.")
@click.option("--all", "every", is_flag=True, help="Every number, not the configured drivers alone.")
@click.option(
    "--open", "number", type=click.Choice(NUMBERS), help="One number, down to the lots and events behind it."
)
@click.option(
    "--unfinished", is_flag=True, help="The ratio with the shift under way, by its closed lots: preliminary."
)
@scoring
def command(
    month: str,
    number: str | None,
    data: Path,
    lang: str,
    *,
    every: bool,
    unfinished: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Score each supplier site and line in a month. Exits 1 where a goal is missed.

    Without configured drivers every number is shown; the goal of rty is 94 % then.
    """
    names = (number,) if number else NUMBERS if every else ()
    rows: list[Scored] = []
    with opened(data) as readers:
        for reader, site in sited(readers):
            try:
                rows += scorecard(reader, site, month, names, unfinished=unfinished)
            except ValueError as error:
                raise Exit(Code.USAGE, f"--month {error}") from error
    if not rows:
        raise Exit(Code.FINDINGS, f"{data}: nothing is known of {month}")
    plain = {"month": month, "rows": [scorecardshow.plain(row) for row in rows]}
    if number:
        words, header = scorecardshow.opened_in_words(rows, lang), scorecardshow.OPENED
        cells = scorecardshow.opened(month, rows)
        shown(words, header, cells, plain, as_json=as_json, as_csv=as_csv)
        return
    words, cells = scorecardshow.in_words(rows, lang), scorecardshow.table(month, rows)
    shown(words, scorecardshow.HEADER, cells, plain, as_json=as_json, as_csv=as_csv)
    if any(row.met is False for row in rows):
        stop(Code.FINDINGS)
