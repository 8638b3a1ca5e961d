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

    var(x) = sum of (s_i / K)^2 (x_i - x)^2  +  sum of (k_i / K)^2 var(x_i)

It takes the weighings as independent, and so are the parts: what two parts have in common by recirculation is not
followed, nor is curvature, nor the uncertainty of a share that is cut off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

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
    given = sorted(parts, key=_order)
    rows = 2 if any(mixing or len(vector.shares) == 2 for vector, _, _, mixing in given) else 1
    vectors, weights, errors = _joined([part[0] for part in given], *_weights(given, rows))
    if len(vectors) == 1:  # as a box out of a batch: it is the same, whatever it weighs
        return _whole(vectors[0].sources, vectors[0].shares, vectors[0].tail, vectors[0].sigma, ground=ground)
    names, dense, variance = _laid_out(vectors, rows)
    weights, errors = weights[:, :, None], errors[:, :, None]
    mean = np.add.reduce(dense * weights, axis=1)
    far = dense  # not needed any more: its memory is
    far -= mean[:, None]
    far *= far
    far *= errors
    far += variance * (weights * weights)
    spread = np.add.reduce(far, axis=1)
    sigma = np.sqrt(spread[0] if rows == 1 else spread.max(axis=0))
    return _cut(names, mean, sigma[: len(names) + 2], ground=ground)


def _order(part: Part) -> tuple[object, ...]:
    vector, kg, sigma, mixing = part
    return kg, sigma, mixing, *_content(vector)


def _content(vector: Vector) -> tuple[object, ...]:
    return vector.shares.tobytes(), vector.tail.tobytes(), vector.sigma.tobytes(), vector.sources


def _joined(vectors: list[Vector], weights: Floats, errors: Floats) -> tuple[list[Vector], Floats, Floats]:
    """Parts of one composition are one part, as boxes of a batch on a pallet: what is unsure of one is of them all."""
    known: dict[tuple[object, ...], int] = {}
    number = [known.setdefault(_content(vector), len(known)) for vector in vectors]
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
    weights, errors = [], []
    for row in range(rows):
        counts = [rows == 1 or ROWS[mixing][row] for _, _, _, mixing in parts]
        kilograms = [part[1] if yes else 0.0 for part, yes in zip(parts, counts, strict=True)]
        if rows == 2 and not any(kilograms):
            counts = [not yes for yes in counts]
            kilograms = [part[1] if yes else 0.0 for part, yes in zip(parts, counts, strict=True)]
        total = sum(kilograms)
        if not 0.0 < total < math.inf:
            raise CannotMix(f"the parts have {total} kg together")
        share = [(1.0 + kg / total) - 1.0 for kg in kilograms]
        largest = kilograms.index(max(kilograms))
        share[largest] = 0.0
        share[largest] = 1.0 - math.fsum(share)
        weights.append(share)
        errors.append(
            [(part[2] / total) ** 2 if yes else 0.0 for part, yes in zip(parts, counts, strict=True)]
        )
    return np.array(weights), np.array(errors)


def _laid_out(vectors: Sequence[Vector], rows: int) -> tuple[tuple[str, ...], Floats, Floats]:
    """The sources of all parts, and on them [rows, parts, sources + 12] values, [parts, sources + 12] variances.

    The columns after the sources are the regrind share and the tail, which begins with recycled content.
    """
    names, columns = _columns([vector.sources for vector in vectors])
    count, kept = len(vectors), len(names)
    width = kept + 1 + TAIL
    for number in range(1, count):
        columns[number] += number * width
    places = np.concatenate(columns)
    dense, variance = np.zeros((rows, count, width)), np.zeros((count, width))
    variance.reshape(-1)[places] = np.concatenate([vector.sigma[:-2] for vector in vectors])
    for row in range(rows):
        shares = np.concatenate([vector.shares[row % len(vector.shares)] for vector in vectors])
        dense[row].reshape(-1)[places] = shares
        dense[row, :, kept + 1 :] = [vector.tail[row % len(vector.tail)] for vector in vectors]
    np.add.reduce(dense[:, :, kept + 4 :], axis=2, out=dense[:, :, kept])  # passes from 1 on
    variance[:, kept : kept + 2] = [vector.sigma[-2:] for vector in vectors]
    variance *= variance
    return names, dense, variance


def _columns(named: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], list[NDArray[np.intp]]]:
    """All names once, and for each part the places of its own among them. The longest list is not looked up at all."""
    longest = max(range(len(named)), key=lambda number: len(named[number]))
    place = dict(zip(named[longest], range(len(named[longest])), strict=True))
    others = [names for number, names in enumerate(named) if number != longest]
    new = dict.fromkeys([name for names in others for name in names if name not in place])
    place.update(zip(new, range(len(place), len(place) + len(new)), strict=True))
    columns = [
        np.fromiter(map(place.__getitem__, names), np.intp, len(names))
        if number != longest
        else np.arange(len(names))
        for number, names in enumerate(named)
    ]
    return tuple(place), columns


def _cut(names: tuple[str, ...], mean: Floats, sigma: Floats, *, ground: bool) -> Vector:
    """What is below CUT in every row goes into the rest."""
    kept = len(names)
    shares, tail = mean[:, :kept], mean[:, kept + 1 :]
    large = (shares[0] if len(shares) == 1 else shares.max(axis=0)) >= CUT
    if not large.all():
        tail[:, 1] += shares[:, ~large].sum(axis=1)
        shares = shares[:, large]
        sigma = np.concatenate((sigma[:kept][large], sigma[kept:]))
        names = tuple(compress(names, large.tolist()))
    return _whole(names, shares.copy(), tail.copy(), sigma, ground=ground)


def _whole(names: tuple[str, ...], shares: Floats, tail: Floats, sigma: Floats, *, ground: bool) -> Vector:
    """The new lot: ground where it was, and in one row where both are the same."""
    if ground:
        passed = tail[:, 2:]
        tail, sigma = tail.copy(), sigma.copy()
        tail[:, 2] = 0.0
        tail[:, 3:] = passed[:, :-1]
        tail[:, -1] += passed[:, -1]
        sigma[-2] = 0.0  # all of it is regrind, however it was weighed
    if len(shares) == 2 and (shares[0] == shares[1]).all() and (tail[0] == tail[1]).all():
        shares, tail = shares[:1].copy(), tail[:1].copy()
    return Vector(names, shares, tail, sigma)
