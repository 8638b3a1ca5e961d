"""`lotwatch balance`: the material balance of a week, and declared figures against metered ones."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import Code, Exit, stop
from gateway.cli.scoring import scoring, shown, sited
from gateway.cli.stored import opened
from gateway.journal import JournalReader
from gateway.score import balanceshow, fault
from gateway.score.balance import Balance, balances, histories
from gateway.score.compared import Compared, compared, order
from gateway.score.declared import BadFigures, Figure, figures
from gateway.shifts import weeks_before
from gateway.site import Site

_BYTES_MOST = 32 << 20


@click.command()
@click.option("--week", required=True, metavar="WEEK", help="ISO week of plant days, such as 2026-W46.")
@click.option(
    "--declared",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of declared figures; all of it is taken, or none.",
)
@click.option(
    "--history",
    type=click.IntRange(0, 104),
    default=0,
    show_default=True,
    help="Weeks before, from which on a small steady loss is summed up.",
)
@scoring
def command(
    week: str,
    declared: Path | None,
    history: int,
    data: Path,
    lang: str,
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Balance each store: opening + received + ground = dosed + scrapped + closing + residual, in kg.

    With --declared, the supplier's figures against the metered ones, likely mistakes first. Exits 1 where something
    is beyond chance.
    """
    given = _figures(declared) if declared else ()
    with opened(data) as readers:
        rows: list[Balance] = []
        differences: list[Compared] = []
        lost: list[Figure] = list(given)
        faults: list[fault.Fault] = []
        for reader, site in sited(readers):
            try:
                told = histories(reader, site, week, history)
            except ValueError as error:
                raise Exit(Code.USAGE, f"--week {error}") from error
            mine = [each[-1] for each in told.values() if each and each[-1].week == week]
            if (why := fault.fault_of(told, site.score.calibration)) is not None:
                faults.append(why)
            found, not_here = _against(reader, site, mine, given)
            rows += mine
            differences += found
            lost = [row for row in lost if row in not_here]
        if not rows:
            raise Exit(Code.FINDINGS, f"{data}: nothing was read in {week}, or the site has no vessels")
    lost = [row for row in lost if row.week == week]
    differences.sort(key=order)
    header: tuple[str, ...] = balanceshow.HEADER
    cells = balanceshow.table(rows)
    words = balanceshow.in_words(rows, lang)
    if declared:
        header, cells = balanceshow.DECLARED_HEADER, balanceshow.declared_table(differences)
        words = [*balanceshow.differences_in_words(differences, lost, lang), "", *words]
    words += [fault.in_words(each, lang) for each in faults]
    plain = {
        "week": week,
        "balances": [balanceshow.plain(row) for row in rows],
        "declared": [balanceshow.plain_difference(each) for each in differences],
        "faults": [fault.plain(each) for each in faults],
        "unmatched": [each.line_no for each in lost],
    }
    shown(words, header, cells, plain, as_json=as_json, as_csv=as_csv)
    if lost or any(map(balanceshow.verdict, rows)) or any(each.far for each in differences):
        stop(Code.FINDINGS)


def _figures(path: Path) -> tuple[Figure, ...]:
    if path.stat().st_size > _BYTES_MOST:
        raise Exit(Code.USAGE, f"{path}: more than {_BYTES_MOST >> 20} MB: give it in parts")
    try:
        return figures(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise Exit(Code.USAGE, f"{path}: is not UTF-8: save it as CSV UTF-8") from error
    except BadFigures as bad:
        lines = "\n".join(f"{path}:{line}: {text}" for line, text in bad.problems)
        raise Exit(Code.USAGE, f"nothing is taken:\n{lines}") from bad


def _against(
    reader: JournalReader, site: Site, rows: list[Balance], given: tuple[Figure, ...]
) -> tuple[list[Compared], list[Figure]]:
    """The weeks beside it are read only where a difference wants to be explained."""
    if not given or not rows:
        return [], list(given)
    found, lost = compared(rows, given, {})
    if any(each.far and each.cause is None for each in found):
        week = rows[0].week
        beside = {
            near: balances(reader, site, near) for near in (weeks_before(week, 1), weeks_before(week, -1))
        }
        found, lost = compared(rows, given, beside)
    return found, lost
