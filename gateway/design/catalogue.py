"""The schemes of charts by their names, and their limits as a plan needs them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.design.cusum import CusumScheme
from gateway.design.estimated_limit import Promise
from gateway.design.ewma import EwmaScheme
from gateway.design.mewma import MewmaScheme
from gateway.design.multi_cusum import threshold
from gateway.design.parameters import LIMIT_OF
from gateway.design.scheme import Scheme
from gateway.design.shewhart import ShewhartScheme
from gateway.design.t2 import T2Scheme
from gateway.design.tables import Table, limit_table, t2_table


def scheme_of(method: str, params: Iterable[tuple[str, Any]], width: int) -> Scheme:
    """The scheme of a chart with these parameters and so many numbers a sample. Raises ValueError where it has none."""
    given = dict(params)
    match method:
        case "imr":
            return ShewhartScheme()
        case "ewma":
            return EwmaScheme(given.get("lambda", given.get("weight", 0.2)), given.get("limits", "exact"))
        case "cusum":
            return CusumScheme(given.get("k", 0.5), given.get("headstart", 0.0))
        case "t2":
            return T2Scheme(width)
        case "mewma":
            return MewmaScheme(width, given.get("lambda", 0.1))
    raise ValueError(f"{method} is none of the charts that can be designed: {', '.join(sorted(LIMIT_OF))}")


def limits_of(
    method: str, params: Iterable[tuple[str, Any]], width: int, arl0: float, confidence: float | None
) -> tuple[float, Table]:
    """The limit with known parameters, and the table of limits by samples that the parameters come from.

    No `confidence`: the parameters are known, and no table is needed. A MEWMA and a multi-CUSUM have none either.
    """
    if method == "multi-cusum":
        return threshold(arl0), ()
    scheme = scheme_of(method, params, width)
    if confidence is None:
        return scheme.solve(arl0), ()
    if isinstance(scheme, T2Scheme):
        return scheme.solve(arl0), t2_table(scheme.p, arl0, confidence)
    if isinstance(scheme, MewmaScheme):
        return scheme.solve(arl0), ()
    return scheme.solve(arl0), limit_table(scheme, Promise(arl0, confidence, "s"))  # type: ignore[arg-type] # frozen
