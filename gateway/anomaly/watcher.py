"""The tags that are read together, watched: a score for each and one for the device, and an alarm on a budget.

A score of 0.5 says: in control, one row in 100,000 is as strange; 0.375 one in 1,000, 0.17 one in 10 (`score`). It is
highest where something begins. A value that was not read leaves its tag alone and has no score.

>>> from gateway.anomaly import Watcher
>>> watcher, rows = Watcher(tags=1), [20.0, 20.5, 20.2, 19.9] * 100 + [35.0]
>>> state = watcher.start()
>>> for second, x in enumerate(rows):
...     state, seen = watcher.step(state, second * 10**9, None, [x])
>>> seen.device > 0.5, seen.check
(True, 'spike')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.anomaly import peers
from gateway.anomaly.again import Event, recall
from gateway.anomaly.tag import KINDS, SURE, TagState, Verdict, forecast, onset
from gateway.anomaly.tag import start as start_tag
from gateway.anomaly.tag import step as step_tag
from gateway.anomaly.tail import Tail, decades, rank

SAFE = 0.1  # tails are extrapolated: alarms are asked to be rarer by this much, in powers of ten
HALF = 5.0  # the surprise whose score is 0.5
ONE, ALL = (
    0.1,
    0.7,
)  # a device cries for one tag or for all together: log10 of 5 / 4 and of 5 share what may be false
MANY = (
    1.0,
    0.15,
)  # 95 % quantile and mean excess of the mean root distance of the tags, before it is known better
DAY = 86_400.0
NAN = float("nan")
_new = tuple.__new__  # named tuples by a third of their time: this is the hot path
LARGEST = 1e100


class WatcherState(NamedTuple):
    """What is remembered of the tags, each by itself and together."""

    tags: tuple[TagState, ...]
    peers: peers.PeersState
    many: Tail  # of the mean root distance of the tags
    events: tuple[Event, ...]
    told: float  # the last surprise that was told in full, fading
    rows: int
    last: float  # seconds of the running clock
    period: float  # mean seconds between rows


class Scores(NamedTuple):
    """What is to be said of one row."""

    tags: tuple[float, ...]  # nan where nothing was read
    device: float  # nan where nothing was read at all
    alarm: bool  # strange beyond the budget
    tag: int  # the strangest tag; -1 where nothing was read
    check: str  # what it was strange to: a check's name, or "peers"


@dataclass(frozen=True, slots=True)
class Watcher:
    """Of so many tags. `alarms_per_day`: false alarms that the device may give on an average day; None: no alarms."""

    tags: int
    alarms_per_day: float | None = None

    def __post_init__(self) -> None:
        if self.tags < 1:
            raise ValueError(f"there are no tags to watch: {self.tags}")
        if self.alarms_per_day is not None and not self.alarms_per_day > 0.0:
            raise ValueError(f"{self.alarms_per_day} alarms a day: give a number above 0")

    def start(self) -> WatcherState:
        """Nothing read yet."""
        return WatcherState(
            tuple(start_tag() for _ in range(self.tags)),
            peers.start(self.tags),
            Tail(1.0, *MANY),
            (),
            0.0,
            0,
            0.0,
            0.0,
        )

    def step(
        self,
        state: WatcherState,
        boottime_ns: int,
        time_ns: int | None,
        values: Sequence[float] | NDArray[np.float64],
        good: Sequence[bool] | NDArray[np.bool_] | None = None,
    ) -> tuple[WatcherState, Scores]:
        """One row. `boottime_ns` only grows; `time_ns` since 1970 UTC, None where nobody knows it.

        A value counts as read where `good` says so and it is a number whose square is one too (below `LARGEST`).
        """
        clock, time = boottime_ns * 1e-9, NAN if time_ns is None else time_ns * 1e-9
        # Floats of Python: numpy's are slow one by one.
        row: Sequence[float] = values.tolist() if isinstance(values, np.ndarray) else values
        read = [-LARGEST < x < LARGEST for x in row]
        if good is not None:
            read = [fits and bool(ok) for fits, ok in zip(read, good, strict=True)]
        if len(read) != self.tags:
            raise ValueError(f"{len(read)} values, where {self.tags} tags are watched")
        if not any(read):
            return state, Scores((NAN,) * self.tags, NAN, False, -1, "")
        period = state.period
        if state.rows:
            weight = 1.0 / (state.rows if state.rows < 1000 else 1000.0)
            since = clock - state.last
            period += weight * ((since if since < 6.0 * period or state.rows < 10 else 6.0 * period) - period)
        if self.tags == 1:
            habit, seen = forecast(state.tags[0], float(row[0]), clock, time)
            one, verdict = step_tag(state.tags[0], seen, habit)
            _, together, many, events, told, rows, _, _ = state
            after = _new(WatcherState, ((one,), together, many, events, told, rows + 1, clock, period))
            said = score(verdict.new)
            return after, Scores(
                (said,), said, self._beyond(verdict.new, verdict.surprise, period), 0, _name(verdict.check)
            )
        return self._several(state, clock, time, row, read, period)

    def _several(
        self,
        state: WatcherState,
        clock: float,
        time: float,
        values: Sequence[float],
        read: Sequence[bool],
        period: float,
    ) -> tuple[WatcherState, Scores]:
        tags = list(state.tags)
        looks = [
            forecast(tag, float(x), clock, time) if ok else None
            for tag, x, ok in zip(tags, values, read, strict=True)
        ]
        apart = [
            (look[1].x - look[1].level) / look[1].spread if look and look[1].spread > 0.0 else 0.0
            for look in looks
        ]
        together, strange = peers.step(state.peers, apart, read)
        said: list[Verdict | None] = [None] * self.tags
        most, where = -1.0, -1
        for place, look in enumerate(looks):
            if look is None:
                continue
            tags[place], verdict = step_tag(tags[place], look[1], look[0], strange[place])
            said[place] = verdict
            if verdict.surprise > most:
                most, where = verdict.surprise, place
        many, all_ = rank(state.many, float(np.sqrt(np.abs(together.away)).mean()))
        all_ *= state.rows / (state.rows + SURE)
        surprise = max(0.0, all_ - ALL, most - ONE - decades(float(self.tags)))
        events, surprise = recall(state.events, float(state.rows), surprise)
        told, fresh = onset(state.told, surprise)
        after = WatcherState(tuple(tags), together, many, events, told, state.rows + 1, clock, period)
        verdict_ = said[where]
        check = _name(verdict_.check) if verdict_ else ""
        scores = tuple(NAN if each is None else score(each.new) for each in said)
        return after, Scores(scores, score(fresh), self._beyond(fresh, surprise, period), where, check)

    def _beyond(self, fresh: float, surprise: float, period: float) -> bool:
        """Whether something begins here that comes less often than the budget allows."""
        if self.alarms_per_day is None or not period > 0.0 or fresh < surprise:
            return False
        return surprise > SAFE + decades(DAY / period / self.alarms_per_day)


def score(surprise: float) -> float:
    """A surprise as a number from 0 to 1; 5 is 0.5."""
    return surprise / (surprise + HALF)


def _name(check: int) -> str:
    return "peers" if check < 0 else KINDS[check]
