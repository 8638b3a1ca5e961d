"""How rare a statistic is among its own past: no table, no law assumed but an exponential end.

The 95 % quantile is followed by stochastic approximation (Robbins & Monro 1951), beside it the share of values that
were beyond it and their mean excess; the end is taken as exponential (peaks over a threshold, Pickands 1975, with shape
0). The surprise of a value is -log10 of the share of values that come as far: about 1.3 at the quantile, and linear
beyond. A value far out counts at most six mean excesses, and one of a long run beyond the quantile counts less and
less: what goes wrong now is not at once what is usual.
"""

from __future__ import annotations

from math import frexp
from typing import NamedTuple

OUT = 0.05  # share beyond the quantile
AT = 1.3010299956639813  # -log10(OUT)
SLOPE = 0.4342944819032518  # log10(e)
MEMORY = 5000.0
PRIOR = 12.0  # excesses that the first guess is worth
BEFORE = 100.0  # values that it is worth
_new = tuple.__new__  # Tail(...) by a third of its time: this is the hot path
RUN = 3.0  # values in a row beyond the quantile after which they count half


class Tail(NamedTuple):
    """The end of one statistic's law, after `past` values."""

    past: float
    quantile: float
    excess: float
    share: float = OUT
    run: float = 0.0  # values in a row that were beyond the quantile


def rank(tail: Tail, value: float) -> tuple[Tail, float]:
    """The tail after a value, and the surprise of it, judged by the tail before."""
    past, quantile, excess, share, run = tail
    over = value - quantile
    if over <= 0.0:
        return hush(tail, 1.0), AT * value / quantile if value > 0.0 else 0.0
    step = excess * (20.0 / past if past > 20.0 else 1.0)
    after = past + 1.0 if past < MEMORY else MEMORY
    counts = RUN / (RUN + run)
    seen = min(6.0 * excess, over)
    new = _new(
        Tail,
        (
            after,
            quantile + (1.0 - OUT) * step * counts,
            excess + counts * (seen - excess) / (PRIOR + OUT * past),
            share + counts * (1.0 - share) / (past + BEFORE),
            run + 1.0,
        ),
    )
    return new, SLOPE * over / excess - decades(share)


def hush(tail: Tail, values: float) -> Tail:
    """The tail after so many values within its quantile."""
    past, quantile, excess, share, _ = tail
    middle = past + 0.5 * (values - 1.0)
    quantile -= OUT * values * excess * (20.0 / middle if middle > 20.0 else 1.0)
    share *= (past + BEFORE - 1.0) / (past + BEFORE + values - 1.0)
    after = past + values
    return _new(Tail, (min(MEMORY, after), max(0.0, quantile), excess, share, 0.0))


def decades(share: float) -> float:
    """log10 of a positive number, within 0.03: straight lines between powers of two, the same bits everywhere."""
    part, power = frexp(share)
    return 0.3010299956639812 * (power + 2.0 * part - 2.0)
