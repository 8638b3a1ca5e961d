"""`lotwatch board`: each order's lots through the steps, from scans alone."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import Code, stop
from gateway.cli.scoring import scoring, shown, sited
from gateway.cli.stored import instant, opened
from gateway.clock import SystemClock
from gateway.model import NumberedEvent
from gateway.score import boardshow
from gateway.score.board import KINDS, Board, board

_DAY_NS = 86_400_000_000_000


@click.command()
@click.option(
    "--at", "at", metavar="TIME", help="As it was then: ISO 8601, UTC without a zone; now if not given."
)
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=60,
    show_default=True,
    help="How far back lots are looked for.",
)
@scoring
def command(at: str | None, days: int, data: Path, lang: str, *, as_json: bool, as_csv: bool) -> None:
    """Show the lots in each step, with their orders; limits that are exceeded, what is held and what is late.

    An order with a question mark is assumed, by the lot's part. Exits 1 where a lot is held or late or a step is full.
    """
    boards: list[tuple[str, Board]] = []
    with opened(data) as readers:
        for reader, site in sited(readers):
            now_ns = instant(at) if at else SystemClock().now().time_ns
            events = sorted(reader.events_between(now_ns - days * _DAY_NS, now_ns, KINDS), key=_seq)
            boards.append((site.site, board(site, events, now_ns)))
    rows = [row for name, each in boards for row in boardshow.table(name, each)]
    plain = {"boards": [boardshow.plain(name, each) for name, each in boards]}
    shown(boardshow.in_words(boards, lang), boardshow.HEADER, rows, plain, as_json=as_json, as_csv=as_csv)
    if any(
        (card.held or card.late) and card.shipped_ns is None for _, each in boards for card in each.cards
    ) or any(column.over for _, each in boards for column in each.columns):
        stop(Code.FINDINGS)


def _seq(event: NumberedEvent) -> int:
    return event.seq
