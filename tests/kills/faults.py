"""What goes wrong and when, drawn from a seed: the same seed, the same faults; processes are never twice the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

VICTIMS = ("gateway", "broker", "worker", "database")
LINKS = ("gateway-broker", "worker-broker", "worker-database")
MEAN_WAIT_S = 0.5
MEAN_DOWN_S = 0.15
CUTS_PER_KILL = 0.2
WORKING = 0.15  # of the kills wait until something has arrived


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: "kill" a victim, "cut" or "freeze" a link, "fill" the disk.

    Victims as ``worker+broker`` are killed one after another and started again the other way round; a victim of "fill"
    is killed and started while the disk is full.
    """

    kind: str
    on: str
    after_s: float  # since the fault before
    lasts_s: float  # until it is started again, mended, or made room on
    working: bool = False  # not before records have arrived since the fault before


def drawn(
    kills: int, seed: int, victims: Sequence[str] = VICTIMS, *, links: bool = True, disk: bool = True
) -> list[Fault]:
    """So many kills with cuts of links between them, and the disk full once."""
    chance = random.Random(seed)
    faults = [_kill(chance, victims) for _ in range(kills)]
    others = [_cut(chance) for _ in range(round(kills * CUTS_PER_KILL) if links else 0)]
    if disk:
        others.append(Fault("fill", "disk", chance.expovariate(1 / MEAN_WAIT_S), chance.uniform(0.5, 2.0)))
    for other in others:
        faults.insert(chance.randrange(len(faults) + 1), other)
    return faults


def _kill(chance: random.Random, victims: Sequence[str]) -> Fault:
    return Fault(
        "kill",
        chance.choice(victims),
        chance.expovariate(1 / MEAN_WAIT_S),
        min(chance.expovariate(1 / MEAN_DOWN_S), 2.0),
        working=chance.random() < WORKING,
    )


def _cut(chance: random.Random) -> Fault:
    kind, link = chance.choice(("cut", "freeze")), chance.choice(LINKS)
    return Fault(kind, link, chance.expovariate(1 / MEAN_WAIT_S), chance.uniform(0.1, 1.5))
