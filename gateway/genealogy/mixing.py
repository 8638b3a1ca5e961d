"""`blend.mix` for the lots of one level at once, on the vectors of an arena. Its formulas, laid out for numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.genealogy.arena import Arena
from gateway.genealogy.levels import changes, lengths, ranges
from gateway.genealogy.vector import CUT

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def mixed(
    arena: Arena, lots: Ints, ground: Bools, whole: Ints, slot: Ints, weight: Floats, spread: Floats
) -> Ints:
    """The slots of new lots. Edges sorted by lot: `whole` its place among `lots`, `slot` the vector that goes in.

    `weight` [rows, edges] sum to 1 for each lot, `spread` [rows, edges] is their variance.
    """
    whole, slot, weight, spread = _merged(whole, slot, weight, spread)
    first = np.flatnonzero(changes(whole))
    parts = lengths(first, len(whole))
    made = slot[first]
    several = (parts > 1) | ground  # the others are what went in, and share its vector
    if not several.all():
        chosen = several[whole]
        if not chosen.any():
            return made
        number = np.cumsum(several) - 1
        whole, slot, weight, spread = (
            number[whole[chosen]],
            slot[chosen],
            weight[:, chosen],
            spread[:, chosen],
        )
        parts = parts[several]
    made[several] = _new(arena, lots[several], ground[several], (whole, slot, weight, spread), parts)
    return made


def _merged(whole: Ints, slot: Ints, weight: Floats, spread: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Parts of the same vector are one part: their errors of weighing add up, their composition has but one."""
    key = (whole << 32) | slot
    order = np.argsort(key, kind="stable")
    key = key[order]
    new = np.flatnonzero(changes(key))
    if len(new) == len(key):
        return whole, slot[order], weight[:, order], spread[:, order]
    weight, spread = (np.add.reduceat(part[:, order], new, axis=1) for part in (weight, spread))
    return key[new] >> 32, key[new] & 0xFFFFFFFF, weight, spread


def _new(
    arena: Arena, lots: Ints, ground: Bools, edges: tuple[Ints, Ints, Floats, Floats], parts: Ints
) -> Ints:
    whole, slot, weight, spread = edges
    count = arena.count[slot]
    entry = ranges(arena.start[slot], count)
    edge = np.repeat(np.arange(len(slot)), count)
    key = (whole[edge] << 32) | arena.source[entry]
    order = np.argsort(key, kind="stable")
    key, entry, edge = key[order], entry[order], edge[order]
    new = changes(key)
    first = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    owner, source = key[first] >> 32, key[first] & 0xFFFFFFFF
    begin = np.flatnonzero(changes(whole))
    present = lengths(first, len(key))
    missing = present < parts[owner]
    shares, variance = np.empty((len(weight), len(first))), np.zeros(len(first))
    before = np.sqrt(arena.variance[entry])
    for row in range(len(weight)):
        part, own, error = arena.share[row][entry], weight[row][edge], spread[row][edge]
        mean = np.add.reduceat(part * own, first, out=shares[row])
        part -= mean[group]
        part *= part
        part *= error
        own *= before
        total = np.add.reduceat(part, first)
        total += np.add.reduceat(own, first) ** 2
        if missing.any():  # parts that have none of it: share 0
            absent = np.add.reduceat(spread[row], begin)[owner] - np.add.reduceat(error, first)
            total += np.where(missing, np.maximum(absent, 0.0), 0.0) * mean * mean
        np.maximum(variance, total, out=variance)
    tail, tail_variance = _tails(arena, slot, weight, spread, begin, whole)
    large = (shares.max(axis=0) >= CUT) | (variance >= CUT * CUT)
    if not large.all():
        for row in range(len(weight)):
            tail[:, row, 1] += np.bincount(owner[~large], shares[row][~large], len(lots))
        owner, source, shares, variance = owner[large], source[large], shares[:, large], variance[large]
    if ground.any():
        tail[ground] = _once_more(tail[ground])
        tail_variance[ground, 0] = 0.0
    return arena.add(
        lots, np.bincount(owner, minlength=len(lots)), source, shares, variance, tail, tail_variance
    )


def _tails(
    arena: Arena, slot: Ints, weight: Floats, spread: Floats, begin: Ints, whole: Ints
) -> tuple[Floats, Floats]:
    """[lots, rows, 11] tails and [lots, 2] variances of regrind share and recycled content."""
    part = arena.tail[slot]
    tail = np.add.reduceat(part * weight.T[:, :, None], begin, axis=0)
    two, mean = (np.stack((x[:, :, 3:].sum(axis=2), x[:, :, 0]), axis=2) for x in (part, tail))
    far = two - mean[whole]
    own = np.add.reduceat(far * far * spread.T[:, :, None], begin, axis=0)
    brought = np.sqrt(arena.tail_variance[slot])[:, None] * weight.T[:, :, None]
    return tail, (own + np.add.reduceat(brought, begin, axis=0) ** 2).max(axis=1)


def _once_more(tail: Floats) -> Floats:
    ground = tail.copy()
    ground[:, :, 2] = 0.0
    ground[:, :, 3:] = tail[:, :, 2:-1]
    ground[:, :, -1] += tail[:, :, -1]
    return ground
