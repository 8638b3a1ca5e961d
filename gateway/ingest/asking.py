"""What a worker lacks: seen, kept as rows, asked for, and asked for again while nothing comes of it.

Rule 1: a hole is one when it stood still for `PATIENCE_NS` while the broker had nothing more for us: what is only on
its way, or out of order, is not asked for.  Rule 2: it is asked for again only when nothing of it came meanwhile.
Rule 3: a hole stays open, whatever the gateway answers, until it is filled or a person gives it up.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from gateway.journal.holes import Hole
from gateway.journal.intervals import Interval, IntervalSet
from gateway.journal.replica import Replica
from gateway.model import EVENT_STREAM, INPUT_STREAM
from gateway.ports import Watermark
from gateway.wire import Gone
from gateway.wire.asks import RUNS_MOST, Runs

EVERY_NS = 1_000_000_000  # how often it is to be looked
PATIENCE_NS = 5_000_000_000
BUSY_PATIENCE_NS = 60_000_000_000  # while the broker always has more for us
AGAIN_NS = 30_000_000_000  # after that for what nothing came of, then twice as long, up to ...
GONE_AGAIN_NS = 600_000_000_000  # ... this; and for what the gateway has said not to have
HOLES_MOST = 1_000  # open rows of one replica; more are seen when these are closed

log = logging.getLogger(__name__)


class Asking:
    """Of one replica. Times are boottime, but for those in rows."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._young: dict[
            tuple[str, int], tuple[int, int]
        ] = {}  # first -> (last, since when it stands still)
        self._asked: dict[int, tuple[int, int]] = {}  # hole -> (when, how much of it was missing)

    def turn(self, upto: Watermark, now_ns: int, wall_ns: int, *, quiet: bool) -> Runs | None:
        """What to ask for now; None: nothing. `quiet`: the broker has nothing waiting. Raises JournalError."""
        held = self._replica.watermark()
        whole = held.input >= upto.input and held.event >= upto.event
        open_ = self._replica.holes.open()
        if whole and not open_:
            self._young.clear()
            return None
        found = self._ripe(upto, open_, now_ns, PATIENCE_NS if quiet else BUSY_PATIENCE_NS)
        self._replica.holes.see(found, wall_ns)
        for stream, first, last in found:
            log.warning("%s: %s %s is missing", self._name(), stream, span(first, last))
        return self._runs(now_ns, wall_ns)

    def _ripe(
        self, upto: Watermark, open_: Sequence[Hole], now_ns: int, patience_ns: int
    ) -> list[tuple[str, int, int]]:
        """Holes that are no rows yet and stood still for long enough."""
        missing, found, young = self._replica.missing(upto), list[tuple[str, int, int]](), {}
        for stream in (EVENT_STREAM, INPUT_STREAM):
            rows = IntervalSet.of((hole.first, hole.last) for hole in open_ if hole.stream == stream)
            for first, last in _outside(missing[stream], rows, HOLES_MOST):
                before = self._young.get((stream, first))
                # One that grew at its end is as old as its beginning; what came since is another one.
                end, since_ns = before if before is not None and before[0] <= last else (last, now_ns)
                if now_ns - since_ns < patience_ns:
                    young[stream, first] = end, since_ns
                elif len(open_) + len(found) < HOLES_MOST:
                    found.append((stream, first, end))
        self._young = young
        return found

    def _runs(self, now_ns: int, wall_ns: int) -> Runs | None:
        runs: dict[str, list[Interval]] = {INPUT_STREAM: [], EVENT_STREAM: []}
        due: list[Hole] = []
        asked: dict[int, tuple[int, int]] = {}
        for hole in self._replica.holes.open():
            missing = self._replica.holes.missing(hole)
            size = sum(last - first + 1 for first, last in missing)
            when, before = self._asked.get(hole.id, (-GONE_AGAIN_NS, size))
            room = RUNS_MOST - len(runs[hole.stream])
            if size < before:  # something of it came: wait for the rest
                when = now_ns
            elif now_ns - when >= _pause_ns(hole) and room >= min(len(missing), RUNS_MOST):
                runs[hole.stream] += missing[:room]
                when = now_ns
                due.append(hole)
            asked[hole.id] = when, size
        self._asked = asked
        if not due:
            return None
        self._replica.holes.asked(due, wall_ns)
        return runs

    def gone(self, said: Gone, wall_ns: int) -> None:
        """The gateway does not have some of it any more. Raises JournalError."""
        for stream, runs in said.runs.items():
            for first, last in runs:
                for hole in self._replica.holes.gone(stream, first, last, said.why, wall_ns):
                    words = "%s: %s of %s %s is not in the gateway's journal any more (%s): see `lotwatch gap list`"
                    log.error(
                        words, self._name(), span(first, last), stream, span(hole.first, hole.last), said.why
                    )

    def _name(self) -> str:
        who = self._replica.identity
        return f"site {who.site}, gateway {who.gateway}"


def span(first: int, last: int) -> str:
    """Numbers as people write them.

    >>> span(7, 7), span(7, 9)
    ('7', '7..9')
    """
    return f"{first}" if first == last else f"{first}..{last}"


def _pause_ns(hole: Hole) -> int:
    """Before it is asked for again."""
    return GONE_AGAIN_NS if hole.gone else min(AGAIN_NS << min(max(hole.asked - 1, 0), 8), GONE_AGAIN_NS)


def _outside(runs: Sequence[Interval], rows: IntervalSet, most: int) -> list[Interval]:
    out: list[Interval] = []
    for first, last in runs:
        if len(out) >= most:
            break
        out += rows.missing(first, last)
    return out[:most]
