"""The one operator of the genealogy: parts by mass into one lot.

The share of a source in the new lot is the mean of its shares in the parts, weighted by their kilograms. Passes,
recycled content and what was cut off before go the same way.

>>> from gateway.genealogy.vector import source
>>> blend = mix([(source("resin 7"), 75.0, 0.1, ""), (source("resin 8"), 25.0, 0.1, "")])
>>> dict(zip(blend.sources, blend.shares[0].tolist()))
{'resin 8': 0.25, 'resin 7': 0.75}
>>> mix([(blend, 10.0, 0.0, "")], ground=True).regrind.tolist()
[1.0]

Standard uncertainty is the first order of the same mean (JCGM 100:2008, 5.1.2). With kilograms k of standard
uncertainty s, K their sum, and x_i the share in part i::

    var(x) = sum of (s_i / K)^2 (x_i - x)^2  +  (sum of (k_i / K) u(x_i))^2

It takes new weighings as independent of each other and of the past. What the parts bring is added up as if it had one
cause, which is the most that it can be: recirculation brings one error back by many ways (docs/decisions/
0074-inherited-sigma-adds-up.md). A share is cut off where it and its sigma are both too small, so a lot that may be in
another, and rather is not, is still named. Not followed: curvature, and the uncertainty of a share that is cut off.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import compress, count
from operator import itemgetter

import numpy as np

from gateway.genealogy.errors import CannotMix
from gateway.genealogy.vector import CUT, TAIL, Floats, Vector

Part = tuple[Vector, float, float, str]
"""What went in, its kilograms, their standard uncertainty, and in which row it counts."""

ROWS = {"": (True, True), "fifo": (True, False), "mixed": (False, True)}


def mix(parts: Iterable[Part], *, ground: bool = False) -> Vector:
    """The composition of what `parts` make together; their order changes nothing, to the last bit.

    A part with mixing "" counts in both rows, "fifo" in row 0 only, "mixed" in row 1 only; each row is divided by its
    own kilograms. A row in which nothing counts, as of the content of a vessel that is only mixed in the other, takes
    the parts of the other. `ground`: it comes out of a granulator, so everything was through a screw once more.
    Raises CannotMix.
    """
    given = sorted(parts, key=_ORDER)
    if len({_ORDER(part) for part in given}) < len(given):
        given.sort(key=_order)
    rows = 2 if any(mixing or len(vector.table) == 3 for vector, _, _, mixing in given) else 1
    vectors, weights, errors = _joined([part[0] for part in given], *_weights(given, rows))
    if len(vectors) == 1:  # as a box out of a batch: it is the same, whatever it weighs
        return _whole(vectors[0].sources, vectors[0].table, ground=ground)
    names, dense = _laid_out(vectors, rows)
    weights = weights[:, :, None]
    far, brought = dense[:rows], dense[rows]
    table = np.empty((rows + 1, dense.shape[2]))
    np.add.reduce(far * weights, axis=1, out=table[:rows])
    far -= table[:rows, None]
    far *= far
    far *= errors[:, :, None]
    spread = np.add.reduce(far, axis=1)
    spread += np.add.reduce(brought * weights, axis=1) ** 2
    np.sqrt(spread[0] if rows == 1 else np.maximum(spread[0], spread[1]), out=table[rows])
    table[rows, len(names) + 2 :] = 0.0  # of rest and passes none is followed
    return _whole(*_cut(names, table), ground=ground)


_ORDER = itemgetter(1, 2, 3)  # which is `_order`, where no two parts are weighed alike


def _order(part: Part) -> tuple[object, ...]:
    vector, kg, sigma, mixing = part
    return kg, sigma, mixing, vector.table.tobytes(), vector.sources


def _joined(vectors: list[Vector], weights: Floats, errors: Floats) -> tuple[list[Vector], Floats, Floats]:
    """Parts of one composition are one part, as boxes of a batch on a pallet: what is unsure of one is of them all."""
    if len({(len(vector.sources), vector.table.item(0)) for vector in vectors}) == len(vectors):
        return vectors, weights, errors
    known: dict[tuple[object, ...], int] = {}
    keys = {
        id(vector): vector for vector in vectors
    }  # boxes of a batch are often one object: each is told once
    kinds = {
        each: known.setdefault((vector.table.tobytes(), vector.sources), len(known))
        for each, vector in keys.items()
    }
    number = [kinds[id(vector)] for vector in vectors]
    if len(known) == len(vectors):
        return vectors, weights, errors
    first = [number.index(each) for each in range(len(known))]
    for one, each in enumerate(number):
        if one != first[each]:
            weights[:, first[each]] += weights[:, one]
            errors[:, first[each]] += errors[:, one]
    return [vectors[one] for one in first], weights[:, first], errors[:, first]


def _weights(parts: Sequence[Part], rows: int) -> tuple[Floats, Floats]:
    """[rows, parts]: kilograms divided by the mass of the row, and the squares of their uncertainties so divided.

    Weights are rounded to multiples of 2^-52 and the largest is what the others leave, so that they sum to exactly 1:
    otherwise three equal parts would lose 1e-16 at each mixing, and a lot 1e5 mixings deep more than EXACT.
    """
    for _, kg, sigma, mixing in parts:
        if not (0.0 <= kg < math.inf and 0.0 <= sigma < math.inf):
            raise CannotMix(f"{kg} kg with a standard uncertainty of {sigma} kg is no mass")
        if mixing not in ROWS:
            raise CannotMix(f'mixing is "", "fifo" or "mixed", not {mixing!r}')
    if not any([part[3] for part in parts]):  # noqa: C419 # a list is quicker, and this is the hot path
        share, error = _row([part[1] for part in parts], [part[2] for part in parts])
        return np.array([share] * rows), np.array([error] * rows)
    weights, errors = [], []
    for row in range(rows):
        kilograms = [kg if ROWS[mixing][row] else 0.0 for _, kg, _, mixing in parts]
        unsure = [sigma if ROWS[mixing][row] else 0.0 for _, _, sigma, mixing in parts]
        if not any(kilograms):
            kilograms, unsure = [part[1] for part in parts], [part[2] for part in parts]
        share, error = _row(kilograms, unsure)
        weights.append(share)
        errors.append(error)
    return np.array(weights), np.array(errors)


def _row(kilograms: list[float], sigma: list[float]) -> tuple[list[float], list[float]]:
    total = sum(kilograms)
    if not 0.0 < total < math.inf:
        raise CannotMix(f"the parts have {total} kg together")
    share = [(1.0 + kg / total) - 1.0 for kg in kilograms]
    largest = kilograms.index(max(kilograms))
    share[largest] = 0.0
    share[largest] = 1.0 - sum(share)
    return share, [(each / total) ** 2 for each in sigma]


def _laid_out(vectors: Sequence[Vector], rows: int) -> tuple[tuple[str, ...], Floats]:
    """The sources of all parts, and their tables on these: [rows + 1, parts, sources + 12]."""
    counts = [len(vector.sources) for vector in vectors]
    longest = vectors[counts.index(max(counts))]
    place = defaultdict(count(len(longest.sources)).__next__, zip(longest.sources, count(), strict=False))
    places = [
        None if vector is longest else np.fromiter(map(place.__getitem__, vector.sources), np.intp, own)
        for vector, own in zip(vectors, counts, strict=True)
    ]  # names of the longest need not be looked up; one that it has not gets the next number
    kept = len(place)
    dense = np.zeros((rows + 1, len(vectors), kept + 1 + TAIL))
    for number, (vector, seats) in enumerate(zip(vectors, places, strict=True)):
        own, part = counts[number], dense[:, number]
        table = vector.table if len(vector.table) > rows else vector.table[[0, 0, 1]]
        part[:, kept:] = table[:, own:]
        if seats is None:
            part[:, :own] = table[:, :own]
        else:
            part[:, seats] = table[:, :own]
    return tuple(place), dense


def _cut(names: tuple[str, ...], table: Floats) -> tuple[tuple[str, ...], Floats]:
    """What is below CUT in every row, and surely so, goes into the rest."""
    kept = len(names)
    large = np.maximum.reduce(table, axis=0) >= CUT  # rows and sigma alike
    large[kept:] = True
    if large.all():
        return names, table
    table[:-1, kept + 2] += np.add.reduce(table[:-1, ~large], axis=1)
    return tuple(compress(names, large.tolist())), table[:, large]


def _whole(names: tuple[str, ...], table: Floats, *, ground: bool) -> Vector:
    """The new lot: ground where it was, and in one row where both are the same."""
    kept = len(names)
    if ground:
        table = table.copy()
        passes = table[:-1, kept + 3 :]
        last = passes[:, -2] + passes[:, -1]
        passes[:, 1:] = passes[:, :-1].copy()
        passes[:, 0], passes[:, -1] = 0.0, last
        table[:, kept] = 0.0  # all of it is regrind, however it was weighed
        table[:-1, kept] = passes[:, 1:].sum(axis=1)
    if len(table) == 3 and (table[0] == table[1]).all():
        table = table[1:].copy()
    return Vector(names, table)
