"""All checks of one tag, and one surprise of them all: that of the most surprised check, ranked against its own past.

A surprise s says: in control, one reading in 10**s is as strange. What goes on is not new: while the peak of the last
surprise is remembered (it fades over `HOLD` readings), only what is stranger counts in full, and the rest by `KEPT`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from gateway.anomaly.again import Event, recall
from gateway.anomaly.check import Seen
from gateway.anomaly.checks import check_kinds, load_check
from gateway.anomaly.habit import Habit, see
from gateway.anomaly.tail import Tail, rank

KINDS = check_kinds()
CHECKS = tuple(load_check(kind)() for kind in KINDS)
if TYPE_CHECKING:
    States = tuple[Any, ...]
else:  # with the types of its parts, so that a stored state finds them again
    States = NamedTuple(
        "States", [(kind, get_type_hints(load_check(kind).start)["return"]) for kind in KINDS]
    )
_STEPS = tuple((check.step, check.WORTH) for check in CHECKS)
ALL = (2.3, 0.5)  # 95 % quantile and mean excess of the largest surprise, before it is known better
WARM = 30  # readings that teach habits only
SURE = 60.0  # readings at which half of a surprise is believed
HOLD = 600.0
KEPT = 0.5
MOST = 1e6  # a statistic is no larger: the first stir of what never moved


class TagState(NamedTuple):
    """What is remembered of one tag."""

    habit: Habit
    checks: States
    tails: tuple[Tail, ...]
    whole: Tail
    events: tuple[Event, ...]
    peak: float


class Verdict(NamedTuple):
    """What is to be said of one good reading."""

    surprise: float  # -log10 of how often a reading is as strange
    new: float  # the same, less where it only goes on
    check: (
        int  # the check that is the most surprised: an index into KINDS, or -1 for the other tags' forecast
    )


def start() -> TagState:
    """Nothing read yet."""
    return TagState(
        Habit(),
        _states([check.start() for check in CHECKS]),
        tuple(Tail(1.0, *check.USUAL) for check in CHECKS),
        Tail(1.0, *ALL),
        (),
        0.0,
    )


def step(state: TagState, seen: Seen, habit: Habit, peers: float = 0.0) -> tuple[TagState, Verdict]:
    """One good reading as `see` saw it, and how surprised the check of several tags is by it."""
    checks: list[Any] = []
    if seen.past < WARM:
        for (look, _), old in zip(_STEPS, state.checks, strict=True):
            checks.append(look(old, seen)[0])
        return state._replace(habit=habit, checks=_states(checks)), Verdict(0.0, 0.0, 0)
    tails: list[Tail] = []
    most, which = peers, -1
    for index, ((look, worth), old, tail) in enumerate(zip(_STEPS, state.checks, state.tails, strict=True)):
        new, value = look(old, seen)
        checks.append(new)
        if value < 0.0:
            tails.append(tail)
            continue
        ranked, surprise = rank(tail, min(MOST, value))
        tails.append(ranked)
        surprise *= worth
        if surprise > most:
            most, which = surprise, index
    whole, surprise = rank(state.whole, most)
    surprise *= seen.past / (seen.past + SURE)
    events, surprise = recall(state.events, float(seen.past), surprise)
    peak, fresh = onset(state.peak, surprise)
    parts = (habit, _states(checks), tuple(tails), whole, events, peak)
    return tuple.__new__(TagState, parts), Verdict(surprise, fresh, which)


def _states(parts: list[Any]) -> States:
    return tuple.__new__(States, parts)


def onset(peak: float, surprise: float) -> tuple[float, float]:
    """The peak as it is remembered after a surprise, and what of the surprise counts."""
    fresh = surprise if surprise > peak else KEPT * surprise
    peak -= peak / HOLD
    return max(peak, surprise), fresh


def forecast(state: TagState, x: float, clock: float, time: float) -> tuple[Habit, Seen]:
    """The reading beside the tag's habit: what `step` wants."""
    return see(state.habit, x, clock, time)
