"""What the words of a device likely are: the one way to cut them into values that explains them best. Pure.

The law: every word belongs to one value. The best cut is found by dynamic programming over all of them (Viterbi): a
value is worth the bits of `likelihood`, and costs what its type is rare on this device; a value of the same type and
order as the one before costs little, for maps come in runs. It is done twice: the second time with how common the types
were the first time. `sure` is how many bits the best cut with another reading of those words falls behind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gateway.layout import Field
from gateway.probe.found import BIT_TABLES, Guess, Value, Words
from gateway.probe.hypotheses import KINDS, Candidate, candidates, values_of

STAYS = 1.0  # bits for a value like the one before
PRIOR_WEIGHT = 6.0  # values that the prior counts for
IDLE_BREAKS = 12  # zeros in a row that part what is before them from what is behind
INSTEAD_BITS = 8.0  # other readings are named that fall behind by no more

_Rows = NDArray[np.float64]


def guess(areas: Iterable[Words]) -> list[Guess]:
    """Values of a unit, in order of address. Zeros that stand alone are left out; bits are what they are."""
    found, parts = [], []
    for area in areas:
        if area.area.table in BIT_TABLES:
            found += _bits(area)
        else:
            parts += [
                (area, start, candidates(words, area.area.first + start))
                for start, words in _parted(area.words)
            ]
    costs = Costs([])
    for _ in range(2):
        paths = [_best(options, costs)[0] for _, _, options in parts]
        costs = Costs([each for path in paths for each in path if each.worth > 0])
    for area, start, options in parts:
        found += _told(area, start, options, costs)
    return found


def _parted(words: NDArray[np.uint16]) -> list[tuple[int, NDArray[np.uint16]]]:
    """Stretches between long runs of zeros: where each starts, and its words."""
    busy = np.flatnonzero(words.any(axis=0)).tolist()
    if not busy:
        return []
    breaks = [at for at, (one, other) in enumerate(pairwise(busy), 1) if other - one > IDLE_BREAKS]
    stretches = []
    for low, high in pairwise([0, *breaks, len(busy)]):
        first = max(busy[low] - 3, 0)  # the empty half of a number may stand before it, or behind
        last = min(busy[high - 1] + 4, words.shape[1])
        stretches.append((first, words[:, first:last]))
    return stretches


class Costs:
    """What each reading costs, in bits, after so many were seen: by its type, and by where it begins.

    Numbers of several words mostly begin all at even addresses, or all at odd ones.
    """

    def __init__(self, seen: Sequence[Candidate]) -> None:
        count = [PRIOR_WEIGHT * share for _, _, share in KINDS]
        places = [2.0, 1.0]
        for each in seen:
            count[each.kind] += 1
            if each.width == 2:
                places[each.odd] += max(min(each.worth / 32, 1.0), 0.0)
        self.kinds = [-math.log2(each / sum(count)) for each in count]
        self._places = [-math.log2(each / sum(places)) for each in places]

    def worth(self, each: Candidate) -> float:
        """What it is worth, its place counted."""
        return each.worth - (self._places[each.odd] if each.width > 1 else 0.0)


def _best(options: list[list[Candidate]], costs: Costs) -> tuple[list[Candidate], dict[Candidate, float]]:
    """The best cut, and for each candidate how good the best cut with it is."""
    n, kinds = len(options), len(KINDS)
    ahead = np.full((n + 1, kinds), -math.inf)  # best of the words before, by the last type
    came: dict[tuple[int, int], Candidate] = {}
    for at in range(n):
        for each in options[at]:
            worth = _entering(ahead[at], each.kind, costs, at) + costs.worth(each)
            if worth > ahead[at + each.width, each.kind]:
                ahead[at + each.width, each.kind] = worth
                came[at + each.width, each.kind] = each
    behind = np.zeros((n + 1, kinds))  # best of the words from here on, by the type before
    for at in range(n - 1, -1, -1):
        anew = max(
            costs.worth(each) - costs.kinds[each.kind] + behind[at + each.width, each.kind]
            for each in options[at]
        )
        behind[at] = anew
        for each in options[at]:
            stays = costs.worth(each) - STAYS + behind[at + each.width, each.kind]
            behind[at, each.kind] = max(behind[at, each.kind], stays)
    within = {
        each: _entering(ahead[at], each.kind, costs, at)
        + costs.worth(each)
        + behind[at + each.width, each.kind]
        for at in range(n)
        for each in options[at]
    }
    path: list[Candidate] = []
    at, kind = n, int(ahead[n].argmax())
    while at > 0:
        path.append(came[at, kind])
        at = path[-1].at
        kind = _before(ahead[at], path[-1].kind, costs) if at else 0
    return path[::-1], within


def _entering(ahead: _Rows, kind: int, costs: Costs, at: int) -> float:
    if at == 0:
        return -costs.kinds[kind]
    return max(float(ahead[kind]) - STAYS, float(ahead.max()) - costs.kinds[kind])


def _before(ahead: _Rows, kind: int, costs: Costs) -> int:
    best = int(ahead.argmax())
    return kind if ahead[kind] - STAYS >= ahead[best] - costs.kinds[kind] else best


def _told(area: Words, start: int, options: list[list[Candidate]], costs: Costs) -> list[Guess]:
    path, within = _best(options, costs)
    covering: list[list[Candidate]] = [[] for _ in options]
    for each in within:
        for at in range(each.at, each.at + each.width):
            covering[at].append(each)
    best, told = within[path[0]], []
    for one in path:
        words = area.words[:, start + one.at : start + one.at + one.width]
        values = values_of(words, one.field)
        others = {other for at in range(one.at, one.at + one.width) for other in covering[at] if other != one}
        others = {other for other in others if not _alike(one, other, area.words[:, start:])}
        behind = best - max((within[other] for other in others), default=-math.inf)
        near = sorted(
            (other for other in others if other.at == one.at and within[other] > best - INSTEAD_BITS),
            key=within.__getitem__,
            reverse=True,
        )
        told.append(
            Guess(
                area.area.table, area.area.first + start + one.at, one.field, _plain(values[0]), _plain(values[-1]),
                round(float(min(behind, 999.0)), 1), one.counts, not words.any(),
                tuple(_described(other, area, start) for other in near[:3]),
            )
        )  # fmt: skip
    while told and told[0].idle:
        del told[0]
    while told and told[-1].idle:
        del told[-1]
    return told


def _alike(one: Candidate, other: Candidate, words: NDArray[np.uint16]) -> bool:
    """Whether two readings say the same: small numbers with a sign and without, a text and its padding."""
    if one.at != other.at or (one.width != other.width and one.field.type != "string"):
        return False
    ours, theirs = (values_of(words[:, each.at : each.at + each.width], each.field) for each in (one, other))
    same = ours.dtype.kind == theirs.dtype.kind or {ours.dtype.kind, theirs.dtype.kind} == {"i", "u"}
    return same and ours.dtype.kind in "iuU" and ours.tolist() == theirs.tolist()


def _described(other: Candidate, area: Words, start: int) -> str:
    words = area.words[-1:, start + other.at : start + other.at + other.width]
    field = other.field
    value = _plain(values_of(words, field)[0])
    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    return " ".join(part for part in (field.type, field.order, shown) if part)


def _bits(area: Words) -> list[Guess]:
    return [
        Guess(
            area.area.table, area.area.first + at, Field("bit"), bool(area.words[0, at]), bool(area.words[-1, at]),
            99.0, idle=not area.words[:, at].any(),
        )
        for at in range(area.area.count)
    ]  # fmt: skip


def _plain(value: np.generic) -> Value:
    plain: Value = value.item()
    return plain
