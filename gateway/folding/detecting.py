"""One poll group watched for what is unusual, without limits, and the alarms of it. Pure.

Rule 1: a row at most every `every`, of good values only; what was not read leaves its tag as it was.  Rule 2: what
nobody saw is not judged: a stop of the daemon, and a machine in a state in which it is not watched, are no gaps, and
the first `SETTLE` rows after them only teach.  Rule 3: one step judges at most `MOST` tags, for each costs some 80 us:
a larger group is split into parts that take turns, each judged by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gateway.alarms import Cause, Damping, raised, returned
from gateway.anomaly import Scores, Watcher, WatcherState
from gateway.charting import Shared
from gateway.lots import lots_at
from gateway.model import Event, GroupId, Instant, Noted, Plain, Severity
from gateway.plain import digest, to_plain
from gateway.sentences import Unusual, sentences
from gateway.site import Anomaly, Group, Point, Site

MOST = 12  # tags in one step
SETTLE = 10  # rows
CALM = 0.375  # a score below it is nothing new: one row in 1,000 has it by chance
EARLY = 0.1  # of `every`: polls come a little early or late
NEVER = 2**63 - 1
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class PartState:
    """What is remembered of the tags that are judged together."""

    watcher: WatcherState
    due_ns: int = -1  # boottime of its next row; -1: nobody saw what was before
    at_ns: int = 0  # boottime of its newest row
    clock_ns: int = 0  # ... by its own clock, which leaves out what nobody saw
    settle: int = SETTLE  # rows that still only teach
    scores: tuple[float, ...] = ()  # newest, by tag; nan where it was not read
    device: float = NAN  # ... of all together


@dataclass(frozen=True, slots=True)
class DetectingState:
    """What watching remembers of one poll group."""

    about: str  # digest of the tags
    from_ns: int  # boottime from which it is watched; NEVER: in another state of the machine
    parts: tuple[PartState, ...]


class Detecting:
    """Watchers and causes, compiled for one poll group of a device that opted in."""

    def __init__(
        self, device: str, wanted: Anomaly, points: Mapping[int, Point], period_ns: int, parts: int
    ) -> None:
        """`points` that are watched, by place in the group; `parts` of the whole device, that share its budget."""
        self._wanted, self._device = wanted, device
        self._usual_ns = max(wanted.every_ns, period_ns)
        self._places = tuple(np.array(part, dtype=np.intp) for part in split(tuple(points)))
        self._points = tuple(tuple(points[i] for i in part) for part in split(tuple(points)))
        self._watchers = tuple(Watcher(len(part), wanted.alarms_per_day / parts) for part in self._places)
        damping = Damping(off_delay_ns=wanted.off_delay_ns)
        self._causes = tuple(
            tuple(Cause("anomaly", point.tag, Severity.WARNING, point.tag, damping=damping) for point in part)
            for part in self._points
        )
        self.about = digest([to_plain(point) for part in self._points for point in part])
        self.asked = wanted, device, parts, self.about

    def start(self) -> DetectingState:
        """Nothing read yet."""
        from_ns = NEVER if self._wanted.when.tag else 0
        return DetectingState(
            self.about, from_ns, tuple(PartState(watcher.start()) for watcher in self._watchers)
        )

    def restart(self, state: DetectingState) -> DetectingState:
        """A run begins: boottime may have begun anew, and what the machine does is not known."""
        new = _unseen(state)
        return replace(new, from_ns=NEVER if self._wanted.when.tag else 0)

    def adopt(self, old: DetectingState | None) -> DetectingState:
        """Out of a state for other rows: what was learnt of the same tags goes on."""
        if old is None or old.about != self.about:
            return self.start()
        return self.restart(old)

    def can_return(self) -> set[str]:
        """Names of the causes that can still be found gone."""
        return {cause.name for part in self._causes for cause in part}

    def run(
        self,
        state: DetectingState,
        shared: Shared,
        at: Instant,
        good: NDArray[np.float64],
        events: list[Event],
    ) -> tuple[DetectingState, Shared]:
        """Fold the good values (else nan) of one reading; what it tells is added to `events`."""
        if self._wanted.when.tag:
            state = self._look(state, shared.watch.keys, at.boottime_ns)
            if at.boottime_ns < state.from_ns:
                return state, shared
        which = min(range(len(state.parts)), key=lambda i: state.parts[i].due_ns)
        part = state.parts[which]
        if 0 <= at.boottime_ns < part.due_ns - EARLY * self._wanted.every_ns:
            return state, shared
        part, seen = self._judged(self._watchers[which], part, at, good[self._places[which]])
        parts = (*state.parts[:which], part, *state.parts[which + 1 :])
        if seen is not None:
            if seen.alarm and not part.settle:
                shared = self._tell(which, seen, shared, at, good, events)
            if shared.alarms.open:
                shared = self._stands(which, seen, shared, at, events)
        return DetectingState(state.about, state.from_ns, parts), shared

    def _look(self, state: DetectingState, known: Mapping[str, str], now_ns: int) -> DetectingState:
        """At the machine's state."""
        when = self._wanted.when
        runs = known.get(when.tag) in when.values
        if runs and state.from_ns == NEVER:
            return replace(state, from_ns=now_ns + when.warm_up_ns)
        if not runs and state.from_ns != NEVER:
            return replace(_unseen(state), from_ns=NEVER)
        return state

    def _judged(
        self, watcher: Watcher, part: PartState, at: Instant, values: NDArray[np.float64]
    ) -> tuple[PartState, Scores | None]:
        """One row of a part; None where nothing of it was read."""
        if np.isnan(values).all():
            return replace(part, scores=(NAN,) * watcher.tags, device=NAN), None
        now, every = at.boottime_ns, self._wanted.every_ns
        if part.due_ns < 0:  # as if the row before had been the usual time ago
            usual_ns = round(part.watcher.period * 1e9) or self._usual_ns
            clock_ns, due_ns = part.clock_ns + usual_ns, now + every
        else:
            clock_ns = part.clock_ns + now - part.at_ns
            due_ns = (part.due_ns if now < part.due_ns + every else now) + every  # on its grid, if it can be
        state, seen = watcher.step(part.watcher, clock_ns, at.time_ns, values)
        settle = max(part.settle - 1, 0)
        return PartState(state, due_ns, now, clock_ns, settle, seen.tags, seen.device), seen

    def _tell(
        self,
        which: int,
        seen: Scores,
        shared: Shared,
        at: Instant,
        good: NDArray[np.float64],
        events: list[Event],
    ) -> Shared:
        cause, point = self._causes[which][seen.tag], self._points[which][seen.tag]
        old = shared.alarms.get(cause.name)
        if old is not None and old.on:
            return shared  # told already
        value = float(good[self._places[which][seen.tag]])
        lots = lots_at(shared.lots, cause.cell, at.time_ns)
        facts: dict[str, Plain] = {
            "device": self._device, "check": seen.check, "score": seen.device, "tag_score": seen.tags[seen.tag],
            "value": value, "uom": point.uom,
        }  # fmt: skip
        events.append(Noted(at.time_ns, "anomaly", point.tag, Severity.WARNING, facts))
        said = Unusual(
            at.time_ns, point.tag, seen.check, value, seen.device, self._device, self._wanted.alarms_per_day, point.uom,
            lots,
        )  # fmt: skip
        alarms, told = raised(shared.alarms, cause, at, lots, {**facts, **sentences(said)})
        events += told
        return replace(shared, alarms=alarms)

    def _stands(self, which: int, seen: Scores, shared: Shared, at: Instant, events: list[Event]) -> Shared:
        """Alarms that stand already: whether their tags are still strange."""
        alarms = shared.alarms
        for cause, score in zip(self._causes[which], seen.tags, strict=True):
            old = alarms.get(cause.name)
            if old is None or not old.on or score != score:  # noqa: PLR0124 # nan: not read
                continue
            if score < CALM:
                alarms, told = returned(alarms, cause.name, at)
            else:
                alarms, told = raised(alarms, cause, at, lots_at(shared.lots, cause.cell, at.time_ns))
            events += told
        return shared if alarms is shared.alarms else replace(shared, alarms=alarms)


def detectings(site: Site, no_amount: AbstractSet[str]) -> dict[GroupId, Detecting]:
    """By group, where the device opted in and has a number; `no_amount`: tags of counters, keys and states."""
    found: dict[GroupId, Detecting] = {}
    for device in site.devices:
        wanted = device.anomaly
        if wanted is None:
            continue
        watched = {group.id: _watched(group, wanted.points, no_amount) for group in device.groups}
        parts = sum(len(split(tuple(points))) for points in watched.values())
        found |= {
            group.id: Detecting(device.name, wanted, watched[group.id], group.period_ns, parts)
            for group in device.groups
            if watched[group.id]
        }
    return found


def states(site: Site) -> set[str]:
    """Tags of machine states in which devices are watched."""
    return {each.anomaly.when.tag for each in site.devices if each.anomaly and each.anomaly.when.tag}


def _watched(group: Group, names: tuple[str, ...], no_amount: AbstractSet[str]) -> dict[int, Point]:
    """Points by place: those that are named, or every amount."""
    return {
        i: point
        for i, point in enumerate(group.points)
        if point.is_number and (point.name in names if names else point.tag not in no_amount)
    }


def split(places: tuple[int, ...]) -> list[tuple[int, ...]]:
    """In parts of about one size, none above `MOST`.

    >>> [len(part) for part in split(tuple(range(20)))], split(())
    ([10, 10], [])
    """
    count = -(-len(places) // MOST)
    ends = [len(places) * i // count for i in range(count + 1)] if count else []
    return [places[a:b] for a, b in pairwise(ends)]


def _unseen(state: DetectingState) -> DetectingState:
    """Nobody saw what came after the newest row."""
    return replace(state, parts=tuple(replace(part, due_ns=-1, settle=SETTLE) for part in state.parts))
