"""How much of a lot that was made here is in the lots after it: from lot to lot, in the order of making.

Compositions say it of sources only. Of any other lot it is computed by the same mean: the share in a lot is that of its
inputs, weighted by their kilograms; uncertainties go along to first order (JCGM 100:2008, 5.1.2). Where a share is
below a hundredth of what was asked for, nobody looks further; what that may miss is added to the upper bound.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from gateway.journal.briefs import Brief, Edge
from gateway.journal.exposure import Exposures, Held, Share

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
        self._waiting: dict[str, Brief] = {}
        self._queue: list[tuple[int, str]] = []
        self._cut = 0.0
        self._open(lot)

    def _open(self, lot: str) -> None:
        """Queue what the lot went into; again what was looked at before, for a late scan names a later lot."""
        for made in self._exposures.went_into(lot, (name for _, name in self._queue)):
            if made.lot not in self._waiting and made.lot != self._lot:
                self._waiting[made.lot] = made
                heappush(self._queue, (made.time_ns, made.lot))

    def holders(self) -> Iterable[Held]:
        """Lots that may hold so much of it."""
        for _ in self.steps():
            pass
        return self._held.values()

    def steps(self) -> Iterator[Mapping[str, Held]]:
        """The same from lot to lot: what was found so far, of the lots that were closed first."""
        while self._queue:
            _, lot = heappop(self._queue)
            if lot in self._waiting:
                self._take(lot)
                yield self._held

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

    def _part(self, made: Brief) -> _Part:
        inputs = made.inputs
        if len(inputs) == 1 and not inputs[0].mixing and inputs[0].kg > 0.0:  # a box: it is as its batch is
            return self._known.get(inputs[0].lot) or _Part((0.0, 0.0), 0.0, self._cut)
        if any(
            edge.mixing for edge in inputs
        ):  # in row 0 what is mixed does not count, in row 1 what is layered
            first = self._row([edge for edge in inputs if edge.mixing != "mixed"], 0)
            second = self._row([edge for edge in inputs if edge.mixing != "fifo"], 1)
        else:
            first = self._row(inputs, 0)
            parts = (self._known.get(edge.lot) for edge in inputs)
            alike = all(part.rows[0] == part.rows[1] for part in parts if part)
            second = first if alike else self._row(inputs, 1)
        return _Part((first[0], second[0]), max(first[1], second[1]), max(first[2], second[2]))

    def _row(self, edges: Sequence[Edge], row: int) -> tuple[float, float, float]:
        """Share, variance and what may be missed, as one row of mixing has it."""
        total = math.fsum([edge.kg for edge in edges])
        if total <= 0.0:
            return 0.0, 0.0, 0.0
        get, cut = self._known.get, self._cut
        weighed = [(edge.kg / total, edge.sigma_kg / total, get(edge.lot)) for edge in edges]
        share = math.fsum([weight * part.rows[row] for weight, _, part in weighed if part])
        variance = missed = 0.0
        for weight, sigma, part in weighed:
            if part is None:
                variance += (sigma * share) ** 2
                missed += weight * cut
            else:
                variance += (sigma * (part.rows[row] - share)) ** 2 + weight * weight * part.variance
                missed += weight * part.missed
        return share, variance, missed
