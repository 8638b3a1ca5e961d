"""Orders as they were entered, and which lots are for which of them. Pure.

The newest version of an order holds. A lot is for the order that its code names (GS1 identifier 400), or that was said
when it was made (fact "order"). Of a lot that says only its part (GTIN, identifier 241, fact "part"), the order is
assumed: the one of that part that is due first and is not full yet; such a lot is marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.codes.identify import understand
from gateway.codes.understanding import Understood
from gateway.model import Noted, NumberedEvent
from gateway.score.facts import number


@dataclass(frozen=True, slots=True)
class Order:
    """The newest version of it."""

    order: str
    part: str
    quantity: float
    due_ns: int
    customer: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Assigned:
    """The order that a lot is for."""

    order: Order
    assumed: bool  # by its part alone


def orders_of(events: Iterable[NumberedEvent]) -> dict[str, Order]:
    """By name, of events of kind "order" in the order of the journal."""
    found: dict[str, Order] = {}
    for seq, _, event in events:
        if isinstance(event, Noted) and event.kind == "order":
            facts = event.facts
            found[event.subject] = Order(
                event.subject, str(facts.get("part", "")), number(event, "quantity"), int(number(event, "due_ns")),
                str(facts.get("customer", "")), seq,
            )  # fmt: skip
    return found


def said_by(code: str) -> tuple[str, str]:
    """Order and part that a code names, "" where it does not: identifiers 400, and 241 or the GTIN.

    >>> said_by("(01)09506000134352(10)R24(400)PO-7")
    ('PO-7', '09506000134352')
    """
    found = understand(code)
    if not isinstance(found, Understood):
        return "", ""
    return found.value("400"), found.value("241") or found.value("01", "02")


def assigned(orders: Mapping[str, Order], lots: Iterable[tuple[str, str, str, float]]) -> dict[str, Assigned]:
    """By lot its order. `lots`: (lot, order, part, parts in it) in the order in which they were begun."""
    open_parts = {name: order.quantity for name, order in orders.items()}
    found: dict[str, Assigned] = {}
    waiting = []
    for lot, order, part, count in lots:
        if order in orders:
            found[lot] = Assigned(orders[order], assumed=False)
            open_parts[order] -= count
        elif part:
            waiting.append((lot, part, count))
    by_due = sorted(orders.values(), key=lambda each: (each.due_ns, each.order))
    for lot, part, count in waiting:
        wants = [each for each in by_due if each.part == part]
        if wants:
            mine = next((each for each in wants if open_parts[each.order] > 0.0), wants[-1])
            found[lot] = Assigned(mine, assumed=True)
            open_parts[mine.order] -= count
    return found
