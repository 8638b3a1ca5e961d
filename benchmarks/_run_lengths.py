"""Run lengths by other means than gateway/design: charts that run on random samples, and a published Markov chain."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.design.mewma import MewmaScheme
from gateway.spc.track import take
from gateway.stats.special import ncx2_cdf, normal_cdf

Floats = NDArray[np.float64]
Flags = Callable[[Any, Floats], tuple[Any, NDArray[np.bool_]]]

_ROWS = 32


def simulated(
    start: Callable[[int], Any], step: Flags, draw: Callable[[int, int], Floats], runs: int
) -> tuple[float, float]:
    """Mean run length and its standard error over so many runs. `step` flags ``[rows, slots]`` of what `draw` draws."""
    state, lengths, age = start(runs), [], 0
    alive = runs
    while alive:
        state, flags = step(state, draw(_ROWS, alive))
        hit = flags.any(axis=0)
        lengths.append(age + 1.0 + flags.argmax(axis=0)[hit])
        state, alive, age = take(state, np.flatnonzero(~hit)), int((~hit).sum()), age + _ROWS
    every = np.concatenate(lengths)
    return float(every.mean()), float(every.std() / math.sqrt(every.size))


def of_chart(chart: Any, shift: float, runs: int, seed: int) -> tuple[float, float]:
    """A chart of gateway/spc with center 0 and sigma 1."""
    rng = np.random.default_rng(seed)

    def step(state: Any, block: Floats) -> tuple[Any, NDArray[np.bool_]]:
        state, track = chart.run(state, block)
        return state, np.logical_or.reduce([panel.rules > 0 for panel in track.panels()])

    def start(slots: int) -> Any:
        return take(chart.start(), np.zeros(slots, dtype=np.intp))

    return simulated(start, step, lambda rows, slots: rng.standard_normal((rows, slots)) + shift, runs)


def of_mewma(scheme: MewmaScheme, h4: float, shift: float, runs: int, seed: int) -> tuple[float, float]:
    """The MEWMA, straight from its definition."""
    p, weight, fade = scheme.p, scheme.weight, 1.0
    rng = np.random.default_rng(seed)
    z, alive, lengths = np.zeros((runs, p)), np.ones(runs, np.bool_), np.zeros(runs)
    moved = np.zeros(p)
    moved[0] = shift
    number = np.arange(runs)
    while number.size:
        lengths[number] += 1.0
        z = (1.0 - weight) * z + weight * (rng.standard_normal(z.shape) + moved)
        fade *= (1.0 - weight) ** 2
        limit = h4 * weight / (2.0 - weight) * (1.0 - fade if scheme.limits == "exact" else 1.0)
        alive = (z * z).sum(axis=1) <= limit
        z, number = z[alive], number[alive]
    return float(lengths.mean()), float(lengths.std() / math.sqrt(runs))


def chain_of_runger_and_prabhu(p: int, weight: float, h4: float, shift: float, m: int = 25) -> float:
    """MEWMA's ARL as Runger & Prabhu (1996) computed it, with m states a side: what their tables have in them."""
    radius = math.sqrt(h4 * weight / (2.0 - weight))
    rest = 2.0 * radius / (2 * m + 1)
    i = np.arange(m + 1)
    moved = ((1.0 - weight) * i * rest / weight) ** 2
    df = p if shift == 0.0 else p - 1
    edges = ncx2_cdf((((i + 0.5) * rest / weight) ** 2)[None, :], df, moved[:, None])
    ring = np.diff(np.concatenate([np.zeros((m + 1, 1)), edges], axis=1), axis=1)
    if shift == 0.0:
        return float(np.linalg.solve(np.eye(m + 1) - ring, np.ones(m + 1))[0])
    center = (np.arange(2 * m + 1) - m) * rest
    upper = (center + rest / 2)[None, :] - (1.0 - weight) * center[:, None]
    line = normal_cdf(upper / weight - shift) - normal_cdf((upper - rest) / weight - shift)
    inside = (np.arange(2 * m + 1)[:, None] - m) ** 2 + i[None, :] ** 2 < (radius / rest) ** 2
    both = np.einsum("ab,cd->acbd", line, ring).reshape(inside.size, inside.size)
    kept = np.flatnonzero(inside.ravel())
    both = both[np.ix_(kept, kept)]
    begin = int(np.searchsorted(kept, m * (m + 1)))
    return float(np.linalg.solve(np.eye(kept.size) - both, np.ones(kept.size))[begin])
