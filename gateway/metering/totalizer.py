"""What totals that only grow have grown by between two readings: exact, or an interval that the truth is in. Pure.

A total wraps, is cleared by whoever stands before it, begins again at 0 after a loss of power, changes its unit, or is
another device's by now. Every way that could lead from one reading to the next is tried against what the device can do
in that time (`Limits`). One way left: what it says is exact. Several: the interval over all of them. None: the numbers
cannot follow each other, and all that is known is what the device can do.

What is taken for granted, and simulated so: totals and the count of batches are of one answer and move together; both
are cleared together, when they count two batches or more (who clears what is zero already, hides what was made in
between); a loss of power keeps them or clears them, and lasts longer than the fastest batch; nobody changes the unit
and back between two readings. Numbers that went back to older ones are told as a reset, with its bounds.

>>> at = [Instant(time_ns=s * 10**9, boottime_ns=s * 10**9, clock_id=1) for s in (0, 5)]
>>> limits = Limits(around=65536.0, cycles_around=65536.0, most_kg=2.5, fastest_s=8.0)
>>> between(limits, Frame(at[0], (65_000.0,), 1e-4, 7.0), Frame(at[1], (4_464.0,), 1e-4, 8.0))
Grown(kg=(0.5,), low=(0.5,), high=(0.5,), cycles=1, exact=True, mark='')
>>> between(limits, Frame(at[0], (65_000.0,), 1e-4, 7.0), Frame(at[1], (0.0,), 1e-4, 0.0))
Grown(kg=(0.0,), low=(0.0,), high=(2.5,), cycles=None, exact=False, mark='cleared')
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from gateway.model import Instant

_SOON = 0.01  # of its range: nobody clears a total just then


class Frame(NamedTuple):
    """One good reading: numbers as the device counts them."""

    at: Instant
    totals: tuple[float, ...]  # one a component
    unit_kg: float  # kilograms of one count, by the unit of the same answer
    cycles: float | None = None  # batches counted since the totals were cleared; None: no such count
    serial: float | None = None  # what names the device; None: nothing does


@dataclass(frozen=True, slots=True)
class Limits:
    """What the device can do at most: it bounds what may have happened unseen."""

    around: float = 0.0  # totals begin again at so many counts; 0: never
    cycles_around: float = 0.0
    most_kg: float = math.inf  # of one batch, all components together
    fastest_s: float = 0.0  # from the end of one batch to the end of the next; 0: not known
    most_kg_h: float = math.inf  # of all components together
    ordinary_s: float = (
        math.inf
    )  # between two readings; without a count of batches a clear shows only after longer


class Grown(NamedTuple):
    """By what each component has grown, in kg: the likeliest, and the bounds that hold whatever happened."""

    kg: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]  # infinite where nothing bounds it
    cycles: int | None  # batches since; None: not known
    exact: bool  # low and high are kg
    mark: str  # "": they simply grew; else of `gateway.metering.MARKS`

    @property
    def low_kg(self) -> float:
        """Of all components together, at least."""
        return sum(self.low)

    @property
    def high_kg(self) -> float:
        return sum(self.high)


class _Way(NamedTuple):
    """One way from the one reading to the other."""

    kg: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    cycles: int | None
    mark: str


def elapsed_s(last: Instant, now: Instant) -> float:
    """Seconds between two readings, rather too many than too few; infinite where the clocks cannot say."""
    boot, wall = now.boottime_ns - last.boottime_ns, now.time_ns - last.time_ns
    if now.clock_id == last.clock_id and boot >= 0:
        return boot / 1e9
    longest = max(boot, wall)  # of another boot the one says nothing, of a clock that was set the other
    return longest / 1e9 if longest > 0 else math.inf


def between(limits: Limits, last: Frame, now: Frame, ended: Instant | None = None) -> Grown:
    """What the device has moved from `last` to `now`.

    `ended`: of the reading before the one at which the count of batches was seen to move last. A batch has ended since
    then, so the next one takes its time; None: not known.
    """
    gap_s = elapsed_s(last.at, now.at)
    ends = _ends(limits, gap_s, math.inf if ended is None else elapsed_s(ended, now.at))
    most_kg = min(limits.most_kg * ends, limits.most_kg_h * gap_s / 3600.0)
    if now.serial != last.serial and now.serial is not None and last.serial is not None:
        return _unknown(now, most_kg, "replaced")
    same = now[1:4] == last[1:4]
    if same and (now.cycles != 0.0 or ends < 2):
        zero = (0.0,) * len(now.totals)
        return Grown(zero, zero, zero, None if now.cycles is None else 0, exact=True, mark="")
    ways = _went_on(limits, last, now, ends, most_kg)
    fell = any(b * now.unit_kg < a * last.unit_kg for a, b in zip(last.totals, now.totals, strict=True))
    wrapped = bool(ways) and most_kg <= _SOON * limits.around * now.unit_kg
    # a plain total is seen to fall by whoever reads it on time; where it must wrap it has wrapped
    if now.cycles is not None or (fell and not wrapped) or gap_s > limits.ordinary_s:
        ways += _cleared(limits, last, now, ends, most_kg)
    if not ways:
        return _unknown(now, most_kg, "reset")
    return _united(ways)


class Track(NamedTuple):
    """What is remembered of a device between two readings."""

    last: Frame
    ended: Instant | None = None


def follow(limits: Limits, track: Track | None, now: Frame) -> tuple[Track, Grown | None]:
    """One reading further; no growth at the first one."""
    if track is None:
        return Track(now), None
    grown = between(limits, track.last, now, track.ended)
    moved = grown.cycles is not None and grown.cycles > 0 and not grown.mark
    return Track(now, track.last.at if moved else track.ended), grown


def _ends(limits: Limits, gap_s: float, ended_s: float) -> float:
    """Batches that may have ended in the gap, the newest one known having ended at most `ended_s` ago."""
    if not limits.fastest_s or gap_s == math.inf:
        return math.inf
    return min(math.floor(gap_s / limits.fastest_s) + 1, ended_s // limits.fastest_s)


def _went_on(limits: Limits, last: Frame, now: Frame, ends: float, most_kg: float) -> list[_Way]:
    """Nothing but growth, wraps and a new unit."""
    cycles, by_time_kg = None, most_kg
    if now.cycles is not None and last.cycles is not None:
        step = now.cycles - last.cycles
        step += limits.cycles_around if step < 0 else 0.0
        if not 0 <= step <= ends:
            return []
        if step + limits.cycles_around > ends or not limits.cycles_around:
            cycles = round(step)
            # one more: it may show a batch before it counts it
            most_kg = min(most_kg, (cycles + 1) * limits.most_kg)
        if cycles == 0 and now.unit_kg != last.unit_kg:
            zero = (0.0,) * len(now.totals)
            return [_Way(zero, zero, zero, 0, "unit_changed")]
    ways: list[_Way | None] = [_grown(limits, last.totals, now, cycles, most_kg)]
    if now.unit_kg != last.unit_kg and _may_have_wrapped(limits, last, now, most_kg):
        # before or after: the two are not the same, and nothing but the count says that it is the same device
        zero, most = (0.0,) * len(now.totals), (by_time_kg,) * len(now.totals)
        return [_Way(zero, zero, most, cycles, "unit_changed")]
    if now.unit_kg != last.unit_kg:  # its totals were worked out anew, or stayed the numbers that they were
        ratio = last.unit_kg / now.unit_kg
        anew = tuple(math.fmod(count * ratio, limits.around or math.inf) for count in last.totals)
        ways = [_grown(limits, anew, now, cycles, most_kg, max(last.unit_kg, now.unit_kg)), *ways]
        ways = [way._replace(mark="unit_changed") for way in ways if way is not None]
    return [way for way in ways if way is not None]


def _may_have_wrapped(limits: Limits, last: Frame, now: Frame, most_kg: float) -> bool:
    if not limits.around:
        return False
    largest_kg = max(
        *(count * last.unit_kg for count in last.totals), *(count * now.unit_kg for count in now.totals)
    )
    return largest_kg + most_kg >= limits.around * min(last.unit_kg, now.unit_kg)


def _grown(
    limits: Limits,
    counts: tuple[float, ...],
    now: Frame,
    cycles: int | None,
    most_kg: float,
    play_kg: float = 0.0,
) -> _Way | None:
    """From those counts, in the unit of `now`, known to within `play_kg`."""
    steps = []
    for before, after in zip(counts, now.totals, strict=True):
        step = (after - before) * now.unit_kg
        if step < -play_kg and limits.around:
            step = (after - before + limits.around) * now.unit_kg
        if step < -play_kg:
            return None
        steps.append(max(step, 0.0))
    kg = sum(steps)
    if kg > most_kg * (1 + 1e-9) + play_kg * len(steps):
        return None
    low = tuple(max(step - play_kg, 0.0) for step in steps)
    once_kg = limits.around * now.unit_kg
    further = math.floor((most_kg - kg) / once_kg + 1e-9) if once_kg > 0.0 and most_kg < math.inf else 0
    high = tuple(step + play_kg + max(further, 0) * once_kg for step in steps)
    return _Way(tuple(steps), low, high, cycles, "missed" if further > 0 else "")


def _cleared(limits: Limits, last: Frame, now: Frame, ends: float, most_kg: float) -> list[_Way]:
    """All that the totals show came after a clear, or was restored after a loss of power; the rest is not known."""
    shown = tuple(count * now.unit_kg for count in now.totals)
    hidden_kg = most_kg - sum(shown)
    if now.cycles is not None and last.cycles is not None:
        hidden = ends - now.cycles
        if hidden < max(2 - last.cycles, 0) or sum(shown) > (
            now.cycles * limits.most_kg if now.cycles else 0.0
        ):
            return []
        hidden_kg = min(hidden_kg, hidden * limits.most_kg) if hidden else 0.0
    elif hidden_kg < -1e-9 * most_kg:
        return []
    high = tuple(kg + max(hidden_kg, 0.0) for kg in shown)
    if limits.around and most_kg >= limits.around * min(last.unit_kg, now.unit_kg):
        high = (most_kg,) * len(shown)  # it may have wrapped since the clear
    before = tuple(count * last.unit_kg for count in last.totals)
    less = any(shown) and all(a <= b for a, b in zip(shown, before, strict=True))
    low = (0.0,) * len(shown) if less else shown  # an old state of the totals may have come back
    if now.unit_kg != last.unit_kg:  # worked out anew after the clear
        play = max(now.unit_kg, last.unit_kg)
        low, high = tuple(max(kg - play, 0.0) for kg in low), tuple(kg + play for kg in high)
    return [_Way(shown, low, high, None, "cleared")]


def _united(ways: list[_Way]) -> Grown:
    """The interval over all ways; the first is the likeliest."""
    first = ways[0]
    low = tuple(min(each) for each in zip(*(way.low for way in ways), strict=True))
    high = tuple(max(each) for each in zip(*(way.high for way in ways), strict=True))
    exact = low == high
    mark = first.mark
    if len(ways) > 1 and not exact and not mark:
        mark = "first_after_gap"
    return Grown(first.kg, low, high, first.cycles if exact or len(ways) == 1 else None, exact, mark)


def _unknown(now: Frame, most_kg: float, mark: str) -> Grown:
    zero = (0.0,) * len(now.totals)
    return Grown(zero, zero, (most_kg,) * len(now.totals), None, exact=False, mark=mark)
