"""When what a database accepted is on its disk: a barrier where it has one, else by age. No I/O but the writer's.

InfluxDB is durable at the 204: nothing of it is ever young. VictoriaMetrics: a snapshot writes out what is in memory.
Either way it must have run since, and its counters must not have moved: they are all it says about a bad line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.ingest.kinds import Kind
from gateway.ingest.victoria import COUNTED_S
from gateway.ingest.writer import State, Writer

EVERY_S = 4.0  # the oldest that is still young waits so long for a snapshot, while data flow
IDLE_S = 1.0  # and when all is written
APART_S = 2.0  # between two snapshots


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known now of what was accepted up to a moment."""

    upto_s: float
    fell: bool = False  # it was started anew: what was young is lost
    left_out: int = 0  # lines and samples that it left out of what it accepted


class Barriers:
    """One for a database; seconds are of a steady clock."""

    def __init__(self, kind: Kind) -> None:
        self._after_s, self._known = kind.durable_after_s, None if kind.durable_after_s else State()
        self._cut_s: float | None = None  # a snapshot was made then: to be confirmed
        self._last_s = -APART_S
        self._can = True
        self.counted_s = COUNTED_S if kind.counts else 0.0

    def begin(self, state: Callable[[], State]) -> None:
        """Before the first write: which run of the database it is, and what it had left out until now."""
        if self._known is None:
            self._known = state()

    def fell(self) -> None:
        """What was young is owed again; so a snapshot says nothing any more, and it may be another run."""
        self._cut_s = None
        if self._after_s:
            self._known = None

    def found(self, state: State) -> None:
        """What it left out until now is accounted for."""
        self._known = state

    def turn(self, now_s: float, oldest_s: float | None, writer: Writer, *, idle: bool) -> Verdict | None:
        """Go on with it; None while nothing new is known. `oldest_s`: the first accepted that is still young."""
        if oldest_s is None or not self._after_s:
            return None
        due_s = max(self._last_s + APART_S, oldest_s + (IDLE_S if idle else EVERY_S))
        if self._cut_s is None and self._can and now_s >= due_s:
            self._last_s = now_s
            self._can = writer.barrier()
            self._cut_s = now_s if self._can else None
        if self._cut_s is not None:
            if now_s < self._cut_s + self.counted_s:
                return None
            upto_s = self._cut_s
        elif not self._can and now_s >= oldest_s + self._after_s:
            upto_s = now_s - self._after_s
        else:
            return None
        return self._judge(upto_s, writer.state())

    def _judge(self, upto_s: float, state: State) -> Verdict:
        before, self._cut_s = self._known or State(), None
        if state.run != before.run:
            return Verdict(upto_s, fell=True)
        left_out = (state.invalid - before.invalid) + (state.ignored - before.ignored)
        return Verdict(upto_s, left_out=left_out)
