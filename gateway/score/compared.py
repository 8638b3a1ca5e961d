"""Declared figures against metered ones: each difference, what it is worth, and the mistake that explains it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.score.balance import Balance
from gateway.score.declared import ITEMS, Figure
from gateway.score.mistakes import Cause, Claim, explain, likely
from gateway.shifts import weeks_before

FAR = 3.0
"""Sigma from which on a difference is explained: chance alone gives one in 370."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One item of one store and week."""

    balance: Balance
    item: str
    claim: Claim
    metered: bool  # whether there is a metered figure at all
    causes: tuple[Cause, ...] = ()

    @property
    def off_kg(self) -> float:
        return self.claim.kg - self.claim.metered_kg

    @property
    def cause(self) -> Cause | None:
        """The likely mistake, if there is one."""
        return likely(self.causes)

    @property
    def declared(self) -> bool:
        """Whether the list says anything of it."""
        return bool(self.claim.rows)

    @property
    def far(self) -> bool:
        return self.metered and abs(self.claim.z) > FAR


def metered_kg(row: Balance, item: str) -> tuple[float, float] | None:
    """Kilograms and sigma of an item of a balance; None: not known. What is moved counts with the like of it."""
    if item in {"opening", "closing"}:
        stock = row.opening if item == "opening" else row.closing
        return (stock.kg, stock.sigma_kg) if stock else None
    kinds = {"received": ("received", "moved_in"), "dosed": ("dosed", "moved_out")}.get(item, (item,))
    flows = [each for each in row.flows if each.stream.kind in kinds]
    sigma = math.hypot(*(each.sigma_kg for each in flows), *(each.bias_kg for each in flows))
    return math.fsum(each.kg for each in flows), sigma


def compared(
    rows: Sequence[Balance], figures: Sequence[Figure], beside: Mapping[str, Sequence[Balance]]
) -> tuple[list[Compared], list[Figure]]:
    """Every declared or metered item of a week's balances, likely mistakes first, then by significance.

    `beside`: balances of the weeks before and after, by week. Also rows that name no store of this week's balances.
    """
    week = rows[0].week if rows else ""
    mine = [row for row in figures if row.week == week]
    made: list[Compared] = []
    taken: set[int] = set()
    for balance in rows:
        of = [row for row in mine if _is(row, balance)]
        taken |= {row.line_no for row in of}
        if of:
            made += [_item(balance, item, of, figures, beside) for item in ITEMS if _worth(balance, item, of)]
    made.sort(key=order)
    return made, [row for row in mine if row.line_no not in taken]


def order(row: Compared) -> tuple[bool, bool, bool, float]:
    """Likely mistakes first, then what differs most; what nobody declared is last."""
    return row.cause is None, not row.far, not row.declared, -abs(row.claim.z) if row.metered else 0.0


def _worth(balance: Balance, item: str, of: Iterable[Figure]) -> bool:
    found = metered_kg(balance, item)
    return any(row.item == item for row in of) or bool(
        found and found[0] and item not in {"opening", "closing"}
    )


def _item(
    balance: Balance,
    item: str,
    of: Sequence[Figure],
    figures: Sequence[Figure],
    beside: Mapping[str, Sequence[Balance]],
) -> Compared:
    rows = tuple(row for row in of if row.item == item)
    found = metered_kg(balance, item)
    singles = tuple(
        (single.kg, single.what)
        for each in balance.flows
        for single in each.singles
        if each.stream.kind in {item, "moved_in"}
    )
    neighbours = []
    for step in (-1, 1):
        week = weeks_before(balance.week, step)
        there = next((each for each in beside.get(week, ()) if each.store == balance.store), None)
        others = [row for row in figures if row.week == week and row.item == item and _is(row, balance)]
        known = metered_kg(there, item) if there else None
        if known is not None:
            off = math.fsum(row.kg for row in others) - known[0]
            neighbours += [(row, off) for row in others]
            if not others and known[0]:
                neighbours.append((Figure(0, week, balance.store.line, "", item, "0", "kg"), off))
    kg, sigma = found or (0.0, 0.0)
    claim = Claim(rows, kg, sigma, singles, tuple(neighbours))
    causes = explain(claim) if found and abs(claim.z) > FAR else ()
    return Compared(balance, item, claim, found is not None, causes)


def _is(row: Figure, balance: Balance) -> bool:
    store = balance.store
    return row.line == store.line and row.material.casefold() in {store.material.casefold(), store.name}
