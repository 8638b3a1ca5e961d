"""The material balance of each store, week by week: what was there, came and went, and what is missing.

    opening + received + ground + moved_in  =  dosed + scrapped + moved_out + closing + residual

A positive residual is missing, a negative one is too much. Its standard uncertainty is propagated from every weighing
(JCGM 100:2008, GUM, 5.1.2): the two stocks, each dose or total of the week as independent ones, and the calibration of
each meter. A week is tested twice: by itself (`z`), and by the book that is carried from count to count
(`gateway.dosing.book`), whose residuals are independent, so that their sums (`cusum`) find what is small and lasts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.dosing.book import Book, Period, Sums, Watch, counted, opened
from gateway.journal import JournalReader
from gateway.score.doubts import Doubt
from gateway.score.flows import Flowed, Flows
from gateway.score.stock import Stock, stock_at
from gateway.score.stores import IN, OUT, Stream, stores_of, streams_of
from gateway.shifts import week_span, weeks_before
from gateway.site import Site
from gateway.site.score import Store

WEEKS_A_YEAR = 52


@dataclass(frozen=True, slots=True)
class Balance:
    """One store in one week."""

    site: str
    store: Store
    week: str
    from_ns: int
    to_ns: int  # of the week, or of the newest reading if it is not over
    whole: bool  # whether it was read from its beginning to its end
    flows: tuple[Flowed, ...]
    opening: Stock | None
    closing: Stock | None
    book_z: float | None = None  # of the book's residual: missing is positive
    cusum: Sums = field(default_factory=Sums)  # of the book's residuals: (too much, missing)
    said: str = ""  # "missing", "too much": the sums have passed their limit
    unknown: tuple[str, ...] = ()  # vessels of which nobody knows what was in them

    def kg(self, kind: str) -> float:
        """Of all streams of a kind."""
        return math.fsum(each.kg for each in self.flows if each.stream.kind == kind)

    @property
    def net_kg(self) -> float:
        return math.fsum(each.stream.sign * each.kg for each in self.flows)

    @property
    def flow_sigma_kg(self) -> float:
        return math.hypot(*(each.sigma_kg for each in self.flows))

    @property
    def bias_kg(self) -> float:
        """By meter: what one meter says of two streams is off by the same."""
        by_meter: dict[str, float] = {}
        for each in self.flows:
            name = each.stream.meter
            by_meter[name] = by_meter.get(name, 0.0) + each.stream.sign * each.bias_kg
        return math.hypot(*by_meter.values())

    @property
    def residual_kg(self) -> float | None:
        """Missing is positive; None where a stock is not known."""
        if self.opening is None or self.closing is None:
            return None
        return self.opening.kg + self.net_kg - self.closing.kg

    @property
    def sigma_kg(self) -> float:
        stocks = [each.sigma_kg for each in (self.opening, self.closing) if each is not None]
        return math.hypot(self.flow_sigma_kg, self.bias_kg, *stocks)

    @property
    def z(self) -> float | None:
        residual = self.residual_kg
        return None if residual is None or not self.sigma_kg else residual / self.sigma_kg

    def doubts(self) -> tuple[Doubt, ...]:
        """What makes the numbers less sure than their sigma says."""
        said = [Doubt("uncounted", name) for name in self.unknown]
        said += [doubt for each in self.flows for doubt in each.doubts]
        if not self.whole:
            said.append(Doubt("partly"))
        return tuple(dict.fromkeys(said))


def balances(reader: JournalReader, site: Site, week: str, history: int = 0) -> list[Balance]:
    """Every store in a week; the sums begin `history` weeks before. Raises ValueError for what is no week."""
    rows = histories(reader, site, week, history).values()
    return [each[-1] for each in rows if each and each[-1].week == week]


def histories(reader: JournalReader, site: Site, week: str, history: int) -> dict[str, list[Balance]]:
    """By store the weeks up to this one, of which anything was read."""
    span = reader.span()
    week_span(site.shifts, week)
    if span is None:
        return {}
    stores = stores_of(site)
    streams = streams_of(site, stores)
    flows = Flows(reader, site)
    watch = Watch.designed(float(WEEKS_A_YEAR * max(1, len(stores))))
    weeks = [weeks_before(week, back) for back in range(history, -1, -1)]
    made = {}
    for store in stores:
        mine = tuple(each for each in streams if each.store == store.name)
        rows = [_week(flows, store, mine, each, span) for each in weeks]
        made[store.name] = tracked([row for row in rows if row is not None], watch)
    return made


def tracked(rows: Sequence[Balance], watch: Watch) -> list[Balance]:
    """The same weeks, ascending, with the book that runs through them."""
    made: list[Balance] = []
    book: Book | None = None
    sums = Sums()
    net, var, bias = 0.0, 0.0, 0.0
    for row in rows:
        if book is None and row.opening is not None:
            book, net, var, bias = opened(row.opening.kg, row.opening.sigma_kg), 0.0, 0.0, 0.0
        net, var, bias = net + row.net_kg, var + row.flow_sigma_kg**2, bias + row.bias_kg
        if book is None or row.closing is None:
            made.append(replace(row, cusum=sums))
            continue
        period = Period(net, math.sqrt(var), bias, row.closing.kg, row.closing.sigma_kg)
        book, found = counted(book, period)
        net, var, bias = 0.0, 0.0, 0.0
        sums, said = watch.step(sums, found.z)
        word = {"more": "too much", "less": "missing"}.get(said, "")
        made.append(replace(row, book_z=-found.z, cusum=sums, said=word))
    return made


def _week(
    flows: Flows, store: Store, streams: tuple[Stream, ...], week: str, span: tuple[int, int]
) -> Balance | None:
    """None where nothing was read in that week."""
    whole = week_span(flows.site.shifts, week)
    t0, t1 = max(whole.from_ns, span[0]), min(whole.to_ns, span[1] + 1)
    if t1 <= t0:
        return None
    found = [flows.flowed(each, t0, t1) for each in streams]
    found += flows.scrapped(store.vessels, store.name, t0, t1)
    opening, missing = stock_at(flows, store, streams, t0, span[0])
    closing, missing_too = stock_at(flows, store, streams, t1, span[0])
    return Balance(
        flows.site.site, store, week, t0, t1, (t0, t1) == tuple(whole), tuple(found), opening, closing,
        unknown=tuple(dict.fromkeys((*missing, *missing_too))),
    )  # fmt: skip


def equation(row: Balance) -> dict[str, float | None]:
    """The terms by name, in the order of the equation."""
    left = {kind: row.kg(kind) for kind in IN}
    right = {kind: row.kg(kind) for kind in OUT}
    return {
        "opening": row.opening.kg if row.opening else None, **left, **right,
        "closing": row.closing.kg if row.closing else None, "residual": row.residual_kg,
    }  # fmt: skip
