"""Picture: one slow drift of the regrind share on three charts with the same false alarms, and what each says of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pictures._svg import BLUE, INK, RED, Axis, Panel, drawing, stroke, words
from gateway.changetime.estimate import Estimate, estimate
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.multi_cusum import threshold
from gateway.design.shewhart import ShewhartScheme
from gateway.spc.cusum import Cusum
from gateway.spc.ewma import Ewma
from gateway.spc.imr import Imr
from gateway.spc.multi_cusum import MultiCusum

CENTER, SIGMA = 25.0, 0.4  # per cent of regrind
ARL0 = 5040.0  # 720 batches a day, one false alarm a week
BATCHES, BEGINS = 200, 80
STEP = 0.01  # per cent a batch
SEED = 11

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart on the series: what is drawn, and what its first signal says."""

    name: str
    value: Floats
    limits: tuple[float, ...]
    signal: int
    said: Estimate


def series(rng: np.random.Generator, batches: int = BATCHES, runs: int = 1) -> Floats:
    """Regrind shares of batches, to the second place as the dosing unit gives them, ``[batches, runs]``."""
    drift = STEP * np.maximum(np.arange(batches) - BEGINS + 1, 0)
    return np.round(CENTER + drift[:, None] + SIGMA * rng.standard_normal((batches, runs)), 2)


def charts() -> dict[str, Any]:
    """By name, all with the same ARL0."""
    return {
        "imr": Imr(CENTER, SIGMA, L=ShewhartScheme().solve(ARL0), rules=("WE1",)),
        "ewma, lambda 0.2": Ewma(CENTER, SIGMA, 0.2, EwmaScheme(0.2).solve(ARL0)),
        "ewma, lambda 0.05": Ewma(CENTER, SIGMA, 0.05, EwmaScheme(0.05).solve(ARL0)),
        "cusum, k 0.5": Cusum(CENTER, SIGMA, k=0.5, h=CusumScheme(0.5).solve(ARL0)),
        "cusum, k 0.25": Cusum(CENTER, SIGMA, k=0.25, h=CusumScheme(0.25).solve(ARL0)),
        "multi-cusum": MultiCusum(CENTER, SIGMA, h=threshold(ARL0)),
    }


def shown(name: str, chart: Any, x: Floats) -> Shown:
    """One series on one chart."""
    _, track = chart.run(chart.start(), x)
    rules = track.rules | (track.second.rules if track.second is not None and name != "imr" else 0)
    signal = int(np.argmax(rules != 0))
    said = estimate((x[: signal + 1] - CENTER) / SIGMA)
    limits = (
        (float(track.ucl[-1]),) if name.startswith("cusum") else (float(track.lcl[-1]), float(track.ucl[-1]))
    )
    return Shown(name, track.value, limits, signal, said)


def delays(runs: int = 500) -> dict[str, tuple[float, float]]:
    """Batches from the beginning of the drift to the signal: mean and 90 % quantile, of runs quiet until then."""
    x = series(np.random.default_rng(SEED + 1), 400, runs)
    found = {}
    for name, chart in charts().items():
        wide = type(chart)(np.full(runs, CENTER), np.full(runs, SIGMA), **_rest(chart))
        _, track = wide.run(wide.start(), x)
        hit = track.rules != 0
        if track.second is not None and name != "imr":
            hit |= track.second.rules != 0
        first = np.where(hit.any(axis=0), hit.argmax(axis=0), len(x))
        late = first[first >= BEGINS] - BEGINS + 1
        found[name] = float(late.mean()), float(np.quantile(late, 0.9))
    return found


def _rest(chart: Any) -> dict[str, Any]:
    names = {each.name for each in fields(chart)} - {"center", "sigma"}
    return {name: getattr(chart, name) for name in names}


def table() -> str:
    """The samples as CSV."""
    x = series(np.random.default_rng(SEED))[:, 0]
    return "\n".join(["batch,regrind_share", *(f"{batch},{value:.2f}" for batch, value in enumerate(x)), ""])


def picture() -> str:
    """Three panels, one below the other."""
    x = series(np.random.default_rng(SEED))[:, 0]
    made = charts()
    parts, told = _key(), []
    wanted = {
        "imr": (Axis(23, 27.6, (23, 24, 25, 26, 27)), "regrind share, %"),
        "ewma, lambda 0.05": (Axis(24.5, 25.9, (24.5, 25, 25.5)), "smoothed, %"),
        "cusum, k 0.25": (Axis(0, 32, (0, 10, 20, 30)), "upper sum, in sigma"),
    }
    for place, (name, (y, what)) in enumerate(wanted.items()):
        across = Axis(0, BATCHES, tuple(range(0, BATCHES + 1, 20)), "batch" if place == 2 else "")
        panel = Panel(across, y, top=92 + 224 * place, height=160)
        one = shown(name, made[name], x)
        _draw(panel, one)
        parts += [*panel.parts, words(panel.left, panel.top - 12, f"{name}: {what}")]
        told.append(
            f"{name} signals at batch {one.signal} and dates it to {one.said.at} ({one.said.low} to {one.said.high})"
        )
    text = f"A regrind share that drifts from batch {BEGINS} on, on three charts: {'; '.join(told)}."
    return drawing(text, 752, parts)


def _key() -> list[str]:
    """What the signs mean."""
    signs = (
        ("the drift begins", INK, "1 4"),
        ("limit", RED, "7 3"),
        ("the chart dates it, with interval", BLUE, "5 3"),
    )
    parts = []
    for (text, colour, dashes), x in zip(signs, (64, 240, 340), strict=True):
        parts += [stroke(x, 20, colour, dashes), words(x + 38, 24.5, text, colour)]
    spot = f'<path d="M620 20h0" stroke="{RED}" stroke-width="10" stroke-linecap="round"/>'
    return [*parts, spot, words(632, 24.5, "signal", RED)]


def _draw(panel: Panel, one: Shown) -> None:
    panel.band(one.said.low, one.said.high, BLUE)
    panel.upright(one.said.at, BLUE, "5 3")
    panel.upright(BEGINS, INK, "1 4")
    panel.frame()
    for limit in one.limits:
        panel.level(limit, colour=RED, dashes="7 3")
    batches = np.flatnonzero(one.value <= panel.y.high)
    panel.dots(batches, one.value[batches], INK)
    panel.dots([one.signal], [one.value[one.signal]], RED, 10)
