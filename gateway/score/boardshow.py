"""The board as plain data, as rows of a table and in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.score.board import Board, Card
from gateway.score.tables import Cell, lines
from gateway.score.words import said

HEADER = ("site", "step", "lot", "order", "part", "due", "since", "state", "assumed", "parts")


def state(card: Card, *, over: bool) -> str:
    """The worst that is to be said of a card."""
    if card.held:
        return "held"
    if card.late:
        return "late"
    if card.shipped_ns is not None:
        return "shipped"
    return "over" if over else "open"


def table(site: str, board: Board) -> list[tuple[Cell, ...]]:
    """In the order of HEADER, a row a lot."""
    return [
        (
            site, column.step, card.lot, card.order.order if card.order else "", card.order.part if card.order else "",
            moment(card.order.due_ns) if card.order else "", moment(card.since_ns), state(card, over=column.over),
            "yes" if card.assumed else "", card.parts or None,
        )
        for column in board.columns
        for card in column.cards
    ]  # fmt: skip


def in_words(boards: Sequence[tuple[str, Board]], language: str) -> list[str]:
    """Steps side by side would not fit a terminal: one below the other, each with its limit."""
    made: list[str] = []
    for site, board in boards:
        made.append(site)
        for column in board.columns:
            limit = f" / {column.most}" if column.most else ""
            mark = f"  {said(language, 'over')}" if column.over else ""
            made.append(f"  {said(language, column.step)}: {len(column.cards)}{limit}{mark}")
            cells = [
                [
                    card.lot, card.order.order + ("?" if card.assumed else "") if card.order else "-",
                    moment(card.order.due_ns) if card.order else "-", said(language, state(card, over=column.over)),
                ]
                for card in column.cards
            ]  # fmt: skip
            if cells:
                names = [said(language, name) for name in ("lot", "order", "due", "state")]
                made += [f"    {line}" for line in lines(names, cells)]
        made += [
            f"  {said(language, 'order')} {order.order}: {order.part} x {order.quantity:g}, {moment(order.due_ns)}"
            for order in board.waiting
        ]
    return made


def plain(site: str, board: Board) -> dict[str, Any]:
    """For pages and programs."""
    return {
        "site": site,
        "steps": [
            {
                "step": column.step,
                "most": column.most or None,
                "over": column.over,
                "lots": [_card(card) for card in column.cards],
            }
            for column in board.columns
        ],
        "waiting": [
            {"order": each.order, "part": each.part, "quantity": each.quantity, "due": moment(each.due_ns)}
            for each in board.waiting
        ],
    }


def _card(card: Card) -> dict[str, Any]:
    order = card.order
    return {
        "lot": card.lot, "order": order.order if order else None, "assumed": card.assumed,
        "due": moment(order.due_ns) if order else None, "since": moment(card.since_ns), "held": card.held,
        "late": card.late, "shipped": moment(card.shipped_ns) if card.shipped_ns else None,
        "parts": card.parts or None, "events": list(card.seqs),
    }  # fmt: skip


def moment(time_ns: int) -> str:
    """ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
