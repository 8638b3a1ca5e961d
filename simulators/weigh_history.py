"""Random weeks in the life of a weigh blender, as somebody sees them who asks now and then: every fault, in any order.

People clear totals that count two batches or more. A loss of power lasts longer than the shortest batch. Nobody changes
the unit twice unseen. A controller put in another's place is new, or its count is further off than batches fit into any
gap. Totals that come back older than they were (`WeighBlender.lose_power("restored")`) are not in it: nobody can tell
them from batches that were never made.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from simulators.plant.weigh_blender import CYCLES_AROUND, GRAMS, TENTHS, WeighBlender

FASTEST_S = 8.0
MOST_TENTHS = 25_000  # of one batch: 2.5 kg
COMPONENTS = 4
_FAR = 2_000  # batches: more than fit into any gap
_SHARES = (0.66, 0.3, 0.03, 0.01)


class Seen(NamedTuple):
    """One answer, and what was true then."""

    time_ns: int
    kind: int  # tenths of grams or grams
    cycles: int
    totals: tuple[int, ...]
    serial: int
    ledger: tuple[int, ...]  # tenths of grams
    faults: int  # so far


def history(seed: int, readings: int, *, bits: int = 32) -> Iterator[Seen]:
    """As many answers of one blender."""
    chance = random.Random(seed)
    blender = WeighBlender(COMPONENTS, kind=chance.choice((TENTHS, GRAMS)), bits=bits)
    _begin(blender, chance, bits)
    now, asked, faults = 0.0, 0.0, 0
    ends = chance.uniform(FASTEST_S, 15.0)
    trouble = chance.expovariate(1 / 90.0)
    dark, kind = 0.0, blender.kind  # without power until then; the unit last seen
    for _ in range(readings):
        asked = max(asked + _pause(chance), dark + 0.5)
        while min(ends, trouble) <= asked:
            now = min(ends, trouble)
            if ends <= trouble:
                blender.batch(_doses(chance))
                ends = (
                    now
                    + chance.uniform(FASTEST_S, 15.0)
                    + (chance.uniform(0, 600) if chance.random() < 0.02 else 0)
                )
            else:
                lasts = _trouble(blender, chance, bits, unit_seen=blender.kind == kind)
                faults += 1
                if lasts:
                    dark = now + lasts
                    ends = max(ends, dark + 1.0)
                    asked = max(asked, dark + 0.5)
                trouble = max(now, dark) + chance.expovariate(1 / 90.0)
        kind = blender.kind
        yield Seen(
            round(asked * 1e9), blender.kind, blender.cycles, tuple(blender.totals), blender.serial,
            tuple(blender.ledger), faults,
        )  # fmt: skip


def _begin(blender: WeighBlender, chance: random.Random, bits: int) -> None:
    """Somewhere in its life, often close to a wrap."""
    top = 2**bits
    totals = [
        chance.choice((0, chance.randrange(top), top - chance.randrange(1, 60_000) % top)) for _ in _SHARES
    ]
    blender.replace(totals, chance.choice((0, chance.randrange(65_536), 65_536 - chance.randrange(1, 20))), 1)


def _pause(chance: random.Random) -> float:
    """Mostly polled in time; sometimes readings are skipped, or the line is down."""
    draw = chance.random()
    if draw < 0.9:
        return chance.uniform(1.0, 5.0)
    return chance.uniform(5.0, 60.0) if draw < 0.98 else chance.uniform(60.0, 3600.0)


def _doses(chance: random.Random) -> list[int]:
    kg = chance.randrange(MOST_TENTHS // 2, MOST_TENTHS * 9 // 10)
    return [max(round(kg * share * chance.gauss(1.0, 0.01)), 0) for share in _SHARES]


def _trouble(blender: WeighBlender, chance: random.Random, bits: int, *, unit_seen: bool) -> float:
    """One fault; how long the blender is without power for it."""
    kind = chance.choice(("clear", "clear", "clear_now", "lost", "kept", "unit", "unit", "replaced"))
    if kind in {"clear", "clear_now"}:
        if kind == "clear" and blender.cycles >= 1:
            blender.clear()
        elif kind == "clear_now" and blender.cycles >= 2:
            blender.clear_now()
        return 0.0
    if kind == "unit":
        if unit_seen:
            blender.count_in(GRAMS if blender.kind == TENTHS else TENTHS)
        return 0.0
    if kind == "replaced":
        new = chance.random() < 0.5
        totals = [0 if new else chance.randrange(2**bits) for _ in _SHARES]
        named = blender.serial + chance.randrange(2)  # or the number is not told
        cycles = 0 if new else _elsewhere(blender.cycles, chance)
        blender.replace(totals, cycles, named)
    else:
        blender.lose_power(kind)
    return chance.uniform(FASTEST_S, 60.0)


def _elsewhere(cycles: int, chance: random.Random) -> int:
    """What another controller has counted: neither few batches, nor about as many."""
    found = chance.randrange(10_000, 60_000)
    while min((found - cycles) % CYCLES_AROUND, (cycles - found) % CYCLES_AROUND) < _FAR:
        found = chance.randrange(10_000, 60_000)
    return found
