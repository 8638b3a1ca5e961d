"""Counts and capability: what limits of counts promise and keep, how often intervals cover, a file of 1e6 rows.

The false alarms of charts of counts are computed from the distributions, not drawn. Coverage is that of 95 % intervals
over 2,000 series of 50 normal values (for Cp and Cpk with sigma from moving ranges: whose degrees of freedom are right,
and what n - 1 would give).
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks._table import Row, machine, print_table
from gateway.spc.c import C
from gateway.spc.p import P
from gateway.stats.constants import d2
from gateway.stats.special import binomial_cdf, binomial_sf, chi2_ppf, normal_sf, poisson_cdf, poisson_sf
from gateway.study.capability import Spec, capability
from gateway.study.within import freedom_of

_RUNS, _VALUES = 2000, 50
_ROWS = 1_000_000


def false_alarms() -> Iterator[Row]:
    """Samples between false alarms above and below, against a normal's."""
    promised = 1 / float(normal_sf(3.0))
    for size, share in ((50, 0.02), (50, 0.23), (2000, 0.02)):
        for limits in ("normal", "exact"):
            chart = P(share, limits=limits)
            _, track = chart.run(chart.start(), np.array([[1.0, float(size)]]))
            low, high = np.ceil(track.lcl[0] * size - 1e-9), np.floor(track.ucl[0] * size + 1e-9)
            above, below = float(binomial_sf(high, size, share)), float(binomial_cdf(low - 1, size, share))
            yield _kept(f"p chart, n {size}, share {share}", limits, promised, above, below)
    for mean in (4.0, 20.0):
        for limits in ("normal", "exact"):
            counts = C(mean, limits=limits)  # type: ignore[arg-type] # one of the two
            _, track = counts.run(counts.start(), np.array([1.0]))
            above = float(poisson_sf(np.floor(track.ucl[0]), mean))
            below = float(poisson_cdf(np.ceil(track.lcl[0]) - 1, mean))
            yield _kept(f"c chart, mean {mean:g}", limits, promised, above, below)


def _kept(what: str, limits: str, promised: float, above: float, below: float) -> Row:
    shown = ", ".join(
        f"1 in {1 / tail:,.0f} {side}" if tail else f"never {side}"
        for tail, side in ((above, "above"), (below, "below"))
    )
    worst = 1 / max(above, below)
    kept = worst >= promised if limits == "exact" else None
    return Row(f"{what}, {limits} limits", "", f"1 in {promised:,.0f} a side or fewer", shown, "", kept)


def coverage() -> Iterator[Row]:
    """Of 95 % intervals."""
    rng, spec = np.random.default_rng(22514), Spec(lsl=-4.0, usl=4.0, target=0.0)
    mean = 0.5
    true = {"cp": 4 / 3, "cpk": 3.5 / 3, "pp": 4 / 3, "ppk": 3.5 / 3, "cpm": 8 / (6 * math.hypot(1, mean))}
    held, naive = dict.fromkeys(true, 0), 0
    low, high = (float(chi2_ppf(p, _VALUES - 1)) / (_VALUES - 1) for p in (0.025, 0.975))
    for _ in range(_RUNS):
        x = mean + rng.standard_normal(_VALUES)
        within = float(np.abs(np.diff(x)).mean()) / d2(2)
        found = capability(x, spec, (within, freedom_of(None, x)))
        for name, value in true.items():
            index = getattr(found, name)
            held[name] += index.low <= value <= index.high
        naive += found.cp.value * math.sqrt(low) <= true["cp"] <= found.cp.value * math.sqrt(high)
    for name, hits in held.items():
        share = hits / _RUNS
        peer = f"n - 1 degrees of freedom: {naive / _RUNS:.1%}" if name == "cp" else ""
        yield Row(
            f"{name}: 95 % interval covers",
            peer,
            "95 % +- 1.5",
            f"{share:.1%}",
            "",
            abs(share - 0.95) <= 0.015,
        )


def file_of_a_million() -> Iterator[Row]:
    """`lotwatch spc --json`, start of Python included."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.csv"
        x = np.random.default_rng(1).normal(10, 1, _ROWS)
        file.write_text("value\n" + "\n".join(map("{:.4f}".format, x)))
        for words in (["imr"], ["xbar-r", "--subgroup", "5"], ["ewma"], ["cusum"]):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-m", "gateway", "spc", str(file), "--json", "--chart", *words]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            peak = after.ru_maxrss / 1024  # of the largest so far
            shown = f"{spent:.1f} s of CPU, {peak:.0f} MB at most"
            yield Row(f"1e6 rows, {words[0]}", "", "seconds: < 10", shown, "", spent < 10)


def main() -> None:
    """Print the table."""
    print(machine())
    print_table([*false_alarms(), *coverage(), *file_of_a_million()])


if __name__ == "__main__":
    main()
