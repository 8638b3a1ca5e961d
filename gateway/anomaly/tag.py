"""All checks of one tag, and one surprise of them all: what they say together, ranked against its own past.

A surprise s says: in control, one reading in 10**s is as strange. Together is the root of the sum of squares, of what a
check says beyond `ENOUGH` by `LESS`: most faults show in several checks, but a late reading in none but one.
What goes on is not new: while the last surprise that was told is remembered (it fades
over `HOLD` readings), only what is three times as strange is told in full, and the rest counts by `KEPT`.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from gateway.anomaly.again import STRONG, Event, recall
from gateway.anomaly.check import Seen
from gateway.anomaly.checks import check_kinds, load_check
from gateway.anomaly.habit import Habit, see
from gateway.anomaly.tail import AT, Tail, hush, rank

KINDS = check_kinds()
CHECKS = tuple(load_check(kind)() for kind in KINDS)
if TYPE_CHECKING:
    States = tuple[Any, ...]
else:  # with the types of its parts, so that a stored state finds them again
    States = NamedTuple(
        "States", [(kind, get_type_hints(load_check(kind).start)["return"]) for kind in KINDS]
    )
_new = tuple.__new__  # named tuples by a third of their time: this is the hot path
_STEPS = tuple((check.step, check.WORTH) for check in CHECKS)
ALL = (2.6, 0.5)  # 95 % quantile and mean excess of the surprises together, before it is known better
ENOUGH, LESS = 4.0, 0.5
TURNS = 8  # quiet values teach a tail when there are so many, or before the next that is not
WARM = 30  # readings that teach habits only
SURE = 60.0  # readings at which half of a surprise is believed
HOLD = 400.0
STRANGER = 0.5  # in powers of ten
KEPT = 0.3
MOST = 1e6  # a statistic is no larger: the first stir of what never moved


class TagState(NamedTuple):
    """What is remembered of one tag."""

    habit: Habit
    checks: States
    tails: tuple[Tail, ...]
    quiet: tuple[int, ...]  # values within its quantile that each tail was not yet taught
    whole: Tail
    events: tuple[Event, ...]
    told: float  # the last surprise that was told in full, fading


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
        _new(States, [check.start() for check in CHECKS]),
        tuple(Tail(1.0, *check.USUAL) for check in CHECKS),
        (0,) * len(CHECKS),
        Tail(1.0, *ALL),
        (),
        0.0,
    )


def step(state: TagState, seen: Seen, habit: Habit, peers: float = 0.0) -> tuple[TagState, Verdict]:
    """One good reading as `see` saw it, and how surprised the check of several tags is by it."""
    past = seen.past
    if past < WARM:
        taught = [look(old, seen)[0] for (look, _), old in zip(_STEPS, state.checks, strict=True)]
        return state._replace(habit=habit, checks=_new(States, taught)), Verdict(0.0, 0.0, 0)
    checks: list[Any] = []
    tails, quiet = list(state.tails), list(state.quiet)
    heard = peers if peers < ENOUGH else ENOUGH + LESS * (peers - ENOUGH)
    most, which, total = peers, -1, heard * heard
    place = -1
    for (look, worth), old in zip(_STEPS, state.checks, strict=True):
        place += 1
        new, value = look(old, seen)
        checks.append(new)
        if value < 0.0:
            continue
        tail = tails[place]
        if value <= tail.quantile:
            surprise = AT * value / tail.quantile if value > 0.0 else 0.0
            count = quiet[place] + 1
            if count < TURNS:
                quiet[place] = count
            else:
                quiet[place] = 0
                tails[place] = hush(tail, TURNS)
        else:
            if quiet[place]:
                tail = hush(tail, quiet[place])
                quiet[place] = 0
            tails[place], surprise = rank(tail, min(MOST, value))
        surprise *= worth
        heard = surprise if surprise < ENOUGH else ENOUGH + LESS * (surprise - ENOUGH)
        total += heard * heard
        if surprise > most:
            most, which = surprise, place
    whole, surprise = rank(state.whole, sqrt(total))
    surprise *= past / (past + SURE)
    events = state.events
    if surprise >= STRONG:
        events, surprise = recall(events, float(past), surprise)
    told, fresh = onset(state.told, surprise)
    parts = (habit, _new(States, checks), _new(tuple, tails), _new(tuple, quiet), whole, events, told)
    return _new(TagState, parts), _new(Verdict, (surprise, fresh, which))


def onset(told: float, surprise: float) -> tuple[float, float]:
    """What was told last, as it is remembered after a surprise, and what of the surprise counts."""
    if surprise > told + STRANGER:
        return surprise - surprise / HOLD, surprise
    return told - told / HOLD, KEPT * surprise


def forecast(state: TagState, x: float, clock: float, time: float) -> tuple[Habit, Seen]:
    """The reading beside the tag's habit: what `step` wants."""
    return see(state.habit, x, clock, time)
