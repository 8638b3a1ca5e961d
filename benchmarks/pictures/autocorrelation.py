"""Picture: the false alarms of a chart whose samples resemble the one before, if nobody looks."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from benchmarks.pictures._svg import INK, Axis, Panel, drawing, legend
from gateway.design.autocorrelated_design import ignoring
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme

ARL0 = 370.0
_COARSE = 0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8
_FINE = tuple(np.linspace(0.0, 0.8, 17).tolist())


def kept(scheme: Scheme, phi: float, *, neighbours: bool = False) -> float:
    """ARL0 of a chart that was designed for `ARL0` and independent samples; `neighbours`: sigma from moving ranges.

    Neighbours that resemble each other differ by less: sigma out of them is too small, by sqrt(1 - phi).
    """
    limit = scheme.solve(ARL0) * (math.sqrt(1.0 - phi) if neighbours else 1.0)
    return float(ignoring(scheme, limit, phi, [0.0])[0].mean)


def picture() -> str:
    """Four curves from the same ARL0."""
    panel = Panel(
        Axis(
            0, 0.8, (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), "autocorrelation phi of neighbouring samples"
        ),
        Axis(
            5, 600, (5, 10, 20, 50, 100, 200, 370, 600), "samples between false alarms, on average", log=True
        ),
        top=92,
        height=290,
    )
    panel.frame()
    shewhart, ewma, cusum = ShewhartScheme(), EwmaScheme(0.2, "asymptotic"), CusumScheme(0.5)
    curves: list[tuple[tuple[float, ...], Callable[[float], float]]] = [
        (_FINE, lambda phi: kept(shewhart, phi)),
        (_FINE, lambda phi: kept(shewhart, phi, neighbours=True)),
        (_COARSE, lambda phi: kept(ewma, phi)),
        (_COARSE, lambda phi: kept(cusum, phi)),
    ]
    for style, (phis, of) in enumerate(curves):
        panel.line(phis, [of(phi) for phi in phis], style)
    panel.level(ARL0, colour=INK, dashes="1 4")
    told = (
        "Average samples between false alarms of charts that were designed for 370 and ignore an autocorrelation. "
        f"With phi 0.4 an EWMA has {kept(ewma, 0.4):.0f}, a CUSUM {kept(cusum, 0.4):.0f}, and a Shewhart chart "
        f"whose sigma comes from moving ranges {kept(shewhart, 0.4, neighbours=True):.0f}."
    )
    names = (
        "Shewhart, sigma of the samples",
        "Shewhart, sigma of moving ranges",
        "EWMA, lambda 0.2",
        "CUSUM, k 0.5",
    )
    return drawing(told, 432, [*legend(names, 320, row=2), *panel.parts])
