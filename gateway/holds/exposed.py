"""What was made of a held lot in the past, as it was looked up outside: held too, or shipped and now suspect. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.holds.closing import Rules, concern
from gateway.holds.findings import Concerned, Finding, Found, noted
from gateway.holds.spread import of_made, tainted
from gateway.holds.values import Holds, Made, Order
from gateway.model import Entry, Event, Plain, Severity


def exposed(holds: Holds, rules: Rules, entry: Entry) -> tuple[Holds, Found]:
    """``{"order", "done", "source", "lots": [{"lot", "kind", "cell", "low", "high", "shipped"}]}``, page by page.

    `source`: whether the held lot came from outside, so that compositions tell where it is. The last page is `done`;
    then what was made since the order is looked at by what went in. A page of an order that is over says nothing.
    """
    order = holds.order(str(entry.body.get("order")))
    if order is None:
        return holds, ()
    lot = str(order.body["lot"])
    found: list[Finding | Event] = []
    rows = entry.body.get("lots")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping):
            holds = _page(holds, rules, entry, lot, row, found)
    if entry.body.get("done"):
        holds = _since(holds, rules, order, found)
        holds = holds.without_order(order.id)
    return holds, joined(found)


def _page(
    holds: Holds,
    rules: Rules,
    entry: Entry,
    held: str,
    row: Mapping[str, Plain],
    found: list[Finding | Event],
) -> Holds:
    lot, kind, cell = (str(row.get(name, "")) for name in ("lot", "kind", "cell"))
    low, high = float(str(row.get("low", 0.0))), float(str(row.get("high", 0.0)))
    shipped, now = bool(row.get("shipped")), entry.at.time_ns
    if lot == held:
        if shipped:
            reason = holds.held[held].why[-1].reason
            found.append(
                noted(now, "lot_suspect", lot, Severity.ALARM, cell=cell, reason=reason, lot_kind=kind)
            )
            found.append(Concerned(held, shipped=(lot,), reason=reason))
        return holds
    if not entry.body.get("source"):
        holds = tainted(holds, lot, {**holds.taint.get(lot, {}), held: (low, high)})
    if high >= rules.share:
        one = Made(lot, kind, cell, now)
        holds, told = concern(holds, rules, held, one, (low, high), shipped=shipped)
        found += told
    return holds


def _since(holds: Holds, rules: Rules, order: Order, found: list[Finding | Event]) -> Holds:
    held = str(order.body["lot"])
    for made in order.made:
        inside = of_made(holds, made)
        if held not in inside:
            continue
        holds = tainted(holds, made.lot, {**holds.taint.get(made.lot, {}), held: inside[held]})
        share = (min(inside[held]), max(inside[held]))
        if share[1] >= rules.share:
            holds, told = concern(holds, rules, held, made, share, shipped=False)
            found += told
    return holds


def joined(found: list[Finding | Event]) -> Found:
    """Lots concerned by one held lot as one finding: one alarm, however many boxes."""
    whole: dict[str, Concerned] = {}
    rest: list[Finding | Event] = []
    for each in found:
        if not isinstance(each, Concerned):
            rest.append(each)
            continue
        before = whole.get(each.source, Concerned(each.source, reason=each.reason))
        whole[each.source] = replace(
            before, held=(*before.held, *each.held), shipped=(*before.shipped, *each.shipped)
        )
    return (*rest, *whole.values())
