"""A design for samples that resemble the one before: the chart that ignores it beside the one of residuals.

>>> from gateway.design.cusum import CusumScheme
>>> [round(runs.mean, 1) for runs in ignoring(CusumScheme(0.5), 4.774, 0.4, [0.0, 1.0])]
[61.5, 10.5]
>>> [round(runs.mean, 1) for runs in of_residuals(CusumScheme(0.5), 4.774, 0.4, [0.0, 1.0])]
[370.1, 20.2]
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.design.autocorrelated import Correlated, Runs, ignored
from gateway.design.autocorrelated_residual import residual
from gateway.design.cusum import CusumScheme
from gateway.design.ewma import EwmaScheme
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme

_STRONGEST = 0.95
_WIDEST = 25.0  # of a CUSUM's h: beyond it the equations grow too large


def ignoring(scheme: Scheme, limit: float, phi: float, shifts: Sequence[float]) -> list[Runs]:
    """Run lengths of the chart on AR(1) samples, shifts in their own sigma. EWMA by asymptotic limits.

    Raises ValueError for a chart that this is not known of, and for |phi| above 0.95.
    """
    _check(phi)
    if isinstance(scheme, ShewhartScheme) and scheme.rules:
        raise ValueError("what autocorrelation does to run rules is not known here")
    out = []
    for shift in shifts:
        given = Correlated(phi, *ignored(phi), shift)
        if isinstance(scheme, CusumScheme):
            _check_sum(scheme, limit)
            out.append(given.cusum(scheme.k, limit, sides=1 if scheme.sided == "one" else 2))
        elif isinstance(scheme, ShewhartScheme | EwmaScheme) and scheme.sided == "two":
            out.append(given.ewma(scheme.weight if isinstance(scheme, EwmaScheme) else 1.0, limit))
        else:
            raise ValueError(
                "what autocorrelation does is known of cusum, and of shewhart and ewma with two sides"
            )
    return out


def of_residuals(scheme: CusumScheme, limit: float, phi: float, shifts: Sequence[float]) -> list[Runs]:
    """Run lengths of the CUSUM of residuals with known phi, for the same shifts of the process."""
    _check(phi)
    _check_sum(scheme, limit)
    sides = 1 if scheme.sided == "one" else 2
    return [residual(phi, scheme.k, limit, shift, sides) for shift in shifts]


def _check(phi: float) -> None:
    if not abs(phi) <= _STRONGEST:
        raise ValueError(f"phi is from -{_STRONGEST} to {_STRONGEST}: a process beyond it wanders")


def _check_sum(scheme: CusumScheme, limit: float) -> None:
    if scheme.headstart:
        raise ValueError("with phi the run length of a head start is not known here")
    if not 0.0 < limit <= _WIDEST:
        raise ValueError(f"with phi, h is above 0 and at most {_WIDEST:g}")
