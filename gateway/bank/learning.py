"""Cautious learning: center and sigma go on being estimated in phase II, with delay, and never from what is suspicious.

Limits from few samples have to be wide to keep their promise (`gateway/design/estimated_limit.py`). Each sample in
control that is learnt from makes them tighter. But what looks in control now may be the beginning of a change; so,
after Capizzi & Masarotto (Journal of Quality Technology 52, 2020), samples wait:

- A gate, two sums with an allowance of half a sigma, is watched beside the chart. While either is up, samples wait.
- When both are down, all that wait are learnt from: also those in between that looked odd, or sigma would shrink.
- When the chart signals, all that wait are put aside, and nothing is learnt until a person has answered. If nothing was
  the matter, what was put aside is learnt from too; else it is dropped. To go on learning and to drop the excursions of
  false alarms for good would make sigma too small by 1 %, which costs a tenth of the confidence.
- What was learnt is told in steps, each time the samples have grown by a tenth: limits change a few dozen times in the
  life of a chart, not at each sample; each is a version with a number of samples, from which its limit follows.

Learning ends at `MOST` samples: limits are then within 5 % of those of known parameters, and a slow drift is not
followed for ever. Pure; arrays over slots; nan is no sample.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Moments = tuple[Floats, Floats, Floats]

MOST = 2000
GROWTH = 1.1
_FAR = 1e300  # no sum of squares is more
_ALLOWANCE, _DOWN = 0.5, 1.0  # of the gate, in sigma; a sum of at most the second is down


@dataclass(frozen=True, slots=True)
class Learning:
    """Per slot: samples learnt from, their mean and sum of squares about it; the same of those that wait and of those
    put aside; the gate; and what was told last: center, sigma and the number of samples they come from.
    """

    count: Floats
    mean: Floats
    square: Floats
    waiting: Floats
    waiting_mean: Floats
    waiting_square: Floats
    aside: Floats
    aside_mean: Floats
    aside_square: Floats
    upper: Floats
    lower: Floats
    told: Floats
    center: Floats
    sigma: Floats


def begin(baselines: Floats) -> Learning:
    """After phase I: `baselines` ``[slots, m]``, nan where a slot had fewer. Sigma is S / c4.

    Raises ValueError where a slot has fewer than two samples, or they do not vary.
    """
    seen = ~np.isnan(baselines)
    count = seen.sum(axis=1).astype(np.float64)
    if (count < 2).any():
        raise ValueError("learning begins with a baseline of two samples or more")
    mean = np.where(seen, baselines, 0.0).sum(axis=1) / count
    square = (np.where(seen, baselines - mean[:, None], 0.0) ** 2).sum(axis=1)
    if not (square > 0).all():
        raise ValueError("the samples do not vary, so there is nothing to learn a sigma from")
    none = np.zeros(len(count))
    sigma = _sigma(square, count)
    return Learning(count, mean, square, none, none, none, none, none, none, none, none, count, mean, sigma)


def step(state: Learning, x: Floats, signalled: Flags) -> tuple[Learning, Flags]:
    """One sample of each slot, and whether its chart signals at it. Gives the slots that have something to tell."""
    learns = (state.count < MOST) & (state.aside == 0)
    seen = ~np.isnan(x) & learns
    z = np.where(seen, (x - state.center) / state.sigma, 0.0)
    upper = np.where(seen, np.maximum(state.upper + z - _ALLOWANCE, 0.0), state.upper)
    lower = np.where(seen, np.maximum(state.lower - z - _ALLOWANCE, 0.0), state.lower)
    waiting, waiting_mean, waiting_square = _merged(
        (state.waiting, state.waiting_mean, state.waiting_square),
        (seen.astype(np.float64), np.where(seen, x, 0.0), np.zeros_like(z)),
    )
    dropped = signalled & seen
    learnt = seen & ~dropped & (upper <= _DOWN) & (lower <= _DOWN)
    count, mean, square = state.count, state.mean, state.square
    if learnt.any():
        none = np.zeros_like(waiting)
        part = (np.where(learnt, each, none) for each in (waiting, waiting_mean, waiting_square))
        count, mean, square = _merged((count, mean, square), _three(part))
    aside = state.aside, state.aside_mean, state.aside_square
    gone = learnt | dropped
    if gone.any():
        mine = zip((waiting, waiting_mean, waiting_square), aside, strict=True)
        aside = _three(np.where(dropped, new, old) for new, old in mine)
        waiting, waiting_mean, waiting_square = (
            np.where(gone, 0.0, each) for each in (waiting, waiting_mean, waiting_square)
        )
        upper, lower = np.where(dropped, 0.0, upper), np.where(dropped, 0.0, lower)
    after = replace(
        state, count=count, mean=mean, square=square,
        waiting=waiting, waiting_mean=waiting_mean, waiting_square=waiting_square,
        aside=aside[0], aside_mean=aside[1], aside_square=aside[2], upper=upper, lower=lower,
    )  # fmt: skip
    return _tell(after, learnt)


def answered(state: Learning, slots: Flags, pardoned: Flags) -> tuple[Learning, Flags]:
    """A person answered for these slots' signals: they learn again; where `pardoned`, also from what was put aside.

    Gives the slots that have something to tell.
    """
    mine = slots & pardoned & (state.count < MOST)
    part = (np.where(mine, each, 0.0) for each in (state.aside, state.aside_mean, state.aside_square))
    before = state.count, state.mean, state.square
    with np.errstate(over="ignore", invalid="ignore"):
        merged = _merged(before, _three(part))
    mine &= merged[2] < _FAR  # of samples beyond all reason nothing is learnt, whoever pardons them
    count, mean, square = _three(np.where(mine, new, old) for new, old in zip(merged, before, strict=True))
    left = np.where(slots, 0.0, state.aside)
    return _tell(replace(state, count=count, mean=mean, square=square, aside=left), mine & (state.aside > 0))


def _tell(state: Learning, learnt: Flags) -> tuple[Learning, Flags]:
    fresh = learnt & ((state.count >= GROWTH * state.told) | (state.count >= MOST))
    if not fresh.any():
        return state, fresh
    told, center = np.where(fresh, state.count, state.told), np.where(fresh, state.mean, state.center)
    sigma = np.where(fresh, _sigma(state.square, state.count), state.sigma)
    return replace(state, told=told, center=center, sigma=sigma), fresh


def _three(parts: Iterable[Floats]) -> Moments:
    count, mean, square = parts
    return count, mean, square


def _merged(one: Moments, other: Moments) -> Moments:
    """Count, mean and sum of squares of two lots together (Chan, Golub & LeVeque 1983)."""
    count, mean, square = one
    more, its_mean, its_square = other
    total = count + more
    share = more / np.maximum(total, 1.0)
    apart = its_mean - mean
    return total, mean + apart * share, square + its_square + apart * apart * count * share


def _sigma(square: Floats, count: Floats) -> Floats:
    """S / c4, with c4 by its series: within 1e-6 of it from ten samples on, and the same bits on every machine."""
    nu = count - 1.0
    inverse = 1.0 / nu
    factor = 1.0 - inverse * (0.25 - inverse * (0.03125 + inverse * (0.0390625 - inverse * 0.01025390625)))
    return np.asarray(np.sqrt(square * inverse) / factor)
