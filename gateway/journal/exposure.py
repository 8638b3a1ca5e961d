"""Who holds how much of a lot, by mass and with its bound, over one journal or replicas of many sites.

A lot that one site made and another took in is one lot, by its name. There it is a source, here it has a composition:
what it holds is its share there times the shares here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import islice
from typing import NamedTuple

from gateway.journal.briefs import AT_ONCE, Brief
from gateway.journal.made import HELD_FROM, HELD_KINDS
from gateway.journal.madelots import NEWEST, MadeLots
from gateway.model import Composition, LotMade


class Share(NamedTuple):
    """A share of a lot's mass: from low to high if every weighing was exact, and the standard uncertainty of both."""

    low: float
    high: float
    sigma: float


NONE = Share(0.0, 0.0, 0.0)
ALL = Share(1.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Held:
    """A lot that holds some of another."""

    made: LotMade | Brief
    share: Share


@dataclass
class Exposures:
    """Journals together, each as far as `upto` says. Answers are kept: make another one for what came since."""

    journals: Sequence[MadeLots]
    upto: Sequence[int] = ()
    _known: dict[str, tuple[int, LotMade] | None] = field(default_factory=dict)
    _homes: dict[str, set[int]] = field(
        default_factory=dict
    )  # of lots looked up: the journals that made them
    _users: dict[str, set[int]] = field(default_factory=dict)  # ... and those where they went into others
    _into: dict[str, list[str]] = field(default_factory=dict)  # what lots went into that were opened
    _briefs: dict[str, Brief] = field(default_factory=dict)  # those, where they are whole
    _portions: dict[tuple[bytes, str], Share] = field(default_factory=dict)  # by composition and source

    def bounds(self) -> Sequence[int]:
        """The last event that counts, by journal."""
        return self.upto or [NEWEST] * len(self.journals)

    def _bounds(self) -> Iterator[tuple[int, MadeLots, int]]:
        return zip(range(len(self.journals)), self.journals, self.bounds(), strict=True)

    def _look(self, lots: Iterable[str]) -> None:
        """Find where lots are, many in one question: of fifty sites, forty-nine know nothing of a lot."""
        new = [lot for lot in dict.fromkeys(lots) if lot not in self._homes]
        if not new:
            return
        for lot in new:
            self._homes[lot], self._users[lot] = set(), set()
        for number, journal in enumerate(self.journals):
            for places, found in (
                (self._homes, journal.made_here(new)),
                (self._users, journal.used_here(new)),
            ):
                for lot in found:
                    places[lot].add(number)

    def _where(self, lot: str, places: dict[str, set[int]]) -> Iterator[tuple[int, MadeLots, int]]:
        """The journals to ask about a lot."""
        if len(self.journals) == 1:
            return self._bounds()
        self._look([lot])
        return (each for each in self._bounds() if each[0] in places[lot])

    def made(self, lot: str) -> LotMade | None:
        """The lot where it was made; where it only came in, it is a source there, and says less."""
        found = self._made(lot)
        return found[1] if found else None

    def _made(self, lot: str) -> tuple[int, LotMade] | None:
        if lot not in self._known:
            found = [
                (number, made)
                for number, journal, upto in self._where(lot, self._homes)
                if (made := journal.made(lot, upto)) is not None
            ]
            self._known[lot] = max(found, key=_says_more, default=None)
        return self._known[lot]

    def children(self, lot: str) -> list[str]:
        """What it went into, at any site."""
        asked = self._where(lot, self._users)
        found = {child for _, journal, upto in asked for child in journal.children(lot, upto)}
        return sorted(found)

    def went_into(self, lot: str, ahead: Iterable[str] = ()) -> list[Brief]:
        """What it went into and is whole, at any site, in the order of names. Those `ahead` will be asked for, too."""
        if lot not in self._into:
            self._open([lot, *islice(self._unopened(ahead, lot), AT_ONCE - 1)])
        briefs = self._briefs
        return [briefs[child] for child in self._into[lot] if child in briefs]

    def _unopened(self, ahead: Iterable[str], besides: str) -> Iterator[str]:
        """The nearest lots, from some on, of which nobody knows yet what they went into."""
        seen = {besides}
        rank = list(ahead)
        while rank:
            following: list[str] = []
            for name in rank:
                if name not in seen:
                    seen.add(name)
                    into = self._into.get(name)
                    if into is None:
                        yield name
                    else:
                        following += into
            rank = following

    def _open(self, lots: Sequence[str]) -> None:
        """Find what lots went into, and those in short."""
        found: dict[str, set[str]] = {lot: set() for lot in lots}
        for _, journal, upto in self._bounds():
            for lot, into in journal.went_into(lots, upto).items():
                found[lot].update(into)
        self._into.update((lot, sorted(into)) for lot, into in found.items())
        children = dict.fromkeys(child for into in found.values() for child in into)
        self._shorten([child for child in children if child not in self._briefs])

    def _shorten(self, lots: Sequence[str]) -> None:
        """Of each lot what says the most, of all journals."""
        told: dict[str, list[tuple[int, Brief]]] = {}
        for number, journal, upto in self._bounds():
            for lot, brief in journal.briefs(lots, upto).items():
                told.setdefault(lot, []).append((number, brief))
        for lot, some in told.items():
            self._briefs[lot] = max(some, key=_says_more)[1]

    # --- backward -------------------------------------------------------------------------------------------------

    def sources(self, lot: str) -> dict[str, Share]:
        """What a lot is made of, through all sites; a lot that another site made is not among them, but its sources."""
        found: dict[str, Share] = {}
        for name, share in self._apart(lot, ()):
            found[name] = _added(found.get(name, NONE), share)
        return found

    def rest(self, lot: str) -> float:
        """Share of sources that were too small to be kept apart, at most."""
        known = self._made(lot)
        if known is None:
            return 0.0
        held = known[1].composition
        further = sum(
            max(row[place] for row in held.shares) * self.rest(name)
            for place, name in enumerate(held.sources)
            if self._elsewhere(name, known[0], (lot,))
        )
        return min(1.0, max(held.rest) + further)

    def _apart(self, lot: str, above: tuple[str, ...]) -> Iterator[tuple[str, Share]]:
        known = self._made(lot)
        if known is None:
            yield lot, ALL
            return
        held = known[1].composition
        for name, share in shares_of(held):
            if self._elsewhere(name, known[0], (*above, lot)):
                for further, part in self._apart(name, (*above, lot)):
                    yield further, _through(share, part)
            else:
                yield name, share

    def _elsewhere(self, source: str, here: int, above: Sequence[str]) -> bool:
        """Whether a source of one site is a product of another one; never round in a circle."""
        if len(self.journals) == 1 or source in above:
            return False
        known = self._made(source)
        return known is not None and known[0] != here and bool(known[1].inputs)

    # --- forward --------------------------------------------------------------------------------------------------

    def share(self, lot: str, source: str) -> Share:
        """How much of a lot is of another one: a source, or one that another site made."""
        return self._share(lot, source, ())

    def _share(self, lot: str, source: str, above: tuple[str, ...]) -> Share:
        if lot == source:
            return ALL
        known = self._made(lot)
        if known is None:
            return NONE
        held = known[1].composition
        more = max(held.rest)
        if len(self.journals) == 1:
            total = share_in(held, source)
            return Share(total.low, min(1.0, total.high + more), total.sigma)
        total = NONE
        for name, share in shares_of(held):
            if name == source:
                total = _added(total, share)
            elif self._elsewhere(name, known[0], (*above, lot)):
                total = _added(total, _through(share, self._share(name, source, (*above, lot))))
        return Share(total.low, min(1.0, total.high + more), total.sigma)

    def holders(self, source: str, least: float, kinds: Sequence[str] | None = None) -> Iterator[Held]:
        """Lots that may hold `least` of a source or more, of some kinds or all.

        By the index of holders where it can say it, in no order that means anything; else from lot to lot, those that
        were closed first come first, but for what late scans say. That misses none: a lot holds no more of a source
        than the one of its inputs that holds the most, so what is over `least` lies behind what is over it.
        """
        if self._indexed(source, least, kinds):
            journal, upto = self.journals[0], next(self._bounds())[2]
            for kind in kinds or ():
                names = [each.lot for each in journal.holders(source, least, kind, upto)]
                names += [each.lot for each in journal.not_apart(least, kind, upto)]
                for brief in journal.briefs(list(dict.fromkeys(names)), upto).values():
                    share = self._share_in(brief, source)
                    if share.high >= least:
                        yield Held(brief, share)
            return
        seen = {source}
        waiting: list[tuple[int, str]] = []
        lot: str | None = source
        while lot is not None:
            new = [
                each for each in self.went_into(lot, (name for _, name in waiting)) if each.lot not in seen
            ]
            if len(self.journals) > 1:
                self._look(each.lot for each in new)
            for each in new:
                seen.add(each.lot)
                heappush(waiting, (each.time_ns, each.lot))
            lot = None
            while waiting and lot is None:
                brief = self._briefs[heappop(waiting)[1]]
                share = self._share_in(brief, source)
                if share.high >= least:
                    lot = brief.lot
                    if kinds is None or brief.kind in kinds:
                        yield Held(brief, share)

    def _indexed(self, source: str, least: float, kinds: Sequence[str] | None) -> bool:
        known = self._made(source)
        inside = kinds is not None and HELD_KINDS.keys() >= set(kinds) and least >= HELD_FROM
        return len(self.journals) == 1 and inside and not (known and known[1].inputs)

    def _share_in(self, brief: Brief, source: str) -> Share:
        """`share` of a lot that is there in short."""
        if len(self.journals) > 1 or brief.lot == source:
            return self.share(brief.lot, source)
        known = self._portions.get((brief.digest, source)) if brief.digest else None
        if known is None:
            low, high, sigma, rest = self.journals[0].portion(brief, source)
            known = Share(low, min(1.0, high + rest), sigma)
            if brief.digest:
                self._portions[brief.digest, source] = known
        return known


def share_in(held: Composition, source: str) -> Share:
    """One source: least and most of the rows, without the rest; none of one that was not kept apart."""
    try:
        place = held.sources.index(source)
    except ValueError:
        return NONE
    column = [row[place] for row in held.shares]
    return Share(min(column), max(column), held.sigma[place])


def shares_of(held: Composition) -> Iterator[tuple[str, Share]]:
    """Every source that was kept apart: least and most of the rows, without the rest."""
    columns = zip(*held.shares, strict=True) if held.sources else ()
    for name, column, sigma in zip(held.sources, columns, held.sigma, strict=True):
        yield name, Share(min(column), max(column), sigma)


def _says_more(found: tuple[int, LotMade | Brief]) -> tuple[bool, int, int]:
    return bool(found[1].inputs), found[1].version, -found[0]


def _added(one: Share, other: Share) -> Share:
    return Share(one.low + other.low, one.high + other.high, math.hypot(one.sigma, other.sigma))


def _through(outer: Share, inner: Share) -> Share:
    """A share of a share."""
    sigma = math.hypot(outer.sigma * inner.high, inner.sigma * outer.high)
    return Share(outer.low * inner.low, outer.high * inner.high, sigma)
