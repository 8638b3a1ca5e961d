"""CUSUMs of samples that resemble the one before: what is false when that is ignored, and what residuals give and cost.

Phase I takes 300 samples of an AR(1) process and estimates everything: center, the order of the model, its terms,
sigma. The limit comes from the estimated phi. Run lengths are simulated, several for each estimation run. Delays stand
beside those of the chart that knows phi: with center and sigma from the same samples, and with everything known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks._table import Row, machine, print_table
from gateway.design.autocorrelated import Correlated, ignored
from gateway.design.autocorrelated_residual import residual, residual_limit
from gateway.design.cusum import CusumScheme
from gateway.spc.residual import Residual

Floats = NDArray[np.float64]

ARL0, K, M = 370.0, 0.5, 300
PHIS = (0.0, 0.25, 0.5, 0.75, 0.9)
ESTIMATES, EACH = 1500, 4
GRID = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95)  # where limits are computed; straight lines between
LONGEST = 60_000


def main() -> None:
    rng = np.random.default_rng(300)
    known = CusumScheme(K).solve(ARL0)
    limits = [residual_limit(phi, M, K, ARL0) for phi in GRID]
    rows = []
    for phi in PHIS:
        drawn = _process(rng, phi, ESTIMATES, M)
        center, sigma, terms = _phase1(drawn, {})
        told = _phase1(drawn, {"phi": np.array([phi, 0.0, 0.0])})
        h = np.interp(np.abs(terms.sum(axis=1)), GRID, limits)
        runs = _runs(rng, phi, (center, sigma, terms, h), 0.0)
        each = runs.reshape(EACH, ESTIMATES).mean(axis=0)
        mean, error = runs.mean(), each.std() / np.sqrt(ESTIMATES)
        blind = Correlated(phi, *ignored(phi)).cusum(K, known).mean
        spread = ", ".join(f"{q:.0f}" for q in np.quantile(each, (0.1, 0.5, 0.9)))
        rows.append(
            Row(
                f"phi {phi}: ARL0, all of {M} samples", f"ignored {blind:.1f}", f"{ARL0:g} +- 10 %",
                f"{mean:.0f} +- {error:.0f} (10, 50, 90 % of runs: {spread})", "", bool(abs(mean / ARL0 - 1) <= 0.1),
            )
        )  # fmt: skip
        for shift in (1.0, 2.0):
            late = _runs(rng, phi, (center, sigma, terms, h), shift).mean()
            best = residual(phi, K, known, shift).mean
            plain = float(CusumScheme(K).mean(known, shift))
            level = _runs(rng, phi, (*told, np.full(ESTIMATES, known)), shift).mean()
            for beside, name in (
                (level, "phi known"),
                (best, f"all known, without autocorrelation {plain:.2f}"),
            ):
                what, ratio = f"phi {phi}: {shift:g} sigma found in", late / beside
                peer = f"{beside:.2f}, {name}"
                rows.append(Row(what, peer, "<= x 1.1", f"{late:.2f}", f"x {ratio:.2f}", bool(ratio <= 1.1)))
    print_table(rows)
    print(
        f"{ESTIMATES} estimation runs, {EACH} run lengths each; shifts in sigma of the samples; {machine()}"
    )


def _phase1(drawn: Floats, given: dict[str, Floats]) -> tuple[Floats, Floats, Floats]:
    learnt = [Residual.learn(drawn[:, run], given) for run in range(ESTIMATES)]
    center, sigma, terms = (np.array([each[name] for each in learnt]) for name in ("center", "sigma", "phi"))
    return center, sigma, terms


def _process(rng: np.random.Generator, phi: float, runs: int, length: int) -> Floats:
    last = rng.standard_normal(runs) / np.sqrt(1.0 - phi**2)
    out = np.empty((length, runs))
    for row in range(length):
        last = phi * last + rng.standard_normal(runs)
        out[row] = last
    return out


def _runs(
    rng: np.random.Generator, phi: float, made: tuple[Floats, Floats, Floats, Floats], shift: float
) -> Floats:
    """Run lengths of residual CUSUMs, `EACH` for each estimation run; the shift comes after 3 samples in control."""
    center, sigma, terms, h = (np.concatenate([part] * EACH) for part in made)
    runs = center.size
    alive, length = np.arange(runs), np.full(runs, float(LONGEST))
    spread = 1.0 / np.sqrt(1.0 - phi**2)
    y = rng.standard_normal(runs) * spread
    last = np.zeros((runs, 3))
    for _ in range(3):
        y = phi * y + rng.standard_normal(runs)
        last = np.column_stack([y - center, last[:, :-1]])
    up, low = np.zeros(runs), np.zeros(runs)
    for sample in range(1, LONGEST):
        y = phi * y + rng.standard_normal(alive.size)
        x = y + shift * spread - center
        z = (x - (terms * last).sum(axis=1)) / sigma
        last = np.column_stack([x, last[:, :-1]])
        up, low = np.maximum(up + z - K, 0.0), np.maximum(low - z - K, 0.0)
        over = (up > h) | (low > h)
        if over.any():
            length[alive[over]] = sample
            stay = ~over
            alive, y, last, up, low = alive[stay], y[stay], last[stay], up[stay], low[stay]
            center, sigma, terms, h = center[stay], sigma[stay], terms[stay], h[stay]
            if not alive.size:
                break
    return length


if __name__ == "__main__":
    main()
