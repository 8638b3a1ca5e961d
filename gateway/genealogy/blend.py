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
from itertools import chain

import numpy as np

from gateway.genealogy.errors import CannotMix
from gateway.genealogy.vector import CUT, PASSES, TAIL, Floats, Vector

Part = tuple[Vector, float, float, str]
"""What went in, its kilograms, their standard uncertainty, and in which row it counts."""

ROWS = {"": (True, True), "fifo": (True, False), "mixed": (False, True)}


def mix(parts: Iterable[Part], *, ground: bool = False) -> Vector:
    """The composition of what `parts` make together; their order changes nothing, to the last bit.

    A part with mixing "" counts in both rows, "fifo" in row 0 only, "mixed" in row 1 only; each row is divided by its
    own kilograms. `ground`: it comes out of a granulator, so everything in it was through a screw once more.
    Raises CannotMix.
    """
    given = sorted(parts, key=_order)
    rows = 2 if any(mixing or vector.rows == 2 for vector, _, _, mixing in given) else 1
    weights, errors = _weights(given, rows)
    names, dense, variance = _laid_out([vector for vector, _, _, _ in given], rows)
    mean = (dense * weights[:, :, None]).sum(axis=1)
    kept = len(names)
    far = dense[:, :, : kept + 2] - mean[:, None, : kept + 2]
    far *= errors[:, :, None]
    spread = (far * far).sum(axis=1) + (variance[None] * (weights * weights)[:, :, None]).sum(axis=1)
    return _cut(names, mean, np.sqrt(spread.max(axis=0)), ground=ground)


def _order(part: Part) -> tuple[float, float, str, bytes, tuple[str, ...]]:
    vector, kg, sigma, mixing = part
    return kg, sigma, mixing, vector.shares.tobytes(), vector.sources


def _weights(parts: Sequence[Part], rows: int) -> tuple[Floats, Floats]:
    """[rows, parts]: kilograms and their uncertainties, each row divided by its mass.

    Weights are rounded to multiples of 2^-52 and the largest is what the others leave, so that they sum to exactly 1:
    otherwise three equal parts would lose 1e-16 at each mixing, and a lot 1e5 mixings deep more than EXACT.
    """
    weights, errors = np.zeros((rows, len(parts))), np.zeros((rows, len(parts)))
    for row in range(rows):
        kilograms = []
        for _, kg, sigma, mixing in parts:
            if not (0.0 <= kg < math.inf and 0.0 <= sigma < math.inf):
                raise CannotMix(f"{kg} kg with a standard uncertainty of {sigma} kg is no mass")
            if mixing not in ROWS:
                raise CannotMix(f'mixing is "", "fifo" or "mixed", not {mixing!r}')
            kilograms.append(kg if rows == 1 or ROWS[mixing][row] else 0.0)
        total = math.fsum(kilograms)
        if not 0.0 < total < math.inf:
            raise CannotMix(f"the parts have {total} kg" + (f" in row {row}" if rows == 2 else ""))
        share = [(1.0 + kg / total) - 1.0 for kg in kilograms]
        largest = kilograms.index(max(kilograms))
        share[largest] = 0.0
        share[largest] = 1.0 - math.fsum(share)
        weights[row] = share
        errors[row] = [
            sigma / total if rows == 1 or ROWS[mixing][row] else 0.0 for _, _, sigma, mixing in parts
        ]
    return weights, errors


def _laid_out(vectors: Sequence[Vector], rows: int) -> tuple[tuple[str, ...], Floats, Floats]:
    """All sources of the parts, and on them: [rows, parts, sources + 2 + 10] values, [parts, sources + 2] variances."""
    names = tuple(dict.fromkeys(chain.from_iterable(vector.sources for vector in vectors)))
    place = dict(zip(names, range(len(names)), strict=True))
    kept = len(names)
    dense = np.zeros((rows, len(vectors), kept + TAIL + 1))
    variance = np.zeros((len(vectors), kept + 2))
    for number, vector in enumerate(vectors):
        own = len(vector.sources)
        at = np.fromiter(map(place.__getitem__, vector.sources), np.intp, own)
        dense[:, number, at] = vector.shares
        dense[:, number, kept] = vector.regrind
        dense[:, number, kept + 1] = vector.recycled
        dense[:, number, kept + 2 :] = vector.tail[:, : 1 + PASSES]
        square = vector.sigma * vector.sigma
        variance[number, at] = square[:own]
        variance[number, kept:] = square[own:]
    return names, dense, variance


def _cut(names: tuple[str, ...], mean: Floats, sigma: Floats, *, ground: bool) -> Vector:
    kept = len(names)
    shares = mean[:, :kept]
    tail = np.empty((len(mean), TAIL))
    tail[:, : 1 + PASSES] = mean[:, kept + 2 :]
    tail[:, 1 + PASSES] = mean[:, kept + 1]
    small = shares.max(axis=0) < CUT
    if small.any():
        tail[:, 0] += shares[:, small].sum(axis=1)
        large = ~small
        shares = shares[:, large]
        sigma = np.concatenate((sigma[:kept][large], sigma[kept:]))
        names = tuple(name for name, keep in zip(names, large.tolist(), strict=True) if keep)
    if ground:
        passes = tail[:, 1 : 1 + PASSES]
        last = passes[:, -2] + passes[:, -1]
        passes[:, 1:] = passes[:, :-1].copy()
        passes[:, 0], passes[:, -1] = 0.0, last
        sigma[-2] = 0.0  # all of it is regrind, however it was weighed
    if len(tail) == 2 and (shares[0] == shares[1]).all() and (tail[0] == tail[1]).all():
        shares, tail = shares[:1], tail[:1]
    return Vector(names, np.ascontiguousarray(shares), tail, sigma)
