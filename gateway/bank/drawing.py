"""What a slot's chart looks like: the samples it remembers, with every line and rule, as they were drawn. Pure.

The chart is run again from the state before the first remembered sample, so that an EWMA or a CUSUM is the same to the
last bit as when it was judged. A slot in phase I has charted nothing yet, and remembers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gateway.bank.kit import Kit
from gateway.bank.memory import recall
from gateway.bank.slots import BankState, state_of
from gateway.bank.verdict import Limits
from gateway.spc.track import Floats, Track


@dataclass(frozen=True, slots=True)
class Drawn:
    """One slot's chart; oldest sample first."""

    key: str
    active: bool  # in force now
    times: NDArray[np.int64]  # [n], wire time of each sample
    samples: Floats  # [n, width]
    panels: tuple[Track, ...]  # each [n]; rules that nobody listens to are taken out
    limits: Limits
    learning: int  # samples that phase I has so far; 0 when it is over
    revision: str = ""  # of the control plan whose row it is


def drawn(kit: Kit, state: BankState, column: int) -> tuple[Drawn, ...]:
    """The charts of one characteristic, the one in force first."""
    slots = np.flatnonzero(state.column == column).tolist()
    active = int(state.active[column])
    slots.sort(key=lambda slot: slot != active)
    return tuple(_slot(kit, state, slot, active=slot == active) for slot in slots)


def _slot(kit: Kit, state: BankState, slot: int, *, active: bool) -> Drawn:
    known = recall(state.memory, slot)
    chart = kit.alone(state, slot)
    _, track = chart.run(state_of(chart.start(), known.before), kit.block(known.samples))
    heard = np.uint32(kit.heard[int(state.column[slot])])
    shaped = track.shaped((len(known.times),))
    panels = [replace(shaped, rules=shaped.rules & heard, second=None)]
    if shaped.second is not None:  # its bits lie above the first panel's, unless it has the same rules
        shift = np.uint32(0 if shaped.second.names == shaped.names else len(shaped.names))
        panels.append(replace(shaped.second, rules=shaped.second.rules & (heard >> shift)))
    limits = {name: array[slot : slot + 1] for name, array in state.limits.items()}
    learning = int(state.collected[slot]) if kit.unknown(limits, 1)[0] else 0
    return Drawn(
        state.key[slot],
        active,
        known.times,
        known.samples,
        tuple(panels),
        kit.limits_of(state, slot),
        learning,
        kit.row(int(state.column[slot])).line.revision,
    )
