"""The fold on a slow box: an input takes time, so that a snapshot is due after as many inputs as it would be there.

In a time that is a number a fold would cost nothing: no snapshot would ever be written, each start would fold all of
the past, and nobody would have tried to go on from a snapshot.
"""

from __future__ import annotations

from gateway.fold import Fold
from gateway.folding.foldstate import State, Step
from gateway.model import Input
from gateway.pipeline import Pipeline
from simulators.chaos.loop import VirtualLoop

FOLD_NS = 2_000_000
"""Of an input: twenty times what it takes on the machine of the budgets (0.1 ms), a very slow box.

A snapshot is due after a second of them, so that starts within a run of two hours go on from one.
"""


class SlowFold(Fold):
    """Implements `gateway.outside.Folding`."""

    def __init__(self, loop: VirtualLoop, pipeline: Pipeline, state: State | None = None) -> None:
        super().__init__(pipeline, state)
        self._loop = loop

    def take(self, given: Input) -> Step:
        self._loop.look(FOLD_NS)
        return super().take(given)
