"""How the samples of a chart lie in their specification: capability with its intervals, and a histogram.

Of single values only: those of a chart of individuals, and the members of subgroups. The numbers are those of
`gateway.study`, as `lotwatch spc` prints them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gateway.site import Characteristic
from gateway.spc import load_chart
from gateway.spc.track import Floats
from gateway.study.capability import Spec
from gateway.study.normality import anderson_darling
from gateway.study.report import capable as studied
from gateway.study.samples import Samples, subgroups, values
from gateway.study.study import study

_LEAST = 20  # values for a capability
_BARS = 24
_DOUBTFUL = 0.005  # as gateway.study.report has it


def capable(row: Characteristic, samples: Floats, *, in_control: bool) -> dict[str, Any]:
    """``{"capability", "histogram"}`` of samples ``[n, width]``; null where they are no single values, or too few."""
    made = _singles(row, samples)
    if made is None or made.singles is None or made.singles.size < _LEAST:
        return {"capability": None, "histogram": None}
    x = made.singles
    counts, edges = np.histogram(x, bins=min(_BARS, max(5, round(math.sqrt(x.size)))))
    return {
        "capability": _capability(row, made, in_control=in_control),
        "histogram": {"counts": counts.tolist(), "edges": edges.tolist()},
    }


def _singles(row: Characteristic, samples: Floats) -> Samples | None:
    takes = load_chart(row.method).TAKES
    if takes == "subgroup":
        there = ~np.isnan(samples)
        full = there.any(axis=1)
        return subgroups(samples[there], np.nonzero(there[full])[0]) if full.any() else None
    if takes != "value" or row.sampling.size != 1:
        return None
    x = samples[:, 0]
    return values(x[~np.isnan(x)])


def _capability(row: Characteristic, made: Samples, *, in_control: bool) -> dict[str, Any] | None:
    if row.usl is None and row.lsl is None:
        return None
    kind = "imr" if made.block.ndim == 1 else row.method
    limits = (math.nan if each is None else each for each in (row.lsl, row.usl, row.target))
    try:
        found, _ = studied(study(kind, made), made, Spec(*limits))
    except ValueError:
        return None  # they do not vary
    indices = {
        name: {part: _finite(getattr(getattr(found, name), part)) for part in ("value", "low", "high")}
        for name in ("cp", "cpk", "pp", "ppk", "cpm")
    }
    x = made.singles if made.singles is not None else made.block
    _, p_value = anderson_darling(x)
    return {
        **indices, "n": int(x.size), "ppm": _finite(found.ppm_overall), "observed_ppm": _finite(found.ppm_observed),
        "mean": float(x.mean()), "in_control": in_control, "normal": not p_value < _DOUBTFUL,
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
