"""A ``made`` payload from anybody: whether its numbers hang together, so that tables and traces can rely on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from gateway.model import Composition, LotMade
from gateway.wire.checks import NotOurs, conforms, text

PASS_BINS = 9
"""0, 1, ... 7 times through a screw, and 8 or more."""


def hangs_together(made: LotMade) -> None:
    """Raise NotOurs for a lot without a name or mass, rows of unequal length, or numbers that are none."""
    if not made.lot or made.version < 1:
        raise NotOurs("made has no lot, or a version below 1")
    _numbers("made.kg", (made.kg, made.sigma_kg))
    for edge in made.inputs:
        conforms(edge, "made.inputs")
        text(edge.lot, "made.inputs.lot")
        _numbers("made.inputs.kg", (edge.kg, edge.sigma_kg))
        if edge.mixing not in {"", "fifo", "mixed"}:
            raise NotOurs('made.inputs.mixing is none of "", "fifo", "mixed"')
    _composition(made.composition)


def _composition(made: Composition) -> None:
    rows, width = len(made.shares), len(made.sources)
    if rows not in {1, 2} or len(set(made.sources)) != width:
        raise NotOurs("made.composition has neither one row nor two, or a source twice")
    for source in made.sources:
        text(source, "made.composition.sources")
    _each("shares", made.shares, width)
    _each("passes", made.passes, PASS_BINS)
    if not len(made.sigma) == width or not len(made.rest) == len(made.passes) == rows:
        raise NotOurs("made.composition.sigma, rest or passes has another length than its shares")
    if len(made.recycled) not in {1, rows}:
        raise NotOurs("made.composition.recycled has another length than its shares")
    one_each = (made.sigma, made.rest, made.recycled, (made.regrind_sigma, made.recycled_sigma))
    _numbers("made.composition", [number for numbers in one_each for number in numbers])


def _each(what: str, rows: Iterable[tuple[float, ...]], width: int) -> None:
    for row in rows:
        if len(row) != width:
            raise NotOurs(f"made.composition.{what} has a row that is not of {width}")
        _numbers(f"made.composition.{what}", row)


def _numbers(what: str, numbers: Sequence[float]) -> None:
    for number in numbers:
        if not (math.isfinite(number) and number >= 0):
            raise NotOurs(f"{what} is not a number from 0 on")
