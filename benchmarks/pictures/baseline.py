"""Picture: how much wider limits have to be when center and sigma come from few samples.

Guaranteed limits are computed for three baselines and are known for an endless one; the logarithm of a limit is a
smooth function of 1 / sqrt(m), and the cubic through these four is within 0.1 % of what is computed in between.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.pictures._svg import Axis, Panel, drawing, legend
from gateway.design.cusum import CusumScheme
from gateway.design.estimated_design import limit_from
from gateway.design.ewma import EwmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme

ARL0, CONFIDENCE = 370.0, 0.9
_COMPUTED = (30, 80, 400)


def widened(scheme: Scheme, samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """The guaranteed limit in units of that with known parameters."""
    known = scheme.solve(ARL0)
    ratios = [limit_from(scheme, m, ARL0, CONFIDENCE) / known for m in _COMPUTED]
    where = [0.0, *(1.0 / np.sqrt(m) for m in _COMPUTED)]
    cubic = np.polynomial.Polynomial.fit(where, [0.0, *np.log(ratios)], 3)
    return np.asarray(np.exp(cubic(1.0 / np.sqrt(samples))))


def picture() -> str:
    """Three curves that come down to 1."""
    panel = Panel(
        Axis(30, 1000, (30, 50, 100, 200, 300, 500, 1000), "samples in the baseline", log=True),
        Axis(
            1, 2, (1, 1.2, 1.4, 1.6, 1.8, 2), "guaranteed limit, in units of the limit with known parameters"
        ),
        top=70,
        height=270,
    )
    panel.frame()
    samples = np.geomspace(30, 1000, 36)
    curves = [widened(scheme, samples) for scheme in (ShewhartScheme(), EwmaScheme(0.2), CusumScheme(0.5))]
    for style, curve in enumerate(curves):
        panel.line(samples, curve, style)
    told = (
        "Guaranteed limits over the number of samples that center and sigma come from, for an ARL0 of 370 with 90 % "
        f"confidence. With 30 samples a CUSUM needs {curves[2][0]:.2f} times the limit of known parameters, "
        f"with 1000 samples {curves[2][-1]:.2f} times."
    )
    names = ("Shewhart", "EWMA, lambda 0.2", "CUSUM, k 0.5")
    return drawing(told, 390, [*legend(names, 180), *panel.parts])
