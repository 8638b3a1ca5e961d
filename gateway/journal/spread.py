"""How much of a lot that was made here is in the lots after it: from lot to lot, in the order of making.

Compositions say it of sources only. Of any other lot it is computed by the same mean: the share in a lot is that of its
inputs, weighted by their kilograms; uncertainties go along to first order (JCGM 100:2008, 5.1.2). Where a share is
below a hundredth of what was asked for, nobody looks further; what that may miss is added to the upper bound.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

from gateway.journal.exposure import Exposures, Held, Share
from gateway.model import LotMade

_CUT = 0.01
_LOOKS = 50  # at one lot: more only where lots go round in a circle, which nothing that was weighed does


class _Part(NamedTuple):
    """Of the lot asked for in another one."""

    rows: tuple[float, float]  # first-in-first-out, perfectly mixed
    variance: float
    missed: float  # at most so much more


_WHOLE = _Part((1.0, 1.0), 0.0, 0.0)


class Spread:
    """One question: where a lot went."""

    def __init__(self, exposures: Exposures, lot: str, least: float) -> None:
        self._exposures, self._least = exposures, least
        self._lot = lot
        self._known = {lot: _WHOLE}
        self._held: dict[str, Held] = {}
        self._looks = Counter[str]()
        self._waiting: dict[str, LotMade] = {}
        self._queue: list[tuple[int, str]] = []
        self._cut = 0.0
        self._open(lot)

    def _open(self, lot: str) -> None:
        """Queue what the lot went into; again what was looked at before, for a late scan names a later lot."""
        for child in self._exposures.children(lot):
            if child not in self._waiting and child != self._lot:
                made = self._exposures.made(child)
                if made is not None:
                    self._waiting[child] = made
                    heappush(self._queue, (made.time_ns, child))

    def holders(self) -> Iterable[Held]:
        """Lots that may hold so much of it."""
        while self._queue:
            _, lot = heappop(self._queue)
            if lot in self._waiting:
                self._take(lot)
        return self._held.values()

    def seen(self) -> list[str]:
        """Lots that were looked at so far, the one asked for among them."""
        return list(self._known)

    @property
    def cut(self) -> float:
        """The share below which nobody looked further; 0 as long as all was looked at."""
        return self._cut

    def _take(self, lot: str) -> None:
        made = self._waiting.pop(lot)
        for edge in made.inputs:  # made at the same time, and queued behind it
            if edge.lot in self._waiting:
                self._take(edge.lot)
        part = self._part(made)
        self._looks[lot] += 1
        if self._known.get(lot) == part or self._looks[lot] > _LOOKS:
            return
        self._known[lot] = part
        high = min(1.0, max(part.rows) + part.missed)
        if high >= self._least * _CUT:
            self._open(lot)
        else:
            self._cut = self._least * _CUT
        if high >= self._least:
            self._held[lot] = Held(made, Share(min(part.rows), high, math.sqrt(part.variance)))
        else:
            self._held.pop(lot, None)

    def _part(self, made: LotMade) -> _Part:
        rows: list[float] = []
        variance = missed = 0.0
        for other in ("mixed", "fifo"):  # in row 0 what is mixed does not count, in row 1 what is layered
            edges = [edge for edge in made.inputs if edge.mixing != other]
            total = math.fsum(edge.kg for edge in edges)
            if total <= 0.0:
                rows.append(0.0)
                continue
            parts = [(edge, self._known.get(edge.lot)) for edge in edges]
            share = math.fsum(edge.kg / total * part.rows[len(rows)] for edge, part in parts if part)
            spread = more = 0.0
            for edge, part in parts:
                own = part.rows[len(rows)] if part else 0.0
                spread += (edge.sigma_kg / total * (own - share)) ** 2
                spread += (edge.kg / total) ** 2 * (part.variance if part else 0.0)
                more += edge.kg / total * (part.missed if part else self._cut)
            rows.append(share)
            variance, missed = max(variance, spread), max(missed, more)
        return _Part((rows[0], rows[1]), variance, missed)
