"""A loss-in-weight feeder: what left its hopper, by the hopper's weight. Pure, and streaming: a window is remembered.

While the hopper only loses, what left is the difference of two levels, each on a robust line through a window's
weights (`gateway.metering.slope`). A weight far off the line is a knock; three in a row, and the weights are masked
until they lie on a line again that does not rise. Was the hopper heavier then, it was refilled: how much, the levels
before and after say, and what left meanwhile is the rate times the time, far less sure. Was it not, the scale was
knocked, and the levels before and after say what left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from gateway.metering.slope import Line, line
from gateway.metering.totalizer import elapsed_s
from gateway.model import Instant

FAR = 5.0  # sigma off the line
IN_A_ROW = 3
SETTLED = 8  # weights that have to lie on a line after a mask
MOST_POINTS = 120  # of a window; more are thinned by the caller's polling
_MANY = 20  # points: fewer say too little of their own noise
_KNOWN = 0.85  # of the noise so far that a window has at least, by whatever chance it looks quieter
_LEAST_VAR = 1e-30
_LEARN = 0.1  # share of the newest window in the noise
_REFILL_SIGMA = 50.0
_NOISIER = 3.0  # a mask ends in so much more noise than before at most, or when it has lasted long


@dataclass(frozen=True, slots=True)
class Feeder:
    """What is known of a feeder."""

    sigma_kg: float  # standard uncertainty of one weight: at least its resolution over the root of twelve
    window_s: float = 60.0  # of time between two levels
    most_kg_h: float = math.inf  # it cannot feed faster
    empty_kg: float = 0.0  # starved below; 0: not looked at
    refill_kg: float = 0.0  # the smallest refill: what is less is a knock; 0: fifty sigma


class Dispensed(NamedTuple):
    """What left the hopper between two levels."""

    from_ns: int
    to_ns: int
    kg: float
    sigma_kg: float
    rate_kg_h: float
    rate_sigma_kg_h: float
    low_kg: float  # for certain, but for the sigma of the levels
    high_kg: float
    refilled_kg: float  # came in meanwhile; below 0: was taken out
    refilled_sigma_kg: float
    marks: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether no part of it was masked."""
        return self.low_kg == self.high_kg


class Level(NamedTuple):
    """The hopper's mass at an instant."""

    time_s: float
    kg: float
    var: float


@dataclass(frozen=True, slots=True)
class FeederState:
    """What is remembered. Seconds count from the first weight."""

    seen: Instant | None = None
    now_s: float = 0.0
    from_ns: int = 0  # of the window
    start: Level | None = None  # of the present stretch; None: not known yet
    begun_s: float = 0.0  # of the window
    times: tuple[float, ...] = ()  # of the stretch
    kg: tuple[float, ...] = ()
    rate: Line | None = None  # newest line that was worth one
    noise_kg: float = 0.0  # of one weight, over the windows so far
    off: tuple[tuple[float, float], ...] = ()  # weights far off the line, the newest ones
    masked_s: float | None = None  # since; None: nothing is masked
    before: Level | None = None  # the mask
    gone_kg: float = 0.0  # in the window, before the stretch
    gone_var: float = 0.0
    slack_kg: float = 0.0  # of it, by the rate alone
    slack_most_kg: float = 0.0  # what that may be at most
    refilled_kg: float = 0.0
    refilled_var: float = 0.0
    marks: frozenset[str] = frozenset()


def weighed(
    feeder: Feeder, state: FeederState, at: Instant, kg: float
) -> tuple[FeederState, Dispensed | None]:
    """One weight further; what left the hopper, at the end of a window."""
    if state.seen is None:
        return FeederState(seen=at, from_ns=at.time_ns, off=((0.0, kg),), masked_s=0.0), None
    passed = elapsed_s(state.seen, at)
    if passed == math.inf:  # the clocks cannot say how long nothing was read
        begun = FeederState(seen=at, from_ns=state.seen.time_ns, off=((0.0, kg),), masked_s=0.0)
        return replace(begun, marks=frozenset({"first_after_gap"}), slack_most_kg=math.inf), None
    if passed <= 0.0:
        return state, None
    state = replace(state, seen=at, now_s=state.now_s + passed)
    if passed > feeder.window_s:
        state = replace(state, marks=state.marks | {"first_after_gap"})
    state = _masked(feeder, state, kg) if state.masked_s is not None else _open(feeder, state, kg)
    if (
        state.masked_s is not None
        or state.now_s - state.begun_s < feeder.window_s
        or len(state.times) < SETTLED
    ):
        return state, None
    return _told(feeder, state, at)


def _fitted(feeder: Feeder, state: FeederState, times: Sequence[float], kg: Sequence[float]) -> Line:
    share = _KNOWN if len(times) >= _MANY else 1.0
    return line(times, kg, max(feeder.sigma_kg, share * state.noise_kg))


def _open(feeder: Feeder, state: FeederState, kg: float) -> FeederState:
    """A weight while nothing is masked: on the line, or not."""
    now = state.now_s
    assert state.start is not None  # noqa: S101 # a stretch begins with its level
    if len(state.times) >= SETTLED:
        fitted = _fitted(feeder, state, state.times, state.kg)
        far = kg - fitted.at(now)
        unsure = math.sqrt(fitted.sigma_kg**2 + fitted.var(now))
    elif state.rate is not None:
        fitted, ahead = state.rate, now - state.start.time_s
        far = kg - (state.start.kg + fitted.slope * ahead)
        unsure = math.sqrt(fitted.sigma_kg**2 + state.start.var + fitted.slope_var * ahead * ahead)
    else:
        far, unsure = 0.0, math.inf
    if abs(far) <= FAR * unsure:
        times, weights = (*state.times, now), (*state.kg, kg)
        return replace(state, times=times[-MOST_POINTS:], kg=weights[-MOST_POINTS:], off=())
    off = (*state.off, (now, kg))
    if len(off) < IN_A_ROW:
        return replace(state, off=off)
    if len(state.times) >= SETTLED:
        fitted = _fitted(feeder, state, state.times, state.kg)
        last = state.times[-1]
        before, rate = Level(last, fitted.at(last), fitted.var(last)), fitted
    else:
        before, rate = state.start, state.rate or Line(0.0, now, 0.0, 0.0, 0.0, feeder.sigma_kg)
    gone, var = state.start.kg - before.kg, state.start.var + before.var if before is not state.start else 0.0
    return replace(
        state, masked_s=before.time_s, before=before, rate=rate, off=off, times=(), kg=(),
        gone_kg=state.gone_kg + gone, gone_var=state.gone_var + var,
    )  # fmt: skip


def _masked(feeder: Feeder, state: FeederState, kg: float) -> FeederState:
    """A weight while masked: is it quiet again?"""
    off = (*state.off, (state.now_s, kg))[-SETTLED:]
    state = replace(state, off=off)
    if len(off) < SETTLED or state.masked_s is None:
        return state
    fitted = _fitted(feeder, state, [t for t, _ in off], [w for _, w in off])
    noise = max(feeder.sigma_kg, state.noise_kg, state.rate.sigma_kg if state.rate else 0.0)
    long = state.now_s - state.masked_s > 2 * feeder.window_s
    worst = max(abs(w - fitted.at(t)) for t, w in off)
    rises = fitted.slope > FAR * math.sqrt(fitted.slope_var)
    if rises or ((fitted.sigma_kg > _NOISIER * noise or worst > FAR * noise) and not long):
        return state
    return _unmasked(feeder, state, fitted)


def _unmasked(feeder: Feeder, state: FeederState, fitted: Line) -> FeederState:
    """Level and rate after the mask are known: what came in, what left."""
    now = state.now_s
    after = Level(now, fitted.at(now), fitted.var(now))
    state = replace(state, start=after, masked_s=None, off=(), times=(), kg=())
    before, old = state.before, state.rate
    if before is None or old is None:  # the first level ever
        return replace(state, rate=fitted, begun_s=now, from_ns=_ns(state), before=None)
    lasted = after.time_s - before.time_s
    most = feeder.most_kg_h / 3600.0 * lasted
    old_weight, new_weight = 1.0 / max(old.slope_var, _LEAST_VAR), 1.0 / max(fitted.slope_var, _LEAST_VAR)
    slope = (old.slope * old_weight + fitted.slope * new_weight) / (old_weight + new_weight)
    fed = min(max(-slope * lasted, 0.0), most)
    fed_var = lasted**2 * (1.0 / (old_weight + new_weight) + (old.slope - fitted.slope) ** 2 / 12.0)
    level_var = before.var + after.var
    lost = before.kg - after.kg
    unsure = math.sqrt(level_var + fed_var + feeder.sigma_kg**2)
    state = replace(state, before=None, rate=fitted)
    least = feeder.refill_kg or _REFILL_SIGMA * max(feeder.sigma_kg, state.noise_kg)
    if fed - lost < max(FAR * unsure, least) and lost <= most + FAR * unsure:
        return replace(
            state,
            gone_kg=state.gone_kg + lost,
            gone_var=state.gone_var + level_var,
            marks=state.marks | {"bump"},
        )
    mark = "refill" if lost < fed else "manual"
    return replace(
        state, marks=state.marks | {mark},
        gone_kg=state.gone_kg + fed, gone_var=state.gone_var + fed_var,
        slack_kg=state.slack_kg + fed, slack_most_kg=state.slack_most_kg + most,
        refilled_kg=state.refilled_kg + fed - lost, refilled_var=state.refilled_var + level_var + fed_var,
    )  # fmt: skip


def _ns(state: FeederState) -> int:
    return state.seen.time_ns if state.seen is not None else 0


def _told(feeder: Feeder, state: FeederState, at: Instant) -> tuple[FeederState, Dispensed]:
    """A window ends: a level now, and what left since the one before."""
    assert state.start is not None  # noqa: S101 # as above
    now = state.now_s
    fitted = _fitted(feeder, state, state.times, state.kg)
    end = Level(now, fitted.at(now), fitted.var(now))
    kg = state.gone_kg + state.start.kg - end.kg
    var = state.gone_var + state.start.var + end.var
    marks = state.marks | ({"starved"} if end.kg < feeder.empty_kg else set())
    told = Dispensed(
        state.from_ns, at.time_ns, kg, math.sqrt(var), -3600.0 * fitted.slope, 3600.0 * math.sqrt(fitted.slope_var),
        kg - state.slack_kg, kg - state.slack_kg + state.slack_most_kg,
        state.refilled_kg, math.sqrt(state.refilled_var), tuple(sorted(marks)),
    )  # fmt: skip
    noise = state.noise_kg
    if len(state.times) >= _MANY:
        noise = math.sqrt((1 - _LEARN) * noise**2 + _LEARN * fitted.sigma_kg**2) if noise else fitted.sigma_kg
    return FeederState(
        seen=at,
        now_s=now,
        from_ns=at.time_ns,
        start=end,
        begun_s=now,
        rate=fitted,
        noise_kg=noise,
        off=state.off,
    ), told
