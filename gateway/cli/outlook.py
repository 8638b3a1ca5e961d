"""`lotwatch outlook`: machines, stocks and trends of the last days: what comes next if it goes on so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.output import Code, Exit
from gateway.cli.scoring import scoring, shown, sited
from gateway.cli.stored import instant, opened
from gateway.score import outlookshow
from gateway.score.flows import Flows
from gateway.score.machines import Ran, ran
from gateway.score.outlook import Emptying, Trend, emptying, trends
from gateway.score.tables import Cell

_HOUR_NS = 3_600_000_000_000


@click.command()
@click.option(
    "--of",
    "what",
    type=click.Choice(["machines", "stocks", "trends"]),
    help="One of the three; needed with --csv.",
)
@click.option(
    "--hours", type=click.IntRange(2, 8784), default=24, show_default=True, help="So far back it looks."
)
@click.option(
    "--at", metavar="TIME", help="As of then: ISO 8601, UTC without a zone; the newest reading if not given."
)
@scoring
def command(
    what: str | None, hours: int, at: str | None, data: Path, lang: str, *, as_json: bool, as_csv: bool
) -> None:
    """Show utilisation and OEE of machines, when stores are empty, and when trending characteristics reach a limit.

    Times are hours with their 90 % interval. OEE is by ISO 22400-2.
    """
    if as_csv and what is None:
        raise Exit(Code.USAGE, "--csv prints one table: add --of machines, stocks or trends")
    machines: list[tuple[str, Ran]] = []
    stocks: list[Emptying] = []
    going: list[Trend] = []
    with opened(data) as readers:
        for reader, site in sited(readers):
            span = reader.span()
            if span is None:
                continue
            end = instant(at) if at else span[1] + 1
            begin = max(end - hours * _HOUR_NS, span[0])
            if begin >= end:
                raise Exit(Code.USAGE, f"--at {at}: nothing was read before")
            flows = Flows(reader, site)
            if what in {None, "machines"}:
                machines += [(site.site, ran(flows, each, begin, end)) for each in site.score.machines]
            if what in {None, "stocks"}:
                stocks += emptying(flows, begin, end)
            if what in {None, "trends"}:
                going += trends(reader, site, begin, end)
    tables: dict[str, tuple[tuple[str, ...], list[tuple[Cell, ...]], list[str]]] = {
        "machines": (
            outlookshow.MACHINES,
            [row for site, each in machines for row in outlookshow.machine_rows(site, [each])],
            outlookshow.machines_in_words(machines, lang) if machines else [],
        ),
        "stocks": (
            outlookshow.STORES,
            outlookshow.store_rows(stocks),
            outlookshow.stores_in_words(stocks, lang),
        ),
        "trends": (
            outlookshow.TRENDS,
            outlookshow.trend_rows(going),
            outlookshow.trends_in_words(going, lang),
        ),
    }
    header, rows, _ = tables[what or "machines"]
    plain: dict[str, Any] = {
        "machines": [outlookshow.machine_plain(site, each) for site, each in machines],
        **{
            name: [dict(zip((key.replace(" ", "_") for key in head), row, strict=True)) for row in some]
            for name, (head, some, _) in tables.items()
            if name != "machines"
        },
    }
    words = [line for _, some, lines in tables.values() if some for line in (*lines, "")]
    shown(words, header, rows, plain, as_json=as_json, as_csv=as_csv)
