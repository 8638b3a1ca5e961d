"""When a write has really reached a database's disk: points of known age, SIGKILL, and a look at what is left.

A point a step is written, each after the one before was taken; then the database is killed and started again. A point
that is gone was not durable at its age then; the oldest that is gone says how long a write takes. One kill meets one
moment of whatever the database does now and then, so several say more. Where there is a barrier (a snapshot), a point
is written before one more kill, and the barrier awaited.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.ingest.kinds import Kind
from gateway.ingest.probe import Answer
from gateway.ingest.probestore import ProbeStore
from gateway.ingest.writer import WriteFailed
from gateway.ports import Clock

STEP_S = 0.25
PATIENCE_S = 120.0  # for it to answer again
_SECOND_NS = 1_000_000_000


class Victim(Protocol):
    """A database that may be killed: the user has said so."""

    again: bool  # whether it can be killed more than once

    def kill(self) -> None:
        """SIGKILL, and start it again where that is ours to do. Raises WriteFailed where it cannot be."""


@dataclass
class Survival:
    """What became of points that were accepted."""

    kills: int = 0
    written: int = 0
    lost: int = 0
    lost_s: float = 0.0  # the oldest point that was lost was accepted so long before the kill
    oldest_s: float = 0.0  # the oldest point of all
    barrier: bool | None = (
        None  # whether what was written before a barrier was there; None: there is none, or not asked
    )
    left: str = ""  # why something is left behind
    rounds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def beyond(self) -> bool:
        """Even the oldest points were lost: it takes longer than was tried."""
        return bool(self.lost) and self.lost_s >= self.oldest_s - STEP_S

    def words(self) -> str:
        """What was found, in words."""
        if not self.lost:
            return f"at the 204: none of {self.written} points lost in {self.kills} kills"
        found = f"{'over ' if self.beyond else ''}{self.lost_s:.1f} s after the 204"
        barred = {True: "; at once by a snapshot", False: "; A SNAPSHOT DOES NOT HELP", None: ""}[
            self.barrier
        ]
        return f"{found}{barred}: {self.lost} of {self.written} points lost in {self.kills} kills"

    def answer(self, kind: Kind) -> Answer:
        """As a row of the probe's table: whether a write is durable when the watermark counts on it."""
        good = self.lost_s <= kind.durable_after_s and not self.beyond and self.barrier is not False
        return Answer("killed", "when does a write survive SIGKILL?", self.words(), kind.durability, good)


def survive(  # each a port, or a number of what is to be done
    open_store: Callable[[], ProbeStore],
    victim: Victim,
    name: str,
    clock: Clock,
    pause: Callable[[float], object],
    *,
    kills: int,
    span_s: float,
    snapshots: bool,
) -> Survival:
    """Kill it so often, each time after `span_s` of writing. Raises WriteFailed where it cannot be asked any more."""
    found = Survival()
    t0 = (clock.now().time_ns // _SECOND_NS - 3_600) * _SECOND_NS
    for turn in range(kills if victim.again else 1):
        _staircase(found, open_store, victim, f"{name}_{turn}", t0, clock, pause, span_s)
    if snapshots and victim.again:
        _barrier(found, open_store, victim, f"{name}_barrier", t0, pause)
    with contextlib.closing(open_store()) as store:
        for written in [*(f"{name}_{turn}" for turn in range(found.kills)), f"{name}_barrier"]:
            try:
                store.forget(written, t0 - _SECOND_NS, t0 + 3_600 * _SECOND_NS)
            except WriteFailed as error:
                found.left = f"measurement {written}: {error}"
    return found


def _staircase(
    found: Survival,
    open_store: Callable[[], ProbeStore],
    victim: Victim,
    name: str,
    t0: int,
    clock: Clock,
    pause: Callable[[float], object],
    span_s: float,
) -> None:
    taken_ns: list[int] = []
    with contextlib.closing(open_store()) as store:
        began_ns = clock.boottime_ns()
        while clock.boottime_ns() < began_ns + span_s * _SECOND_NS:
            store.write([_line(name, len(taken_ns), t0)])
            taken_ns.append(clock.boottime_ns())
            pause(STEP_S)
        killed_ns = clock.boottime_ns()
        victim.kill()
    there = _there(open_store, name, t0, pause)
    lost = [(killed_ns - at) / _SECOND_NS for nth, at in enumerate(taken_ns) if nth not in there]
    found.kills += 1
    found.written += len(taken_ns)
    found.lost += len(lost)
    found.lost_s = max([found.lost_s, *lost])
    found.oldest_s = max(found.oldest_s, (killed_ns - taken_ns[0]) / _SECOND_NS)
    found.rounds.append(
        {"written": len(taken_ns), "lost": len(lost), "lost_s": round(max(lost, default=0.0), 3)}
    )


def _barrier(
    found: Survival,
    open_store: Callable[[], ProbeStore],
    victim: Victim,
    name: str,
    t0: int,
    pause: Callable[[float], object],
) -> None:
    with contextlib.closing(open_store()) as store:
        store.write([_line(name, 0, t0)])
        if not store.writer.barrier():
            return
        victim.kill()
    found.barrier = 0 in _there(open_store, name, t0, pause)


def _line(name: str, nth: int, t0: int) -> str:
    return f"{name},lot=probe step={nth} {t0 + nth * _SECOND_NS}"


def _there(
    open_store: Callable[[], ProbeStore], name: str, t0: int, pause: Callable[[float], object]
) -> set[int]:
    """The points that it has, when it answers again. Raises WriteFailed where it does not."""
    waited = 0.0
    while True:
        try:
            with contextlib.closing(open_store()) as store:
                rows = store.rows(name, t0 - _SECOND_NS, t0 + 3_600 * _SECOND_NS)
                return {(time - t0) // _SECOND_NS for _, _, time, _ in rows}
        except WriteFailed as error:
            waited += STEP_S
            if waited > PATIENCE_S:
                raise WriteFailed(f"it does not answer {PATIENCE_S:g} s after the kill: {error}") from error
        pause(STEP_S)
