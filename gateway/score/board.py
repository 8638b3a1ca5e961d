"""The board of lots: each order's lots in the step where they were scanned last; full, blocked and late. Pure.

A function of lot events alone (`LotChanged`, holds and orders): whoever has the events has the board. A step is over
its limit when more lots are in it than `most`; a lot that was scanned at no cell of a step is in none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.model import LotChanged, LotMade, Noted, NumberedEvent
from gateway.score.orders import Assigned, Order, assigned, orders_of, said_by
from gateway.site import Site
from gateway.site.score import BoardStep

SHIPPED = "shipped"
KINDS = ("LotChanged", "LotMade", "order", "counted", "lot_held", "lot_released")
_PARTS = ("box", "batch", "")


@dataclass(frozen=True, slots=True)
class Card:
    """One lot."""

    lot: str
    step: str
    since_ns: int  # in this step
    order: Order | None
    assumed: bool  # the order, by its part
    held: bool
    late: bool  # its order was due, and it has not been shipped; or it was shipped too late
    shipped_ns: int | None
    seqs: tuple[int, ...]  # events that say so
    parts: float = 0.0  # good ones that were counted in it; 0: nobody has


@dataclass(frozen=True, slots=True)
class Column:
    """One step, its lots by due date."""

    step: str
    most: int
    cards: tuple[Card, ...]

    @property
    def over(self) -> bool:
        return 0 < self.most < len(self.cards)


@dataclass(frozen=True, slots=True)
class Board:
    """All steps in their order; orders of which nothing was begun."""

    columns: tuple[Column, ...]
    waiting: tuple[Order, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        return tuple(card for column in self.columns for card in column.cards)


@dataclass(slots=True)
class _Lot:
    step: str = ""
    since_ns: int = 0
    order: str = ""
    part: str = ""
    parts: float = 0.0
    held: bool = False
    shipped_ns: int | None = None
    seqs: tuple[int, ...] = ()


def steps_of(site: Site) -> tuple[BoardStep, ...]:
    """As configured; else one step a cell with scan points, all presses together, in the order of the lines' cells."""
    if site.score.steps:
        return site.score.steps
    cells = {point.cell for point in site.scan_points}
    presses = {meter.cell for meter in site.meters if meter.kind == "shots"}
    named: dict[str, tuple[str, ...]] = {}
    for cell in (each for each in site.cells if each in cells | presses):
        name = "moulding" if cell in presses else cell.rpartition("/")[2]
        named[name] = (*named.get(name, ()), cell)
    return tuple(BoardStep(name, of) for name, of in named.items())


def board(site: Site, events: Iterable[NumberedEvent], now_ns: int) -> Board:
    """The board at an instant, of the events until then in the order of the journal; kinds: KINDS."""
    steps = steps_of(site)
    of_cell = {cell: step.name for step in steps for cell in step.cells}
    gates = {point.cell for point in site.scan_points if point.ships}
    kept = list(events)
    lots = _lots(kept, of_cell, gates)
    orders = orders_of(kept)
    names = assigned(orders, ((lot, each.order, each.part, each.parts) for lot, each in lots.items()))
    cards = [_card(lot, each, names.get(lot), now_ns) for lot, each in lots.items() if each.step]
    begun = {card.order.order for card in cards if card.order}
    columns = tuple(
        Column(name, most, _sorted(card for card in cards if card.step == name))
        for name, most in [*((step.name, step.most) for step in steps), (SHIPPED, 0)]
    )
    waiting = sorted(
        (each for name, each in orders.items() if name not in begun),
        key=lambda each: (each.due_ns, each.order),
    )
    return Board(columns, tuple(waiting))


def _lots(events: Sequence[NumberedEvent], of_cell: Mapping[str, str], gates: set[str]) -> dict[str, _Lot]:
    lots: dict[str, _Lot] = {}
    for seq, _, event in events:
        match event:
            case LotChanged(change="linked"):
                pass
            case LotChanged():
                _scanned(lots.setdefault(event.lot, _Lot()), seq, event, of_cell, gates)
            case LotMade() if event.lot in lots or event.facts.get("order"):
                lot = lots.setdefault(event.lot, _Lot())
                lot.order = str(event.facts.get("order", "")) or lot.order
                lot.part = str(event.facts.get("part", "")) or lot.part
            case Noted(kind="counted") if event.subject in lots:
                good = event.facts.get("good")
                lots[event.subject].parts = float(good) if isinstance(good, int) else 0.0
            case Noted(kind="lot_held" | "lot_released") if event.subject in lots:
                lots[event.subject].held = event.kind == "lot_held"
                lots[event.subject].seqs += (seq,)
            case _:
                pass
    return lots


def _scanned(lot: _Lot, seq: int, event: LotChanged, of_cell: Mapping[str, str], gates: set[str]) -> None:
    order, part = said_by(event.code)
    lot.order, lot.part = order or lot.order, part or lot.part
    if event.change == "closed":
        if event.role == "product" and event.cell in gates:
            lot.step, lot.since_ns, lot.shipped_ns = SHIPPED, event.time_ns, event.time_ns
            lot.seqs += (seq,)
        elif event.role == "material":  # used up: it is in other lots now
            lot.step = ""
        return
    step = of_cell.get(event.cell, "")
    if step and step != lot.step and lot.shipped_ns is None:
        lot.step, lot.since_ns = step, event.time_ns
        lot.seqs += (seq,)


def _card(lot: str, each: _Lot, given: Assigned | None, now_ns: int) -> Card:
    order = given.order if given else None
    ended = now_ns if each.shipped_ns is None else each.shipped_ns
    return Card(
        lot, each.step, each.since_ns, order, bool(given and given.assumed), each.held,
        bool(order and ended > order.due_ns), each.shipped_ns, each.seqs, each.parts,
    )  # fmt: skip


def _sorted(cards: Iterable[Card]) -> tuple[Card, ...]:
    return tuple(
        sorted(cards, key=lambda card: (card.order.due_ns if card.order else 2**63, card.since_ns, card.lot))
    )
